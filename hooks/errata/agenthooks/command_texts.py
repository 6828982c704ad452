"""Slash commands that a tool sends as the text of their file, as if a person had typed that.

Gemini CLI and others put the text of a command's file in the place of ``/name``. A person typed its
arguments only.
"""

from __future__ import annotations

import os
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from errata.agenthooks.event import Event
    from errata.core.git import Repository

_MAX_FILES = 500
_MAX_SIZE = 200_000
_MIN_CHARS = 30
"""A shorter text may be a person's own words."""
_PLACEHOLDER = re.compile(r"\{\{args\}\}|\$ARGUMENTS|\$\d|[!@]\{[^}]*\}|!`[^`]*`|@\S+")


def is_command_text(event: Event, repo: Repository, prompt: str) -> bool:
    """Whether a prompt is the text of a command of the repository, or of the person's own.

    The text counts as the file's if it contains the longest part between two placeholders.
    """
    words = " ".join(prompt.split())
    for text in _texts(event, repo):
        parts = (" ".join(part.split()) for part in _PLACEHOLDER.split(text))
        longest = max(parts, key=len, default="")
        if len(longest) >= _MIN_CHARS and longest in words:
            return True
    return False


def _texts(event: Event, repo: Repository) -> Iterator[str]:
    path = event.form["setup"]["commands"].get("path", "")
    folder, extension = os.path.dirname(path), os.path.splitext(path)[1]
    if not folder:
        return
    count = 0
    for top in (f"{repo.root}/{folder}", os.path.expanduser(f"~/{folder}")):
        for here, _, names in os.walk(top):
            for name in names:
                if name.endswith(extension) and count < _MAX_FILES:
                    count += 1
                    yield _text(os.path.join(here, name))


def _text(path: str) -> str:
    """The text for the agent in a command's file; "" if there is none."""
    from errata.core.safe_open import open_regular

    try:
        with open(path, "rb", opener=open_regular) as file:
            text = file.read(_MAX_SIZE).decode("utf-8", "replace")
    except OSError:
        return ""
    if path.endswith(".toml"):
        return _prompt_of(text)
    return re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)


def _prompt_of(toml: str) -> str:
    import tomllib

    try:
        prompt = tomllib.loads(toml).get("prompt")
    except tomllib.TOMLDecodeError:
        return ""
    return prompt if isinstance(prompt, str) else ""
