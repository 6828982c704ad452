"""SessionStart and SubagentStart: gives the agent its runbooks, and stores that it did."""

from __future__ import annotations

from errata.state import agent_sessions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from errata.agenthooks.event import Event
    from errata.core.config import Config
    from errata.core.git import Repository


def run(event: Event, repo: Repository, now: int) -> None:
    """Handle the event.

    Raises:
        ErrataError: the settings or the runbook cannot be read.
        StateError: the exposure cannot be stored.
    """
    if event.answer_format:
        _answer(event, repo, now)
    agent_sessions.sweep(repo, now)


def _answer(event: Event, repo: Repository, now: int) -> None:
    from errata.agenthooks import answer
    from errata.core import config
    from errata.skills import context

    settings = config.load(repo.root)
    limit = settings.agent.max_chars
    files = agent_sessions.recent_files(repo, event.tool, event.text("session"))
    full_text = context.context(repo, settings, event.agent or None, files, limit)
    text = truncate(full_text, limit)
    if text and answer.send(event, text):
        _add_exposure(event, repo, settings, now)


def truncate(text: str, limit: int) -> str:
    """The first lines of a text, at most ``limit`` characters."""
    if len(text) <= limit:
        return text
    return text[: text.rfind("\n", 0, limit + 1) + 1].rstrip("\n") or text[:limit]


def _add_exposure(event: Event, repo: Repository, settings: Config, now: int) -> None:
    from errata.records import instants
    from errata.runbooks import digest
    from errata.state import exposures

    runbooks = digest.of_runbooks(repo.root, settings, event.agent, repo.common_dir)
    time, by = instants.iso(now), (event.session, event.tool, event.agent)
    exposures.add(repo, time, *by, runbooks)
