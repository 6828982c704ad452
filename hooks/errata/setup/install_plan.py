"""The plan of `errata init` or `errata uninstall`, shown first and then applied."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass, field

from errata.core.errors import ErrataError
from errata.setup.file_change import FileChange
from errata.setup.layout import Layout
from errata.setup.managers import Manager


@dataclass(frozen=True, slots=True)
class Action:
    """Something to do other than changing a file of the repository.

    Attributes:
        description: one line for people; "" for internal bookkeeping.
        run: does it. Raises ErrataError.
    """

    description: str
    run: Callable[[], None]


@dataclass(slots=True)
class InstallPlan:
    """Everything that would be done, in this order: ``prepare``, ``changes``, ``finish``.

    Attributes:
        layout: the repository.
        manager: the hook manager; None for an uninstall.
        changes: of files; only those that change something.
        prepare, finish: actions before and after the changes.
        notes: notes for people, one line each.
        undone: what init could not do, one line each; said even if nothing has to be done.
        uncommitted: the changed files that git will not commit.
    """

    layout: Layout
    manager: Manager | None = None
    changes: list[FileChange] = field(default_factory=list)
    prepare: list[Action] = field(default_factory=list)
    finish: list[Action] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    undone: list[str] = field(default_factory=list)
    uncommitted: set[str] = field(default_factory=set)

    @property
    def to_commit(self) -> list[str]:
        """The changed files that the person should commit."""
        return [
            change.path
            for change in self.changes
            if change.shared and change.path not in self.uncommitted
        ]

    @property
    def actions(self) -> list[Action]:
        """The actions that have a description."""
        return [action for action in (*self.prepare, *self.finish) if action.description]

    @property
    def empty(self) -> bool:
        """Whether nothing has to be done."""
        return not self.changes and not self.actions

    def check_writable(self) -> None:
        """Refuse what cannot be written before anything is done.

        Raises:
            ErrataError: a file is read-only, or a file is in the place of a folder.
        """
        for change in self.changes:
            file = self.layout.file(change.path)
            folder = next(parent for parent in file.parents if parent.exists())
            if not folder.is_dir() and change.after is not None:
                name = self.layout.path(folder)
                raise ErrataError(
                    f"{name}: must be a folder", f"move the file; {change.path} goes there"
                )
            if file.exists() and not file.stat().st_mode & 0o222:
                command = f"chmod u+w {shlex.quote(change.path)}"
                raise ErrataError(f"{change.path}: is read-only", f"`{command}`, if it may change")

    def apply(self) -> None:
        """Do it. After an interruption, plan and apply again to finish.

        Raises:
            ErrataError: something cannot be done; everything before it is done.
        """
        for action in self.prepare:
            action.run()
        for change in self.changes:
            self.layout.write(change)
        for action in self.finish:
            action.run()
