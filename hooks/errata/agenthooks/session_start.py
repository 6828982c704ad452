"""The start of a session or of a sub-agent: gives the agent its runbooks, and stores that it did.

A tool that takes no text when a session starts gets it with the first prompt (:func:`at_prompt`).
"""

from __future__ import annotations

from errata.agenthooks import runbook_answer
from errata.state import agent_sessions
from errata.state.agent_sessions import Session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from errata.agenthooks.event import Event
    from errata.core.git import Repository


def run(event: Event, repo: Repository, now: int) -> None:
    """Handle the event.

    Raises:
        ErrataError: the settings or the runbook cannot be read.
        StateError: the exposure cannot be stored.
    """
    takes_text = bool(event.answer_format)
    wants = event.name == "SubagentStart" or not _has_runbook(event, repo)
    if event.name == "SessionStart":
        tells = bool(event.form["tells_of_commands"]) and _hooks_tell(event, repo)
        known = Session(tells_of_commands=tells, awaits_runbook=wants and not takes_text)
        # Hooks of a person's own settings run in repositories without errata, too.
        if tells or agent_sessions.find(repo, event.tool, event.session) is not None:
            agent_sessions.put(repo, event.tool, event.session, known, now)
    if takes_text and wants:
        runbook_answer.give(event, repo, event.agent, now)
    agent_sessions.sweep(repo, now)


def at_prompt(event: Event, repo: Repository, now: int) -> bool:
    """Give the runbooks at a prompt; False if they were given before. Raises as :func:`run`."""
    known = agent_sessions.find(repo, event.tool, event.session)
    if known is not None and not known.awaits_runbook:
        return False
    given = runbook_answer.give(event, repo, event.agent, now)
    if given or known is not None:
        known = (known or Session())._replace(awaits_runbook=False)
        agent_sessions.put(repo, event.tool, event.session, known, now)
    return given


def _has_runbook(event: Event, repo: Repository) -> bool:
    """Whether the agent still has the runbooks that it was given, as they are now."""
    if next(event.values("start"), "") not in event.form["kept_after"]:
        return False
    from errata.state import exposures

    given = exposures.of_session(repo, event.session, event.tool)
    return given == {*(runbook_answer.runbooks(repo, event.agent) or [""])}


def _hooks_tell(event: Event, repo: Repository) -> bool:
    """Whether the repository's hooks of the tool tell errata of its commands."""
    try:
        with open(f"{repo.root}/{event.form['setup']['hooks']}", encoding="utf-8") as file:
            return f"--tool {event.tool} PreToolUse" in file.read(1_000_000)
    except (OSError, ValueError):
        return False
