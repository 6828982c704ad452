"""Runbook files on disk: planning a change of one, and writing it atomically."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from errata.core import atomic
from errata.core.config import Config
from errata.core.errors import RunbookError
from errata.lessons.hot_spots import HotSpot
from errata.runbooks import conflict, document, entry_layout, render
from errata.runbooks.entry import Entry
from errata.runbooks.paths import path_for, read, template

_CONFLICT = re.compile(rb"^<{7}( |\r?$)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class RunbookChange:
    """A change of one runbook, possibly none.

    Attributes:
        path: the file.
        changed: whether its bytes change.
        added, removed, updated: names of entries in the block, sorted.
        old: the previous bytes; None if there was no file.
        new: the bytes after, None where none is to be written.
    """

    path: Path
    changed: bool
    added: tuple[str, ...]
    removed: tuple[str, ...]
    updated: tuple[str, ...]
    old: bytes | None = field(repr=False, default=None)
    new: bytes | None = field(repr=False, default=None)

    @property
    def summary(self) -> str:
        """The names of the entries that change: ``+added, -removed, ~updated``."""
        signs = (("+", self.added), ("-", self.removed), ("~", self.updated))
        return ", ".join(f"{sign}{name}" for sign, names in signs for name in names)


def write(path: Path, data: bytes) -> bool:
    """Write ``data`` atomically; False if the file held it already.

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


def plan_change(
    root: Path,
    config: Config,
    agent: str,
    entries: Sequence[Entry],
    hot_spots: Sequence[HotSpot] = (),
    *,
    rebuild: bool = False,
) -> RunbookChange:
    """What brings the block of an agent's runbook up to date; writes nothing.

    A new runbook starts from the template, but an empty block creates none. ``rebuild`` discards
    text that a person wrote inside the block.

    Raises:
        RunbookError: the block is damaged or was edited by hand, a conflict is not resolved, or
            the file cannot be read.
    """
    path = path_for(root, config, agent)
    name = str(path.relative_to(root))
    return plan_block(
        path, name, template(agent), entries, config, hot_spots, rebuild=rebuild, agent=agent
    )


def plan_block(
    path: Path,
    name: str,
    new_file: bytes,
    entries: Sequence[Entry],
    config: Config,
    hot_spots: Sequence[HotSpot] = (),
    *,
    rebuild: bool = False,
    agent: str = "",
) -> RunbookChange:
    """What brings the block of any file up to date, as :func:`plan_change` does for a runbook.

    Args:
        name: the path to use in messages.
        new_file: what a new file has besides the block.
        agent: whose runbook it is; "" for another file.

    Raises:
        RunbookError: as :func:`plan_change`.
    """
    old = read(path)
    if old is None and not entries and not hot_spots:
        return RunbookChange(path, False, (), (), ())
    data, had_conflict = _resolved(new_file if old is None else old, name)
    runbook = document.parse(data, name)
    manual = document.manual_names(data, name)
    body = render.render(entries, manual, config.runbook, hot_spots)
    block = runbook.block
    if block and not (rebuild or had_conflict or block.intact or block.text == body):
        raise hand_edited(name, block.begin_line, agent)
    before = entry_layout.items(block.text) if block else {}
    after = entry_layout.items(body)
    common = before.keys() & after.keys()
    new = document.replace(runbook, body)
    return RunbookChange(
        path,
        old != new,
        added=tuple(sorted(after.keys() - before.keys())),
        removed=tuple(sorted(before.keys() - after.keys())),
        updated=tuple(sorted(name for name in common if before[name] != after[name])),
        old=old,
        new=new,
    )


def hand_edited(name: str, line: int, agent: str) -> RunbookError:
    """The error for a block that differs from what errata wrote; ``agent`` may be ""."""
    option = f" --agent {agent}" if agent else ""
    return RunbookError(
        f"{name}:{line}: the generated block was edited by hand",
        "move your text outside the markers, then run "
        f"`errata evolve --rebuild{option}`, which rewrites the block",
    )


def _resolved(data: bytes, name: str) -> tuple[bytes, bool]:
    """The bytes without conflicts in the block, and whether there were any.

    Conflicts in a person's text stay where they are, unless they reach into the block.
    """
    resolved = conflict.resolve(data)
    if resolved is not None:
        return resolved, resolved != data
    with contextlib.suppress(RunbookError):
        block = document.parse(data, name).block
        if block is None or block.intact:
            return data, False
    first = _CONFLICT.search(data)
    line = data.count(b"\n", 0, first.start() if first else 0) + 1
    raise RunbookError(
        f"{name}:{line}: a merge conflict in text that errata did not write",
        "resolve it outside the markers; errata rewrites what is between them",
    )
