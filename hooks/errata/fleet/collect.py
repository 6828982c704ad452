"""The rows of a bundle: a pure function of the logs of a repository."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec

from errata.fleet import keys
from errata.fleet.schema import (
    CHANCES,
    EXAMPLES,
    FACTS,
    LESSONS,
    OUTCOMES,
    PROMOTIONS,
    RECORDS,
    REPOSITORIES,
    TALLIES,
    Table,
)
from errata.lessons.chances_log import ChancesLine
from errata.lessons.load import UNNAMED
from errata.lessons.outcome_counts import OutcomeCounts
from errata.patterns.analysis import Analysis, Pattern
from errata.patterns.corpus import Corpus
from errata.patterns.lesson import Lesson
from errata.records import instants
from errata.runbooks.promotion_log import PromotionEvent, fold

Row = tuple[Any, ...]
"""The values of the columns of a table, in their order."""
_RULE = "rule"


@dataclass(frozen=True)
class Material:
    """What the rows are made from.

    Attributes:
        name: of the repository.
        analysis: as of the newest record; None without records.
        chances: the newest line of the chances log; None if nobody counted.
        events: of the promotion log.
        with_code: whether examples leave, too.
    """

    name: str
    corpus: Corpus
    analysis: Analysis | None
    chances: ChancesLine | None
    events: tuple[PromotionEvent, ...]
    with_code: bool = False

    @cached_property
    def lessons(self) -> Mapping[str, Lesson]:
        """The lessons of the patterns that are groups of unnamed records, by name."""
        return self.corpus.lessons

    def key(self, name: str) -> str:
        """The key of the lesson with a name; see :func:`errata.fleet.keys.lesson_key`."""
        return keys.lesson_key(name, self.lessons.get(name))

    def present(self, name: str) -> str:
        """The name that a pattern has now, of one that it may have had."""
        return self.corpus.curation.name_of(name)

    def shown(self, name: str) -> str:
        """The name of a pattern as it leaves the repository."""
        lesson = self.lessons.get(name)
        return keys.shown_name(lesson) if lesson else name


def rows(material: Material) -> dict[str, list[Row]]:
    """The rows of every table, by its name, each in the table's order."""
    makers = {
        REPOSITORIES: _repositories,
        RECORDS: _records,
        LESSONS: _lessons,
        FACTS: _facts,
        CHANCES: _chances,
        OUTCOMES: _outcomes,
        PROMOTIONS: _promotions,
    }
    if material.with_code:
        makers[EXAMPLES] = _examples
    return {table.name: _sorted(table, make(material)) for table, make in makers.items()}


def _sorted(table: Table, unsorted: Iterable[Row]) -> list[Row]:
    """The rows in the order of the table; those that are equal there by all their columns."""
    order = [table.names.index(name) for name in table.order]
    return sorted(unsorted, key=lambda row: ([row[column] for column in order], row))


def _repositories(material: Material) -> Iterator[Row]:
    occurrences = material.corpus.occurrences
    newest = material.corpus.newest_until(instants.END) or 0
    count = sum(map(len, occurrences.patterns.values()))
    count -= sum(patterns - 1 for patterns in material.corpus.shared.values())
    yield material.name, newest, count, material.chances.when if material.chances else 0


def _records(material: Material) -> Iterator[Row]:
    corpus = material.corpus
    facets = [
        (
            item.kind.value,
            item.source.value,
            item.severity.value,
            item.correction_type.value if item.correction_type else "",
            item.agent,
            ",".join(item.affected) or item.agent,
            keys.label(item.service),
            item.certainty,
        )
        for item in corpus.occurrences.facets
    ]
    for name, columns in corpus.occurrences.patterns.items():
        key, shown = material.key(name), material.shown(name) if name != UNNAMED else ""
        lesson = material.lessons.get(name)
        for when, place, index, session in columns.rows():
            kind, source, severity, correction_type, agent, named, service, sure = facets[index]
            if lesson and lesson.severity:
                severity = lesson.severity.value
            yield (
                *(material.name, _record_id(corpus, place), when, kind, source, severity),
                *(key, shown, correction_type, agent, named, service, _signed(session)),
                *(keys.folder_of(corpus.record(place).file), sure),
            )


def _record_id(corpus: Corpus, place: int) -> str:
    return hashlib.sha256(corpus.canonical_line(place)).hexdigest()[:16]


def _signed(number: int) -> int:
    """A number of 64 bits as Parquet has it."""
    return number - (1 << 64) if number >> 63 else number


def _patterns(material: Material) -> list[Pattern]:
    return [*material.analysis.patterns.values()] if material.analysis else []


def _lessons(material: Material) -> Iterator[Row]:
    standings = fold(material.events)
    for pattern in _patterns(material):
        lesson, standing = material.lessons.get(pattern.name), standings.get(pattern.name)
        yield (
            *(material.name, material.key(pattern.name), material.shown(pattern.name)),
            keys.shown_instruction(lesson) if lesson else "",
            pattern.category,
            lesson.places if lesson else 0,
            pattern.count,
            instants.month_span(instants.iso(pattern.last))[1],
            int(lesson is not None),
            pattern.confidence.shown,
            standing.added if standing else 0,
            standing.changed if standing and standing.archived else 0,
        )


def _facts(material: Material) -> Iterator[Row]:
    for pattern in _patterns(material):
        lesson = material.lessons.get(pattern.name)
        for fact in lesson.facts if lesson else ():
            key = material.key(pattern.name)
            yield material.name, key, keys.digest(fact), keys.shown_fact(fact)


def _chances(material: Material) -> Iterator[Row]:
    line = material.chances
    if line is None:
        return
    counted = {"": line.agent_commits}
    for pattern in _patterns(material):
        lesson = material.lessons.get(pattern.name)
        for fact in lesson.facts if lesson else ():
            if fact in line.edits:
                counted[keys.digest(fact)] = line.edits[fact]
    for fact, by_month in counted.items():
        for month, (chances, corrected) in by_month.items():
            yield material.name, fact, month, *instants.month_span(month), chances, corrected


def _outcomes(material: Material) -> Iterator[Row]:
    for name, counts in (material.chances.outcomes if material.chances else {}).items():
        yield _outcome(material, name, counts)


def _outcome(material: Material, name: str, counts: OutcomeCounts) -> Row:
    is_rule = counts.source == _RULE
    present = material.present(name)
    tallies = (getattr(counts, tally) for tally in TALLIES)
    return (
        material.name,
        "" if is_rule else material.key(present),
        f"rule-{keys.digest(name)[:8]}" if is_rule else material.shown(present),
        counts.source,
        _instant(counts.since),
        _instant(counts.until),
        *(value for tally in tallies for value in msgspec.structs.astuple(tally)),
    )


def _instant(text: str) -> int:
    try:
        return instants.parse_recorded(text)
    except ValueError:
        return 0


def _promotions(material: Material) -> Iterator[Row]:
    for event in set(material.events):
        yield (
            *(material.name, material.key(material.present(event.pattern))),
            *(event.date, event.event),
            *(event.confidence, event.occurrences, ",".join(event.agents)),
        )


def _examples(material: Material) -> Iterator[Row]:
    for pattern in _patterns(material):
        lesson = material.lessons.get(pattern.name)
        if lesson and (example := lesson.example):
            before, after = "\n".join(example.before), "\n".join(example.after)
            yield material.name, material.key(pattern.name), before, after
