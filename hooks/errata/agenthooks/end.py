"""SessionEnd: what was remembered of the session is removed."""

from __future__ import annotations

from errata.agenthooks import state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from errata.agenthooks.event import Event
    from errata.git import Repository


def run(event: Event, repo: Repository) -> None:
    """Handle the event."""
    state.forget(repo, event)
