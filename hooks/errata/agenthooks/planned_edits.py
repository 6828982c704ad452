"""What an agent is about to write, or has just written, from the event that its tool sends."""

from __future__ import annotations

import os

from errata.agenthooks import find_repository
from errata.agenthooks.event import clean
from errata.skills.fitting import MAX_TEXT, Edit, added_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from errata.agenthooks.event import Event
    from errata.core.git import Repository

_MAX_FILE = 1_000_000


def of(event: Event, repo: Repository) -> Iterator[Edit]:
    """The edits of an event, in files of the agent's repository."""
    for patch in event.values("patch"):
        if isinstance(patch, str) and "*** Begin Patch" in patch:
            for path, old, new, is_new in _of_patch(clean(patch)):
                if place := _place(event, repo, path):
                    yield Edit(place[1], added_lines(old, new), is_new)
            return
    if place := _place(event, repo, event.text("file")):
        before = _before(event, "/".join(place))
        old, new = _old_and_new(event, before)
        yield Edit(place[1], added_lines(old, new), not before and not old)


def _before(event: Event, path: str) -> str:
    """The file before the edit; "" if there was none, or it is not known."""
    if event.name == "PreToolUse":
        return _content(path)
    originals = (value for value in event.values("original") if isinstance(value, str))
    return next(originals, "")


def _old_and_new(event: Event, before: str) -> tuple[str, str]:
    """What an edit replaces, and by what: of the whole file, if it is known."""
    pairs = list(event.replacements())
    if not pairs:
        return before, event.text("content")
    after = before
    for old, new in pairs:
        if not old or old not in after:
            # The file is not known, or is another one by now.
            return "\n".join(old for old, _ in pairs), "\n".join(new for _, new in pairs)
        after = after.replace(old, new, 1)
    return before, after


def _of_patch(patch: str) -> Iterator[tuple[str, str, str, bool]]:
    """Path, removed lines, added lines, and whether it is new, of each file of a patch."""
    path, kind = "", ""
    added: list[str] = []
    removed: list[str] = []
    for line in (*patch.splitlines(), "*** End Patch"):
        if line.startswith("*** Move to: "):
            path = line[13:].strip()
        elif line.startswith("*** ") and not line.startswith("*** End of File"):
            if path:
                yield path, "\n".join(removed), "\n".join(added), kind == "Add"
            kind, _, rest = line[4:].partition(" File: ")
            path = rest.strip() if kind in ("Update", "Add") else ""
            added, removed = [], []
        elif line[:1] == "+":
            added.append(line[1:])
        elif line[:1] == "-":
            removed.append(line[1:])


def _place(event: Event, repo: Repository, path: str) -> tuple[str, str] | None:
    """The top of the work tree that a file is in, and its path there; None elsewhere."""
    if not path:
        return None
    path = os.path.join(event.text("cwd"), path)
    try:
        folder = here = os.path.realpath(os.path.dirname(path))
        while not os.path.isdir(here):
            here = os.path.dirname(here)
        repository = repo if here == str(repo.root) else find_repository.find(here)
    except (OSError, ValueError):
        return None
    if repository is None or not find_repository.is_same(repository, repo):
        return None
    top = os.path.realpath(repository.root)
    name = os.path.relpath(f"{folder}/{os.path.basename(path)}", top)
    if name.startswith("../") or ".git" in name.split("/"):
        return None
    return top, name


def _content(path: str) -> str:
    """The file as it is; "" if there is none, or it is too large to be compared."""
    try:
        if not os.path.isfile(path) or os.path.getsize(path) > _MAX_FILE:
            return ""
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(MAX_TEXT * 2)
    except (OSError, ValueError):
        return ""
