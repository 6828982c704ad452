"""PreToolUse: an agent is about to run a command, or to start a sub-agent."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from errata.agenthooks.event import Event
    from errata.core.git import Repository


def run(event: Event, repo: Repository, now: int) -> None:
    """Handle the event. Raises StateError: it cannot be stored."""
    name = next(event.values("tool_name"), "")
    if name in event.form["shells"]:
        from errata.agenthooks import shell

        shell.begin(event, repo, now)
    elif name in event.form["delegates"]:
        from errata.agenthooks import delegate

        delegate.begin(event, repo, now)
