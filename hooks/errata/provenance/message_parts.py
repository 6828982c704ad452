"""Which lines of a commit message speak for the commit itself.

A message may quote another one: behind ``>``, in a code fence, indented, or after a heading such as
"Original message". A squash holds the messages of several commits, and each speaks for its own part
only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_FENCE = re.compile(r"(?:[-*+] +)?(`{3,}|~{3,})([^`]*)$")
# Without a hyphen, only well-known keys: a subject may be "fix: ...".
_TRAILER = re.compile(
    r"(?:[A-Za-z]\w*(?:-\w+)+|agent|feature|runbook|corrects|cc|link|refs|closes)[ \t]?:[ \t]*\S"
    r"|\W*(?:generated|created|made) (?:with|by|using|via)\b",
    re.I,
)
_BULLET = re.compile(r"[*+•-] +\S")
_HEADING = re.compile(
    r"(?:the )?original (?:commit|change|pr|pull request)?(?:'s)? ?"
    r"(?:message|description|summary|text)\b[^:]{0,40}:?\s*$",
    re.I,
)
_REVERT = re.compile(r"(?:revert(?:s|ed|ing)?|reapply|reland)\b[ :!(]", re.I)
_INDENT = 4
_COPIED_SUBJECT = "amend! "

# The messages of several commits in one.
_MERGE_SQUASH = "Squashed commit of the following:"
_COMMIT = re.compile(r"commit [0-9a-f]{40,64}$")
_REBASE_SQUASH = re.compile(
    r"\S{1,2} (?:This is|The) (?:the )?(?:1st )?commit message(?: #\d+)?\b.*:$"
)
_SKIPPED = re.compile(r"will be skipped:$")
_FORGE_SUBJECT = re.compile(r"\([#!]\d+\)\s*$|\bpull request #\d+\b|^Merged PR \d+\b", re.I)
_FORGE_LINE = re.compile(r"-{9,}$|See merge request \S+!\d+$")
_MERGE = re.compile(r"Merge (?:branch|branches|remote-tracking|pull request|tag|commit)\b")


@dataclass(frozen=True, slots=True)
class MessageParts:
    """The lines of a message that count.

    Attributes:
        parts: the messages that it consists of, without quotations; one for an ordinary commit.
        shared: of a squash, the lines that belong to no particular commit.
        uncertain: lines that may belong to another commit's message.
        squashed: whether a forge or git joined several commits, or may have.
    """

    parts: tuple[tuple[str, ...], ...]
    shared: tuple[str, ...] = ()
    uncertain: tuple[str, ...] = ()
    squashed: bool = False


def read_parts(message: str) -> MessageParts:
    """Split a message into the parts that count."""
    # Some merge tools write the line breaks of a squashed message as the two characters "\n".
    text = message.replace("\\n", "\n") if "\\n" in message else message
    lines = [line.rstrip("\r") for line in text.split("\n")]
    if text.startswith(_COPIED_SUBJECT):
        # `git commit --fixup=amend:` copies the message of the commit that it will change.
        return MessageParts(((lines[0],),))
    title, parts = _split(lines)
    if not parts:
        own, uncertain = own_lines(lines)
        squashed = bool(_FORGE_SUBJECT.search(lines[0])) or any(map(_FORGE_LINE.match, lines))
        return MessageParts((tuple(own),), uncertain=tuple(uncertain), squashed=squashed)
    read = [own_lines(part) for part in parts if not _is_merge(part)]
    shared = own_lines(title)
    uncertain = [line for _, lines in (*read, shared) for line in lines]
    return MessageParts(
        tuple(tuple(own) for own, _ in read), tuple(shared[0]), tuple(uncertain), squashed=True
    )


def own_lines(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """The lines of one message without quotations, and those that may be a quotation."""
    unquoted = [line for line in _outside_fences(lines) if not line.lstrip().startswith(">")]
    kept = list(_outside_indentation(unquoted))
    heading = next((n for n, line in enumerate(kept) if _HEADING.match(line.strip())), len(kept))
    return kept[:heading], kept[heading:]


def _outside_fences(lines: Sequence[str]) -> Iterator[str]:
    n = 0
    # The shortest fence of each kind that nothing closes: a longer one further down is open, too.
    open_fences: dict[str, int] = {}
    while n < len(lines):
        opening = _FENCE.match(lines[n].strip())
        closing = None
        if opening and len(opening[1]) < open_fences.get(opening[1][0], len(lines[n]) + 1):
            closing = _closing_fence(lines, n, opening[1])
            if closing is None:
                open_fences[opening[1][0]] = len(opening[1])
        if closing is None:
            yield lines[n]
            n += 1
        else:
            n = closing + 1


def _closing_fence(lines: Sequence[str], start: int, fence: str) -> int | None:
    """The line that closes a fence; a fence that stays open is none."""
    for n in range(start + 1, len(lines)):
        line = lines[n].strip()
        if line.startswith(fence) and not line.strip(fence[0]):
            return n
    return None


def _outside_indentation(lines: Sequence[str]) -> Iterator[str]:
    """The lines without indented quotations.

    Some tools indent what is the commit's own: all of the body, what belongs to an item of a list,
    or only the trailers at its end.
    """
    body = [line for line in lines[1:] if line.strip()]
    is_revert = _is_revert(lines)
    if not is_revert and all(map(_is_indented, body)):
        yield from lines
        return
    last_prose = max((n for n, line in enumerate(lines) if _is_prose(line)), default=-1)
    n, before = 0, ""
    while n < len(lines):
        if not _is_indented(lines[n]):
            yield lines[n]
            before = lines[n].strip() or before
            n += 1
            continue
        stop = _end_of_block(lines, n)
        is_end = n > last_prose and not before.endswith((":", "\uff1a"))
        if not is_revert and (is_end or _BULLET.match(before)):
            yield from lines[n:stop]
        n = stop


def _is_revert(lines: Sequence[str]) -> bool:
    subject = next((line for line in lines if line.strip()), "")
    return _REVERT.match(subject.strip()) is not None or any(
        line.strip().startswith("This reverts commit ") for line in lines
    )


def _is_prose(line: str) -> bool:
    return bool(line.strip()) and _TRAILER.match(line.strip()) is None


def _is_indented(line: str) -> bool:
    return line.startswith((" " * _INDENT, "\t")) and bool(line.strip())


def _end_of_block(lines: Sequence[str], start: int) -> int:
    """The end of an indented block, which may hold empty lines."""
    stop = start + 1
    for n in range(start + 1, len(lines)):
        if _is_indented(lines[n]):
            stop = n + 1
        elif lines[n].strip():
            break
    return stop


# ------------------------------------------------------------------------------------- squashes


def _split(lines: Sequence[str]) -> tuple[list[str], list[list[str]]]:
    """The shared lines of a squash, and its parts; no parts for an ordinary message."""
    if _MERGE_SQUASH in lines:
        return _split_merge_squash(lines)
    if any(map(_REBASE_SQUASH.match, lines)):
        return [], _split_rebase_squash(lines)
    return _split_forge_squash(lines)


def _split_merge_squash(lines: Sequence[str]) -> tuple[list[str], list[list[str]]]:
    """``git merge --squash``: what ``git log`` prints, with the messages indented."""
    start = list(lines).index(_MERGE_SQUASH)
    shared, parts = list(lines[:start]), list[list[str]]()
    for line in lines[start + 1 :]:
        if _COMMIT.match(line):
            parts.append([""])
        elif not parts or (line.strip() and not line.startswith("    ") and not _is_header(line)):
            shared.append(line)
        else:
            # An author that is an agent says as much as a co-author.
            author = line.startswith("Author:")
            parts[-1].append(f"Co-authored-by:{line[7:]}" if author else line.removeprefix("    "))
    return shared, parts


def _is_header(line: str) -> bool:
    return line.startswith(("Author:", "Date:", "Merge:"))


def _split_rebase_squash(lines: Sequence[str]) -> list[list[str]]:
    """``git rebase`` with ``squash``, where the comments were kept."""
    parts: list[list[str]] = []
    skipped = False
    for line in lines:
        if _REBASE_SQUASH.match(line):
            skipped = _SKIPPED.search(line) is not None
            if not skipped:
                parts.append([])
        elif parts and not skipped:
            parts[-1].append(line)
    return parts


def _split_forge_squash(lines: Sequence[str]) -> tuple[list[str], list[list[str]]]:
    """A forge's squash: each commit is an item of a list with empty lines around its subject."""
    shared: list[str] = []
    parts: list[list[str]] = []
    current = shared
    for n, line in enumerate(lines):
        around = (lines[n - 1] if n else "", lines[n + 1] if n + 1 < len(lines) else "")
        is_item = line.startswith("* ") and not any(text.strip() for text in around)
        if n and is_item and not _TRAILER.match(line[2:]):
            current = [line[2:]]
            parts.append(current)
        elif _FORGE_LINE.match(line):
            current = shared
        else:
            current.append(line)
    if len(parts) < 2 or not _is_forge_squash(lines, parts):
        return list(lines), []
    return shared, parts


def _is_forge_squash(lines: Sequence[str], parts: Sequence[Sequence[str]]) -> bool:
    """Whether items of a list are commits: something else says so, or one has trailers inside."""
    if _FORGE_SUBJECT.search(lines[0]) or any(map(_FORGE_LINE.match, lines)):
        return True
    return any(_TRAILER.match(line.strip()) for part in parts[:-1] for line in part[1:])


def _is_merge(part: Sequence[str]) -> bool:
    subject = next((line for line in part if line.strip()), "")
    return _MERGE.match(subject.strip()) is not None
