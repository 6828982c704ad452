"""Which kind of export is this, and what does it hold? Bytes in, findings out."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import msgspec

from errata.core.errors import RecordError
from errata.reviews import coderabbit, github, gitlab, sarif
from errata.reviews.finding import Fault, Items

_ALLOWED = (
    "allowed: SARIF 2.1.0, `cr review --agent`, and review comments or threads from `gh api` or "
    "GitLab's API"
)
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SPACE = re.compile(r"[\s,]*")


class Format(StrEnum):
    """The kinds of exports."""

    SARIF = "sarif"
    CODERABBIT = "coderabbit"
    GITHUB = "github"
    GITLAB = "gitlab"


_EVENTS = ("review_context", "status", "heartbeat", "finding", "complete", "error")


class _Probe(msgspec.Struct):
    """The fields by which one JSON object is recognised; the parser skips everything else."""

    runs: msgspec.Raw | None = None
    type: Any = None


def read(data: bytes | memoryview, name: str, only: Format | None = None) -> Items:
    """The findings of an export, and what cannot be read in it.

    Args:
        name: of the file, for messages.
        only: its format, where that is known.

    Raises:
        RecordError: nothing of it can be read.
    """
    data = _utf8(data, name)
    if not bytes(data[:4096]).strip():
        raise RecordError(f"{name}: is empty", _ALLOWED)
    if only is Format.SARIF or (only is None and _is_sarif(data)):
        try:
            yield from sarif.read(data)
        except ValueError as error:
            raise RecordError(f"{name}: not SARIF: {error}", _ALLOWED) from error
        return
    if only is Format.CODERABBIT or (only is None and _is_coderabbit(data)):
        yield from coderabbit.read(bytes(data).splitlines())
        return
    yield from _forge(str(data, "utf-8", "replace"), name, only)


def _utf8(data: bytes | memoryview, name: str) -> bytes | memoryview:
    """The data without a byte order mark; a shell of Windows writes UTF-16."""
    start = bytes(data[:3])
    if start[:2] in _UTF_16:
        try:
            return bytes(data).decode("utf-16").encode()
        except UnicodeError as error:
            raise RecordError(f"{name}: not UTF-16, although it begins so: {error}") from error
    return data[3:] if start == codecs.BOM_UTF8 else data


def _is_sarif(data: bytes | memoryview) -> bool:
    try:
        return msgspec.json.decode(data, type=_Probe).runs is not None
    except (ValueError, RecursionError):
        # A log that is cut off is one, too.
        return b'"runs"' in bytes(data[:4096]) and b'"type"' not in bytes(data[:200])


def _is_coderabbit(data: bytes | memoryview) -> bool:
    """Whether one of the first lines is an event."""
    for line in bytes(data[: 1 << 16]).splitlines()[:50]:
        try:
            if msgspec.json.decode(line, type=_Probe).type in _EVENTS:
                return True
        except (ValueError, RecursionError):
            continue
    return False


def _forge(words: str, name: str, only: Format | None) -> Items:
    """The findings in answers of a forge's API: one JSON value, or several in a row."""
    comments: list[tuple[str, Any]] = []
    threads: list[tuple[str, Any]] = []
    discussions: list[tuple[str, Any]] = []
    faults: list[Fault] = []
    known = False
    for place, value in _values(words, name):
        if isinstance(value, Fault):
            faults.append(value)
            continue
        known = known or value == []
        for where, item in _flat(place, value):
            if gitlab.is_discussion(item) and only in (None, Format.GITLAB):
                discussions.append((where, item))
            elif github.is_comment(item) and only in (None, Format.GITHUB):
                comments.append((where, item))
            elif inner := github.threads_in(where, item):
                threads += inner
            elif not github.is_answer(item):
                faults.append(Fault(where, "neither a review comment nor a thread"))
            else:
                known = True
    if not (known or comments or threads or discussions):
        raise _unknown(words, name)
    yield from faults
    yield from github.read_comments(comments)
    yield from github.read_threads(threads)
    yield from gitlab.read(discussions)


def _unknown(words: str, name: str) -> RecordError:
    if '"issue_url"' in words or '"authorAssociation"' in words:
        hint = "those on lines: gh api repos/OWNER/REPO/pulls/NUMBER/comments --paginate"
        return RecordError(f"{name}: comments on the conversation, which name no file", hint)
    return RecordError(f"{name}: not a known format", _ALLOWED)


def _values(words: str, name: str) -> Iterator[tuple[str, Any]]:
    """The JSON values of a text, each with its place: `gh api --paginate` prints several."""
    decoder = json.JSONDecoder()
    position = _skip(words, 0)
    values: list[tuple[str, Any]] = []
    while position < len(words):
        line = words.count("\n", 0, position) + 1
        try:
            value, position = decoder.raw_decode(words, position)
        except (ValueError, RecursionError) as error:
            at = words.count("\n", 0, getattr(error, "pos", position)) + 1
            fault = Fault(f"{at}", f"not JSON: {getattr(error, 'msg', 'nested too deeply')}")
            if not values and position == 0:
                raise RecordError(f"{name}:{at}: {fault.message}", _ALLOWED) from error
            values.append((f"{line}", fault))
            # The next value may begin on another line.
            position = words.find("\n", position) + 1 or len(words)
        else:
            values.append((f"{line}: $" if line > 1 else "$", _without_surrogates(value, words)))
        position = _skip(words, position)
    yield from values


def _without_surrogates(value: Any, words: str) -> Any:
    """A value whose texts can be written: JSON may have one half of a character."""
    if "\\ud" not in words and "\\uD" not in words:
        return value
    return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))


def _skip(words: str, position: int) -> int:
    match = _SPACE.match(words, position)
    return match.end() if match else position


def _flat(place: str, value: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """The items of a list, also of lists in it (`gh api --paginate --slurp`)."""
    if isinstance(value, list) and depth < 3:
        for number, item in enumerate(value):
            yield from _flat(f"{place}[{number}]", item, depth + 1)
    else:
        yield place, value
