"""What decisions of people (:mod:`errata.records.curation`) change about the records of a corpus.

It is applied once, after groups were named: rejected corrections are in no pattern, others are in
those that a person gave them, and every pattern has its present name. A correction that a person
accepted counts fully, however doubtful errata found it, and is of the type that a person gave it.
The logs stay as they are.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import msgspec

from errata.core.errors import RecordError
from errata.patterns.columns import Occurrences, PatternColumns, scoped_id
from errata.patterns.corpus import Corpus
from errata.patterns.lesson import Lesson
from errata.records import identity
from errata.records.correction_family import family
from errata.records.curation import Curation
from errata.records.model import Kind

UNNAMED = ""
_CONTENT_ID = "sha256:"
_SCOPE = scoped_id(Kind.CORRECTION, "")


@dataclass(slots=True)
class DecidedPlaces:
    """The records of a corpus that decisions are about.

    Attributes:
        rejected: place -> id of a correction that counts no more.
        ids: place -> id of every other one.
    """

    rejected: dict[int, str] = field(default_factory=dict)
    ids: dict[int, str] = field(default_factory=dict)


class _Fingerprint(msgspec.Struct):
    """The fingerprint in the line of a correction."""

    marks: list[str] = []
    id: str = ""


def find(corpus: Corpus, curation: Curation) -> DecidedPlaces:
    """The records that decisions in effect are about, in a corpus as it was read."""
    decided = DecidedPlaces()
    wanted = curation.decided_corrections
    if not wanted:
        return decided
    for id, place in _corrections(corpus, wanted):
        (decided.rejected if curation.is_rejected(id) else decided.ids)[place] = id
    if curation.rejected_fingerprints:
        decided.rejected |= _returned(corpus, curation, decided)
    return decided


def _corrections(corpus: Corpus, wanted: set[str]) -> Iterator[tuple[str, int]]:
    """(id, place) of the corrections of these families."""
    for scoped, place in corpus.occurrences.ids.items():
        if scoped.startswith(_SCOPE):
            id = scoped.removeprefix(_SCOPE)
            if id in wanted or family(id) in wanted:
                yield id, place
    if any(id.startswith(_CONTENT_ID) for id in wanted):
        # Those without an id go by the digest of their content.
        for place in _correction_places(corpus):
            try:
                id = identity.line_id(corpus.line(place))
            except RecordError:
                continue
            if id in wanted:
                yield id, place


def _returned(corpus: Corpus, curation: Curation, decided: DecidedPlaces) -> dict[int, str]:
    """Corrections that a rewrite of history, or another clone, recorded under another id."""
    decoder = msgspec.json.Decoder(_Fingerprint)
    returned = {}
    for place in _correction_places(corpus):
        if place in decided.rejected or place in decided.ids:
            continue
        try:
            line = decoder.decode(corpus.line(place))
        except (ValueError, RecursionError):
            continue
        if line.marks and curation.rejected_fingerprints.issuperset(line.marks):
            returned[place] = line.id
    return returned


def _correction_places(corpus: Corpus) -> Iterator[int]:
    for columns in corpus.occurrences.patterns.values():
        for place in columns.place:
            if corpus.kind(place) is Kind.CORRECTION:
                yield place


def apply(corpus: Corpus, curation: Curation, decided: DecidedPlaces) -> None:
    """Bring the patterns of a corpus, whose groups are named, to what people decided."""
    corpus.occurrences = _as_accepted(corpus, curation, decided)
    old = corpus.occurrences.patterns
    pieces: dict[str, list[PatternColumns]] = {}
    shared: dict[int, int] = {}
    # In the order of the names, so that nothing depends on the order of the logs.
    for name, columns in sorted(old.items()):
        for new, piece in _split(name, columns, curation, decided, shared).items():
            pieces.setdefault(new, []).append(piece)
    patterns = {name: _joined(parts) for name, parts in pieces.items()}
    for name in curation.lesson_texts:
        if curation.status(name):
            # Somebody's own lesson needs no record, and is known also once it is dismissed.
            patterns.setdefault(name, PatternColumns())
    corpus.lessons = _renamed(corpus.lessons, {*old}, curation, {*patterns})
    corpus.occurrences = replace(corpus.occurrences, patterns=patterns)
    corpus.rejected_corrections = decided.rejected
    corpus.shared = shared


def _as_accepted(corpus: Corpus, curation: Curation, decided: DecidedPlaces) -> Occurrences:
    """The occurrences, with the facets of corrections that people accepted.

    This is the only place where such a correction gets its full weight, and its type. What was
    read, and is kept for the next run, stays as it is.
    """
    read = corpus.occurrences
    ids = decided.ids.items()
    accepted = {place: curation.type_of(id) for place, id in ids if curation.is_accepted(id)}
    facets = [*read.facets]
    numbers = {row: number for number, row in enumerate(facets)}

    def number_of(place: int, number: int) -> int:
        if place not in accepted:
            return number
        row = facets[number].accepted(accepted[place])
        if row not in numbers:
            numbers[row] = len(facets)
            facets.append(row)
        return numbers[row]

    patterns = {
        name: columns
        if accepted.keys().isdisjoint(columns.place)
        else replace(columns, facets=array("I", map(number_of, columns.place, columns.facets)))
        for name, columns in read.patterns.items()
    }
    corpus.figures.rest_on(dict(enumerate(facets[len(read.facets) :], len(read.facets))))
    return replace(read, patterns=patterns, facets=facets)


def final_names(
    place: int, name: str, curation: Curation, decided: DecidedPlaces
) -> tuple[str, ...]:
    """The patterns of a record that is in some pattern now; none if it is rejected."""
    if place in decided.rejected:
        return ()
    own = curation.name_of(name) if name else UNNAMED
    if id := decided.ids.get(place):
        taught = curation.taught_patterns(id)
        if curation.is_moved(id):
            return taught
        if curation.is_not_for(id, name):
            own = UNNAMED
        if taught:
            return tuple(filter(None, dict.fromkeys((own, *taught))))
    return (own,)


def _split(
    name: str,
    columns: PatternColumns,
    curation: Curation,
    decided: DecidedPlaces,
    shared: dict[int, int],
) -> Mapping[str, PatternColumns]:
    """The records of a pattern by the names of the patterns that they are in from now on.

    Args:
        shared: takes the number of patterns of each that is in several.
    """
    places = columns.place
    if decided.rejected.keys().isdisjoint(places) and decided.ids.keys().isdisjoint(places):
        return {curation.name_of(name) if name else UNNAMED: columns}
    names = [final_names(place, name, curation, decided) for place in places]
    shared |= {place: len(own) for place, own in zip(places, names, strict=True) if len(own) > 1}
    return columns.split(names)


def _joined(parts: list[PatternColumns]) -> PatternColumns:
    if len(parts) == 1:
        return parts[0]
    joined = PatternColumns()
    joined.add(row for part in parts for row in part.rows())
    return joined


def _renamed(
    lessons: Mapping[str, Lesson], old: set[str], curation: Curation, present: set[str]
) -> dict[str, Lesson]:
    """The lessons of the patterns that have one still, by present name.

    A pattern that others were merged into keeps its own lesson, or has none.
    """
    renamed: dict[str, Lesson] = {}
    for name in sorted(lessons):
        new = curation.name_of(name)
        if new in present and (new == name or new not in old):
            renamed.setdefault(new, replace(lessons[name], name=new))
    return renamed
