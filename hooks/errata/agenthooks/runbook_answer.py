"""Gives an agent its runbooks as the answer to an event, and stores that it did."""

from __future__ import annotations

from errata.state import agent_sessions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from errata.agenthooks.event import Event
    from errata.core.git import Repository


def give(event: Event, repo: Repository, agent: str, now: int) -> bool:
    """Give an agent its runbooks; whether there was anything to give.

    Raises:
        ErrataError: the settings or the runbook cannot be read.
        StateError: the exposure cannot be stored.
    """
    from errata.agenthooks import answer
    from errata.core import config
    from errata.skills import context

    settings = config.load(repo.root)
    limit = settings.agent.max_chars
    files = agent_sessions.recent_files(repo, event.tool, event.session)
    full_text = context.context(repo, settings, agent or None, files, limit)
    text = truncate(full_text, limit)
    if not text or not answer.send(event, text):
        return False
    from errata.records import instants
    from errata.state import exposures

    by = event.session, event.tool, agent
    exposures.add(repo, instants.iso(now), *by, runbooks(repo, agent))
    return True


def truncate(text: str, limit: int) -> str:
    """The first lines of a text, at most ``limit`` characters."""
    if len(text) <= limit:
        return text
    return text[: text.rfind("\n", 0, limit + 1) + 1].rstrip("\n") or text[:limit]


def runbooks(repo: Repository, agent: str) -> list[str]:
    """``name@digest`` of each runbook that an agent reads. Raises ErrataError."""
    from errata.core import config
    from errata.runbooks import digest

    return digest.of_runbooks(repo.root, config.load(repo.root), agent, repo.common_dir)
