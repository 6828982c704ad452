"""Read and add trailers in a message that git is about to commit.

Not a byte of what the person wrote changes. git interpret-trailers decides whether the message
already ends in trailers, but it also tidies those ("Key:value", trailing spaces), so its output is
used for the layout only.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from errata.core import git

_SCISSORS = b" ------------------------ >8 ------------------------"
_AUTO_COMMENT_CHARS = b"#;@!$%^&|:"
_COMMENT_CHARS = (*range(1, 9), *range(33, 127))
# The configuration may rename our keys, move them, or run programs that add trailers
# (trailer.<name>.command): none of that may happen to the message.
_NO_CONFIGURATION = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_COUNT": "0",
    "GIT_CONFIG_PARAMETERS": "",
    "GIT_DIR": os.devnull,
}


class Settings(NamedTuple):
    """The settings by which git decides which lines of the file to drop.

    Attributes:
        cleanup: ``commit.cleanup``, or "default".
        comment: ``core.commentChar`` (or commentString), or "auto".
        template: ``commit.template``, or "".
        editor: whether an editor opens the file; git tells hooks so with GIT_EDITOR.
    """

    cleanup: str
    comment: str
    template: str
    editor: bool


def read_settings(env: Mapping[str, str], cwd: Path | None = None) -> Settings:
    """Ask git once. A hook cannot know of an option on the command line (``--cleanup``)."""
    keys = r"^(commit\.(cleanup|template)|core\.comment(char|string))$"
    out = git.run("config", "-z", "--get-regexp", keys, cwd=cwd, ok=(0, 1))
    pairs = (entry.partition("\n") for entry in os.fsdecode(out).split("\0") if entry)
    values = {key: value for key, _, value in pairs}
    return Settings(
        cleanup=values.get("commit.cleanup", "default"),
        comment=values.get("core.commentstring") or values.get("core.commentchar") or "#",
        template=values.get("commit.template", ""),
        # git sets GIT_EDITOR=: for its hooks when no editor will be opened.
        editor=env.get("GIT_EDITOR") != ":",
    )


class Message(NamedTuple):
    """A message file: the person's text, and the rest (blank lines, comments, diff)."""

    text: bytes
    rest: bytes
    comment: bytes


def split(raw: bytes, settings: Settings) -> Message:
    """Find where the person's text ends; ``text + rest`` is ``raw``, byte for byte."""
    comment = _comment_char(raw, settings)
    lines = raw.splitlines(keepends=True) if b"\r" not in raw else _lines(raw)
    end = len(lines)
    if settings.editor:
        scissors = comment + _SCISSORS
        end = next((n for n, line in enumerate(lines) if line.startswith(scissors)), end)
    drops_comments = settings.cleanup == "strip" or (
        settings.cleanup == "default" and settings.editor
    )
    while end and (
        _blank(lines[end - 1]) or (drops_comments and lines[end - 1].startswith(comment))
    ):
        end -= 1
    return Message(b"".join(lines[:end]), b"".join(lines[end:]), comment)


def _lines(raw: bytes) -> list[bytes]:
    # bytes.splitlines also splits at a lone carriage return; git does not.
    return re.findall(rb"[^\n]*\n|[^\n]+", raw)


def _blank(line: bytes) -> bool:
    return not line.strip()


def _comment_char(raw: bytes, settings: Settings) -> bytes:
    if settings.comment != "auto":
        return os.fsencode(settings.comment)
    # git chose a character that begins no line of the text; its hints are the last lines.
    text = raw.partition(_SCISSORS)[0] if settings.editor else raw
    last = next((line for line in reversed(text.split(b"\n")) if line.strip()), b"#")
    return last[:1] if last[:1] in _AUTO_COMMENT_CHARS and settings.editor else b"#"


def is_blank(message: Message, settings: Settings) -> bool:
    """Whether the message has no text yet: like git, ignore comments and sign-offs."""
    for line in message.text.split(b"\n"):
        is_comment = settings.editor and line.startswith(message.comment)
        if line.strip() and not is_comment and not line.startswith(b"Signed-off-by: "):
            return False
    return True


def is_template(message: Message, settings: Settings, root: Path) -> bool:
    """Whether the text is still the unchanged template of ``commit.template``."""
    if not settings.template:
        return False
    try:
        template = (root / os.path.expanduser(settings.template)).read_bytes()  # noqa: PTH111
    except OSError:
        return False
    return _text_lines(message.text, message.comment) == _text_lines(template, message.comment)


def _text_lines(text: bytes, comment: bytes) -> list[bytes]:
    lines = (line.rstrip() for line in text.split(b"\n") if not line.startswith(comment))
    return [line for line in lines if line]


def keys_in(text: bytes) -> set[str]:
    """The lower-case keys of all lines that look like a trailer, anywhere in the message."""
    return {key.decode().lower() for key in re.findall(rb"(?m)^[ \t]*([A-Za-z][\w-]*):", text)}


def _interpret(text: bytes, *args: str) -> bytes:
    # The comments are cut off already. A comment character that begins no line makes git read every
    # line as text, as it will when it commits.
    starts = {line[:1] for line in text.split(b"\n")}
    unused = next(chr(code) for code in _COMMENT_CHARS if bytes([code]) not in starts)
    return git.run(
        "-c",
        f"core.commentChar={unused}",
        "interpret-trailers",
        "--no-divider",
        *args,
        stdin=text,
        env=_NO_CONFIGURATION,
    )


def append(message: Message, trailers: Sequence[tuple[str, str]]) -> bytes:
    """The file with ``trailers`` added at the end of the person's text.

    Raises:
        GitError: git could not read the message.
    """
    text = message.text if message.text.endswith(b"\n") else message.text + b"\n"
    block = b"".join(f"{key}: {value}\n".encode() for key, value in trailers)
    options = [part for key, value in trailers for part in ("--trailer", f"{key}: {value}")]
    rules = ("--where", "end", "--if-exists", "add", "--if-missing", "add")
    output = _interpret(text, *rules, *options)
    # Git puts an empty line before the first trailer of a message.
    is_first = output.removesuffix(block).endswith(b"\n\n")
    return text + (b"\n" if is_first else b"") + block + message.rest


def parse(text: bytes) -> list[tuple[str, str]]:
    """The trailers that git finds at the end of a message, in order, each value on one line.

    Raises:
        GitError: git could not read the message.
    """
    complete = text if text.endswith(b"\n") else text + b"\n"
    output = _interpret(complete, "--parse").decode("utf-8", "replace")
    parts = (line.partition(":") for line in output.splitlines())
    return [(key, value.strip()) for key, colon, value in parts if colon]
