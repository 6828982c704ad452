"""Runbooks and the promotion log: read, write, merge, and excerpts for an agent."""

from __future__ import annotations

import json
from collections.abc import Iterable

from qa.fuzz import mutation
from qa.fuzz.target import Target
from runbook_builders import BEGIN, END

from errata.core.errors import RunbookError
from errata.runbooks import conflict, document, merge, promotion_log
from errata.runbooks.merge import FileVersions
from errata.skills.runbook_excerpt import RunbookExcerpt
from errata.skills.runbook_sections import relevance, sections

_BODY = "These notes are few.\n\n- **a-name** (pattern): Text.\n  Seen 3 times (new).\n"
_BLOCK = f"{document.begin_marker(_BODY.encode())}\n{_BODY}{END}\n".encode()
_WORDS = (
    *(BEGIN.encode(), END.encode(), b"<!-- errata:begin", b"-->", b"<!--", b"```\n", b"~~~\n"),
    *(
        b"## Recent learnings\n",
        b"# A\n",
        b"- **b** ",
        b"> ",
        b"1. ",
        b"    ",
        b"<pre>\n",
        b"</pre>",
    ),
    *(
        b"<div>\n",
        b"[a](b)",
        b"![",
        b"](",
        b"**",
        b"`",
        b"***",
        b"\r\n",
        b"\r",
        b"<?",
        b"---\n",
        b"|",
    ),
    *(
        b"<<<<<<< ours\n",
        b"=======\n",
        b">>>>>>> theirs\n",
        b"||||||| base\n",
        b"[x]: y\n",
        b"&amp;",
    ),
)


def _runbook(data: bytes) -> None:
    """Find the block, replace it, find it again; the text outside must not change."""
    try:
        found = document.parse(data)
    except RunbookError:
        return
    raw = found.block.raw if found.block else b""
    assert found.before + raw + found.after == data
    try:
        made = document.replace(found, _BODY)
    except RunbookError:
        return
    again = document.parse(made)
    assert again.block is not None
    assert again.block.intact
    assert again.block.text == _BODY
    assert document.replace(again, _BODY) == made
    if found.block:
        assert (again.before, again.after) == (found.before, found.after)


def _names(data: bytes) -> None:
    try:
        document.manual_names(data)
    except RunbookError:
        return


def _conflict(data: bytes) -> None:
    healed = conflict.resolve(data)
    if healed is not None and healed != data:
        assert document.parse(healed).block is not None


def _excerpt(data: bytes) -> None:
    """The excerpt of a runbook for an agent: never longer than the limit."""
    found = sections(data)
    for section in found:
        relevance(section, ["src/api/a.py"])
    if found:
        excerpt = RunbookExcerpt("api-dev", "RUNBOOK.md", found, ["src/api/a.py"])
        assert all(len(excerpt.text(limit)) <= limit for limit in (60, 300))


def _promotions(data: bytes) -> None:
    """Read, repair, fold and merge; the order of lines has no meaning."""
    events, bad = promotion_log.parse(data)
    standing = promotion_log.fold(events)
    assert promotion_log.fold(events[::-1]) == standing
    assert promotion_log.fold([*events, *events]) == standing
    for event in events:
        assert promotion_log.parse(json.dumps(event.to_record()).encode()) == ([event], [])
    assert bad == sorted(bad)
    healed = promotion_log.resolve_conflicts(data)
    assert promotion_log.resolve_conflicts(healed) == healed
    ours, _, theirs = data.partition(b"\0")
    one, other = (
        merge.union(FileVersions(b"", ours, theirs)),
        merge.union(FileVersions(b"", theirs, ours)),
    )
    assert one == other == merge.union(FileVersions(b"", one, theirs))
    assert merge.union(FileVersions(ours, ours, theirs)) == merge.union(
        FileVersions(ours, theirs, ours)
    )


def _seeds() -> Iterable[bytes]:
    head = b"# api-dev\n\n## Patterns\n\n- **own-name** text\n\n"
    yield head + b"## Recent learnings\n\n" + _BLOCK
    yield head + _BLOCK.replace(b"\n", b"\r\n") + b"\r\ntail"
    yield b"\xef\xbb\xbf" + _BLOCK
    yield b"## Recent learnings\n\n```\n" + END.encode() + b"\n```\n> quote\n"
    yield b'1. **bold lead** more\n2. ![a](b "t") <b>x</b>\n\nTitle\n=====\n'
    yield _BLOCK + _BLOCK


def _conflicts() -> Iterable[bytes]:
    lines = _BLOCK.split(b"\n")
    other = _BLOCK.replace(b"Text", b"Other").split(b"\n")
    part = [b"<<<<<<< ours", *lines[:4], b"=======", *other[:4], b">>>>>>> theirs", *lines[4:]]
    yield b"# A\n\n" + b"\n".join(part)
    yield b"# A\n<<<<<<< a\nx\n||||||| b\ny\n=======\nz\n>>>>>>> c\n" + _BLOCK
    yield from _seeds()


def _events() -> Iterable[bytes]:
    lines = []
    for event in ("promoted", "updated", "archived", "restored"):
        line = {"date": "2025-01-15T00:00:00Z", "event": event, "pattern": "missing-check"}
        more = {"agents": ["api-dev"], "confidence": 0.7, "occurrences": 4, "entry_type": "tip"}
        lines.append(json.dumps({**line, **more}).encode())
    yield b"\n".join(lines[:2]) + b"\n"
    yield lines[0] + b"\n\0" + lines[2] + b"\n"
    yield b"<<<<<<< a\n" + lines[0] + b"\n=======\n" + lines[3] + b"\n>>>>>>> b\n"


TARGETS = (
    Target("runbook", _runbook, _seeds, _WORDS, limit=200),
    Target("names", _names, _seeds, _WORDS, limit=100),
    Target("conflict", _conflict, _conflicts, _WORDS, limit=400),
    Target("excerpt", _excerpt, _seeds, _WORDS, limit=80),
    Target("promotions", _promotions, _events, limit=500, mutate=mutation.values),
)
