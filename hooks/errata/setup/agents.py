"""The files through which agent tools call errata: hooks, commands, skills.

``rules/agents.toml`` says what each tool reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from errata.rules.agent_tools import with_setup
from errata.setup import agents_files, agents_hooks, agents_texts
from errata.setup.file_change import FileChange, current

if TYPE_CHECKING:
    from errata.core.config import Config

TOOLS = tuple(with_setup())


@dataclass(frozen=True, slots=True)
class Component:
    """One part of a tool's integration with errata.

    Attributes:
        path: the file, from the top of the repository.
        name: the event of a hook, ``skill`` or ``command``.
        state: ``present``; ``missing``; ``outdated``: as an earlier version wrote it; ``other``: a
            file by that name that somebody wrote or edited; ``yours``: a person's own script or
            plugin, where our hook should be; ``off``: the setting ``name`` turns hooks off;
            ``gone``: a hook runs the program ``name``, which does not exist.
    """

    path: str
    name: str
    state: str


def changes(root: Path, config: Config, tools: Sequence[str], command: str) -> list[FileChange]:  # noqa: ARG001
    """The files that these tools need, including those that are unchanged.

    ``command`` is errata as a word for the shell. The hooks do nothing where it is missing. Files
    with our names that somebody wrote or edited are kept; :func:`notes` lists them.

    Raises:
        ErrataError: a file cannot be read, or is not JSON that can be edited.
    """
    planned = []
    for file in (file for tool in _known(tools) for file in agents_files.files(tool)):
        before = current(root, file.path)
        after = agents_files.install(before, file, command)
        why = f"hooks of {file.tool}"
        planned.append(FileChange(file.path, before, after, why, file.executable))
    for path, text in agents_texts.wanted(_known(tools)).items():
        before = current(root, path)
        after = text if before is None or _state(before, text) == "outdated" else before
        planned.append(FileChange(path, before, after, f"{agents_texts.kind(path)} for agents"))
    return planned


def notes(root: Path, config: Config, tools: Sequence[str]) -> list[str]:  # noqa: ARG001
    """Notes for people, one line each: files that are kept, hooks that are turned off."""
    lines = []
    for tool in _known(tools):
        for part in components(root, tool):
            if part.state == "other":
                lines.append(f"{part.path}: kept your {part.name} (errata's is different)")
            if part.state == "yours":
                call = f"errata agent-hook --tool {tool} {part.name}"
                lines.append(f"{part.path}: kept yours; to run errata's hook, let it call `{call}`")
            if part.state == "off":
                lines.append(f"{part.path}: {part.name}, so no hook of {tool} runs")
    for tool in _known(tools):
        lines += with_setup()[tool]["notes"]
    return list(dict.fromkeys(lines))


def removals(root: Path, config: Config) -> list[FileChange]:  # noqa: ARG001
    """The removal of our files and hooks for all tools, including unchanged files.

    Raises:
        ErrataError: a file that calls errata cannot be read or edited.
    """
    planned = []
    for file in (file for tool in TOOLS for file in agents_files.files(tool)):
        before = current(root, file.path)
        if before is not None:
            after = agents_files.uninstall(before, file)
            planned.append(FileChange(file.path, before, after, f"hooks of {file.tool}"))
    for path, text in agents_texts.wanted(TOOLS).items():
        before = current(root, path)
        if before is not None:
            after = before if _state(before, text) == "other" else None
            planned.append(FileChange(path, before, after, f"{agents_texts.kind(path)} for agents"))
    return planned


def is_clean(path: str, data: bytes) -> bool:
    """Whether nothing in a tool's file is ours. Raises ErrataError: not JSON."""
    for file in (file for tool in TOOLS for file in agents_files.files(tool)):
        if file.path == path:
            return agents_files.uninstall(data, file) == data
    text = agents_texts.wanted(TOOLS).get(path)
    return text is None or _state(data, text) == "other"


def installed(root: Path) -> dict[str, list[Component]]:
    """Tool -> its components, for every tool. Raises ErrataError: as :func:`components`."""
    return {tool: components(root, tool) for tool in TOOLS}


def components(root: Path, tool: str) -> list[Component]:
    """A tool's components. Raises ErrataError: a file cannot be read, or is not JSON."""
    return [*_hooks(root, tool), *_texts(root, tool)]


def edited(root: Path) -> list[str]:
    """Our commands and skills that somebody edited and thereby owns."""
    paths = []
    for path, text in agents_texts.wanted(TOOLS).items():
        data = current(root, path)
        if data is not None and b"errata" in data and _state(data, text) == "other":
            paths.append(path)
    return paths


def _hooks(root: Path, tool: str) -> Iterator[Component]:
    for file in agents_files.files(tool):
        data = current(root, file.path) or b""
        events = agents_files.events(data, file)
        absent = "yours" if data and agents_files.is_own(data, file) else "missing"
        for event in file.events:
            yield Component(file.path, event, "present" if event in events else absent)
        for program in agents_files.missing_programs(data, file):
            yield Component(file.path, program, "gone")
    for path, setting in agents_hooks.turned_off(root, tool):
        yield Component(path, setting, "off")


def _texts(root: Path, tool: str) -> Iterator[Component]:
    for path, text in agents_texts.wanted([tool]).items():
        state = _state(current(root, path), text)
        yield Component(path, agents_texts.kind(path), state)


def _state(data: bytes | None, text: bytes) -> str:
    """The state of a file that should have this text; see :class:`Component`."""
    if data is None:
        return "missing"
    if agents_texts.digest(data) == agents_texts.digest(text):
        return "present"
    return "outdated" if agents_texts.is_shipped(data) else "other"


def _known(tools: Sequence[str]) -> list[str]:
    return [tool for tool in TOOLS if tool in tools]
