"""The files with our hooks: JSON of the tool, a plugin, or a folder of scripts.

A plugin or a script holds nothing but our hooks. Its first lines say so: `errata init` writes it
anew, and `errata uninstall` deletes it, whatever somebody changed in it.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
from dataclasses import dataclass
from importlib import resources

from errata.rules.agent_tools import with_setup
from errata.setup import agents_hooks
from errata.setup.agents_hooks import FORMATS, GUARDED, command_line

_MARK = "Written by `errata init`, which replaces it; `errata uninstall` deletes it."
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_BARE_CALL = re.compile(r"errata agent-hook --tool ([\w-]+) (\w+)")


@dataclass(frozen=True, slots=True)
class HookFile:
    """A file with our hooks.

    Attributes:
        tool: the tool that reads it.
        path: from the top of the repository.
        events: the tool's names of the events that it handles.
    """

    tool: str
    path: str
    events: tuple[str, ...]

    @property
    def layout(self) -> str:
        """See ``rules/agents.toml``."""
        return FORMATS[self.tool].layout

    @property
    def executable(self) -> bool:
        """Whether the tool executes it."""
        return self.layout == "scripts"


def files(tool: str) -> list[HookFile]:
    """The files that a tool's hooks need."""
    form = FORMATS[tool]
    if form.layout == "scripts":
        return [HookFile(tool, f"{form.path}/{event}", (event,)) for event in form.events]
    return [HookFile(tool, form.path, tuple(form.events))]


def install(raw: bytes | None, file: HookFile, command: str) -> bytes:
    """The file with our hooks; a person's own plugin or script stays as it is.

    A hook keeps the path of an errata that exists on this machine.

    Raises:
        FileError: as :func:`errata.setup.agents_hooks.install`.
    """
    if FORMATS[file.tool].is_json:
        return agents_hooks.install(raw, file.tool, command)
    if raw is not None and not _is_ours(raw):
        return raw
    kept = next((word for word in _programs(raw or b"", file) if agents_hooks.runs(word)), command)
    text = (_script if file.layout == "scripts" else _plugin)(file, kept)
    # A checkout may have changed the line endings.
    same = raw is not None and raw.replace(b"\r\n", b"\n") == text
    return raw if raw is not None and same else text


def uninstall(raw: bytes, file: HookFile) -> bytes | None:
    """The file without our hooks; None if they were all of it.

    Raises:
        FileError: as :func:`errata.setup.agents_hooks.uninstall`.
    """
    if FORMATS[file.tool].is_json:
        return agents_hooks.uninstall(raw, file.tool)
    return None if _is_ours(raw) else raw


def is_own(raw: bytes, file: HookFile) -> bool:
    """Whether it is a person's own plugin or script."""
    return not FORMATS[file.tool].is_json and not _is_ours(raw)


def events(raw: bytes, file: HookFile) -> set[str]:
    """The events for which the file calls errata. Raises FileError: not JSON."""
    if FORMATS[file.tool].is_json:
        return agents_hooks.events(raw, file.tool)
    calls = _BARE_CALL.findall(raw.decode("utf-8", "replace"))
    return {event for tool, event in calls if tool == file.tool}


def commands(raw: bytes, file: HookFile) -> list[tuple[str, str]]:
    """(event, command line) of each of our hooks in the file. Raises FileError: not JSON."""
    if FORMATS[file.tool].is_json:
        return agents_hooks.commands(raw, file.tool)
    return [(match[2], match.string) for match in _lines(raw, file)]


def missing_programs(raw: bytes, file: HookFile) -> list[str]:
    """The paths of errata in the file that do not exist. Raises FileError: not JSON."""
    if FORMATS[file.tool].is_json:
        return agents_hooks.missing_programs(raw, file.tool)
    paths = dict.fromkeys(shlex.split(word)[0] for word in _programs(raw, file))
    return [path for path in paths if "/" in path and shutil.which(path) is None]


# ------------------------------------------------------------------------------ plugins, scripts


def _is_ours(raw: bytes) -> bool:
    return any(_MARK.encode() in line for line in raw.splitlines()[:2])


def _programs(raw: bytes, file: HookFile) -> list[str]:
    """Errata as a word for the shell, in each of our hooks."""
    return [match[1] for match in _lines(raw, file)]


def _lines(raw: bytes, file: HookFile) -> list[re.Match[str]]:
    """The command lines of our hooks."""
    text = raw.decode("utf-8", "replace")
    if file.layout == "scripts":
        lines = [line.removeprefix("answer=$(").removesuffix(")") for line in text.splitlines()]
    else:
        lines = [_unquoted(quoted) for quoted in _STRING.findall(text)]
    return [match for line in lines if (match := GUARDED.match(line))]


def _unquoted(text: str) -> str:
    try:
        value = json.loads(f'"{text}"')
    except ValueError:
        return ""
    return str(value)


def _script(file: HookFile, command: str) -> bytes:
    """A script, which always answers, because the tool waits for an answer."""
    (event,) = file.events
    nothing = '{"cancel": false}'
    lines = [
        "#!/bin/sh",
        f"# {_MARK}",
        f"answer=$({command_line(file.tool, event, command)})",
        f"[ -n \"$answer\" ] || answer='{nothing}'",
        "printf '%s\\n' \"$answer\"",
    ]
    return "".join(f"{line}\n" for line in lines).encode()


def _plugin(file: HookFile, command: str) -> bytes:
    """A plugin: the program of this tool, with the command lines of the hooks."""
    source = resources.files("errata.setup").joinpath(f"plugins/{file.tool}.js").read_text("utf-8")
    lines = {event: command_line(file.tool, event, command) for event in file.events}
    setup = with_setup()[file.tool]
    values = {
        "__HOOKS__": json.dumps(lines, indent=2),
        "__BEFORE__": setup["matchers"].get("PreToolUse", ""),
        "__AFTER__": setup["matchers"]["PostToolUse"],
        "__TIMEOUT__": str(setup["timeout"]),
    }
    for name, value in values.items():
        source = source.replace(name, value)
    return f"// {_MARK}\n{source}".encode()
