"""Runbook files on disk: where they are, reading, and writing them whole or not at all."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from errata.core import atomic
from errata.core.config import Config
from errata.core.errors import RunbookError
from errata.runbooks import conflict, document, render
from errata.runbooks.entry import Entry
from errata.runbooks.paths import FILE_NAME as FILE_NAME
from errata.runbooks.paths import path_for as path_for
from errata.runbooks.paths import read as read
from errata.runbooks.paths import template as template

_CONFLICT = re.compile(rb"^<{7}( |\r?$)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Change:
    """What an update does, or would do, to one runbook.

    Attributes:
        path: the file.
        changed: whether its bytes change.
        added, removed, updated: names of entries in the block, sorted.
        old: the bytes before, None where there is no file.
        new: the bytes after, None where none is to be written.
    """

    path: Path
    changed: bool
    added: tuple[str, ...]
    removed: tuple[str, ...]
    updated: tuple[str, ...]
    old: bytes | None = field(repr=False, default=None)
    new: bytes | None = field(repr=False, default=None)


def write(path: Path, data: bytes) -> bool:
    """Make the file hold ``data``; True if it did not. A kill at any instant leaves old or new.

    Raises:
        RunbookError: the file or its folder cannot be written.
    """
    target = path.resolve()
    try:
        if read(target) == data:
            atomic.sweep(target.parent)
            return False
        atomic.write(target, data)
    except OSError as error:
        raise RunbookError(f"{path}: {error.strerror}", "it must be writable") from error
    return True


def plan(
    root: Path, config: Config, agent: str, entries: Sequence[Entry], *, rebuild: bool = False
) -> Change:
    """What :func:`update` would do; writes nothing.

    Raises:
        RunbookError: as :func:`update`.
    """
    path = path_for(root, config, agent)
    name = str(path.relative_to(root))
    old = read(path)
    if old is None and not entries:
        return Change(path, False, (), (), ())
    data, healed = _settled(template(agent) if old is None else old, name)
    parsed = document.parse(data, name)
    manual = document.manual_names(data, name)
    body = render.render(agent, entries, manual, config.runbook)
    block = parsed.block
    if block and not (rebuild or healed or block.intact or block.text == body):
        raise hand_edited(name, block.begin_line, agent)
    new = document.replace(parsed, body)
    before = render.items(block.text) if block else {}
    return _change(path, old, new, before, render.items(body))


def update(
    root: Path, config: Config, agent: str, entries: Sequence[Entry], *, rebuild: bool = False
) -> Change:
    """Bring the block of an agent's runbook up to date, and write the file if its bytes change.

    A new runbook is made from the template, but not for the sake of an empty block.
    ``rebuild`` gives up text that a person wrote inside the block.

    Raises:
        RunbookError: the block is damaged or edited by hand, a conflict is not settled, or the
            file cannot be read or written.
    """
    change = plan(root, config, agent, entries, rebuild=rebuild)
    if change.changed and change.new is not None:
        write(change.path, change.new)
    return change


def hand_edited(name: str, line: int, agent: str) -> RunbookError:
    """The error for a block that is not what errata wrote, with the way out."""
    return RunbookError(
        f"{name}:{line}: the generated block was edited by hand",
        "move your text outside the markers, then run "
        f"`errata evolve --rebuild --agent {agent}`, which writes the block anew",
    )


def digest(data: bytes) -> str:
    """12 hex digits that name a runbook: SHA-256 of its bytes, a CRLF checkout taken as LF."""
    return hashlib.sha256(data.replace(b"\r\n", b"\n")).hexdigest()[:12]


def _settled(data: bytes, name: str) -> tuple[bytes, bool]:
    """The bytes without conflicts in the block, and whether there were any.

    Conflicts in a person's text stay where they are, unless they reach into the block.
    """
    healed = conflict.heal(data)
    if healed is not None:
        return healed, healed != data
    try:
        block = document.parse(data, name).block
        if block is None or block.intact:
            return data, False
    except RunbookError:
        pass
    first = _CONFLICT.search(data)
    line = data.count(b"\n", 0, first.start() if first else 0) + 1
    raise RunbookError(
        f"{name}:{line}: a merge conflict in text that errata did not write",
        "resolve it outside the markers; what is between them is written anew",
    )


def _change(
    path: Path, old: bytes | None, new: bytes, before: dict[str, str], after: dict[str, str]
) -> Change:
    common = before.keys() & after.keys()
    return Change(
        path,
        old != new,
        added=tuple(sorted(after.keys() - before.keys())),
        removed=tuple(sorted(before.keys() - after.keys())),
        updated=tuple(sorted(name for name in common if before[name] != after[name])),
        old=old,
        new=new,
    )
