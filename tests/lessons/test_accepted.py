"""A correction that a person accepted counts fully, however doubtful errata found it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from errata.core.config import Config, Curation
from errata.core.git import Repository
from errata.fleet import collect
from errata.fleet.schema import RECORDS
from errata.lessons.load import load_corpus
from errata.patterns.analysis import Analysis, analyse
from errata.patterns.categories import CATEGORY_OF_TYPE
from errata.records import curation_log
from errata.records.model import CorrectionType, Severity
from record_builders import CORRECTIONS, NOW, ago, correction, lines, put, repository

CONFIG = Config()
DECISIONS = ".claude/patterns/curation.jsonl"
NAME = "missing-widget-check"
A, B, C = "cor-0a", "cor-0b", "cor-0c"
DOUBTFUL = [
    correction(day, id=id, source="implicit", severity="high", probability=0.4)
    for day, id in enumerate((A, B, C), 1)
]
AGENT = {"by": {"kind": "agent", "name": "claude-code"}}
ACCEPT = {"action": "accept", "corrections": [A]}
TEACH = {"action": "teach", "corrections": [A], "pattern": NAME}
SHARE = {"action": "teach", "corrections": [], "also": [A], "pattern": "other"}
REJECT = {"action": "reject", "corrections": [A]}


def decided(*decisions: dict[str, Any]) -> bytes:
    """The log of some decisions, one a minute; ``of`` counts from 0."""
    records: list[dict[str, Any]] = []
    for minute, content in enumerate(decisions):
        by = {"kind": "person", "name": "Ann"}
        fields = {"timestamp": ago(-minute / 1440), "by": by, **content}
        if isinstance(fields.get("of"), int):
            fields["of"] = records[fields["of"]]["id"]
        records.append({"id": curation_log.id_of(fields), **fields})
    return lines(*records)


def logged(root: Path, *decisions: dict[str, Any]) -> Repository:
    repo = repository(root)
    put(repo.root, CORRECTIONS, lines(*DOUBTFUL))
    put(repo.root, DECISIONS, decided(*decisions))
    return repo


def analysed(repo: Repository, config: Config = CONFIG) -> Analysis:
    """The analysis, after which the figures are kept for the next one."""
    corpus = load_corpus(repo, config)
    analysis = analyse(corpus, config, NOW)
    corpus.figures.save(analysis.figures())
    return analysis


def expected(analysis: Analysis, name: str = NAME) -> float:
    """How many of the three corrections of a pattern are expected to be real."""
    return round(analysis.patterns[name].weights.expected, 6)


UNDO = {"action": "undo", "of": 0}
CASES = [
    pytest.param([], 1.5, id="nothing"),
    pytest.param([ACCEPT], 2, id="accept"),
    pytest.param([{**ACCEPT, "corrections": ["cor-0a.2", B]}], 2.5, id="accept-by-a-later-id"),
    pytest.param([TEACH], 2, id="teach"),
    pytest.param([SHARE], 2, id="share"),
    pytest.param([ACCEPT, REJECT], 1, id="reject-later"),
    pytest.param([REJECT, ACCEPT], 2, id="reject-before"),
    pytest.param([ACCEPT, REJECT, {"action": "undo", "of": 1}], 2, id="reject-and-undo"),
    pytest.param([ACCEPT, UNDO], 1.5, id="undo"),
    pytest.param([TEACH, UNDO], 1.5, id="undo-teach"),
    pytest.param([{**ACCEPT, **AGENT}], 1.5, id="propose"),
    pytest.param([{**TEACH, **AGENT}], 1.5, id="propose-to-teach"),
    pytest.param([{**ACCEPT, **AGENT}, {"action": "confirm", "of": 0}], 2, id="confirm"),
]


@pytest.mark.parametrize(("decisions", "real"), CASES)
def test_its_weight(tmp_path: Path, decisions: list[dict[str, Any]], real: float) -> None:
    repo = logged(tmp_path)
    assert expected(analysed(repo)) == 1.5  # Now there is a cache.
    put(repo.root, DECISIONS, decided(*decisions))
    for _ in range(2):
        assert expected(analysed(repo)) == real
        assert expected(analysed(Repository(repo.root, None, None))) == real
    put(repo.root, DECISIONS, b"")
    assert expected(analysed(repo)) == 1.5


def test_where_agents_are_trusted_they_accept(tmp_path: Path) -> None:
    repo = logged(tmp_path, {**ACCEPT, **AGENT})
    assert expected(analysed(repo, Config(curation=Curation(agents="trusted")))) == 2


def test_it_counts_fully_in_each_of_its_patterns(tmp_path: Path) -> None:
    analysis = analysed(logged(tmp_path, SHARE))
    assert (expected(analysis), expected(analysis, "other")) == (2, 1)


def test_kept_figures_do_not_mix_up_decisions(tmp_path: Path) -> None:
    repo = logged(tmp_path, ACCEPT)
    assert analysed(repo).patterns[NAME].counts.certainties == {5: 2, 10: 1}
    other = correction(1, id=A, source="implicit", severity="low", probability=0.24)
    put(repo.root, CORRECTIONS, lines(*DOUBTFUL, other))
    typed = [[{**ACCEPT, "type": kind}] for kind in ("approach_rejection", "preference_conflict")]
    for decisions in ([], [{**ACCEPT, "corrections": [B]}], [ACCEPT], *typed):
        put(repo.root, DECISIONS, decided(*decisions))
        fresh = analysed(Repository(repo.root, None, None)).patterns[NAME]
        kept = analysed(repo).patterns[NAME]
        assert (kept.counts, kept.weights) == (fresh.counts, fresh.weights)


@pytest.mark.parametrize(
    ("recorded", "severity", "given", "expected"),
    [
        ("code_completeness", "medium", "preference_conflict", Severity.NIT),
        ("code_completeness", None, "approach_rejection", Severity.BLOCKING),
        ("preference_conflict", "low", "code_quality", Severity.WARNING),
        ("preference_conflict", "nit", "approach_rejection", Severity.BLOCKING),
        # It did not follow from the type, so it stays.
        ("code_quality", "high", "preference_conflict", Severity.BLOCKING),
        ("approach_rejection", "low", "code_quality", Severity.NIT),
    ],
)
def test_the_type_decides_about_category_and_severity(
    tmp_path: Path, recorded: str, severity: str | None, given: str, expected: Severity
) -> None:
    repo = logged(tmp_path, {**ACCEPT, "type": given})
    known = {"severity": severity} if severity else {}
    row = correction(1, "widgets", id=A, correction_type=recorded, source="implicit", **known)
    put(repo.root, CORRECTIONS, lines(row))
    corpus = load_corpus(repo, CONFIG)
    pattern = analyse(corpus, CONFIG, NOW).patterns["widgets"]
    assert pattern.counts.correction_types == {given: 1}
    assert pattern.counts.severities == {expected: 1}
    assert pattern.category == CATEGORY_OF_TYPE.get(CorrectionType(given), "convention")
    rows = collect.rows(collect.Material("widgets", corpus, None, None, ()))[RECORDS.name]
    assert rows[0][RECORDS.names.index("correction_type")] == given


def test_the_fleet_counts_it_fully(tmp_path: Path) -> None:
    corpus = load_corpus(logged(tmp_path, ACCEPT), CONFIG)
    rows = collect.rows(collect.Material("widgets", corpus, None, None, ()))[RECORDS.name]
    column = RECORDS.names.index("certainty")
    assert sorted(row[column] for row in rows) == [5, 5, 10]


def test_what_was_too_doubtful_is_taught_once_it_is_accepted(
    repo: Any, errata: Callable[..., CompletedProcess[str]]
) -> None:
    rows = [{**row, "probability": 0.1, "timestamp": ago(day)} for day, row in enumerate(DOUBTFUL)]
    repo.jsonl(CORRECTIONS, *rows, {**rows[0], "id": "cor-0d", "timestamp": ago(5)})
    assert "Promoted to" not in errata("evolve", "--dry-run").stdout
    for id in (A, B, C):
        assert errata("accept", id).returncode == 0
    assert "certainty of implicit corrections: 1 x 0.1, 3 x 1.0" in errata("explain", NAME).stdout
    assert "so it counts fully.\n" in errata("explain", A).stdout
    assert "so it counts fully" not in errata("explain", "cor-0d").stdout
    assert "Promoted to" in errata("evolve").stdout
