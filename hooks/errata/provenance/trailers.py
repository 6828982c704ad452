"""Trailers in a message that git is about to commit: where they go, and how they are read.

What the person wrote is never changed, not by a byte. git's own interpret-trailers decides whether
the message already ends in trailers, but it also tidies those ("Key:value", spaces at the end), so
its answer is used for the layout only.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from errata.core import git

_SCISSORS = b" ------------------------ >8 ------------------------"
_AUTO = b"#;@!$%^&|:"
_FREE = (*range(1, 9), *range(33, 127))
# The user's configuration may rename our keys, move them, or have programs run that add trailers of
# their own (trailer.<name>.command): none of that may happen to somebody's message.
_NEUTRAL = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_COUNT": "0",
    "GIT_CONFIG_PARAMETERS": "",
    "GIT_DIR": os.devnull,
}


class Settings(NamedTuple):
    """What decides which lines of the file git will drop.

    Attributes:
        cleanup: ``commit.cleanup``, or "default".
        comment: ``core.commentChar`` (or commentString), or "auto".
        template: ``commit.template``, or "".
        editor: whether a person's editor sees the file; git tells hooks so with GIT_EDITOR.
    """

    cleanup: str
    comment: str
    template: str
    editor: bool


def read_settings(env: Mapping[str, str], cwd: Path | None = None) -> Settings:
    """Ask git, once. An option on the command line (``--cleanup``) stays unknown to a hook."""
    wanted = r"^(commit\.(cleanup|template)|core\.comment(char|string))$"
    out = git.run("config", "-z", "--get-regexp", wanted, cwd=cwd, ok=(0, 1))
    pairs = (entry.partition("\n") for entry in os.fsdecode(out).split("\0") if entry)
    found = {key: value for key, _, value in pairs}
    return Settings(
        cleanup=found.get("commit.cleanup", "default"),
        comment=found.get("core.commentstring") or found.get("core.commentchar") or "#",
        template=found.get("commit.template", ""),
        # git sets GIT_EDITOR=: for its hooks when no editor will be opened.
        editor=env.get("GIT_EDITOR") != ":",
    )


class Message(NamedTuple):
    """A message file in two: what is the person's, and the rest (blank lines, comments, diff)."""

    text: bytes
    rest: bytes
    comment: bytes


def split(raw: bytes, settings: Settings) -> Message:
    """Find where the person's text ends; ``text + rest`` is ``raw``, byte for byte."""
    comment = _comment(raw, settings)
    lines = raw.splitlines(keepends=True) if b"\r" not in raw else _lines(raw)
    end = len(lines)
    if settings.editor:
        cut = comment + _SCISSORS
        end = next((n for n, line in enumerate(lines) if line.startswith(cut)), end)
    drops = settings.cleanup == "strip" or (settings.cleanup == "default" and settings.editor)
    while end and (_blank(lines[end - 1]) or (drops and lines[end - 1].startswith(comment))):
        end -= 1
    return Message(b"".join(lines[:end]), b"".join(lines[end:]), comment)


def _lines(raw: bytes) -> list[bytes]:
    # bytes.splitlines also splits at a lone carriage return, which is text to git.
    return re.findall(rb"[^\n]*\n|[^\n]+", raw)


def _blank(line: bytes) -> bool:
    return not line.strip()


def _comment(raw: bytes, settings: Settings) -> bytes:
    if settings.comment != "auto":
        return os.fsencode(settings.comment)
    # git chose a character that begins no line of the text; its own hints come last.
    text = raw.partition(_SCISSORS)[0] if settings.editor else raw
    last = next((line for line in reversed(text.split(b"\n")) if line.strip()), b"#")
    return last[:1] if last[:1] in _AUTO and settings.editor else b"#"


def is_blank(message: Message, settings: Settings) -> bool:
    """Whether the person wrote nothing yet: comments and sign-offs do not count, as for git."""
    for line in message.text.split(b"\n"):
        hidden = settings.editor and line.startswith(message.comment)
        if line.strip() and not hidden and not line.startswith(b"Signed-off-by: "):
            return False
    return True


def is_template(message: Message, settings: Settings, root: Path) -> bool:
    """Whether the text is still the template of ``commit.template``, untouched."""
    if not settings.template:
        return False
    try:
        template = (root / Path(settings.template).expanduser()).read_bytes()
    except OSError:
        return False
    return _written(message.text, message.comment) == _written(template, message.comment)


def _written(text: bytes, comment: bytes) -> list[bytes]:
    lines = (line.rstrip() for line in text.split(b"\n") if not line.startswith(comment))
    return [line for line in lines if line]


def keys_in(text: bytes) -> set[str]:
    """Keys, in lower case, of every line that looks like a trailer, wherever it stands."""
    return {key.decode().lower() for key in re.findall(rb"(?m)^[ \t]*([A-Za-z][\w-]*):", text)}


def _interpret(text: bytes, *args: str) -> bytes:
    # Comments are cut off before git sees the message. With a comment character that begins no
    # line it takes every line that is left for text, as it will when it commits.
    starts = {line[:1] for line in text.split(b"\n")}
    free = next(chr(code) for code in _FREE if bytes([code]) not in starts)
    comment = ("-c", f"core.commentChar={free}")
    return git.run(*comment, "interpret-trailers", "--no-divider", *args, stdin=text, env=_NEUTRAL)


def append(message: Message, trailers: Sequence[tuple[str, str]]) -> bytes:
    """The whole file with ``trailers`` at the end of the person's text.

    Raises:
        GitError: git could not read the message.
    """
    text = message.text if message.text.endswith(b"\n") else message.text + b"\n"
    block = b"".join(f"{key}: {value}\n".encode() for key, value in trailers)
    added = [part for key, value in trailers for part in ("--trailer", f"{key}: {value}")]
    rules = ("--where", "end", "--if-exists", "add", "--if-missing", "add")
    out = _interpret(text, *rules, *added)
    apart = out.removesuffix(block).endswith(b"\n\n")
    return text + (b"\n" if apart else b"") + block + message.rest


def parse(text: bytes) -> list[tuple[str, str]]:
    """The trailers that git sees at the end of a message, in order, each value on one line.

    Raises:
        GitError: git could not read the message.
    """
    ended = text if text.endswith(b"\n") else text + b"\n"
    out = _interpret(ended, "--parse")
    found = (line.partition(":") for line in out.decode("utf-8", "replace").splitlines())
    return [(key, value.strip()) for key, colon, value in found if colon]
