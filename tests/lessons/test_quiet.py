"""Quiet is not resolved: without chances, silence says nothing."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from errata.core.config import Config, Evolve
from errata.core.git import Repository
from errata.lessons import chances_log
from errata.lessons.chances import Chances
from errata.patterns.analysis import Pattern, analyse
from errata.patterns.corpus import load_corpus
from errata.patterns.lesson import Lesson
from errata.patterns.score import Trend
from errata.records.model import DAY
from errata.runbooks.promote import decide
from record_builders import AS_OF, FINDINGS, NOW, ago, finding, lines, put

Run = Callable[..., subprocess.CompletedProcess[str]]
NAME = "no-console-log"
FACTS = ("debug-output-removed console.log", "debug-output-removed")
CHANCES = ".claude/patterns/chances.jsonl"
COMMIT = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


def row(commits: int, *counts: int, as_of: str = ago(0)) -> dict[str, Any]:
    """In February: all commits of agents, and those with a chance for each fact."""
    edits = {fact: {"2025-02": [count, 0]} for fact, count in zip(FACTS, counts, strict=False)}
    month = {"2025-02": [commits, 0]}
    return {"as_of": as_of, "commit": COMMIT, "agent_commits": month, "edits": edits}


def chances(*args: Any, **more: Any) -> Chances:
    return Chances(*chances_log.parse(json.dumps(row(*args, **more)).encode() + b"\n"))


def pattern(
    root: Path, work: Chances | None, *, lesson: bool = True, seen: tuple[int, ...] = (40, 45, 50)
) -> Pattern:
    """A pattern that was last seen before the window."""
    put(root, FINDINGS, lines(*(finding(days, NAME) for days in seen)))
    corpus = load_corpus(Repository(root, None, None), Config(), write=False)
    corpus.work = work
    if lesson:
        corpus.lessons = {NAME: Lesson(NAME, FACTS)}
    return analyse(corpus, Config(), NOW).patterns[NAME]


@pytest.mark.parametrize(
    ("work", "trend"),
    [
        # Nothing was counted before, so each chance is expected to lead to an occurrence.
        (chances(90, 3, 40), Trend.RESOLVED),
        (chances(90, 2, 40), Trend.QUIET),
        (chances(90, 40, 2), Trend.QUIET),
        (chances(90, 40), Trend.RESOLVED),
        (chances(90, 0, 0), Trend.QUIET),
        (chances(90), Trend.QUIET),
        (None, Trend.QUIET),
        # Known of less than half of the time since then.
        (chances(90, 40, 40, as_of=ago(25)), Trend.QUIET),
    ],
)
def test_a_lesson(tmp_path: Path, work: Chances | None, trend: Trend) -> None:
    assert pattern(tmp_path, work).trend is trend


def counted(before: int, since: int, fact: str = FACTS[0]) -> Chances:
    """Chances in the months before and after the newest of three occurrences in December."""
    months = {"2024-12": [before, 3], "2025-02": [since, 0]}
    line = {"as_of": ago(0), "commit": COMMIT, "agent_commits": months, "edits": {fact: months}}
    return Chances(*chances_log.parse(json.dumps(line).encode() + b"\n"))


@pytest.mark.parametrize("fact", [FACTS[0], "emoji-removed"])
@pytest.mark.parametrize(
    ("before", "since", "missed"), [(30, 30, 3), (30, 29, 2.9), (300, 30, 0.3), (3, 0, 0)]
)
def test_what_was_missed_is_expected_at_the_rate_before(
    tmp_path: Path, fact: str, before: int, since: int, missed: float
) -> None:
    """By the chances of the lesson's own facts, or else by all commits of agents."""
    last = pattern(tmp_path, counted(before, since, fact), seen=(59, 65, 70))
    assert last.missed == pytest.approx(missed, abs=0.01)
    assert last.trend is (Trend.RESOLVED if missed >= 3 else Trend.QUIET)
    recency = next(term for term in last.confidence.terms if term.name == "recency")
    assert recency.value == pytest.approx(max(1 - 59 / 90, 1 - missed / 3), abs=0.01)


@pytest.mark.parametrize(
    ("work", "trend"),
    [
        (None, Trend.RESOLVED),
        (chances(90), Trend.RESOLVED),
        (chances(0), Trend.QUIET),
        (chances(0, as_of=ago(20)), Trend.RESOLVED),
    ],
)
def test_any_other_pattern(tmp_path: Path, work: Chances | None, trend: Trend) -> None:
    assert pattern(tmp_path, work, lesson=False).trend is trend


def test_a_pattern_that_is_seen_is_not_quiet(tmp_path: Path) -> None:
    put(tmp_path, FINDINGS, lines(*(finding(days, NAME) for days in (1, 2, 40, 41))))
    corpus = load_corpus(Repository(tmp_path, None, None), Config(), write=False)
    corpus.work = chances(0)
    assert analyse(corpus, Config(), NOW).patterns[NAME].trend is Trend.STABLE
    assert analyse(corpus, Config(), NOW + 400 * DAY).patterns[NAME].trend is Trend.RESOLVED


def test_the_screens_say_quiet(repo: Any, errata: Run) -> None:
    # The newest record is the moment that everything is as of.
    repo.jsonl(FINDINGS, *(finding(days, NAME) for days in (40, 45, 50)), finding(1, "other"))
    repo.write(CHANCES, lines(row(0)))
    done = errata("trends", "--as-of", AS_OF)
    assert f"QUIET:\n  {NAME} has no occurrences in 30 days\n" in done.stdout
    assert "RESOLVED" not in done.stdout
    shown = errata("patterns", "--trend", "quiet", "--as-of", AS_OF).stdout
    assert NAME in shown and " quiet " in shown
    content = json.loads(errata("trends", "--as-of", AS_OF, "--format", "json").stdout)
    assert content["summary"]["quiet"] == 1


@pytest.mark.parametrize(
    ("work", "retires"), [(chances(90, 3, 40), True), (chances(90, 0, 40), False), (None, True)]
)
def test_a_lesson_without_a_chance_to_be_repeated_does_not_retire(
    tmp_path: Path, work: Chances | None, retires: bool
) -> None:
    rules = Evolve(retire_days=30)
    decision = decide(pattern(tmp_path, work), rules, NOW)
    assert ("recent" in {reason.name for reason in decision.unmet}) is retires


@pytest.mark.parametrize(
    ("work", "detail"),
    [
        (chances(90, 3, 40), "last seen 40 days ago; more expected since: 3.0 >= 3"),
        (chances(90, 2, 40), "last seen 40 days ago; more expected since: 2.0 < 3"),
        (None, "40 >= 30 days since the last"),
    ],
)
def test_why_it_is_recent_or_not(tmp_path: Path, work: Chances | None, detail: str) -> None:
    decision = decide(pattern(tmp_path, work), Evolve(retire_days=30), NOW)
    assert [each.detail for each in decision.reasons if each.name == "recent"] == [detail]


def test_the_month_of_the_newest_occurrence_tells_nothing(tmp_path: Path) -> None:
    """All chances of January may have come before the occurrence of January 20."""
    months = {"2025-01": [40, 3], "2025-02": [2, 0]}
    line = {"as_of": ago(0), "commit": COMMIT, "agent_commits": months, "edits": {}}
    work = Chances(*chances_log.parse(json.dumps(line).encode() + b"\n"))
    assert pattern(tmp_path, work, seen=(40, 45, 50)).missed == pytest.approx(3 * 2 / 40)
