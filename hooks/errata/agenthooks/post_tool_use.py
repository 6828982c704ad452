"""PostToolUse: an agent's tool wrote a file, ran a command, or a sub-agent has ended."""

from __future__ import annotations

from errata.agenthooks import delegate, fitting_lessons, reverse_edit, stored_edits
from errata.agenthooks.event import clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from errata.agenthooks.event import Event
    from errata.agenthooks.stored_edits import Edits
    from errata.core.git import Repository


def run(event: Event, repo: Repository, rules: Mapping[str, Any], now: int) -> None:
    """Handle the event.

    Args:
        rules: what to know of commands of the shell, ``[shell]`` of ``rules/agents.toml``.

    Raises:
        ErrataError: the settings are wrong.
        OSError: something cannot be written.
    """
    name = next(event.values("tool_name"), "")
    if name in event.form["shells"]:
        from errata.agenthooks import shell

        shell.end(event, repo, rules, now)
    elif name in event.form["delegates"]:
        delegate.end(event, repo)
    elif (not name or name in event.form["writes"]) and not any(event.values("failed")):
        files = list(edited_files(event))
        for path, edits, whole_lines in files:
            stored_edits.store_edits(event, repo, path, edits, whole_lines, now)
        fitting_lessons.answer(event, repo, now, files=files)


def edited_files(event: Event) -> Iterator[tuple[str, Edits, bool]]:
    """The files that the tool wrote: path, edits if reported, and whether those are whole lines."""
    for patch in event.values("patch"):
        if isinstance(patch, str) and "*** Begin Patch" in patch:
            for path, edits in reverse_edit.parse_patch(clean(patch)):
                yield path, edits, True
            return
    if path := event.text("file"):
        yield path, list(event.replacements()) or None, False
