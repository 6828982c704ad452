"""PostToolUse: the agent's version of a file is kept until the file is committed."""

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
    """None: not told."""

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
        _one(event, repo, path, edits, whole_lines, now)


def _one(
    event: Event, repo: Repository, path: str, edits: Edits, whole_lines: bool, now: int
) -> None:
    found = _placed(repo, os.path.join(event.text("cwd"), path))
    if found is None or _ignored(*found):
        return
    here, name = found
    keep, remember = _wanted(here)
    if remember:
        agent_sessions.add_file(here, event.tool, event.text("session"), name, now)
    after = _content(here, name) if keep and event.agent else None
    if after is None:
        return
    from errata.state import agent_edits

    was = _before(event, after, edits, whole_lines)
    writer = agent_edits.Writer(agent=event.agent, tool=event.tool, session=event.session)
    agent_edits.add(here, name, was, after, writer, now)


def edited_files(event: Event) -> Iterator[tuple[str, Edits, bool]]:
    """The files that the tool wrote: path, edits if reported, and whether those are whole lines."""
    for patch in event.values("patch"):
        if isinstance(patch, str) and "*** Begin Patch" in patch:
            for path, edits in reverse_edit.patched(clean(patch)):
                yield path, edits, True
            return
    if path := event.text("file"):
        yield path, list(_edits(event)) or None, False


def _edits(event: Event) -> Iterator[tuple[str, str]]:
    for several in event.values("edits"):
        if isinstance(several, list):
            for one in several:
                if isinstance(one, dict):
                    yield _text(one.get("old_string")), _text(one.get("new_string"))
            return
    if new := event.text("new"):
        yield event.text("old"), new


def _text(value: object) -> str:
    return clean(value) if isinstance(value, str) else ""


def _before(event: Event, after: bytes, edits: Edits, whole_lines: bool) -> bytes | None:
    """The file before the tool wrote it; None if that is not known, or there was none."""
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


def _placed(repo: Repository, path: str) -> tuple[Repository, str] | None:
    """The work tree that a file is in, and its path there; None unless it is the agent's own."""
    try:
        real = os.path.realpath(path)
        if not os.path.isfile(real):
            return None
        here = find_repository.find(os.path.dirname(real))
    except (OSError, ValueError):
        return None
    # Another work tree of the same repository is as good; another repository is not ours to mark.
    if here is None or here.common_dir is None or repo.common_dir is None:
        return None
    if os.path.realpath(here.common_dir) != os.path.realpath(repo.common_dir):
        return None
    name = os.path.relpath(real, here.root)
    if name.startswith("../") or ".git" in name.split("/"):
        return None
    return here, name


def _ignored(repo: Repository, name: str) -> bool:
    """Whether git leaves the file alone: such files hold secrets, and are never committed."""
    from errata.core import git

    # Not check-ignore, which refuses GIT_LITERAL_PATHSPECS: what git lists it does not ignore.
    listed = ("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", name)
    return not any(git.spawn_stream("-C", str(repo.root), *listed))


def _content(repo: Repository, name: str) -> bytes | None:
    """The file as it is now; None if it is nothing that is looked at line by line."""
    path = f"{repo.root}/{name}"
    try:
        found = os.lstat(path)
        if not stat.S_ISREG(found.st_mode) or found.st_size > _LIMIT:
            return None
        with open(path, "rb") as file:
            data = file.read(_LIMIT + 1)
    except OSError:
        return None
    return None if b"\0" in data[:8000] else data


def _wanted(repo: Repository) -> tuple[bool, bool]:
    """Whether the settings let what is written be kept, and its path be remembered."""
    if not os.path.exists(f"{repo.root}/errata.toml"):
        return True, True
    from errata.core import config

    settings = config.load(repo.root)
    keep = settings.capture.enabled and settings.capture.before_commit
    return keep, keep or settings.explicit.enabled
