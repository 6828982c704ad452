"""Which promoted lesson is told when: an index for agents' hooks, which cannot read the logs.

``errata/lessons.json`` in the git directory of a work tree. It only holds what to look for; whether
a lesson is in force, and what it says, are read from the runbooks. Deleting it loses nothing: the
next evolve, or the next merge that brings records, writes it anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from errata.core import atomic
from errata.core.errors import RunbookError
from errata.lessons import triggers
from errata.runbooks.index_path import VERSION, path_of

if TYPE_CHECKING:
    from errata.core.git import Repository
    from errata.patterns.analysis import Pattern
    from errata.patterns.corpus import Corpus
    from errata.runbooks.plan_evolve import EvolvePlan

_NEWEST = 50
"""How many of the newest records of a pattern say where it happens."""


def write(repo: Repository, plan: EvolvePlan) -> None:
    """Write the index of what is promoted. Raises RunbookError: it cannot be written."""
    if plan.decided is None or repo.git_dir is None:
        return
    path = path_of(repo.git_dir)
    lessons = dict(_triggers(plan))
    data = json.dumps({"version": VERSION, "lessons": lessons}, ensure_ascii=False).encode() + b"\n"
    try:
        if not path.is_file() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            atomic.write(path, data)
    except OSError as error:
        raise RunbookError(f"{path}: {error.strerror}", "it must be writable") from error


def _triggers(plan: EvolvePlan) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name -> trigger of the lessons that have one, the most certain first."""
    assert plan.decided is not None
    known = plan.decided.patterns
    taught = [
        known[n] for n, standing in plan.standings.items() if not standing.archived and n in known
    ]
    for pattern in sorted(taught, key=lambda pattern: (-pattern.confidence.value, pattern.name)):
        if trigger := _trigger(plan.corpus, pattern):
            yield pattern.name, trigger


def _trigger(corpus: Corpus, pattern: Pattern) -> dict[str, Any]:
    if (lesson := pattern.lesson) and (trigger := triggers.of_lesson(lesson)):
        return trigger
    columns = corpus.occurrences.patterns.get(pattern.name)
    files = [_files(corpus, place) for place in (columns.place[-_NEWEST:] if columns else ())]
    return triggers.of_places(files, f"{pattern.name} {pattern.description} {pattern.fix}")


def _files(corpus: Corpus, place: int) -> list[str]:
    """The files that a record names, without the number of a line."""
    named = [corpus.record(place).file, *corpus.files([place])]
    return [name.partition(":")[0] for name in named]
