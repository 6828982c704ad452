"""SessionEnd: removes what is stored about the session."""

from __future__ import annotations

from errata.state import agent_sessions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from errata.agenthooks.event import Event
    from errata.core.git import Repository


def run(event: Event, repo: Repository) -> None:
    """Handle the event."""
    agent_sessions.forget(repo, event.tool, event.text("session"))
