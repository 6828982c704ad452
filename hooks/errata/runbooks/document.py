"""The generated block of a RUNBOOK.md, found by a Markdown parser; all else stays byte for byte.

The block is between two lines that are HTML comments. The first one records a checksum of the body,
so that an edit by hand is noticed. Line ends do not count: a checkout with CRLF is not an edit.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from errata.core.errors import RunbookError
from errata.runbooks.markdown_source import BOM, LINE_END, MarkdownSource
from errata.runbooks.paths import END, HEADING, NOTHING

if TYPE_CHECKING:
    from markdown_it.token import Token


_BEGIN_LINE = re.compile(rb" {0,3}<!-- errata:begin sha256=([0-9a-f]{16}) -->[ \t]*\Z")
_END_LINE = re.compile(rb" {0,3}<!-- errata:end -->[ \t]*\Z")
_MARKER_LIKE = re.compile(rb"\s*<!--+\s*errata:(begin|end)\b", re.IGNORECASE)
# Raw HTML of these kinds ends with its own closing tag, and what is inside is its text. Other raw
# HTML runs to the next blank line and may swallow a marker.
_SELF_CONTAINED = re.compile(rb"\s*<(!|\?|(script|pre|style|textarea)\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Block:
    """The generated block.

    Attributes:
        raw: the bytes from the first marker to the last, without the line end after it.
        body: the bytes between the marker lines.
        checksum: 16 hex digits, as recorded in the first marker.
        begin_line, end_line: line numbers of the markers, from 1.
    """

    raw: bytes
    body: bytes
    checksum: str
    begin_line: int
    end_line: int

    @property
    def intact(self) -> bool:
        """Whether the body is as errata wrote it."""
        return self.checksum == checksum(self.body)

    @property
    def text(self) -> str:
        """The body as text, with LF line ends; bytes that are not UTF-8 become U+FFFD."""
        return _lf(self.body).decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class RunbookDocument:
    """A runbook's bytes: ``before + block.raw + after``, or ``before + after`` without a block.

    Attributes:
        path: the name to use in messages.
        before, after: without a block, a new one is inserted between them.
        has_heading: the heading for the block exists (determined only without a block).
        newline: the line end for new lines.
    """

    path: str
    before: bytes
    block: Block | None
    after: bytes
    has_heading: bool
    newline: bytes


def _lf(body: bytes) -> bytes:
    return LINE_END.sub(b"\n", body)


def checksum(body: bytes) -> str:
    """First 16 hex digits of the SHA-256 of a block's body, its line ends taken as LF."""
    return hashlib.sha256(_lf(body)).hexdigest()[:16]


def begin_marker(body: bytes) -> str:
    """The marker line that opens a block with this body."""
    return f"<!-- errata:begin sha256={checksum(body)} -->"


MARKER_LENGTHS = (len(begin_marker(b"")), len(END))


# An update parses the same file several times, and parsing Markdown is slow.
_source = lru_cache(maxsize=4)(MarkdownSource)


@lru_cache(maxsize=4)
def parse(data: bytes, path: str = "RUNBOOK.md") -> RunbookDocument:
    """Find the generated block.

    Raises:
        RunbookError: a marker is damaged, missing, doubled, nested or out of order; the message
            begins with ``path:line:``.
    """
    source = _source(data)
    markers = _marker_pair(list(_markers(source, path)), path)
    if markers is not None:
        return _with_block(source, path, *markers)
    heading_end = _heading_end(source.blocks)
    cut = len(data) if heading_end is None else source.starts[heading_end]
    first = LINE_END.search(data)
    newline = b"\r\n" if first and first[0] == b"\r\n" else b"\n"
    return RunbookDocument(path, data[:cut], None, data[cut:], heading_end is not None, newline)


def replace(document: RunbookDocument, body: str) -> bytes:
    """The runbook with ``body`` (LF line ends, the last one included) in its block.

    Bytes outside the block do not change. Without a block, one is inserted below the heading
    "Recent learnings", which is appended if it is missing. An empty body inserts nothing, and
    replaces an existing body by a line that says so.

    Raises:
        RunbookError: an unclosed fence, comment or raw HTML would swallow the new block.
    """
    block = document.block
    if block is None:
        return _insert(document, body) if body else document.before + document.after
    if block.intact and block.text == (body or NOTHING):
        return document.before + block.raw + document.after
    return document.before + _format_block(body or NOTHING, document.newline) + document.after


def manual_names(data: bytes, path: str = "RUNBOOK.md") -> frozenset[str]:
    """Names of entries that people wrote, in kebab-case.

    These are all headings, and the bold words at the start of a list item, outside the block.

    Raises:
        RunbookError: as :func:`parse`.
    """
    block = parse(data, path).block
    inside = range(block.begin_line - 1, block.end_line) if block else range(0)
    source = _source(data)
    tokens = source.blocks
    names = set()
    for i, token in enumerate(tokens):
        if token.type != "inline" or (token.map and token.map[0] in inside):
            continue
        if tokens[i - 1].type == "heading_open":
            names.add(_kebab(_words(source.inline(token))))
        elif tokens[i - 2].type == "list_item_open":
            names.add(_kebab(_bold_lead(source.inline(token))))
    return frozenset(names - {""})


def _markers(source: MarkdownSource, path: str) -> Iterator[tuple[str, int]]:
    """(begin or end, line from 0) of each top-level marker, in order."""
    for token in source.blocks:
        if token.type != "html_block" or token.level or not token.map:
            continue
        number = token.map[0]
        line = source.line(number)
        if _is_marker(line):
            yield ("begin" if b":begin" in line else "end"), number
        elif _MARKER_LIKE.match(line):
            raise _damaged(path, number)
        elif not _SELF_CONTAINED.match(line):
            _refuse_swallowed(source, range(number, token.map[1]), path)


def _is_marker(line: bytes) -> bool:
    return bool(_BEGIN_LINE.match(line) or _END_LINE.match(line))


def _damaged(path: str, number: int) -> RunbookError:
    return RunbookError(
        f"{path}:{number + 1}: damaged errata marker; it must be a line of its own, either "
        f"'<!-- errata:begin sha256=(16 hex digits) -->' or '{END}'",
        "restore the line, or delete the block and both its markers and run `errata evolve`",
    )


def _refuse_swallowed(source: MarkdownSource, lines: range, path: str) -> None:
    for number in lines:
        if _is_marker(source.line(number)):
            raise RunbookError(
                f"{path}:{number + 1}: errata marker inside the raw HTML of line {lines[0] + 1}",
                "put a blank line between the HTML and the marker",
            )


def _marker_pair(markers: list[tuple[str, int]], path: str) -> tuple[int, int] | None:
    """The lines (from 0) of the one begin and the one end marker."""
    if not markers:
        return None
    kinds = [kind for kind, _ in markers]
    lines = [number for _, number in markers]
    if kinds == ["begin", "end"]:
        return lines[0], lines[1]
    line, problem = _misplaced(kinds, lines)
    raise RunbookError(
        f"{path}:{line + 1}: {problem}",
        "keep one errata:begin line and one errata:end line below it, or delete both with "
        "everything between them, and run `errata evolve`",
    )


def _misplaced(kinds: list[str], lines: list[int]) -> tuple[int, str]:
    if kinds[0] == "end" and "begin" in kinds:
        return lines[0], "errata:end comes before errata:begin"
    if kinds[0] == "end":
        return lines[0], "errata:end has no errata:begin before it"
    if len(kinds) == 1:
        return lines[0], "errata:begin has no errata:end after it"
    if kinds[1] == "begin":
        return lines[1], f"errata:begin inside the block that line {lines[0] + 1} begins"
    return lines[2], f"a second errata:{kinds[2]}; line {lines[0] + 1} begins the block"


def _with_block(source: MarkdownSource, path: str, begin: int, end: int) -> RunbookDocument:
    data, starts = source.data, source.starts
    first = starts[begin] + (len(BOM) if begin == 0 and data.startswith(BOM) else 0)
    last = starts[end] + len(source.line(end))
    opening = _BEGIN_LINE.match(source.line(begin))
    assert opening
    block = Block(
        raw=data[first:last],
        body=data[starts[begin + 1] : starts[end]],
        checksum=opening[1].decode(),
        begin_line=begin + 1,
        end_line=end + 1,
    )
    newline = b"\r\n" if data[: starts[begin + 1]].endswith(b"\r\n") else b"\n"
    return RunbookDocument(path, data[:first], block, data[last:], False, newline)


def _heading_end(tokens: list[Token]) -> int | None:
    """The line (from 0) after the first top-level heading for the block."""
    for i, token in enumerate(tokens):
        if token.type == "heading_open" and token.level == 0 and token.map:
            words = " ".join(tokens[i + 1].content.split()).casefold()
            if words == HEADING.casefold():
                return token.map[1]
    return None


def _format_block(body: str, newline: bytes) -> bytes:
    text = body.encode()
    block = begin_marker(text).encode() + b"\n" + text + END.encode()
    return block.replace(b"\n", newline)


def _insert(document: RunbookDocument, body: str) -> bytes:
    newline, before, after = document.newline, document.before, document.after
    if before.removeprefix(BOM):
        # After a lone CR this adds no line, but makes it a CRLF that nothing later can merge with.
        if not before.endswith(b"\n"):
            before += newline
        if document.has_heading or LINE_END.split(before)[-2].strip():
            before += newline
    if not document.has_heading:
        before += f"## {HEADING}".encode() + newline * 2
    block = _format_block(body, newline) + newline
    if after and LINE_END.split(after, 1)[0].strip():
        block += newline
    data = before + block + after
    _refuse_unclosed(document, data)
    return data


def _refuse_unclosed(document: RunbookDocument, data: bytes) -> None:
    """Refuse a block that an unclosed fence, comment or raw HTML above it makes part of itself."""
    # An unclosed comment ends with our first marker, and leaves the second one unpaired.
    with contextlib.suppress(RunbookError):
        if (block := parse(data, document.path).block) and block.intact:
            return
    tokens = MarkdownSource(document.before).blocks
    top_level = [token.map[0] for token in tokens if token.map and token.level == 0]
    line = max(top_level, default=0) + 1
    raise RunbookError(
        f"{document.path}:{line}: a code fence, comment or raw HTML that begins here is not closed",
        f"close it, or add a line '## {HEADING}' above it",
    )


def _words(children: list[Token]) -> str:
    return "".join(
        " " if token.type in ("softbreak", "hardbreak") else token.content
        for token in children
        if token.type not in ("html_inline", "image")
    )


def _bold_lead(children: list[Token]) -> str:
    visible = [token for token in children if token.type != "text" or token.content]
    if not visible or visible[0].type != "strong_open":
        return ""
    close = next(i for i, token in enumerate(visible) if token.type == "strong_close")
    return _words(visible[:close])


def _kebab(words: str) -> str:
    return re.sub(r"[\W_]+", "-", words.casefold()).strip("-")
