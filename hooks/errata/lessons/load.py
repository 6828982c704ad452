"""The corpus of a repository, with a name for each group of unnamed records."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from errata.core.config import CHANCES_LOG, CURATION_LOG, Config
from errata.core.git import Repository
from errata.lessons.chances import Chances
from errata.lessons.naming_cache import Naming, NamingCache
from errata.patterns import corpus, curated
from errata.patterns.columns import PatternColumns
from errata.patterns.corpus import Corpus
from errata.patterns.curated import DecidedPlaces
from errata.patterns.lesson import Lesson
from errata.records import instants
from errata.records.curation import Curation
from errata.records.injection import sign_in
from errata.records.pattern_names import known_patterns

if TYPE_CHECKING:
    from errata.lessons.groups import Group

UNNAMED = ""
"""The name of the pattern of records without one."""
_SHOWN = 5
_TAUGHT = 200
"""How many of the newest members decide what a lesson says."""
_MOST = 50_000
"""How many of the newest records are grouped: time and memory are bounded."""
_FEWEST = 3
"""Fewer unnamed records cannot be a group."""


def load_corpus(
    repo: Repository,
    config: Config,
    *,
    write: bool = True,
    with_outbox: bool = True,
    until: int | None = None,
    limit: int = instants.END,
    chances: Chances | None = None,
) -> Corpus:
    """Read all logs and group the records that have no pattern name.

    Args:
        until: as if nothing later than this instant had been recorded; None for everything.
        limit: what is later than this is in the future, and not only later than ``until``.
        chances: what agents committed, instead of what ``chances.jsonl`` says.

    The other arguments and the errors are those of :func:`errata.patterns.corpus.load_corpus`.
    """
    loaded = corpus.load_corpus(repo, config, write=write, with_outbox=with_outbox)
    if until is not None:
        loaded.future = loaded.occurrences.count_after(max(until, limit))
        loaded.later = loaded.occurrences.count_after(until) - loaded.future
        loaded.occurrences = loaded.occurrences.until(until)
        write = False
    if chances is None:
        chances = Chances.read(repo.root, config, until)
    loaded.work = chances or None
    loaded.curation = Curation.read(repo, config, until)
    invalid = {CHANCES_LOG: chances.invalid, CURATION_LOG: loaded.curation.invalid}
    loaded.invalid_lines = [
        f"{config.paths.patterns}/{name}:{_shown(numbers)}"
        for name, numbers in invalid.items()
        if numbers
    ]
    decided = curated.find(loaded, loaded.curation) if loaded.curation else DecidedPlaces()
    unnamed = loaded.occurrences.patterns.get(UNNAMED)
    if unnamed and len(unnamed) >= _FEWEST:
        _name(loaded, unnamed, chances, decided, write=write)
    if loaded.curation:
        curated.apply(loaded, loaded.curation, decided)
    loaded.lessons = _with_contradictions(loaded)
    return loaded


def _shown(numbers: Sequence[int]) -> str:
    return ",".join(map(str, numbers[:_SHOWN])) + (",..." if len(numbers) > _SHOWN else "")


def _with_contradictions(loaded: Corpus) -> Mapping[str, Lesson]:
    """The lessons with those that contradict each; dismissed ones apart."""
    if not loaded.lessons:
        return loaded.lessons
    from errata.lessons import contradictions

    dismissed = loaded.curation.is_dismissed
    taught = {name: item for name, item in loaded.lessons.items() if not dismissed(name)}
    return {**loaded.lessons, **contradictions.marked(taught)}


def _name(
    loaded: Corpus,
    unnamed: PatternColumns,
    chances: Chances,
    decided: DecidedPlaces,
    *,
    write: bool,
) -> None:
    """Give each group of unnamed records its own pattern and lesson."""
    cache = NamingCache(loaded, unnamed, chances, decided)
    naming = cache.load()
    if naming is None:
        naming = _naming(loaded, unnamed, chances, decided, write=write)
        if write:
            cache.save(naming)
    # What was read, and is kept for the next run, stays as it is.
    known = loaded.occurrences.patterns
    patterns = {name: columns for name, columns in known.items() if columns is not unnamed}
    patterns |= unnamed.split((naming.names[chosen],) for chosen in naming.chosen)
    loaded.occurrences = replace(loaded.occurrences, patterns=patterns)
    loaded.lessons = {lesson.name: lesson for lesson in naming.lessons}


def _naming(
    loaded: Corpus,
    unnamed: PatternColumns,
    chances: Chances,
    decided: DecidedPlaces,
    *,
    write: bool,
) -> Naming:
    """The names and lessons of the unnamed records."""
    columns = _grouped(unnamed)
    groups = _groups(loaded, columns, chances, decided, write=write)
    by_place = {place: item.name for item in groups for place in item.members}
    names = (by_place.get(place, UNNAMED) for place in unnamed.place)
    remaining = ((item, _remaining(loaded, item, decided)) for item in groups)
    lessons = (
        _taught(loaded, item, {place: columns[place][1] for place in places}, chances)
        for item, places in remaining
        if places
    )
    return Naming.of(names, lessons)


def _grouped(unnamed: PatternColumns) -> dict[int, tuple[int, int]]:
    """The records that are grouped: place -> session and instant."""
    # They are ordered by instant; all of one instant are grouped, or none, whatever their order.
    low = bisect_right(unnamed.when, unnamed.when[-_MOST - 1]) if len(unnamed) > _MOST else 0
    rows = zip(unnamed.session[low:], unnamed.when[low:], strict=True)
    return dict(zip(unnamed.place[low:], rows, strict=True))


def _groups(
    loaded: Corpus,
    columns: Mapping[int, tuple[int, int]],
    chances: Chances,
    decided: DecidedPlaces,
    *,
    write: bool,
) -> list[Group]:
    """The groups whose names and facts do not address the reader."""
    from errata.lessons import index_cache
    from errata.lessons.described import Described, described
    from errata.lessons.groups import of_index

    def describe(places: Iterable[int]) -> Iterator[Described]:
        for place in places:
            yield described(place, *columns[place], loaded.kind(place), loaded.fields(place))

    index = index_cache.complete(loaded.generation, columns, describe, write=write)
    index.leave_out(decided.rejected.keys())
    return [
        item
        for item in of_index(index, chances, {*loaded.occurrences.patterns, *known_patterns()})
        if not any(map(sign_in, (item.name.replace("-", " "), *item.facts)))
    ]


def _remaining(loaded: Corpus, item: Group, decided: DecidedPlaces) -> list[int]:
    """The members that people left in a group, under whatever name."""
    if not (decided.rejected or decided.ids):
        return [*item.members]
    name = loaded.curation.name_of(item.name)
    final = (
        (place, curated.final_names(place, item.name, loaded.curation, decided))
        for place in item.members
    )
    return [place for place, names in final if name in names]


def _taught(loaded: Corpus, item: Group, when: Mapping[int, int], chances: Chances) -> Lesson:
    """The lesson of a group with these members: place -> instant."""
    from errata.lessons.instructions import lesson
    from errata.lessons.members import Member

    newest = _newest(when)
    members = [Member.of(when[place], loaded.fields(place)) for place in newest]
    return lesson(item.name, item.facts, item.stems, members, chances)


def _newest(instants: Mapping[int, int]) -> list[int]:
    """The places of the newest records; all of the oldest instant among them."""
    oldest = sorted(instants.values())[-_TAUGHT:][0]
    return [place for place, when in instants.items() if when >= oldest]
