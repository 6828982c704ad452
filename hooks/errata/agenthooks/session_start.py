"""SessionStart and SubagentStart: the agent is given its runbook, and that is written down."""

from __future__ import annotations

import json

from errata.state import agent_sessions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from errata.agenthooks.event import Event
    from errata.core.config import Config
    from errata.core.git import Repository

EXPOSURES = "exposures.jsonl"
_LARGE = 1_000_000


def run(event: Event, repo: Repository, now: int) -> None:
    """Handle the event.

    Raises:
        ErrataError: the settings or the runbook cannot be read.
        OSError: the exposure cannot be written down.
    """
    agent_sessions.sweep(repo, now)
    if not event.answerable:
        return
    from errata.core import config
    from errata.skills import context

    settings = config.load(repo.root)
    limit = settings.agent.max_chars
    said = context.context(
        repo,
        settings,
        event.agent or None,
        agent_sessions.recent_files(repo, event.tool, event.text("session")),
        limit,
    )
    text = shortened(said, limit)
    if text and event.answer(text):
        _note(event, repo, settings, now)


def shortened(text: str, limit: int) -> str:
    """At most so many characters, in whole lines."""
    if len(text) <= limit:
        return text
    return text[: text.rfind("\n", 0, limit + 1) + 1].rstrip("\n") or text[:limit]


def _note(event: Event, repo: Repository, settings: Config, now: int) -> None:
    """Write down which agent has read which runbook: later work can be compared by it."""
    from errata.core import safe_open
    from errata.records import instants
    from errata.runbooks import digest

    assert repo.state_dir is not None
    line = {
        "time": instants.iso(now),
        "session": event.session,
        "tool": event.tool,
        "agent": event.agent,
        "runbook": event.agent
        and digest.of_runbook(repo.root, settings.paths.runbooks, event.agent),
    }
    repo.state_dir.mkdir(parents=True, exist_ok=True)
    path = repo.state_dir / EXPOSURES
    # One write of one line: what two sessions append at once does not mix.
    with open(path, "ab", buffering=0, opener=safe_open.open_nofollow) as file:
        file.write(json.dumps(line).encode() + b"\n")
        large = file.tell() > _LARGE
    if large:
        path.replace(path.with_name("exposures.1.jsonl"))
