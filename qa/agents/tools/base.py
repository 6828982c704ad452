"""What the steps need to know of a tool; one module per tool fills it in."""

from __future__ import annotations

import subprocess
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from qa.agents.model import Reply
from qa.agents.place import Place
from qa.agents.terminal import Terminal


class Tool(ABC):
    """One tool, installed in a folder of npm packages, and driven at one place."""

    name: ClassVar[str]
    """As in rules/agents.toml."""
    title: ClassVar[str]
    package: ClassVar[str]
    """Of npm."""
    program: ClassVar[str]
    """Below node_modules."""
    settings: ClassVar[str]
    """The file of the repository that errata adds its hooks to."""
    own_settings: ClassVar[str]
    """Its content before errata is set up."""
    compact: ClassVar[str]
    """The command that compacts the session."""
    cannot: ClassVar[dict[str, str]] = {}
    """Steps that the tool has no way to do, and why."""
    remarks: ClassVar[dict[str, str]] = {}
    """What the table says about other steps."""
    sessions_of_roles: ClassVar[bool] = False
    """Whether a person may start a session as a role."""
    stamps: ClassVar[bool] = True
    """Whether its shell runs git's hooks."""
    context_at_start: ClassVar[bool] = True
    """Whether a session's lessons come with its start; else with its first prompt."""
    keeps_context: ClassVar[bool] = True
    """Whether a session that is resumed still has its lessons; else errata sends them again."""

    def __init__(self, packages: Path, place: Place) -> None:
        self.path, self.place = packages / "node_modules" / self.program, place

    @abstractmethod
    def prepare(self) -> None:
        """Write the user's settings: a recorder for every event, and no dialogs."""

    @abstractmethod
    def role_files(self) -> dict[str, str]:
        """Files of the repository that define the role."""

    @abstractmethod
    def write(self, path: str, text: str) -> Reply:
        """A call that writes a new file of the repository."""

    @abstractmethod
    def edit(self, path: str, old: str, new: str) -> Reply:
        """A call that replaces a line."""

    @abstractmethod
    def shell(self, line: str) -> Reply:
        """A call that runs a command."""

    @abstractmethod
    def delegate(self, role: str, task: str) -> Sequence[Reply]:
        """Calls that give a task to a sub-agent and wait for its end."""

    def finish(self) -> Sequence[Reply]:
        """How a sub-agent ends."""
        return [Reply("Sub-agent done.")]

    @abstractmethod
    def ask(
        self, prompt: str, *, resume: bool = False, role: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run the tool for one prompt, everything allowed, and wait for its end.

        Args:
            resume: go on with the last session.
            role: of the session, where the tool has sessions of roles.
        """

    @abstractmethod
    def open(self, *, allow: bool) -> Terminal:
        """Start the tool at a terminal, where it can take a prompt.

        Args:
            allow: allow every call; else the tool asks before it edits.
        """

    @abstractmethod
    def refuse(self, terminal: Terminal, words: str) -> None:
        """Refuse the edit that a dialog shows, and say why."""

    def by_hand(self, terminal: Terminal, line: str) -> None:
        """Run a command as a person, through the tool's prompt."""
        terminal.type(f"!{line}")
