"""``python -m bench.lessons.named``: lessons that a coding agent named, and if they are right.

The agent got what ``/corrections --analyze`` gives it, and proposed names; nobody helped it. Its
answers and the readers' are data, so that the tables need no clone.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.lessons import labels
from bench.lessons.evaluate import is_found, is_within_reach
from bench.lessons.labels import FOLDER, HALVES, ReadLesson
from bench.lessons.learn import Learnt
from bench.score import row, share


@dataclass(frozen=True, slots=True)
class Material:
    """What the agent was given of one repository: people's commits, 12 digits of each.

    Attributes:
        captured: those that errata takes for corrections.
        doubtful: those of which it is not sure.
    """

    repo: str
    captured: tuple[str, ...]
    doubtful: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """A pattern that the agent named.

    Attributes:
        commits: the people's commits that it put there, 12 digits of each.
        instruction: what to do, in the agent's words.
        right: whether at least three of them, and half, repair this mistake, by each reader.
        followable: whether an agent could follow the instruction, by each reader.
    """

    repo: str
    pattern: str
    commits: tuple[str, ...]
    instruction: str
    right: tuple[bool, ...]
    followable: tuple[bool, ...]


def read_material(path: Path = FOLDER / "agent_material.jsonl") -> list[Material]:
    """What the agent was given, by repository."""
    rows = map(json.loads, path.read_text("utf-8").splitlines())
    return [Material(r["repo"], tuple(r["captured"]), tuple(r["doubtful"])) for r in rows]


def read_named(path: Path = FOLDER / "agent_names.jsonl") -> list[Named]:
    """All patterns that the agent named."""
    lists = ("commits", "right", "followable")
    rows = map(json.loads, path.read_text("utf-8").splitlines())
    return [Named(**{**r, **{name: tuple(r[name]) for name in lists}}) for r in rows]


def table(
    material: Sequence[Material], named: Sequence[Named], lessons: Sequence[ReadLesson]
) -> list[str]:
    """The figures as lines of Markdown, by repository and by half."""
    half_of = {lesson.repo: lesson.half for lesson in lessons}
    heads = ("Repository", "Corrections", "Doubtful", "Named", "Right", "Followable")
    lines = [row(*heads, "Lessons found", "Found of those within reach"), "|---" * 8 + "|"]
    groups = [(f"{m.repo} ({half_of[m.repo]})", [m]) for m in material]
    halves = [(half, [m for m in material if half_of[m.repo] == half]) for half in HALVES]
    for name, chosen in [*groups, *halves, ("all", list(material))]:
        repos = {each.repo for each in chosen}
        patterns = [each for each in named if each.repo in repos]
        pairs = [(each, m) for m in chosen for each in lessons if each.repo == m.repo]
        near = [each for each, m in pairs if is_within_reach(each, m.captured + m.doubtful)]
        found = [each for each in near if is_found(each, _learnt(each.repo, patterns))]
        lines.append(
            row(
                name,
                sum(len(m.captured) for m in chosen),
                sum(len(m.doubtful) for m in chosen),
                len(patterns),
                share(sum(all(p.right) for p in patterns), len(patterns)),
                share(sum(all(p.followable) for p in patterns), len(patterns)),
                share(len(found), len(pairs)),
                share(len(found), len(near)),
            )
        )
    return lines


def readers_table(
    first: Sequence[ReadLesson], second: Sequence[ReadLesson], named: Sequence[Named]
) -> list[str]:
    """How far two readers and the agent find the same lessons, as lines of Markdown."""
    heads = ("Repository", "Lessons of the first", "of the second")
    more = ("Second finds of the first", "First finds of the second")
    agents = ("Agent finds of the first", "Agent finds of the second")
    lines = [row(*heads, *more, *agents), "|---" * 7 + "|"]
    repos = list(dict.fromkeys(lesson.repo for lesson in second))
    for name, chosen in [*((repo, [repo]) for repo in repos), ("all", repos)]:
        lists = [[each for each in lessons if each.repo in chosen] for lessons in (first, second)]
        learnt = [
            *([Learnt(each.id, each.commits, None) for each in lessons] for lessons in lists),
            [Learnt(p.pattern, p.commits, None) for p in named if p.repo in chosen],
        ]
        pairs = ((0, 1), (1, 0), (0, 2), (1, 2))
        cells = (_found(lists[read], learnt[finder]) for read, finder in pairs)
        lines.append(row(name, *map(len, lists), *cells))
    return lines


def _found(lessons: Sequence[ReadLesson], learnt: Sequence[Learnt]) -> str:
    return share(sum(is_found(lesson, learnt) for lesson in lessons), len(lessons))


def _learnt(repo: str, patterns: Sequence[Named]) -> list[Learnt]:
    return [Learnt(p.pattern, p.commits, None) for p in patterns if p.repo == repo]


def main() -> int:
    """Print the tables."""
    lessons, names = labels.read_lessons(), read_named()
    print("\n".join(table(read_material(), names, lessons)))
    second = labels.read_lessons(FOLDER / "second_lessons.jsonl")
    print("\n".join(["", *readers_table(lessons, second, names)]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
