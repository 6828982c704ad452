"""Lines of both versions that show facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from errata.lessons import kinds
from errata.lessons.description import EditedFile, Example, Hunk, ShownFact
from errata.lessons.element import Element
from errata.lessons.kinds import ARROW, Fact
from errata.lessons.texts import clean, truncate, visible
from errata.messages.redact import redact

MAX_EXAMPLES = 3
MAX_LINES = 3
MAX_LINE = 160
_MAX_READ = 1_000
_MAX_CANDIDATES = 60
_MAX_PATH = 200
_TAB = "    "
_FILE_REMOVED = "file-removed"
_NAME_FACTS = ("name-removed", "name-added", "name-replaced")
_Lines = tuple[int, int]


class _Source:
    """An edited file with the lines of both versions."""

    def __init__(self, file: EditedFile) -> None:
        self.file = file
        self.old = file.old.split("\n")
        self.new = file.new.split("\n")


class _Excerpt(NamedTuple):
    """Lines of a file that an example may show; an empty range shows nothing."""

    source: _Source
    old: _Lines
    new: _Lines


_Place = tuple[_Source, ShownFact]


def choose(
    shown: Sequence[tuple[EditedFile, ShownFact]],
    facts: Iterable[Fact],
    files: Sequence[EditedFile],
) -> tuple[Example, ...]:
    """At most three examples that together show as many of the facts as possible.

    Args:
        shown: facts with their elements.
        facts: those that are kept, of names too.
        files: in which names are looked for.
    """
    wanted = set(facts)
    sources = {id(file): _Source(file) for file in files if file.hunks}
    places = [
        (sources[id(file)], item)
        for file, item in shown
        if item.fact in wanted and _has_lines(item) and id(file) in sources
    ]
    places.sort(key=lambda place: -_worth_showing(place[1]))
    excerpts = [_excerpt(source, item) for source, item in places[:_MAX_CANDIDATES]]
    names = sorted(fact for fact in wanted if fact.kind in _NAME_FACTS)
    excerpts += [e for fact in names for e in _of_name(fact, sources.values())]
    return tuple(_greedy({e: _facts_in(e, places, names) for e in dict.fromkeys(excerpts)}))


def _greedy(by_excerpt: dict[_Excerpt, set[Fact]]) -> Iterator[Example]:
    """The example that shows most, then the one that adds most to it, and so on."""
    for _ in range(MAX_EXAMPLES):
        best = max(by_excerpt, key=lambda e: sum(map(_weight, by_excerpt[e])), default=None)
        if best is None or not (facts := by_excerpt.pop(best)):
            return
        before, after = _lines(best.source.old, best.old), _lines(best.source.new, best.new)
        if before == after:
            continue
        yield Example(
            tuple(map(str, sorted(facts))), clean(best.source.file.path, _MAX_PATH), before, after
        )
        for others in by_excerpt.values():
            others -= facts


def _has_lines(item: ShownFact) -> bool:
    return bool(item.old or item.new) or item.fact.kind == _FILE_REMOVED


def _weight(fact: Fact) -> float:
    return kinds.weight(fact.kind) + 0.5 * bool(fact.subject) + 0.1


def _worth_showing(item: ShownFact) -> float:
    return _weight(item.fact) + 0.3 * (item.old is not None and item.new is not None)


def _excerpt(source: _Source, item: ShownFact) -> _Excerpt:
    """The whole hunk if it is short, else the first lines of the elements, or of the file."""
    element = item.old or item.new
    if element is None:
        return _Excerpt(source, (0, MAX_LINES), (0, 0))
    hunk = source.file.hunks[element.hunk]
    if _is_short(hunk):
        return _Excerpt(source, hunk.old, hunk.new)
    return _Excerpt(source, _head(item.old), _head(item.new))


def _is_short(hunk: Hunk) -> bool:
    return all(stop - start <= MAX_LINES for start, stop in hunk) and hunk.old != hunk.new


def _head(element: Element | None) -> _Lines:
    if element is None:
        return (0, 0)
    return (element.first, min(element.last + 1, element.first + MAX_LINES))


def _of_name(fact: Fact, sources: Iterable[_Source]) -> Iterator[_Excerpt]:
    """The first lines that show a name that came or went."""
    for source in sources:
        for hunk in source.file.hunks:
            before = _line_with(_old_name(fact), source.old, hunk.old)
            after = _line_with(_new_name(fact), source.new, hunk.new)
            if before or after:
                spans = hunk if _is_short(hunk) else (before or (0, 0), after or (0, 0))
                yield _Excerpt(source, *spans)
                return


def _old_name(fact: Fact) -> str:
    return "" if fact.kind == "name-added" else fact.subject.partition(ARROW)[0]


def _new_name(fact: Fact) -> str:
    if fact.kind == "name-removed":
        return ""
    return fact.subject.rpartition(ARROW)[2]


def _line_with(name: str, lines: Sequence[str], span: _Lines) -> _Lines | None:
    if not name:
        return None
    start, stop = span
    return next(((n, n + 1) for n in range(start, min(stop, len(lines))) if name in lines[n]), None)


def _facts_in(excerpt: _Excerpt, places: Sequence[_Place], names: Sequence[Fact]) -> set[Fact]:
    """The facts that an excerpt shows."""
    facts = {
        item.fact
        for source, item in places
        if source is excerpt.source
        and all(
            element is None or span[0] <= element.first < span[1]
            for element, span in ((item.old, excerpt.old), (item.new, excerpt.new))
        )
    }
    old, new = _text(excerpt.source.old, excerpt.old), _text(excerpt.source.new, excerpt.new)
    for fact in names:
        before, after = _old_name(fact), _new_name(fact)
        if (not before or _has(before, old)) and (not after or _has(after, new)):
            facts.add(fact)
    return facts


def _has(name: str, text: str) -> bool:
    """Whether a text has a name, not only as a part of longer words."""
    position = text.find(name)
    while position >= 0:
        around = text[max(position - 1, 0) : position], text[position + len(name) :][:1]
        if not any(char.isalnum() or char == "_" for char in around):
            return True
        position = text.find(name, position + 1)
    return False


def _text(lines: Sequence[str], span: _Lines) -> str:
    return "\n".join(line[:_MAX_READ] for line in lines[slice(*span)][:MAX_LINES])


def _lines(lines: Sequence[str], span: _Lines) -> tuple[str, ...]:
    """Lines as they may be kept: visible, without secrets and shared indentation."""
    raw = [visible(line.replace("\t", _TAB)).rstrip() for line in _text(lines, span).split("\n")]
    kept = [line for line in redact("\n".join(raw)).split("\n") if line.strip()]
    indent = min((len(line) - len(line.lstrip(" ")) for line in kept), default=0)
    return tuple(truncate(line[indent:], MAX_LINE) for line in kept)
