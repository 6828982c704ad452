"""Logs that were split over branches and merged by git teach what a single log teaches."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import Repo
from errata.core.config import Config
from errata.core.git import Repository
from errata.lessons.load import load_corpus
from errata.records import validate
from errata.records.model import Kind
from errata.runbooks.plan_evolve import plan_evolve
from errata.setup import attributes
from record_builders import (
    CORRECTIONS,
    FINDINGS,
    NOW,
    finding,
    implicit,
    lines,
    put,
    repository,
    shown,
)

CONFIG = Config()
Logs = dict[str, list[dict[str, Any]]]
"""The records of each log, by path."""


def corrections(days: Iterable[float], *edits: str, **more: Any) -> list[dict[str, Any]]:
    def example(day: float) -> dict[str, Any]:
        return shown(*edits, before=[f"console.log(user{day})"], after=[f"keep(user{day})"])

    return [implicit(day, *edits, severity="high", examples=[example(day)], **more) for day in days]


RECORDS: Logs = {
    CORRECTIONS: [
        *corrections(range(1, 13), "debug-output-removed console.log"),
        *corrections((20, 21, 22, 23), "call-removed logger_debug"),
        *corrections((14, 15, 16), "call-removed logger.debug", agent="ui-dev"),
        *corrections((30, 31, 32), "call-added open", "argument-added open(encoding=)"),
        *(
            {**r, "id": f"cor-{n}"}
            for n, r in enumerate(corrections(range(40, 60), "name-added x"))
        ),
        *corrections(range(60, 72), "name-removed y"),
    ],
    FINDINGS: [
        *(finding(day, "", description=f"Retry the upload, case {day}") for day in range(3, 9)),
        *(finding(day, "", description=f"Wording of label {day}") for day in range(10, 20)),
    ],
}


def learned(repo: Repository) -> dict[str, Any]:
    """Everything that is derived from logs: members and lessons by name, and bytes of runbooks."""
    corpus = load_corpus(repo, CONFIG, write=False)
    members = {
        name: sorted(repr(corpus.fields(place)) for place in columns.place)
        for name, columns in corpus.occurrences.patterns.items()
    }
    plan = plan_evolve(repo, CONFIG, NOW, write_cache=False)
    runbooks = {str(c.path.relative_to(repo.root)): c.new for c in plan.files}
    return {"members": members, "lessons": corpus.lessons, "runbooks": runbooks}


def put_all(root: Path, logs: Logs) -> None:
    for path, records in logs.items():
        put(root, path, lines(*records))


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    repo = repository(tmp_path_factory.mktemp("one-log"))
    put_all(repo.root, RECORDS)
    result = learned(repo)
    names = set(result["lessons"])
    # The two that differ in punctuation only are both there, and the older one has the name.
    assert {"no-console-log", "do-not-call-logger-debug"} < names
    assert result["lessons"]["do-not-call-logger-debug"].facts == ("call-removed logger_debug",)
    assert sum(name.startswith("do-not-call-logger-debug-") for name in names) == 1
    assert b"no-console-log" in b"".join(filter(None, result["runbooks"].values()))
    return result


def branches(rng: random.Random, count: int) -> tuple[Logs, list[Logs]]:
    """The records in any order: those of the base and of each branch, some of them twice."""
    base: Logs = {path: [] for path in RECORDS}
    parts: list[Logs] = [{path: [] for path in RECORDS} for _ in range(count)]
    for path, records in RECORDS.items():
        for record in rng.sample(records, len(records)):
            chosen = rng.sample([base, *parts], 1 if rng.random() < 0.8 else 2)
            for part in chosen:
                part[path].append(record)
    return base, parts


def merge(repo: Repo, rng: random.Random, count: int) -> None:
    """Commit the records on branches, and merge these two by two in any order."""
    base, parts = branches(rng, count)
    rows = [f"{pattern} merge={value}\n" for pattern, _, value in attributes.wanted(CONFIG)]
    repo.write(".gitattributes", "".join(rows))
    for path, records in base.items():
        repo.jsonl(path, *records)
    repo.commit("base")
    names = [f"branch-{n}" for n in range(count)]
    for name, part in zip(names, parts, strict=True):
        repo.git("switch", "-qc", name, "main")
        for path, records in part.items():
            repo.jsonl(path, *records)
        repo.commit(name)
    while len(names) > 1:
        into, other = rng.sample(names, 2)
        names.remove(other)
        repo.git("switch", "-q", into)
        repo.git("merge", "-q", "--no-edit", other)


@pytest.mark.parametrize("seed", range(8))
def test_merges_of_branches_change_nothing(repo: Repo, expected: dict[str, Any], seed: int) -> None:
    rng = random.Random(seed)
    merge(repo, rng, rng.randint(2, 5))
    logs = {path: Path(path).read_bytes() for path in RECORDS}
    assert b"".join(logs.values()).count(b"\n") >= sum(map(len, RECORDS.values()))
    assert validate.check(Kind.CORRECTION, logs[CORRECTIONS], now=NOW).problems == []
    assert learned(Repository.discover(repo.root)) == expected


@given(st.randoms(use_true_random=False), st.integers(1, 4))
@settings(max_examples=25, deadline=None)
def test_any_union_of_parts_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, expected: dict[str, Any], rng: Any, count: int
) -> None:
    base, parts = branches(rng, count)
    rng.shuffle(parts)
    union = {path: [r for part in (base, *parts) for r in part[path]] for path in RECORDS}
    repo = repository(tmp_path_factory.mktemp("union"))
    put_all(repo.root, union)
    assert learned(repo) == expected


_FACTS = (
    *("debug-output-removed console.log", "call-removed logger.debug", "call-removed logger_debug"),
    *("call-removed loggerDebug", "comment-removed", "comment-added", "name-added x"),
)
_later = st.lists(st.sets(st.sampled_from(_FACTS), min_size=1, max_size=2), max_size=12)


@given(_later, st.integers(0, 60))
@settings(max_examples=25, deadline=None)
def test_newer_records_rename_no_set_that_stays(
    tmp_path_factory: pytest.TempPathFactory, edits: list[set[str]], cut: int
) -> None:
    records = sorted(RECORDS[CORRECTIONS], key=lambda record: str(record["timestamp"]))[:cut]
    newer = [implicit(1 - n / 100, *facts) for n, facts in enumerate(edits, 1)]
    repo = repository(tmp_path_factory.mktemp("newer"))
    names = []
    for logged in (records, [*newer, *records]):
        put(repo.root, CORRECTIONS, lines(*logged))
        lessons = load_corpus(repo, CONFIG, write=False).lessons
        names.append({(lesson.facts, lesson.words): name for name, lesson in lessons.items()})
    before, after = names
    assert {item: after[item] for item in before if item in after} == {
        item: name for item, name in before.items() if item in after
    }
