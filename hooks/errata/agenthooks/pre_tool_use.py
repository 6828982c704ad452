"""PreToolUse: an agent is about to run a command, to start a sub-agent, or to write a file."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from errata.agenthooks.event import Event
    from errata.core.git import Repository


def run(event: Event, repo: Repository, now: int) -> None:
    """Handle the event.

    Raises:
        ErrataError: the settings or a runbook cannot be read, or something cannot be stored.
    """
    name = next(event.values("tool_name"), "")
    if name in event.form["shells"]:
        from errata.agenthooks import shell

        shell.begin(event, repo, now)
    elif name in event.form["delegates"]:
        from errata.agenthooks import delegate

        delegate.begin(event, repo, now)
    elif name in event.form["writes"]:
        from errata.agenthooks import fitting_lessons

        fitting_lessons.answer(event, repo, now)
