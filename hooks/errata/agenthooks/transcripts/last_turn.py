"""Reads the end of an agent's last turn from the tail of a transcript.

The file belongs to the agent's tool. It is only read: nothing of it is stored, written or sent. It
may be missing, huge, broken, of another format, or grow while we read. Then there is no turn, and
the prompt is judged by its own words.
"""

from __future__ import annotations

import json
import os
import time

from errata.agenthooks.transcripts.steps import FORMATS, Kind, Step
from errata.core.safe_open import open_nofollow
from errata.messages.turn import Call, Turn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LIMIT = 65_536
"""How many bytes at the end of the file are read."""
_BUDGET = 0.02
"""How long reading may take, in seconds."""
_MAX_TEXT = 4_000
"""How many characters of each text are kept, those at its end."""
_MAX_CALLS = 20
_MAX_OBJECTS = 400


def last_turn(path: str, form: str, prompt: str) -> Turn | None:
    """The end of the agent's last turn before a prompt; None if the file does not tell.

    Args:
        path: the transcript; only an absolute path of a regular file, not of a link, is opened.
        form: its format, a key of :data:`steps.FORMATS`.
        prompt: the prompt, which some tools append before they run their hooks.
    """
    end = time.monotonic() + _BUDGET
    if form not in FORMATS or not os.path.isabs(path):
        return None
    try:
        with open(path, "rb", buffering=0, opener=open_nofollow) as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - LIMIT))
            tail = file.read(LIMIT)
    except (OSError, ValueError):
        return None
    return parse(tail or b"", form, prompt, end)


def parse(tail: bytes, form: str, prompt: str, end: float | None = None) -> Turn | None:
    """The end of the last turn before a prompt, from the last bytes of a transcript.

    Args:
        end: when to stop, by the monotonic clock.
    """
    turn = _fold(_last_steps(tail, form, prompt, end))
    return None if turn == Turn() else turn


def _last_steps(tail: bytes, form: str, prompt: str, end: float | None) -> Iterator[Step]:
    """The steps after the previous prompt, the last one first."""
    begun = False
    for value in _objects(tail):
        for step in reversed(FORMATS[form](value)):
            if step.kind is not Kind.PROMPT:
                begun = True
                yield step
            elif begun or not _precedes(step.text, prompt):
                return
        if end is not None and time.monotonic() > end:
            return


def _precedes(text: str, prompt: str) -> bool:
    """Whether a last message is the prompt that is judged, or text that a tool added before it."""
    text, prompt = text.strip(), prompt.strip()
    return text.startswith("<") or (bool(prompt) and prompt in text)


def _objects(tail: bytes) -> Iterator[dict[str, object]]:
    """The JSON objects in the tail of a file, the last one first.

    A file is a list of lines; or one indented document, whose messages are objects in a list.
    """
    lines = tail.split(b"\n")
    chunks = _indented(lines) if tail.rstrip().endswith(b"\n}") else reversed(lines)
    for number, chunk in enumerate(chunks):
        if number >= _MAX_OBJECTS:
            return
        if not chunk.lstrip().startswith(b"{"):
            continue
        try:
            value = json.loads(chunk)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            yield value


def _indented(lines: list[bytes]) -> Iterator[bytes]:
    """The objects that begin and end on lines with four spaces before the brace."""
    last = None
    for at in range(len(lines) - 1, -1, -1):
        line = lines[at].rstrip()
        if line in (b"    }", b"    },"):
            last = at
        elif line == b"    {" and last is not None:
            yield b"\n".join(lines[at : last + 1]).rstrip().rstrip(b",")
            last = None


def _fold(steps: Iterable[Step]) -> Turn:
    """The turn of some steps, of which the last comes first."""
    said, spoke_last = "", False
    calls: list[Call] = []
    objections: list[str] = []
    kinds = set()
    for step in steps:
        kinds.add(step.kind)
        if step.kind is Kind.SAID and not said:
            said, spoke_last = step.text.strip()[-_MAX_TEXT:], not calls
        elif step.kind is Kind.CALL and len(calls) < _MAX_CALLS:
            calls.append(Call(step.text[:100], step.file[-_MAX_TEXT:]))
        elif step.kind is Kind.REJECTED and step.text:
            objections.append(step.text[:_MAX_TEXT])
    return Turn(
        said,
        bool(said) and spoke_last,
        tuple(calls),
        Kind.REJECTED in kinds,
        Kind.INTERRUPTED in kinds,
        Kind.FAILED in kinds,
        tuple(objections),
    )
