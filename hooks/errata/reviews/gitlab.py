"""Discussions of merge requests, as GitLab's API gives them."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from msgspec import Struct, field

from errata.reviews import comment, text
from errata.reviews.finding import Fault, Item, Items, Lines, ReviewFinding, Skipped
from errata.reviews.github import without_names

# project_4_bot_x, review-bot: but people are called Abbott and Botha.
_BOT = re.compile(r"(?:^|[_-])bot(?:[_-]|$)")


class _Author(Struct):
    username: str = ""
    bot: bool | None = None


class _LineEnd(Struct):
    new_line: int | None = None


class _LineRange(Struct):
    start: _LineEnd | None = None
    end: _LineEnd | None = None


class _Position(Struct):
    head_sha: str | None = None
    new_path: str | None = None
    old_path: str | None = None
    new_line: int | None = None
    line_range: _LineRange | None = None


class _Note(Struct):
    id: int | None = None
    body: str | None = None
    author: _Author | None = None
    created_at: str | None = None
    system: bool = False
    resolved: bool | None = None
    resolvable: bool | None = None
    position: _Position | None = None
    noteable_iid: int | None = None


class _Discussion(Struct):
    notes: list[_Note] = field(default_factory=list)


def is_discussion(value: Any) -> bool:
    """Whether a value is a discussion."""
    return isinstance(value, dict) and isinstance(value.get("notes"), list)


def read(values: list[tuple[str, Any]]) -> Items:
    """The findings among discussions, each with its place."""
    discussions: list[tuple[str, _Discussion]] = []
    for place, value in values:
        try:
            discussions.append((place, msgspec.convert(value, _Discussion)))
        except ValueError as error:
            yield Fault(place, text.decoding(error, place))
    names = frozenset(
        note.author.username
        for _, each in discussions
        for note in each.notes
        if note.author and note.author.username
    )
    for place, each in discussions:
        for number, note in enumerate(each.notes):
            where = f"{place}.notes[{number}]"
            yield Skipped("a reply") if number else _item(where, note, names)


def _item(place: str, note: _Note, names: frozenset[str]) -> Item:
    if note.system:
        return Skipped("a summary or status")
    if note.position is None:
        return Skipped("about no line")
    body = note.body or ""
    if why := comment.reason_to_skip(body):
        return Skipped(why)
    at = note.position
    user = note.author.username if note.author else ""
    is_bot = bool(note.author and note.author.bot) or bool(_BOT.search(user))
    return ReviewFinding(
        place=place,
        format="gitlab",
        by="bot" if is_bot else "person",
        tool=(text.tool(user) or "unknown") if is_bot else "",
        description=comment.headline(without_names(body, names)) or "A suggested change",
        key=(str(note.id),) if note.id else (),
        severity=comment.severity(body),
        file=at.new_path or at.old_path or "",
        lines=_lines(at),
        when=text.instant(note.created_at),
        commit=at.head_sha or "",
        resolved=note.resolved if note.resolvable else None,
        pr=note.noteable_iid,
    )


def _lines(at: _Position) -> Lines | None:
    ends = at.line_range
    last = (ends.end.new_line if ends and ends.end else None) or at.new_line
    first = (ends.start.new_line if ends and ends.start else None) or last
    if not first or not last or first < 1:
        return None
    return Lines(min(first, last), last)
