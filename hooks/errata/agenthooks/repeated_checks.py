"""What an agent has just repeated: accepted checks on the lines that its edit added.

Each finding is shown once for each state of a file, and recorded as a lesson that the agent was
given.
"""

from __future__ import annotations

import os

from errata.checks import folders

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from errata.agenthooks.event import Event
    from errata.agenthooks.stored_edits import Edits
    from errata.checks.isolated import File, Hit
    from errata.core.git import Repository

_SECONDS = 1.0
"""How long all checks may take; the agent waits for them."""
_SHOWN = 5
_MAX_NOTED = 500
_NOTED = "errata/noted-checks"


def find(event: Event, repo: Repository, files: Sequence[tuple[str, Edits, bool]], now: int) -> str:
    """What to tell the agent; "" if no check speaks.

    Args:
        files: that a tool wrote: path, edits if reported, and whether those are whole lines.

    Raises:
        ErrataError: the settings cannot be read, or what is told cannot be noted.
    """
    root = str(repo.root)
    if not folders.may_hold_accepted(root) or repo.git_dir is None:
        return ""
    from errata.checks import accepted, isolated

    rules, _ = accepted.load(root, str(repo.common_dir), folders.of_repository(root))
    if not rules:
        return ""
    written = list(_files(event, repo, files))
    hits, _ = isolated.run(rules, written, _SECONDS)
    texts = {file.path: file.text for file in written}
    hits = untold(str(repo.git_dir), hits, texts)
    if not hits:
        return ""
    _note(event, repo, list(dict.fromkeys(hit.check for hit in hits)), now)
    return _text(hits)


def _files(
    event: Event, repo: Repository, files: Sequence[tuple[str, Edits, bool]]
) -> Iterator[File]:
    from errata.agenthooks import stored_edits, work_tree
    from errata.checks.isolated import File

    for path, edits, whole_lines in files:
        located = stored_edits.locate(repo, os.path.join(event.text("cwd"), path))
        after = work_tree.read_text(*located) if located else None
        if located is None or after is None:
            continue
        before = stored_edits.before(event, after, edits, whole_lines)
        if before is None:
            before = _staged(located[0], located[1])
        numbers = _added(before or b"", after)
        if numbers:
            text = after.decode("utf-8", "replace")
            yield File(located[1], text, numbers, before is None)


def _staged(repo: Repository, name: str) -> bytes | None:
    """The file as git has it; None if it has none."""
    from errata.core import git

    status, data = git.spawn_status("-C", str(repo.root), "cat-file", "blob", f":./{name}")
    return None if status else data


def _added(before: bytes, after: bytes) -> list[int]:
    """The numbers of the lines that are new, whatever their indentation."""
    from collections import Counter

    from errata.checks.staged_lines import new_numbers, single_blanks

    old, new = before.split(b"\n"), after.split(b"\n")
    first = 0
    while first < min(len(old), len(new)) and old[first] == new[first]:
        first += 1
    last = 0
    while last < min(len(old), len(new)) - first and old[-1 - last] == new[-1 - last]:
        last += 1
    left = Counter(map(single_blanks, old[first : len(old) - last]))
    return new_numbers(enumerate(new[first : len(new) - last], first + 1), left)


def untold(git_dir: str, hits: Sequence[Hit], texts: dict[str, str]) -> list[Hit]:
    """The findings that were not told yet about this state of a file; notes them as told."""
    if not hits:
        return []
    import hashlib

    from errata.core import atomic, safe_open

    def digest(text: str) -> str:
        return hashlib.sha1(text.encode("utf-8", "replace")).hexdigest()

    states = {path: digest(texts.get(path, "")) for path in {hit.path for hit in hits}}
    place = f"{git_dir}/{_NOTED}"
    try:
        with open(
            place, encoding="ascii", errors="replace", opener=safe_open.open_nofollow
        ) as file:
            noted = file.read(100 * _MAX_NOTED).split("\n")
    except OSError:
        noted = []
    keys = {digest(f"{hit.check}\0{hit.path}\0{hit.line}\0{states[hit.path]}"): hit for hit in hits}
    known = set(noted)
    new = [name for name in keys if name not in known]
    if new and not os.path.islink(os.path.dirname(place)):
        kept = "\n".join([*noted, *new][-_MAX_NOTED:])
        atomic.write(place, kept.encode("ascii", "replace"), durable=False)
    return [keys[name] for name in new]


def _note(event: Event, repo: Repository, names: Sequence[str], now: int) -> None:
    from errata.records import instants
    from errata.state import exposures

    time, reader = instants.iso(now), event.text("machine")
    exposures.add_lessons(repo, time, event.session, event.tool, event.agent, names, reader=reader)


def _text(hits: Sequence[Hit]) -> str:
    from errata.runbooks.sanitise import terminal

    # A name of a file may hold lines that would read as if errata had said them.
    lines = [
        "- " + terminal(f"{hit.path}:{hit.line}: {hit.message} (check {hit.check})")
        for hit in hits[:_SHOWN]
    ]
    if len(hits) > _SHOWN:
        lines.append(f"- and {len(hits) - _SHOWN} more")
    return "\n".join(["This edit repeats what people corrected here; fix it now:", *lines])
