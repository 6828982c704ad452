"""The sentences and list items of instruction files that people wrote, from their Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from errata import rules
from errata.lessons.texts import flat, visible

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

MAX_BYTES = 200_000
"""Of a file; the rest is not read."""
MAX_TEXT = 600
"""Characters of a sentence or an item; longer ones are left out."""
_MAX_TEXTS = 2_000
_FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\n(.*?\n)---[ \t]*(?:\n|\Z)", re.DOTALL)
_GLOBS = re.compile(
    r"^(?:globs|applyTo|paths|fileMatchPattern):[ \t]*(.*(?:\n[ \t]*-[ \t].*)*)", re.MULTILINE
)
_GENERATED = re.compile(
    r"(?ms)^ {0,3}<!-- errata:begin .*?(?:^ {0,3}<!-- errata:end -->[ \t]*$|\Z)"
)
_LONG_LINE = re.compile(r"(?m)^.{5001,}$")
"""No rule, and the time to parse one grows with its square."""
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_HEADING = re.compile(r"#{1,6} ")
_CHECKBOX = re.compile(r"^\[[ xX]\] ")
_SENTENCE_END = re.compile(r"(?<=[.!?])[ ]+(?=[A-Z`❌✅🚫])|(?<=[.!?]\))[ ]+(?=[A-Z`])")
_ABBREVIATION = re.compile(r"(?:\be\.g|\bi\.e|\betc|\bvs|\bcf)\.$")


class RuleText(NamedTuple):
    """One sentence or list item.

    Attributes:
        text: on one line, with code between backquotes and without other markup.
        lead: the heading above it, or the sentence before the list, if that forbids what follows.
        headings: those above it, the nearest last.
    """

    text: str
    lead: str = ""
    headings: tuple[str, ...] = ()


class RuleFile(NamedTuple):
    """What an instruction file says.

    Attributes:
        texts: in the order of the file.
        globs: of the files that it is about, if its front matter says so.
    """

    texts: tuple[RuleText, ...]
    globs: tuple[str, ...] = ()


def parse(data: bytes) -> RuleFile:
    """The texts of an instruction file, without those that errata wrote."""
    return Parser().parse(data)


class Parser:
    """Parses versions of files. They have most of their sections in common; each is parsed once.

    Attributes:
        parsed: the characters of the sections that were parsed.
    """

    def __init__(self) -> None:
        self.parsed = 0
        self._sections: dict[str, _Section] = {}

    def parse(self, data: bytes) -> RuleFile:
        """The texts of an instruction file, without those that errata wrote."""
        text, globs = _body(data)
        return RuleFile(tuple(islice(self._texts(text), _MAX_TEXTS)), globs)

    def _texts(self, text: str) -> Iterator[RuleText]:
        headings: list[str] = []
        for section in _sections(text):
            heading, level, texts = self._section(section)
            if level:
                del headings[level - 1 :]
                headings += [""] * (level - 1 - len(headings)) + [heading]
            above = tuple(filter(None, headings))[-3:]
            yield from (each._replace(headings=above) for each in texts)

    def _section(self, text: str) -> _Section:
        if text not in self._sections:
            self.parsed += len(text)
            self._sections[text] = _section(text)
        return self._sections[text]


def _body(data: bytes) -> tuple[str, tuple[str, ...]]:
    """What of a file may hold rules, and the globs of its front matter."""
    text = data[:MAX_BYTES].decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    globs: tuple[str, ...] = ()
    if match := _FRONT_MATTER.match(text):
        globs = _globs(match[1])
        text = text[match.end() :]
    return _GENERATED.sub("", _LONG_LINE.sub("", text)), globs


def _sections(text: str) -> Iterator[str]:
    """The text, divided before its headings."""
    lines: list[str] = []
    fence = ""
    for line in text.split("\n"):
        if match := _FENCE.match(line):
            # A fence ends at one that is as long, and has nothing behind it.
            is_end = match[1].startswith(fence) and not match[2].strip()
            fence = ("" if is_end else fence) if fence else match[1]
        if not fence and _HEADING.match(line) and lines:
            yield "\n".join(lines)
            lines = []
        lines.append(line)
    yield "\n".join(lines)


class _Section(NamedTuple):
    """What a section says; its level is 0 if it has no heading."""

    heading: str
    level: int
    texts: tuple[RuleText, ...]


def _section(text: str) -> _Section:
    place = _Place()
    own = rules.load("written_rules")["own"]
    every = _texts(_markdown().parse(text), place)
    texts = tuple(each for each in every if not own.search(each.text))
    return _Section(place.heading, place.level, texts)


def _globs(front_matter: str) -> tuple[str, ...]:
    match = _GLOBS.search(front_matter)
    if not match:
        return ()
    # A comma between braces is part of a glob.
    parts = re.split(r",(?![^{]*\})|(?:^|\n)[ \t]*-[ \t]", match[1].strip().strip("[]"))
    globs = (part.strip().strip("\"'").strip() for part in parts)
    return tuple(glob for glob in globs if glob)


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable("table")


class _Place:
    """Where the parser stands: below which heading and sentences."""

    def __init__(self) -> None:
        self.heading, self.level = "", 0
        self.leads = [""]

    def enter_heading(self, level: int, text: str) -> None:
        if not self.level:
            self.heading, self.level = text, level
        self.leads = [_lead(text)]

    @property
    def lead(self) -> str:
        return next((lead for lead in reversed(self.leads) if lead), "")


def _texts(tokens: Sequence[Token], place: _Place) -> Iterator[RuleText]:
    before, in_table = "", 0
    for token in tokens:
        in_table += (token.type == "table_open") - (token.type == "table_close")
        if token.type in ("bullet_list_open", "ordered_list_open"):
            place.leads.append(_lead(before))
        elif token.type in ("bullet_list_close", "ordered_list_close") and len(place.leads) > 1:
            place.leads.pop()
        if token.type == "heading_open":
            before = token.tag
        elif token.type == "inline" and not in_table:
            text = _plain(token)
            if re.fullmatch(r"h\d", before):
                place.enter_heading(int(before[1]), text)
            else:
                yield from _rules(text, place, is_item=len(place.leads) > 1)
            before = text


def _rules(text: str, place: _Place, *, is_item: bool) -> Iterator[RuleText]:
    lead = place.lead if is_item else ""
    for part in [text] if is_item else sentences(text):
        if len(part) <= MAX_TEXT and re.search(r"\w{2}", part):
            yield RuleText(part, lead)


def _lead(text: str) -> str:
    """The text, if it forbids what follows."""
    return text if rules.load("written_rules")["lead"].match(text) else ""


def sentences(text: str) -> list[str]:
    """The sentences of a text; a full stop in code ends none."""
    parts: list[str] = []
    start = 0
    for end in _SENTENCE_END.finditer(text):
        part = text[start : end.start()]
        if part.count("`") % 2 or _ABBREVIATION.search(part):
            continue
        parts.append(part)
        start = end.end()
    return [*parts, text[start:]]


def _plain(inline: Token) -> str:
    """An inline token's text, without markup except backquotes."""
    pieces = []
    for child in inline.children or ():
        if child.type == "code_inline":
            pieces.append(f"`{flat(child.content).replace('`', '')}`")
        elif child.type in ("softbreak", "hardbreak"):
            pieces.append(" ")
        elif child.type == "text":
            pieces.append(child.content.replace("`", "'").replace("*", ""))
    return _CHECKBOX.sub("", visible(flat("".join(pieces))))
