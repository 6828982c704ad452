"""Texts of reviewers made into what a record holds: one sentence, an instant, a name."""

from __future__ import annotations

import re

from errata.records import instants
from errata.records.dialect import moment
from errata.records.pattern_names import kebab

LIMIT = 400
"""Characters of a description: the point of a finding, not its whole discussion."""
_WORDS = re.compile(r"[^\W\d_]{2}")
_SPACES = re.compile(r"\s+")
_END = re.compile(r"(?<=[.!?])\s")
_PARAGRAPH = re.compile(r"\n[ \t\r]*\n")
_PATH = re.compile(r"^(.*) - at `(\$[^`]*)`$", re.DOTALL)
_FRACTION = re.compile(r"(\.\d{6})\d+")


def sentence(words: str, limit: int = LIMIT) -> str:
    """The first paragraph that has a word, on one line, cut after a sentence or a word."""
    parts = [part for part in _PARAGRAPH.split(words) if part.strip()]
    first = next((part for part in parts if _WORDS.search(part)), parts[0] if parts else "")
    line = _SPACES.sub(" ", first).strip()
    if len(line) <= limit:
        return line
    ends = [match.start() for match in _END.finditer(line, 0, limit)]
    if ends:
        return line[: ends[-1]]
    return line[: limit - 1].rpartition(" ")[0] + "…"


def instant(time: object) -> int | None:
    """The instant of a text, in microseconds; None if it states none."""
    if not isinstance(time, str) or not time.strip():
        return None
    text = _FRACTION.sub(r"\1", time.strip())
    try:
        return instants.parse_recorded(moment(text) or text)
    except (ValueError, OverflowError):
        return None


def tool(name: str) -> str:
    """A program's name in lower-case words: ``coderabbitai[bot]`` -> ``coderabbitai``."""
    words = kebab(re.sub(r"\[bot\]\Z", "", name.strip()), 64)
    return words if re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", words) else ""


def decoding(error: Exception, place: str) -> str:
    """What a decoder says, with the path of the value below ``place``."""
    message = str(error)
    if match := _PATH.match(message):
        path = match[2].removeprefix("$").removeprefix("[...]")
        return f"{path.removeprefix('.')}: {match[1]}" if path else match[1]
    return message.removeprefix(f"{place}: ")
