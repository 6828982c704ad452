"""SessionEnd: forgets the commands of the session; its files are kept, as it may be resumed."""

from __future__ import annotations

from errata.state import running_commands

TYPE_CHECKING = False
if TYPE_CHECKING:
    from errata.agenthooks.event import Event
    from errata.core.git import Repository


def run(event: Event, repo: Repository) -> None:
    """Handle the event. Raises StateError."""
    if event.session:
        running_commands.forget_session(repo, event.tool, event.session)
