"""The comparison of learnt patterns with lessons that people read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from bench.lessons import evaluate, labels, named
from bench.lessons.labels import Judgement, ReadLesson
from bench.lessons.learn import Learnt
from bench.lessons.named import Material, Named

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


@pytest.mark.parametrize("name", ["lessons.jsonl", "second_lessons.jsonl"])
def test_stored_lessons_are_well_formed(name: str) -> None:
    lessons = labels.read_lessons(labels.FOLDER / name)
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


# --------------------------------------------------------------------------- named by an agent


def test_the_table_of_named_lessons_counts_what_both_readers_say() -> None:
    lessons = [READ, ReadLesson("o/m", "b", "Nor that.", ("b1", "b2", "b3"), "held-back")]
    material = [
        Material("o/n", ("a1", "a2"), ("a3", "x")),
        Material("o/m", ("b1", "b2"), ("y",)),
    ]
    names = [
        Named("o/n", "p", ("a1", "a2", "a3"), "Do not do it.", (True, True), (True, True)),
        Named("o/n", "q", ("x", "a1"), "Do it.", (True, False), (True, True)),
    ]
    lines = named.table(material, names, lessons)
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    assert [row[0] for row in rows[2:]] == [
        "o/n (tuning)",
        "o/m (held-back)",
        *labels.HALVES,
        "all",
    ]
    by_name = {row[0]: row for row in rows[2:]}
    tuning = by_name["tuning"]
    assert tuning[1:4] == ["2", "2", "2"]
    assert [cell.split(" ")[0] for cell in tuning[4:]] == ["1/2", "2/2", "1/1", "1/1"]
    held = by_name["held-back"]
    assert [cell.split(" ")[0] for cell in held[3:]] == ["0", "none", "none", "0/1", "none"]
    assert by_name["all"][6].startswith("1/2 ")


def test_the_table_of_readers_compares_each_list_with_what_the_others_find() -> None:
    first = [READ, ReadLesson("o/n", "b", "Nor that.", ("b1", "b2", "b3"), "tuning")]
    second = [ReadLesson("o/n", "s", "Do not.", ("a1", "a2", "a3"), "tuning")]
    names = [Named("o/n", "p", ("b1", "b2", "b3"), "Do it.", (True, True), (True, True))]
    lines = named.readers_table(first, second, names)
    cells = [cell.strip().split(" ")[0] for cell in lines[-1].split("|")[1:-1]]
    assert cells == ["all", "2", "1", "1/2", "1/1", "1/2", "0/1"]


def test_the_page_has_the_tables_of_the_command() -> None:
    page = (Path(__file__).parents[2] / "docs/accuracy.md").read_text("utf-8")
    table = named.table(named.read_material(), named.read_named(), labels.read_lessons())
    assert "\n".join(table) in page
    second = labels.read_lessons(labels.FOLDER / "second_lessons.jsonl")
    readers = named.readers_table(labels.read_lessons(), second, named.read_named())
    assert "\n".join(readers) in page


def test_what_the_agent_named_is_among_what_it_was_given() -> None:
    given = {m.repo: {*m.captured, *m.doubtful} for m in named.read_material()}
    repos = {lesson.repo: lesson.half for lesson in labels.read_lessons()}
    assert given.keys() <= repos.keys()
    for item in named.read_named():
        assert given[item.repo].issuperset(item.commits), item.pattern
        assert len(item.right) == len(item.followable) == 2
