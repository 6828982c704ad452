"""The files through which the tools of agents call errata: hooks, commands, skills.

``rules/agents.toml`` says what each tool reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from errata.rules.agent_tools import with_setup
from errata.setup import agents_hooks, agents_texts
from errata.setup.agents_hooks import FORMS
from errata.setup.file_change import Change, current

if TYPE_CHECKING:
    from errata.core.config import Config

TOOLS = tuple(with_setup())


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a tool needs to work with errata.

    Attributes:
        path: the file, from the top of the repository.
        what: the event of a hook, ``skill`` or ``command``.
        state: ``present``, ``missing``, ``other`` (a file of that name that is not ours),
            ``off`` (a setting turns hooks off) or ``gone`` (its command, which is ``what``, is not
            where the hooks say).
    """

    path: str
    what: str
    state: str


def changes(root: Path, config: Config, tools: Sequence[str], command: str) -> list[Change]:  # noqa: ARG001
    """What has to be written so that these tools work with errata; also what needs no change.

    ``command`` is errata as a word for the shell. Whoever does not have it notices nothing.
    Files that a person has under the names of ours are left alone: :func:`notes` says which.

    Raises:
        ErrataError: a file cannot be read, or is not JSON that can be edited.
    """
    found = []
    for tool in _known(tools):
        path = FORMS[tool].path
        before = current(root, path)
        after = agents_hooks.install(before, tool, command)
        found.append(Change(path, before, after, f"hooks of {tool}"))
    for path, text in agents_texts.wanted(_known(tools)).items():
        before = current(root, path)
        after = text if before is None else before
        found.append(Change(path, before, after, f"{agents_texts.kind(path)} for agents"))
    return found


def notes(root: Path, config: Config, tools: Sequence[str]) -> list[str]:  # noqa: ARG001
    """What a person should know, one line each: files left alone, hooks that are turned off."""
    found = []
    for tool in _known(tools):
        for item in items_of(root, tool):
            if item.state == "other":
                found.append(f"{item.path}: yours, and left alone ({item.what} of errata differs)")
            if item.state == "off":
                found.append(f"{item.path}: {item.what}, so no hook of {tool} runs")
    for tool in _known(tools):
        found += with_setup()[tool]["notes"]
    return list(dict.fromkeys(found))


def removals(root: Path, config: Config) -> list[Change]:  # noqa: ARG001
    """What has to go, of all tools; also files that need no change.

    Raises:
        ErrataError: a file that calls errata cannot be read or edited.
    """
    found = []
    for tool in TOOLS:
        path = FORMS[tool].path
        before = current(root, path)
        if before is not None:
            after = agents_hooks.uninstall(before, tool)
            found.append(Change(path, before, after, f"hooks of {tool}"))
    for path, text in agents_texts.wanted(TOOLS).items():
        before = current(root, path)
        if before is not None:
            after = None if _same(before, text) else before
            found.append(Change(path, before, after, f"{agents_texts.kind(path)} for agents"))
    return found


def is_clean(path: str, data: bytes) -> bool:
    """Whether a file of a tool has nothing of ours in it. Raises ErrataError: not JSON."""
    for tool in TOOLS:
        if FORMS[tool].path == path:
            return agents_hooks.uninstall(data, tool) == data
    text = agents_texts.wanted(TOOLS).get(path)
    return text is None or not _same(data, text)


def installed(root: Path) -> dict[str, list[Item]]:
    """Tool -> what it needs and whether it is there, for every tool.

    Raises:
        ErrataError: a file cannot be read, or is not JSON.
    """
    return {tool: items_of(root, tool) for tool in TOOLS}


def items_of(root: Path, tool: str) -> list[Item]:
    """The same for one tool. Raises ErrataError: a file cannot be read, or is not JSON."""
    return [*_hooks(root, tool), *_texts(root, tool)]


def edited(root: Path) -> list[str]:
    """Commands and skills of ours that somebody edited, so that they are theirs now."""
    found = []
    for path, text in agents_texts.wanted(TOOLS).items():
        data = current(root, path)
        if data is not None and b"errata" in data and not _same(data, text):
            found.append(path)
    return found


def _hooks(root: Path, tool: str) -> Iterator[Item]:
    form = FORMS[tool]
    data = current(root, form.path)
    there = agents_hooks.events(data, tool) if data is not None else set()
    for event in form.events:
        yield Item(form.path, event, "present" if event in there else "missing")
    for program in agents_hooks.missing_programs(data, tool) if data is not None else ():
        yield Item(form.path, program, "gone")
    for path, setting in agents_hooks.turned_off(root, tool):
        yield Item(path, setting, "off")


def _texts(root: Path, tool: str) -> Iterator[Item]:
    for path, text in agents_texts.wanted([tool]).items():
        data = current(root, path)
        state = "missing" if data is None else "present" if _same(data, text) else "other"
        yield Item(path, agents_texts.kind(path), state)


def _same(data: bytes, text: bytes) -> bool:
    # A checkout may have changed the line endings.
    return data.replace(b"\r\n", b"\n") == text


def _known(tools: Sequence[str]) -> list[str]:
    return [tool for tool in TOOLS if tool in tools]
