"""A shell command that an agent runs: who commits in it, and which files it changes.

Before it, PreToolUse says which agent runs it, so that a commit that is made meanwhile names the
right agent, and one that is made without a command is known to be a person's. After it, what it
changed is stored like any other edit of the agent. Commits that it made where no hook of git ran
are noted, too.
"""

from __future__ import annotations

import os

from errata.agenthooks import delegate, stored_edits, work_tree
from errata.state import agent_sessions, running_commands
from errata.state.agent_sessions import Session
from errata.state.running_commands import Running

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from errata.agenthooks.event import Event
    from errata.core.git import Repository

_SLOW = 0.3
"""Seconds that asking git for the state of the work tree may take."""
_SHORT = 10_000_000
"""Microseconds: in a command that runs longer, a person may have edited files meanwhile."""

_MANY = 50
"""Files: a command that changes more of them generates or formats them, and storing takes long."""


def begin(event: Event, repo: Repository, now: int) -> None:
    """Remember a command that starts. Raises StateError."""
    session = _session(event, repo, now)
    may_look = stored_edits.allowed(repo)[0] and not agent_sessions.is_slow(repo, now)
    files = _look(event, repo, session, now) if may_look else None
    reflog = _size(f"{repo.git_dir}/logs/HEAD")
    agent = delegate.agent_of(event, repo)
    commits = "commit" in event.text("command")
    running = Running(running_commands.COMMAND, agent, now, commits, reflog, files)
    running_commands.add(repo, event.tool, event.session, call_of(event), running)


def _session(event: Event, repo: Repository, now: int) -> Session:
    """The session, whose events tell of commands, as this one shows."""
    known = agent_sessions.find(repo, event.tool, event.session)
    tells = bool(event.form["tells_of_commands"])
    if known is None or known.tells_of_commands != tells:
        known = (known or Session())._replace(tells_of_commands=tells)
        agent_sessions.put(repo, event.tool, event.session, known, now)
    return known


def _look(
    event: Event, repo: Repository, session: Session, now: int
) -> dict[str, bytes | None] | None:
    """The changed files and their contents; None if they are not known."""
    import time

    start = time.monotonic()
    changed = work_tree.changed_files(repo)
    if time.monotonic() - start > _SLOW:
        slow = session._replace(is_slow=True)
        agent_sessions.put(repo, event.tool, event.session, slow, now)
    return None if changed is None else work_tree.contents(repo, [*changed])


def end(event: Event, repo: Repository, rules: Mapping[str, Any], now: int) -> None:
    """Take what a command did that has ended.

    Args:
        rules: ``[shell]`` of ``rules/agents.toml``.

    Raises:
        ErrataError: the settings are wrong, or something cannot be stored.
    """
    if any(event.values("background")):
        # It goes on, and may still commit.
        running_commands.go_on(repo, event.tool, event.session, call_of(event))
        return
    running = running_commands.finish(repo, event.tool, event.session, call_of(event))
    # During another command, a person may have committed elsewhere.
    if running is not None and running.commits:
        _note(event, repo, running.agent, _new_commits(repo, running.reflog))
    changed = [
        path for paths in event.values("changed") if isinstance(paths, list) for path in paths
    ]
    if brings_others_work(event.text("command"), rules["restores"]):
        return
    if changed:
        _store_named(event, repo, changed[:_MANY], running, now)
    elif running is not None and running.files is not None and now - running.time <= _SHORT:
        _store_changed(event, repo, running, now)


def _note(event: Event, repo: Repository, agent: str, commits: list[str]) -> None:
    """Note commits that the agent made, unless they name it themselves."""
    from errata.core import config

    settings = config.load(repo.root)
    if not (commits and settings.capture.enabled and agent):
        return
    from errata.corrections import unstamped
    from errata.state.agent_edits import Writer

    unstamped.note(repo, settings, commits, Writer(agent, event.tool, event.session))


def call_of(event: Event) -> str:
    """The id of a tool call; of one without an id, a stand-in that its end has, too."""
    import zlib

    return (
        event.text("call") or f"{zlib.crc32(event.text('command').encode('utf-8', 'replace')):08x}"
    )


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _new_commits(repo: Repository, reflog: int) -> list[str]:
    """The commits that were made here since the reflog of HEAD had a size, the last one first."""
    try:
        with open(f"{repo.git_dir}/logs/HEAD", "rb") as file:
            file.seek(reflog)
            lines = file.read().splitlines()
    except OSError:
        return []
    entries = (line.partition(b"\t") for line in lines)
    commits = [head.split(b" ")[1].decode() for head, _, action in entries if _is_commit(action)]
    return commits[::-1]


def _is_commit(action: bytes) -> bool:
    name = action.partition(b":")[0]
    return name in (b"commit", b"commit (initial)", b"commit (amend)")


def _store_named(
    event: Event, repo: Repository, paths: list[str], running: Running | None, now: int
) -> None:
    """Store the edits of files that the tool says the command changed."""
    before = running.files if running is not None else None
    for path in paths:
        if isinstance(path, str):
            stored_edits.store_named(event, repo, path, before, now)


def _store_changed(event: Event, repo: Repository, running: Running, now: int) -> None:
    """Store the edits of files that differ from what they were before the command."""
    touched = list(_touched(repo, work_tree.changed_files(repo) or {}, running))
    for path, file in touched if len(touched) <= _MANY else ():
        assert running.files is not None
        before = running.files.get(path)
        if before is None and file.head:
            before = repo.git("cat-file", "blob", file.head)
        base = file.head if file.is_staged else file.staged
        stored_edits.store(event, repo, path, before, base, now)


def _touched(
    repo: Repository, changed: dict[str, work_tree.Changed], running: Running
) -> Iterator[tuple[str, work_tree.Changed]]:
    files = running.files or {}
    for path, file in changed.items():
        is_unknown = path in files and files[path] is None
        if not is_unknown and work_tree.is_newer(repo, path, running.time):
            yield path, file


def brings_others_work(command: str, words: Sequence[str]) -> bool:
    """Whether git may bring text that somebody else wrote: from a stash, patch or version."""
    return "git" in command and not {*words}.isdisjoint(command.split())
