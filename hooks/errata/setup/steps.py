"""What `errata init` and `errata uninstall` are going to do, and the doing of it."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass, field

from errata.core.errors import ErrataError
from errata.setup.file_change import Change
from errata.setup.layout import Layout
from errata.setup.managers import Manager


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do that is no file of the repository.

    Attributes:
        said: one line for people; "" for what needs no words.
        run: does it. Raises ErrataError.
    """

    said: str
    run: Callable[[], None]


@dataclass(slots=True)
class Plan:
    """All that would be done, in this order: ``first``, ``changes``, ``then``.

    Attributes:
        layout: the repository.
        manager: the hook manager; None when taking out.
        changes: of files, only those that change something.
        first, then: steps before and after the changes.
        notes: what a person should know, one line each.
    """

    layout: Layout
    manager: Manager | None = None
    changes: list[Change] = field(default_factory=list)
    first: list[Step] = field(default_factory=list)
    then: list[Step] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def steps(self) -> list[Step]:
        """The steps that have something to say."""
        return [step for step in (*self.first, *self.then) if step.said]

    @property
    def empty(self) -> bool:
        """Whether all is as it should be."""
        return not self.changes and not self.steps

    def check_writable(self) -> None:
        """Refuse files that somebody made read-only, before anything is done.

        Raises:
            ErrataError: there is one.
        """
        for one in self.changes:
            file = self.layout.file(one.path)
            if file.exists() and not file.stat().st_mode & 0o222:
                words = shlex.quote(one.path)
                raise ErrataError(
                    f"{one.path}: is read-only", f"`chmod u+w {words}`, if it may change"
                )

    def apply(self) -> None:
        """Do it. Stopped half-way, it is finished by planning and applying again.

        Raises:
            ErrataError: something cannot be done; what came before it is done.
        """
        for step in self.first:
            step.run()
        for one in self.changes:
            self.layout.write(one)
        for step in self.then:
            step.run()
