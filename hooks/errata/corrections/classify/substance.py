"""Does a change mean anything? What a formatter could have done means nothing.

Two versions of a file are compared as tokens in a normal form, hunk by hunk: what stands on the
lines of a hunk, before and after. The lines between hunks did not change, but their tokens did if
the structure around them changed; then the hunks beside them count.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from errata.corrections.attribution.diff import Hunk
from errata.corrections.classify.insertions import insertions
from errata.corrections.classify.plain_reader import is_exact
from errata.corrections.classify.token_readers import (
    UnreadableError,
    read_tokens,
    read_words,
)
from errata.corrections.classify.token_stream import Spans, TokenStream

T = TypeVar("T")
_WORD = re.compile(r"[^\W\d]\w*")
_UNSPOKEN = {"u", "null", "r", "b"}
"""Words that a formatter may add or remove, in prefixes of strings for instance."""
_IMPORT = re.compile(
    r"\s*(?:import|from|use|using|#\s*include|require)\b|\s*(?:\w+ )?\"[^\"]*\"$"
    r"|\s*\w+(?: as \w+)?,?$"
)
"""A line that may belong to imports. Their order means nothing, so a hunk may have others."""
_ONE_QUOTE = bytes.maketrans(b"'", b'"')
_NO_LETTERS = bytes(code for code in range(128) if not chr(code).isalpha())
_MAX_LETTERS = 20
"""How many letters the prefixes of strings in a hunk may have."""
_MIN_LINE = 4
_STATEMENT = re.compile(
    r"\s*(?:(?:if|for|while|return|raise|throw|try|with|def|async|await|assert|switch|match|else|elif"
    r"|except|catch|func|fn|const|let|var|val|private|public|protected)\b"
    r"|[a-z_][\w.]*(?:\s*[-+*/|&:]?=[^=>]|\().*[^,]\s*$)"
)
"""The beginning of an insertion that is not an entry of a list."""
_MAX_SPAN = 40
"""How many regions are compared together."""


class Change(StrEnum):
    """What a hunk does."""

    FORMAT = "format"
    """Nothing but what a formatter could have done."""
    ADDITION = "addition"
    """One more entry of something that lists things."""
    SUBSTANCE = "substance"


_SEVERITY = (Change.FORMAT, Change.ADDITION, Change.SUBSTANCE)


def is_cosmetic(path: bytes, old: bytes, new: bytes) -> bool:
    """Whether a formatter could have made one version of a file from the other.

    Args:
        path: decides on the language.
    """
    name = path.decode("utf-8", "replace")
    before, after = _decode(old), _decode(new)
    if before is None or after is None:
        return old == new
    old_stream, new_stream = _read_both(name, before, after)
    same_order = old_stream.tokens == new_stream.tokens
    same_order = same_order and _words_of(old_stream) == _words_of(new_stream)
    return same_order and _counts(old_stream) == _counts(new_stream)


def cosmetic_hunks(path: bytes, old: bytes, hunks: Sequence[Hunk]) -> list[bool]:
    """Which hunks of one file a formatter could have made.

    Args:
        path: decides on the language.
        old: the file before; lines end with LF or CRLF.
        hunks: in the order of the file, all that changed it.
    """
    return [change is Change.FORMAT for change in classify_hunks(path, old, hunks)]


def classify_hunks(path: bytes, old: bytes, hunks: Sequence[Hunk]) -> list[Change]:
    """What each hunk of a file does; see :func:`cosmetic_hunks`."""
    if not may_hold_insubstantial(hunks):
        return [Change.SUBSTANCE] * len(hunks)
    name = path.decode("utf-8", "replace")
    lines = old.replace(b"\r\n", b"\n").split(b"\n")
    before, after = _decode(old), _decode(_apply(lines, hunks))
    if before is None or after is None:
        return [Change.SUBSTANCE] * len(hunks)
    old_bounds, new_bounds = _bounds(hunks)
    streams = _read_both(name, before, after, _spans(old_bounds), _spans(new_bounds))
    return _Comparison(old_bounds, new_bounds, *streams).changes()


def classify_by_words(path: bytes, old: bytes | None, hunks: Sequence[Hunk]) -> list[Change]:
    """As :func:`classify_hunks`, by the words alone: quick, and in doubt it is formatting.

    Args:
        old: None if it could not be read.
    """
    bare = _exact if is_exact(path.decode("utf-8", "replace")) else _bare
    lines = [] if old is None else old.split(b"\n")
    before: list[bytes] = []
    after: list[bytes] = []
    stop = 0
    for hunk in hunks:
        between = bare(b"\n".join(lines[stop : hunk.start])) if lines else b"\0"
        before += [between, bare(b"\n".join(hunk.old))]
        after += [between, bare(b"\n".join(hunk.new))]
        stop = hunk.stop
    changes = [Change.SUBSTANCE] * len(hunks)
    index = 0
    while index < len(before):
        end = _end_of_equal_parts(before, after, index)
        for equal in range(index | 1, end or index, 2):
            changes[equal // 2] = Change.FORMAT
        index = end or index + 1
    return changes


def _end_of_equal_parts(before: list[bytes], after: list[bytes], start: int) -> int | None:
    """The first part after some that together are the same before and after."""
    if not _agree(before[start], after[start]):
        return None
    lengths = [0, 0]
    for stop in range(start + 1, min(len(before), start + _MAX_SPAN) + 1):
        lengths[0] += len(before[stop - 1])
        lengths[1] += len(after[stop - 1])
        same_length = lengths[0] == lengths[1]
        if same_length and b"".join(before[start:stop]) == b"".join(after[start:stop]):
            return stop
    return None


def _exact(text: bytes) -> bytes:
    return text


def _bare(text: bytes) -> bytes:
    """A text without white space and the marks that a formatter may add or remove."""
    return text.translate(_ONE_QUOTE, b" \t\r\n,;()")


def formatted_lines(hunk: Hunk) -> set[bytes]:
    """The new lines of a hunk, stripped, that differ from an old one in marks and spaces alone."""
    old = {bare for line in hunk.old if len(bare := _bare(line)) >= _MIN_LINE}
    return {line.strip() for line in hunk.new if _bare(line) in old} if old else set()


def may_be_format(hunk: Hunk) -> bool:
    """Whether a look at the words cannot rule out that a formatter made a hunk; cheap."""
    old, new = _letters(hunk.old), _letters(hunk.new)
    if not old or not new or abs(old - new) > _MAX_LETTERS:
        return False
    return _words(hunk.old) == _words(hunk.new)


def _letters(lines: Sequence[bytes]) -> int:
    return len(b"".join(lines).translate(None, _NO_LETTERS))


def may_hold_insubstantial(hunks: Sequence[Hunk]) -> bool:
    """Whether some hunks of one file, or all of them together, may mean nothing; cheap."""
    if any(map(may_be_insubstantial, hunks)):
        return True
    removed = [line for hunk in hunks for line in hunk.old]
    added = [line for hunk in hunks for line in hunk.new]
    return _words(removed) == _words(added)


def may_be_insubstantial(hunk: Hunk) -> bool:
    """Whether a look at the words cannot rule out that a hunk means nothing; cheap."""
    if not hunk.old:
        added = [line.decode("utf-8", "replace") for line in hunk.new if line.strip()]
        return not added or not _STATEMENT.match(added[0])
    old, new = _words(hunk.old), _words(hunk.new)
    if old <= new:
        return True
    return any(_IMPORT.match(line.decode("utf-8", "replace")) for line in hunk.old)


def _words(lines: Sequence[bytes]) -> Counter[str]:
    text = b"\n".join(lines).decode("utf-8", "replace").lower()
    words = Counter(_WORD.findall(text))
    for word in _UNSPOKEN:
        words.pop(word, None)
    return words


def _decode(data: bytes) -> str | None:
    """A file as text; None if it is binary."""
    if b"\0" in data:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _apply(lines: list[bytes], hunks: Sequence[Hunk]) -> bytes:
    lines = lines[:]
    for hunk in reversed(hunks):
        lines[hunk.start : hunk.stop] = [line.removesuffix(b"\r") for line in hunk.new]
    return b"\n".join(lines)


def _bounds(hunks: Sequence[Hunk]) -> tuple[list[int], list[int]]:
    """The first line of each hunk, and the line after it, in both versions."""
    old: list[int] = []
    new: list[int] = []
    shift = 0
    for hunk in hunks:
        start = hunk.start + shift
        old += [hunk.start, hunk.stop]
        new += [start, start + len(hunk.new)]
        shift += len(hunk.new) - len(hunk.old)
    return old, new


def _spans(bounds: Sequence[int]) -> Spans:
    return list(zip(bounds[::2], bounds[1::2], strict=True))


def _read_both(
    path: str, before: str, after: str, old: Spans | None = None, new: Spans | None = None
) -> tuple[TokenStream, TokenStream]:
    """The tokens of both versions, read in the same way."""
    try:
        return read_tokens(path, before, old), read_tokens(path, after, new)
    except UnreadableError:
        return read_words(path, before), read_words(path, after)


def _counts(stream: TokenStream) -> Counter[str]:
    return Counter(token for token, _ in stream.unordered)


def _words_of(stream: TokenStream) -> list[str]:
    return [word for word, _ in stream.comments]


@dataclass(slots=True)
class _Region:
    """The tokens of one hunk or of the lines between two hunks.

    Attributes:
        first: the index of the first token in the stream.
        comments: the words of the comments.
    """

    tokens: list[str] = field(default_factory=list)
    first: int = 0
    comments: list[str] = field(default_factory=list)
    unordered: Counter[str] = field(default_factory=Counter)

    @property
    def count(self) -> int:
        """How many tokens and words it has."""
        return len(self.tokens) + len(self.comments)


class _Comparison:
    """Two versions of a file, cut into regions: even ones did not change, odd ones are hunks."""

    def __init__(
        self,
        old_bounds: Sequence[int],
        new_bounds: Sequence[int],
        old: TokenStream,
        new: TokenStream,
    ) -> None:
        self._entries: dict[int, list[int]] = {}
        for start, stop in new.entries:
            self._entries.setdefault(start, []).append(stop)
        self._old = _regions(old, old_bounds)
        self._new = _regions(new, new_bounds)
        gone, come = _counts(old) - _counts(new), _counts(new) - _counts(old)
        for regions, rest in ((self._old, gone), (self._new, come)):
            for region in regions:
                region.unordered &= rest

    def changes(self) -> list[Change]:
        """What each hunk does."""
        changes = [Change.FORMAT] * (len(self._old) // 2)
        index = 0
        while index < len(self._old):
            stop = self._end_of_equal(index)
            if stop is None:
                self._set(changes, index, self._change(index))
            else:
                for equal in range(index, stop):
                    self._set(changes, equal, self._of_order(equal))
            index = stop or index + 1
        return changes

    def _end_of_equal(self, start: int) -> int | None:
        """The first region after some that together have the same tokens before and after.

        A blank line that did not change may stand elsewhere now, so several hunks can be equal only
        together.
        """
        old, new = self._old[start], self._new[start]
        if not (_agree(old.tokens, new.tokens) and _agree(old.comments, new.comments)):
            return None
        old_count = new_count = 0
        for stop in range(start + 1, min(len(self._old), start + _MAX_SPAN) + 1):
            old_count += self._old[stop - 1].count
            new_count += self._new[stop - 1].count
            spans = self._old[start:stop], self._new[start:stop]
            if old_count == new_count and _joined(spans[0]) == _joined(spans[1]):
                return stop
        return None

    def _of_order(self, index: int) -> Change:
        """What a hunk does that changes at most things without order."""
        if self._old[index].unordered:
            return Change.SUBSTANCE
        return Change.ADDITION if self._new[index].unordered else Change.FORMAT

    def _set(self, changes: list[Change], index: int, change: Change) -> None:
        """Note what a region does; between hunks, it changed with the hunks beside it."""
        hunks = [index // 2] if index % 2 else [index // 2 - 1, index // 2]
        for hunk in hunks:
            if 0 <= hunk < len(changes):
                changes[hunk] = max(change, changes[hunk], key=_SEVERITY.index)

    def _change(self, index: int) -> Change:
        """What a region does whose tokens differ."""
        old, new = self._old[index], self._new[index]
        if index % 2 == 0 or old.unordered or not self._only_adds(old, new):
            return Change.SUBSTANCE
        return Change.ADDITION

    def _only_adds(self, old: _Region, new: _Region) -> bool:
        """Whether all that is new are entries of something that lists things."""
        if Counter(old.comments) - Counter(new.comments):
            return False
        inserted = insertions(old.tokens, new.tokens)
        return bool(inserted) and all(self._are_entries(new, *span) for span in inserted)

    def _are_entries(self, region: _Region, start: int, stop: int) -> bool:
        """Whether inserted tokens are whole entries, wherever the insertion is said to begin."""
        tokens = region.tokens
        while start > 0 and tokens[start - 1] == tokens[stop - 1]:
            start, stop = start - 1, stop - 1
        while True:
            if self._covered(region.first + start, region.first + stop):
                return True
            if stop == len(tokens) or tokens[start] != tokens[stop]:
                return False
            start, stop = start + 1, stop + 1

    def _covered(self, start: int, stop: int) -> bool:
        """Whether entries cover a range of tokens."""
        while start < stop:
            ends = [end for end in self._entries.get(start, ()) if end <= stop]
            if not ends:
                return False
            start = max(ends)
        return True


def _agree(old: Sequence[T], new: Sequence[T]) -> bool:
    """Whether one of two sequences begins with the other."""
    length = min(len(old), len(new))
    return old[:length] == new[:length]


def _joined(regions: Sequence[_Region]) -> tuple[list[str], list[str]]:
    """The tokens and the words of comments of several regions."""
    tokens = [token for region in regions for token in region.tokens]
    return tokens, [word for region in regions for word in region.comments]


def _regions(stream: TokenStream, bounds: Sequence[int]) -> list[_Region]:
    """The tokens of the lines between bounds; one region more than there are bounds."""
    regions = [_Region() for _ in range(len(bounds) + 1)]
    for index, (token, line) in enumerate(zip(stream.tokens, stream.lines, strict=True)):
        region = regions[bisect_right(bounds, line)]
        if not region.tokens:
            region.first = index
        region.tokens.append(token)
    for word, line in stream.comments:
        regions[bisect_right(bounds, line)].comments.append(word)
    for token, line in stream.unordered:
        regions[bisect_right(bounds, line)].unordered[token] += 1
    return regions
