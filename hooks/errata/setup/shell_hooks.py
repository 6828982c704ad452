"""Our block in a hook that is a shell script: of husky, of a core.hooksPath, or of git itself."""

from __future__ import annotations

import re

from errata.setup import blocks, guard
from errata.setup.hooks import at
from errata.setup.layout import FileError

_SHELLS = {"sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "busybox"}
_SHEBANG = b"#!/bin/sh\n"
# husky before version 9: this line starts the script again, so lines above it run twice.
_HUSKY = re.compile(rb"\s*\.\s.*husky\.sh")


def edit(data: bytes | None, stage: str, name: str) -> bytes:
    """The hook's script with our block for ``stage`` right after its first comments.

    Further down an ``exit`` or ``exec`` could skip it.

    Raises:
        FileError: it is not a shell script, or the marks of our block are damaged.
    """
    if data is None:
        data = _SHEBANG
    _check_shell(data, name)
    return blocks.insert(data, [blocks.NOTICE, *lines(stage)], name, _after_comments(data))


def remove(data: bytes, name: str) -> bytes | None:
    """The script without our block; None if nothing but the shebang is left of it."""
    left = blocks.remove(data, name)
    return None if left != data and left in (b"", _SHEBANG) else left


def lines(stage: str) -> list[str]:
    """The commands for one stage. Checks can stop a commit; hooks after it cannot."""
    hooks = at(stage)
    checks = any(hook.checks for hook in hooks) and not stage.startswith("post-")
    return guard.script(stage, [hook.id for hook in hooks], checks)


def _check_shell(data: bytes, name: str) -> None:
    hint = "run errata's hooks from it, or use --manager pre-commit, which runs it as well"
    if b"\0" in data:
        raise FileError(f"{name}:1: not a script", hint)
    first = data.partition(b"\n")[0].decode("utf-8", "replace").strip()
    if not first.startswith("#!"):
        return
    words = [word.rpartition("/")[2] for word in first[2:].split()]
    if words[:1] == ["env"]:
        words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
    if not words or words[0] not in _SHELLS:
        raise FileError(f"{name}:1: not a shell script ({first})", hint)


def _after_comments(data: bytes) -> int:
    end = comments_end = 0
    for number, line in enumerate(data.splitlines(keepends=True)):
        end += len(line)
        if line.lstrip().startswith(b"#") and comments_end == end - len(line):
            comments_end = end
        elif _HUSKY.match(line):
            return end
        elif number > 20:
            break
    return comments_end
