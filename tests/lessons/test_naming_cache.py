"""Names and lessons that are kept: nothing is grouped again while what they rest on is the same."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from errata.core.config import Config, Curation
from errata.core.git import Repository
from errata.lessons import groups
from errata.lessons.load import load_corpus
from errata.records import curation_log
from errata.state import outbox
from record_builders import CORRECTIONS, ago, correction, implicit, lines, put, repository

CONFIG = Config()
TRUSTED = Config(curation=Curation(agents="trusted"))
FACT = "debug-output-removed console.log"
LOGS = [
    *(implicit(day, FACT, id=f"cor-{day:02}") for day in range(1, 6)),
    *(
        implicit(d, f"call-added f{d}", f"call-removed g{d}", id=f"cor-{d:02}")
        for d in range(6, 24)
    ),
]


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    repo = repository(tmp_path)
    put(repo.root, CORRECTIONS, lines(*LOGS))
    load_corpus(repo, CONFIG)
    return repo


@pytest.fixture
def grouped(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every index that is grouped from now on."""
    calls: list[object] = []
    group = groups.of_index

    def spy(index: Any, *args: Any) -> Any:
        calls.append(index)
        return group(index, *args)

    monkeypatch.setattr(groups, "of_index", spy)
    return calls


def read(repo: Repository, config: Config = CONFIG, until: int | None = None) -> tuple[Any, ...]:
    """What is said of each pattern, and where its records are."""
    corpus = load_corpus(repo, config, until=until)
    patterns = corpus.occurrences.patterns.items()
    return corpus.lessons, {name: [*columns.rows()] for name, columns in patterns}


def fresh(repo: Repository, config: Config = CONFIG, until: int | None = None) -> tuple[Any, ...]:
    """The same, read without any cache."""
    assert repo.state_dir
    for name in ("occurrences", "unnamed", "naming"):
        (repo.state_dir / name).unlink(missing_ok=True)
    return read(repo, config, until)


def decide(repo: Repository, kind: str = "person", **content: Any) -> None:
    fields = {"timestamp": ago(0), "by": {"kind": kind, "name": "Ann"}, **content}
    record = {"id": curation_log.id_of(fields), **fields}
    put(repo.root, ".claude/patterns/curation.jsonl", lines(record))


def append(repo: Repository, *records: dict[str, Any]) -> None:
    with (repo.root / CORRECTIONS).open("ab") as file:
        file.write(lines(*records))


def count_chances(repo: Repository) -> None:
    counts = {"2025-02": [40, 5]}
    line = {"as_of": ago(0), "commit": "a" * 40, "agent_commits": counts, "edits": {FACT: counts}}
    put(repo.root, ".claude/patterns/chances.jsonl", json.dumps(line).encode() + b"\n")


def wait(repo: Repository) -> None:
    outbox.add(repo, CONFIG, [implicit(0.5, FACT, id="cor-90")])


CHANGES: dict[str, Callable[[Repository], object]] = {
    "a record more": lambda repo: append(repo, implicit(0, FACT, id="cor-91")),
    "a record less": lambda repo: append(repo, {**LOGS[0], "id": "cor-92", "withdraws": "cor-01"}),
    "a record with the name": lambda repo: append(repo, correction(0, "no-console-log")),
    "another log": lambda repo: put(repo.root, CORRECTIONS, lines(*LOGS[1:], LOGS[0])),
    "a record that waits": wait,
    "chances": count_chances,
    "a rejection": lambda repo: decide(repo, action="reject", corrections=["cor-01"]),
    "another name": lambda repo: decide(
        repo, action="rename", pattern="no-console-log", to="no-logs"
    ),
    "a name for one": lambda repo: decide(
        repo, action="teach", corrections=["cor-02"], pattern="other", description="Other"
    ),
}


def test_nothing_is_grouped_again(repo: Repository, grouped: list[object]) -> None:
    kept = read(repo)
    assert not grouped
    assert kept == fresh(repo)
    assert len(grouped) == 1
    assert set(kept[0]) == {"no-console-log"}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changed_is_seen(repo: Repository, grouped: list[object], change: str) -> None:
    before = read(repo)
    CHANGES[change](repo)
    after = read(repo)
    assert len(grouped) == 1
    assert after != before
    assert read(repo) == after == fresh(repo)


def test_an_agent_that_becomes_trusted_is_followed(repo: Repository) -> None:
    decide(repo, "agent", action="reject", corrections=["cor-01"])
    proposed = read(repo)
    assert read(repo, TRUSTED) == fresh(repo, TRUSTED) != proposed


def test_a_look_back_neither_takes_what_is_kept_nor_replaces_it(
    repo: Repository, grouped: list[object]
) -> None:
    now = read(repo)
    days = load_corpus(repo, CONFIG).occurrences.patterns["no-console-log"].when
    past = read(repo, until=days[3])
    assert len(grouped) == 1
    assert past != now == read(repo)
    assert len(grouped) == 1
    assert past == fresh(repo, until=days[3])


def test_what_was_kept_of_other_logs_is_not_taken(repo: Repository) -> None:
    assert repo.state_dir
    kept = (repo.state_dir / "naming").read_bytes()
    put(repo.root, CORRECTIONS, lines(*LOGS[3:]))
    shutil.rmtree(repo.state_dir)
    few = read(repo)
    (repo.state_dir / "naming").write_bytes(kept)
    assert read(repo) == few
