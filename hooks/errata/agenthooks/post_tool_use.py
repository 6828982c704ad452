"""PostToolUse: stores the agent's edit of a file until the file is committed."""

from __future__ import annotations

import os
import stat

from errata.agenthooks import find_repository, reverse_edit
from errata.agenthooks.event import clean
from errata.state import agent_sessions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from errata.agenthooks.event import Event
    from errata.core.git import Repository

    Edits = list[tuple[str, str]] | None
    """(old text, new text) of each edit; None if the event does not say."""

_LIMIT = 1_000_000


def run(event: Event, repo: Repository, now: int) -> None:
    """Handle the event.

    Raises:
        ErrataError: the settings are wrong.
        OSError: something cannot be written.
    """
    names = list(event.values("tool_name"))
    if (names and names[0] not in event.form["writes"]) or any(event.values("failed")):
        return
    for path, edits, whole_lines in edited_files(event):
        _store(event, repo, path, edits, whole_lines, now)


def _store(
    event: Event, repo: Repository, path: str, edits: Edits, whole_lines: bool, now: int
) -> None:
    located = _locate(repo, os.path.join(event.text("cwd"), path))
    base = _staged_id(*located) if located is not None else None
    if located is None or base is None:
        return
    worktree, name = located
    store_edit, store_path = _settings(worktree)
    if store_path:
        agent_sessions.add_file(worktree, event.tool, event.text("session"), name, now)
    after = _read_text(worktree, name) if store_edit and event.agent else None
    if after is None:
        return
    from errata.state import agent_edits

    before = _before(event, after, edits, whole_lines)
    writer = agent_edits.Writer(agent=event.agent, tool=event.tool, session=event.session)
    agent_edits.add(worktree, name, before, after, writer, now, base)


def edited_files(event: Event) -> Iterator[tuple[str, Edits, bool]]:
    """The files that the tool wrote: path, edits if reported, and whether those are whole lines."""
    for patch in event.values("patch"):
        if isinstance(patch, str) and "*** Begin Patch" in patch:
            for path, edits in reverse_edit.parse_patch(clean(patch)):
                yield path, edits, True
            return
    if path := event.text("file"):
        yield path, list(_edits(event)) or None, False


def _edits(event: Event) -> Iterator[tuple[str, str]]:
    for edits in event.values("edits"):
        if isinstance(edits, list):
            for edit in edits:
                if isinstance(edit, dict):
                    yield _text(edit.get("old_string")), _text(edit.get("new_string"))
            return
    if new := event.text("new"):
        yield event.text("old"), new


def _text(value: object) -> str:
    return clean(value) if isinstance(value, str) else ""


def _before(event: Event, after: bytes, edits: Edits, whole_lines: bool) -> bytes | None:
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


def _locate(repo: Repository, path: str) -> tuple[Repository, str] | None:
    """The worktree that a file is in, and its path there; None outside the agent's repository."""
    try:
        real = os.path.realpath(path)
        if not os.path.isfile(real):
            return None
        repository = find_repository.find(os.path.dirname(real))
    except (OSError, ValueError):
        return None
    # Another worktree of the same repository counts; another repository does not.
    if repository is None or repository.common_dir is None or repo.common_dir is None:
        return None
    if os.path.realpath(repository.common_dir) != os.path.realpath(repo.common_dir):
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


def _read_text(repo: Repository, name: str) -> bytes | None:
    """The file as it is now; None if it is binary, too large or no regular file."""
    path = f"{repo.root}/{name}"
    try:
        status = os.lstat(path)
        if not stat.S_ISREG(status.st_mode) or status.st_size > _LIMIT:
            return None
        with open(path, "rb") as file:
            data = file.read(_LIMIT + 1)
    except OSError:
        return None
    return None if b"\0" in data[:8000] else data


def _settings(repo: Repository) -> tuple[bool, bool]:
    """Whether the settings allow storing the edit, and the path of the file."""
    if not os.path.exists(f"{repo.root}/errata.toml"):
        return True, True
    from errata.core import config

    settings = config.load(repo.root)
    store_edit = settings.capture.enabled and settings.capture.before_commit
    return store_edit, store_edit or settings.explicit.enabled
