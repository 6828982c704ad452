"""Stores what an agent changed in a file until the file is committed."""

from __future__ import annotations

import os

from errata.agenthooks import delegate, find_repository, reverse_edit, work_tree
from errata.state import agent_sessions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from errata.agenthooks.event import Event
    from errata.core.git import Repository

    Edits = list[tuple[str, str]] | None
    """(old text, new text) of each edit; None if the event does not say."""


def store_edits(
    event: Event, repo: Repository, path: str, edits: Edits, whole_lines: bool, now: int
) -> None:
    """Store that the agent's tool edited a file.

    Args:
        path: absolute, or relative to the folder that the agent works in.
        whole_lines: whether the edits are of whole lines.
    """
    located = locate(repo, os.path.join(event.text("cwd"), path))
    base = _staged_id(*located) if located is not None else None
    if located is None or base is None:
        return
    worktree, name = located

    def find_before(after: bytes) -> bytes | None:
        return before(event, after, edits, whole_lines)

    _keep(event, worktree, name, find_before, base, now)


def store(
    event: Event, repo: Repository, name: str, before: bytes | None, base: str, now: int
) -> None:
    """Store that the agent changed a file of the work tree.

    Args:
        name: relative to the top of the work tree.
        before: the file before; None if there was none.
        base: see :class:`errata.state.agent_edits.AgentEdit`.
    """
    _keep(event, repo, name, lambda _after: before, base, now)


def store_named(
    event: Event,
    repo: Repository,
    path: str,
    files_before: Mapping[str, bytes | None] | None,
    now: int,
) -> None:
    """Store that the agent's command changed a file, as its tool says.

    Args:
        files_before: the files that differed from HEAD before the command, if known.
    """
    located = locate(repo, os.path.join(event.text("cwd"), path))
    base = _staged_id(*located) if located is not None else None
    if located is None or base is None:
        return
    before = None
    if files_before is not None and located[0].git_dir == repo.git_dir:
        before = files_before.get(located[1])
        if before is None and located[1] in files_before:
            # What it was is not known, and part of it may be a person's.
            return
        if before is None and base:
            before = repo.git("cat-file", "blob", base)
    store(event, *located, before, base, now)


def _keep(
    event: Event,
    worktree: Repository,
    name: str,
    find_before: Callable[[bytes], bytes | None],
    base: str,
    now: int,
) -> None:
    store_edit, store_path = allowed(worktree)
    if store_path:
        agent_sessions.add_file(worktree, event.tool, event.session, name, now)
    agent = delegate.agent_of(event, worktree) if store_edit else ""
    after = work_tree.read_text(worktree, name) if agent else None
    if after is None:
        return
    from errata.state import agent_edits

    writer = agent_edits.Writer(agent=agent, tool=event.tool, session=event.session)
    agent_edits.add(worktree, name, find_before(after), after, writer, now, base)


def before(event: Event, after: bytes, edits: Edits, whole_lines: bool) -> bytes | None:
    """The file before the edit; None if it is not known, or there was none."""
    for original in event.values("original"):
        if isinstance(original, str):
            return reverse_edit.as_on_disk(original, after)
    if edits is None:
        return None
    return (
        reverse_edit.before_patch(after, edits)
        if whole_lines
        else reverse_edit.before(after, edits)
    )


def locate(repo: Repository, path: str) -> tuple[Repository, str] | None:
    """The worktree that a file is in, and its path there; None outside the agent's repository."""
    try:
        real = os.path.realpath(path)
        if not os.path.isfile(real):
            return None
        repository = find_repository.find(os.path.dirname(real))
    except (OSError, ValueError):
        return None
    if repository is None or not find_repository.is_same(repository, repo):
        return None
    name = os.path.relpath(real, repository.root)
    if name.startswith("../") or ".git" in name.split("/"):
        return None
    return repository, name


def _staged_id(repo: Repository, name: str) -> str | None:
    """The object id of the staged file, "" if git has none; None if git ignores the file.

    Ignored files may hold secrets, and are never committed.
    """
    from errata.core import git

    # `git check-ignore` refuses GIT_LITERAL_PATHSPECS; `git ls-files` lists what is not ignored.
    assert repo.git_dir is not None
    options = ("--stage", "--cached", "--others", "--exclude-standard", "--", name)
    for line in git.spawn_stream("-C", str(repo.root), *git.list_files(repo.git_dir), *options):
        entry, tab, _ = line.partition(b"\t")
        # Of a file that is in conflict, there are several versions and none that counts.
        return entry.split()[1].decode() if tab and entry.endswith(b" 0") else ""
    return None


def allowed(repo: Repository) -> tuple[bool, bool]:
    """Whether the settings allow storing the edit, and the path of the file."""
    if not os.path.exists(f"{repo.root}/errata.toml"):
        return True, True
    from errata.core import config

    settings = config.load(repo.root)
    store_edit = settings.capture.enabled and settings.capture.before_commit
    return store_edit, store_edit or settings.explicit.enabled
