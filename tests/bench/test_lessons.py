"""The comparison of learnt patterns with lessons that people read."""

from __future__ import annotations

from typing import Any

import pytest
from bench.lessons import evaluate, labels
from bench.lessons.labels import Judgement, ReadLesson
from bench.lessons.learn import Learnt

from errata.lessons.chances import Chances
from errata.patterns.lesson import Lesson

READ = ReadLesson("o/n", "a", "Do not do it.", ("a1", "a2", "a3", "a4"), "tuning")


@pytest.mark.parametrize(
    ("commits", "found"),
    [
        (("a1f", "a2f", "a3f"), True),
        (("a1f", "a2f", "b"), False),
        (("a1f", "a2f", "a3f", "b", "c", "d"), True),
        (("a1f", "a2f", "a3f", "b", "c", "d", "e"), False),
    ],
)
def test_found_takes_three_commits_and_half_of_the_members(
    commits: tuple[str, ...], found: bool
) -> None:
    patterns = [Learnt("other", ("x", "y", "z"), None), Learnt("p", commits, None)]
    assert evaluate.is_found(READ, patterns) is found


def test_a_lesson_is_within_reach_if_three_of_its_commits_were_captured() -> None:
    assert evaluate.is_within_reach(READ, ("a1f", "a2f", "a3f", "b"))
    assert not evaluate.is_within_reach(READ, ("a1f", "a2f", "b"))


def test_a_pattern_is_right_only_if_every_reader_says_so() -> None:
    patterns = [("o/n", Learnt(name, (), None)) for name in ("p", "q", "r")]
    judgements = {
        ("o/n", "p"): Judgement("o/n", "p", (True, True), (True, False)),
        ("o/n", "q"): Judgement("o/n", "q", (True, False), (True, True)),
    }
    assert evaluate.judge(patterns, judgements) == evaluate.Judged(1, 1, 2, 1)


def record(day: int, *edits: str) -> dict[str, Any]:
    return {
        "timestamp": f"2026-01-{day:02}T00:00:00Z",
        "source": "implicit",
        "edits": list(edits),
        "user_correction": {"summary": "fix"},
    }


def test_foresight_counts_later_corrections_that_show_all_facts() -> None:
    facts = ("call-removed print", "import-removed os")
    learnt = [Learnt("p", (), Lesson("p", facts)), Learnt("q", (), None)]
    earlier = [record(1, *facts), record(2, facts[0])]
    later = [record(3, *facts, "guard-added"), record(4, facts[1])]
    assert evaluate.foresee(learnt, earlier, later, Chances()) == evaluate.Foresight(
        lessons=1, covered=1, later=2, before=0.5, spoke=0, uncorrected=0
    )


def test_stored_lessons_are_well_formed() -> None:
    lessons = labels.read_lessons()
    assert {lesson.half for lesson in lessons} == set(labels.HALVES)
    assert len({(lesson.repo, lesson.id) for lesson in lessons}) == len(lessons)
    halves: dict[str, str] = {}
    for lesson in lessons:
        assert len(set(lesson.commits)) >= evaluate.MEMBERS
        assert all(len(commit) >= 9 for commit in lesson.commits)
        assert halves.setdefault(lesson.repo, lesson.half) == lesson.half


def test_judgements_are_of_two_readers() -> None:
    for judgement in labels.read_judgements().values():
        assert len(judgement.right) == len(judgement.followable) == 2
