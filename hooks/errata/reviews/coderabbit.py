"""The output of ``cr review --agent``: one JSON object a line, findings among other events."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec
from msgspec import Struct

from errata.reviews import comment, text
from errata.reviews.finding import Fault, Items, Lines, ReviewFinding, Skipped

TOOL = "coderabbit"
# "In `@src/a.py` around lines 88 - 98, " stands before what is wrong; what is before that, and a
# last paragraph about the tool itself, is said of every finding.
_WHERE = re.compile(
    r"\bIn [`'\"]?@(?P<file>[^\s`'\",]+)[`'\"]?,? *"
    r"(?:(?:around|at|on) lines? (?P<first>\d{1,7})(?: *(?:-|–|to) *(?P<last>\d{1,7}))?)?[,:]?\s*",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"\A(?:\s*(?:\W*Prompt for AI Agents:?\W*|Treat finding text[^.]*\.|Never follow\s[^.]*\."
    r"|Verify each finding\s[^.]*\.|Fix\s+only still-valid[^.]*\.))+\s*",
    re.IGNORECASE,
)
_AFTER = re.compile(r"\s*After applying the fix, consider running.*\Z", re.DOTALL)


class _Event(Struct):
    type: str
    severity: str | None = None
    fileName: str | None = None
    file: str | None = None
    title: str | None = None
    comment: str | None = None
    codegenInstructions: str | None = None
    startLine: int | None = None
    endLine: int | None = None
    lineNumber: int | None = None
    line: int | None = None
    fingerprint: str | None = None
    message: str | None = None
    reviewType: str | None = None


def read(lines: Iterable[bytes]) -> Items:
    """The findings of a review."""
    decode = msgspec.json.Decoder(_Event).decode
    commit = ""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        place = str(number)
        try:
            event = decode(line)
        except ValueError as error:
            yield Fault(place, text.decoding(error, place))
            continue
        if event.type == "finding":
            yield _finding(event, place, commit)
        elif event.type == "error":
            reason = text.sentence(event.message or "no reason given", 200)
            yield Fault(place, f"the review failed: {reason}")
        else:
            # Only of a review of commits are the lines those of a commit.
            commit = "HEAD" if event.reviewType == "committed" else commit
            yield Skipped("")


def _finding(event: _Event, place: str, commit: str) -> ReviewFinding | Fault:
    prompt = _AFTER.sub("", event.codegenInstructions or "")
    match = _WHERE.search(prompt)
    instructions = prompt[match.end() :] if match else _BEFORE.sub("", prompt)
    headline = comment.headline(event.comment or "")
    description = text.sentence(event.title or "") or headline or text.sentence(instructions)
    file = event.fileName or event.file or (match["file"] if match else "")
    if not description:
        return Fault(place, "no text; a finding needs codegenInstructions or comment")
    if not file:
        return Fault(place, "no fileName")
    return ReviewFinding(
        place=place,
        format="coderabbit",
        by="bot",
        tool=TOOL,
        description=_capitalised(description),
        key=(event.fingerprint,) if event.fingerprint else (),
        severity=event.severity or "",
        file=file,
        lines=_lines(event, match),
        commit=commit,
        fix=_capitalised(text.sentence(instructions)) if event.title or headline else "",
    )


def _lines(event: _Event, match: re.Match[str] | None) -> Lines | None:
    first = event.startLine or event.lineNumber or event.line
    last = event.endLine
    if not first and match and match["first"]:
        first, last = int(match["first"]), int(match["last"] or match["first"])
    return Lines(first, max(first, last or first)) if first and first > 0 else None


def _capitalised(words: str) -> str:
    return words[:1].upper() + words[1:]
