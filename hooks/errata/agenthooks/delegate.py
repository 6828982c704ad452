"""A sub-agent of a tool whose events do not name the sub-agent that they come from (Gemini CLI).

Such a tool tells when its agent calls the tool that starts the sub-agent, and when that ends. What
it tells in between comes from the sub-agent, as long as only one is at work.
"""

from __future__ import annotations

from errata.provenance import environment
from errata.state import running_commands
from errata.state.running_commands import DELEGATE, Running

TYPE_CHECKING = False
if TYPE_CHECKING:
    from errata.agenthooks.event import Event
    from errata.core.git import Repository


def begin(event: Event, repo: Repository, now: int) -> None:
    """Remember a sub-agent that starts, and give it its runbooks with its task.

    Raises:
        ErrataError: the settings or the runbook cannot be read, or something cannot be stored.
    """
    name = event.text("delegate").lower()
    if not name or environment.agent_name(name) != name:
        return
    running = Running(DELEGATE, name, now)
    running_commands.add(repo, event.tool, event.session, _call(event), running)
    if event.answer_format == "task":
        from errata.agenthooks import runbook_answer

        runbook_answer.give(event, repo, name, now)


def end(event: Event, repo: Repository) -> None:
    """Forget a sub-agent that has ended. Raises StateError."""
    running_commands.finish(repo, event.tool, event.session, _call(event))


def at_work(event: Event, repo: Repository) -> str:
    """The one sub-agent at work in the session; "" if there is none, or more."""
    running = running_commands.of_session(repo, event.tool, event.session).values()
    names = {row.agent for row in running if row.kind == DELEGATE}
    return names.pop() if len(names) == 1 else ""


def agent_of(event: Event, repo: Repository) -> str:
    """The agent that an event comes from: the sub-agent at work, where events do not name it."""
    if not event.form["delegates"] or event.agent != event.tool:
        return event.agent
    return at_work(event, repo) or event.agent


def _call(event: Event) -> str:
    return event.text("call") or f"agent {event.text('delegate')}"
