"""Decisions of people take effect on the corpus that every command reads."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from errata.core.config import Config, Curation
from errata.core.git import Repository
from errata.lessons.load import load_corpus
from errata.patterns.analysis import analyse
from errata.records import curation_log
from record_builders import CORRECTIONS, NOW, ago, correction, implicit, lines, put, repository

CONFIG = Config()
TRUSTED = Config(curation=Curation(agents="trusted"))
DECISIONS = ".claude/patterns/curation.jsonl"
LOGS = [
    *(implicit(day, "debug-output-removed console.log", id=f"cor-{day:02}") for day in range(1, 6)),
    *(
        implicit(day, f"call-added f{day}", f"call-removed g{day}", id=f"cor-{day:02}")
        for day in range(6, 24)
    ),
    *(correction(day, "recorded-name", id=f"cor-{day:02}") for day in range(30, 33)),
]
LOG = "no-console-log"


def decided(*decisions: dict[str, Any], kind: str = "person") -> bytes:
    """The log of some decisions, one a minute; ``of`` counts from 0."""
    records: list[dict[str, Any]] = []
    for minute, content in enumerate(decisions):
        fields = {"timestamp": ago(-minute / 1440), "by": {"kind": kind, "name": "Ann"}, **content}
        if isinstance(fields.get("of"), int):
            fields["of"] = records[fields["of"]]["id"]
        records.append({"id": curation_log.id_of(fields), **fields})
    return lines(*records)


def counts(repo: Repository, config: Config = CONFIG) -> dict[str, int]:
    """Occurrences by pattern; those without one under ""."""
    analysis = analyse(load_corpus(repo, config), config, NOW)
    found = {name: pattern.count for name, pattern in analysis.patterns.items()}
    return found | ({"": analysis.unnamed.count} if analysis.unnamed else {})


def logged(tmp_path: Path, *decisions: dict[str, Any], kind: str = "person") -> Repository:
    repo = repository(tmp_path)
    put(repo.root, CORRECTIONS, lines(*LOGS))
    put(repo.root, DECISIONS, decided(*decisions, kind=kind))
    return repo


def ids(*numbers: int) -> list[str]:
    return [f"cor-{number:02}" for number in numbers]


REJECT = {"action": "reject", "corrections": ids(1)}
BEFORE = {LOG: 5, "recorded-name": 3, "": 18}
CASES: list[tuple[str, list[dict[str, Any]], dict[str, int]]] = [
    ("nothing", [], BEFORE),
    ("reject", [REJECT], {**BEFORE, LOG: 4}),
    ("reject-a-group", [{**REJECT, "corrections": ids(1, 2, 3)}], {"": 20, "recorded-name": 3}),
    ("reject-named", [{**REJECT, "corrections": ids(30)}], {**BEFORE, "recorded-name": 2}),
    ("reject-unnamed", [{**REJECT, "corrections": ids(9)}], {**BEFORE, "": 17}),
    ("reject-unknown", [{**REJECT, "corrections": ["cor-ff"]}], BEFORE),
    ("undo", [REJECT, {"action": "undo", "of": 0}], BEFORE),
    (
        "not-this-pattern",
        [{**REJECT, "pattern": LOG}],
        {**BEFORE, LOG: 4, "": 19},
    ),
    (
        "not-another-pattern",
        [{**REJECT, "pattern": "recorded-name"}],
        BEFORE,
    ),
    (
        "teach-unnamed",
        [{"action": "teach", "corrections": ids(9, 10), "pattern": "helper"}],
        {**BEFORE, "": 16, "helper": 2},
    ),
    (
        "teach-into-a-group",
        [{"action": "teach", "corrections": ids(9, 30), "pattern": LOG}],
        {LOG: 7, "recorded-name": 2, "": 17},
    ),
    (
        "teach-a-group-its-name",
        [{"action": "teach", "corrections": ids(1, 2, 3, 4, 5), "pattern": LOG}],
        BEFORE,
    ),
    (
        "share",
        [
            {"action": "teach", "corrections": ids(9, 10), "pattern": "helper"},
            {"action": "teach", "corrections": ids(11), "also": ids(1, 9), "pattern": "other"},
        ],
        {**BEFORE, "": 15, "helper": 2, "other": 3},
    ),
    (
        "share-and-reject",
        [
            {"action": "teach", "corrections": ids(9, 10), "pattern": "helper"},
            {"action": "teach", "corrections": ids(11), "also": ids(9, 10), "pattern": "other"},
            {"action": "reject", "corrections": ids(9)},
            {"action": "reject", "corrections": ids(10), "pattern": "helper"},
        ],
        {**BEFORE, "": 15, "other": 2},
    ),
    (
        "rename-a-group",
        [{"action": "rename", "pattern": LOG, "to": "use-the-logger"}],
        {"use-the-logger": 5, "recorded-name": 3, "": 18},
    ),
    (
        "rename-and-reject-by-the-new-name",
        [
            {"action": "rename", "pattern": LOG, "to": "use-the-logger"},
            {**REJECT, "pattern": "use-the-logger"},
        ],
        {"use-the-logger": 4, "recorded-name": 3, "": 19},
    ),
    (
        "merge-a-group-into-a-name",
        [{"action": "merge", "pattern": LOG, "into": "recorded-name"}],
        {"recorded-name": 8, "": 18},
    ),
    (
        "merge-a-name-into-a-group",
        [{"action": "merge", "pattern": "recorded-name", "into": LOG}],
        {LOG: 8, "": 18},
    ),
    ("dismiss", [{"action": "dismiss", "pattern": LOG}], BEFORE),
    ("pin", [{"action": "pin", "pattern": LOG}], BEFORE),
]


@pytest.mark.parametrize(
    ("decisions", "expected"),
    [pytest.param(decisions, expected, id=name) for name, decisions, expected in CASES],
)
def test_counts(tmp_path: Path, decisions: list[dict[str, Any]], expected: dict[str, int]) -> None:
    repo = logged(tmp_path)
    assert counts(repo) == BEFORE  # Now there is a cache.
    put(repo.root, DECISIONS, decided(*decisions))
    for _ in range(2):
        assert counts(repo) == expected
        assert counts(Repository(repo.root, None, None)) == expected


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_agents_decide_nothing(tmp_path: Path, case: Any) -> None:
    _, decisions, expected = case
    repo = logged(tmp_path, *decisions, kind="agent")
    assert counts(repo) == BEFORE
    assert counts(repo, TRUSTED) == expected


def test_a_renamed_group_keeps_its_lesson(tmp_path: Path) -> None:
    repo = logged(tmp_path, {"action": "rename", "pattern": LOG, "to": "use-the-logger"})
    lessons = load_corpus(repo, CONFIG).lessons
    assert {name: lesson.name for name, lesson in lessons.items()} == {
        "use-the-logger": "use-the-logger"
    }
    assert lessons["use-the-logger"].facts == ("debug-output-removed console.log",)


def test_a_pattern_keeps_its_own_lesson_when_another_joins_it(tmp_path: Path) -> None:
    repo = logged(tmp_path, {"action": "merge", "pattern": LOG, "into": "recorded-name"})
    assert not load_corpus(repo, CONFIG).lessons


MARKS = {"cor-01": ["00000001", "00000002", "00000003"]}


@pytest.mark.parametrize(
    ("record", "returns"),
    [
        pytest.param({"id": "cor-01.2"}, False, id="again, after it was withdrawn"),
        pytest.param({"id": "cor-aa", "marks": MARKS["cor-01"]}, False, id="squashed"),
        pytest.param({"id": "cor-aa", "marks": ["00000002"]}, False, id="a part of it"),
        pytest.param({"id": "cor-aa", "marks": ["00000002", "00000009"]}, True, id="more"),
        pytest.param({"id": "cor-aa", "marks": []}, True, id="no fingerprint"),
        pytest.param({"id": "cor-aa"}, True, id="an older record"),
    ],
)
def test_a_rejected_correction_does_not_come_back(
    tmp_path: Path, record: dict[str, Any], returns: bool
) -> None:
    repo = logged(tmp_path, {**REJECT, "fingerprints": MARKS})
    with (repo.root / CORRECTIONS).open("ab") as file:
        file.write(lines(implicit(1, "debug-output-removed console.log", **record)))
    assert counts(repo)[LOG] == 4 + returns


def test_a_correction_without_an_id_goes_by_its_content(tmp_path: Path) -> None:
    repo = logged(tmp_path)
    with (repo.root / CORRECTIONS).open("ab") as file:
        file.write(line := lines(correction(40, "recorded-name")))
    assert counts(repo)["recorded-name"] == 4
    from errata.records.identity import line_id

    put(repo.root, DECISIONS, decided({**REJECT, "corrections": [line_id(line)]}))
    assert counts(repo)["recorded-name"] == 3


def test_a_dismissed_lesson_is_no_contradiction(tmp_path: Path) -> None:
    repo = repository(tmp_path)
    records = [implicit(n, "import-moved-to-top os", id=f"cor-{n:02}") for n in range(1, 8)]
    records += [
        implicit(n, "import-moved-into-function os", id=f"cor-{n:02}") for n in range(8, 15)
    ]
    records += [implicit(n, f"call-added f{n}", f"call-removed g{n}") for n in range(15, 60)]
    put(repo.root, CORRECTIONS, lines(*records))
    lessons = load_corpus(repo, CONFIG).lessons
    first, second = (name for name, lesson in lessons.items() if lesson.contradicts)
    put(repo.root, DECISIONS, decided({"action": "dismiss", "pattern": first}))
    assert not load_corpus(repo, CONFIG).lessons[second].contradicts


CONTENTS = [content for _, contents, _ in CASES for content in contents if "of" not in content]


@given(
    st.permutations(
        [content for _, decisions, _ in CASES for content in decisions if "of" not in content]
    ),
    st.integers(0, 10),
    st.randoms(use_true_random=False),
)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_of_lines_changes_nothing_and_nor_does_a_cache(
    decisions: Sequence[dict[str, Any]], number: int, random: Any
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        repo = logged(Path(folder), *decisions[:number])
        expected = counts(repo)
        decision_lines = decided(*decisions[:number]).splitlines(keepends=True)
        record_lines = lines(*LOGS).splitlines(keepends=True)
        random.shuffle(decision_lines)
        random.shuffle(record_lines)
        put(repo.root, DECISIONS, b"".join([*decision_lines, *decision_lines[:3]]))
        assert counts(repo) == expected
        put(repo.root, CORRECTIONS, b"".join(record_lines))
        assert counts(repo) == expected
        analysis = analyse(load_corpus(repo, CONFIG), CONFIG, NOW)
        rejected = len(load_corpus(repo, CONFIG).rejected_corrections)
        # Each record once, in however many patterns it is.
        assert analysis.counts("kinds").total() == len(LOGS) - rejected
        assert sum(expected.values()) >= len(LOGS) - rejected


def test_invalid_lines_are_named(tmp_path: Path) -> None:
    repo = logged(tmp_path, REJECT)
    with (repo.root / DECISIONS).open("ab") as file:
        file.write(b'{"id": 1}\n<<<<<<< ours\n' + json.dumps({}).encode())
    corpus = load_corpus(repo, CONFIG)
    assert corpus.curation.invalid == [2, 3]
    assert list(corpus.invalid_lines) == [f"{DECISIONS}:2,3"]
