"""Our hooks in the JSON files of agent tools. They call ``errata agent-hook``.

:mod:`errata.setup.agents_files` is the same for files of any layout.
"""

from __future__ import annotations

import copy
import json
import os
import re
import shlex
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from errata.core.errors import ErrataError
from errata.rules.agent_tools import with_setup
from errata.setup import guard, json_file
from errata.setup.file_change import current
from errata.setup.json_file import JsonFile

_TOOLS = "|".join(map(re.escape, with_setup()))
_CALL = rf" agent-hook --tool (?:{_TOOLS}) (\w+)\s*\Z"
GUARDED = re.compile(
    r"(?:command -v errata >/dev/null 2>&1 \|\| PATH=[^;]+; )?"
    rf"command -v (.+) >/dev/null 2>&1 \|\| exit 0; (?:PYTHONPATH= )?\1{_CALL}"
)
"""Matches :func:`command_line`: the program, and the event."""
_BARE = re.compile(rf"(.+?){_CALL}")


@dataclass(frozen=True, slots=True)
class HookFormat:
    """The format of a tool's hooks.

    Attributes:
        path: the file, from the top of the repository; a folder if the layout is ``scripts``.
        events: the tool's name of an event -> matcher of tool names, "" for none.
        timeout: 5 seconds, in the tool's unit.
        layout: see ``rules/agents.toml``.
        extra: members of a new file besides ``hooks``.
        off: settings that turn hooks off.
    """

    path: str
    events: Mapping[str, str]
    timeout: int
    layout: str
    extra: Mapping[str, Any]
    off: tuple[OffSwitch, ...]

    @property
    def grouped(self) -> bool:
        """Whether hooks are in groups with a matcher; otherwise they are a plain list."""
        return self.layout == "groups"

    @property
    def is_json(self) -> bool:
        """Whether the hooks are in a JSON file."""
        return self.layout in ("groups", "list")


@dataclass(frozen=True, slots=True)
class OffSwitch:
    """A setting that turns a tool's hooks off. The first file that contains it decides."""

    setting: str
    value: bool
    files: tuple[str, ...]


def _form(setup: Mapping[str, Any]) -> HookFormat:
    return HookFormat(
        setup["hooks"],
        setup["matchers"],
        setup["timeout"],
        setup["layout"],
        setup["members"],
        tuple(OffSwitch(off["setting"], off["value"], tuple(off["files"])) for off in setup["off"]),
    )


FORMATS = {tool: _form(setup) for tool, setup in with_setup().items()}


def install(raw: bytes | None, tool: str, command: str) -> bytes:
    """The tool's file with each of our hooks once.

    A hook keeps the path of an errata that exists on this machine.

    Raises:
        FileError: not JSON, or its hooks are not where they must be.
    """
    form = FORMATS[tool]
    if raw is None:
        return _new(tool, command)
    file = json_file.read(raw, form.path)
    _check(file, form)
    data = copy.deepcopy(file.data)
    present = _update(data, tool, command)
    for event in form.events:
        if event not in present:
            groups = data.setdefault("hooks", {}).setdefault(event, [])
            groups.append(_entry(tool, event, command))
    return json_file.write(file, data)


def uninstall(raw: bytes, tool: str) -> bytes | None:
    """The file without our hooks; None if they were all of it.

    Raises:
        FileError: it calls errata, and is not JSON.
    """
    if b"agent-hook" not in raw:
        return raw
    form = FORMATS[tool]
    file = json_file.read(raw, form.path)
    data = copy.deepcopy(file.data)
    for call in list(_calls(data, form)):
        _remove(data, call)
    if data == file.data:
        return raw
    # Only files that we created have their keys in this order.
    created = tuple(file.data) == ("hooks", *form.extra)
    return None if created and data == form.extra else json_file.write(file, data)


def events(raw: bytes, tool: str) -> set[str]:
    """The events for which the file calls errata. Raises FileError: not JSON."""
    if b"agent-hook" not in raw:
        return set()
    form = FORMATS[tool]
    return {call.event for call in _calls(json_file.read(raw, form.path).data, form)}


def commands(raw: bytes, tool: str) -> list[tuple[str, str]]:
    """(event, command line) of each of our hooks in the file. Raises FileError: not JSON."""
    if b"agent-hook" not in raw:
        return []
    form = FORMATS[tool]
    calls = _calls(json_file.read(raw, form.path).data, form)
    return [(call.event, call.hook["command"]) for call in calls]


def missing_programs(raw: bytes, tool: str) -> list[str]:
    """The paths of errata in the file that do not exist. Raises FileError: not JSON."""
    if b"agent-hook" not in raw:
        return []
    form = FORMATS[tool]
    calls = _calls(json_file.read(raw, form.path).data, form)
    programs = dict.fromkeys(shlex.split(call.program)[0] for call in calls)
    return [path for path in programs if "/" in path and shutil.which(path) is None]


def turned_off(root: Path, tool: str) -> Iterator[tuple[str, str]]:
    """(file, setting) that keeps the tool from running any hook.

    Raises:
        FileError: the file with our hooks is not JSON.
    """
    form = FORMATS[tool]
    for switch in form.off:
        for path in switch.files:
            value = _setting(root, path, switch.setting.split("."), is_ours=path == form.path)
            if value is not None:
                if value is switch.value:
                    yield _expanded(path), f"{switch.setting} is {json.dumps(value)}"
                break


def _expanded(path: str) -> str:
    # Path.expanduser fails without a home.
    return os.path.expanduser(path)  # noqa: PTH111


def _setting(root: Path, path: str, keys: list[str], is_ours: bool) -> Any:
    """The value of a setting, or None. With ``is_ours``, an unreadable file is an error."""
    try:
        data = _read_in(root, _expanded(path))
        value = _parse(data, path) if data is not None else None
    except (ErrataError, ValueError, RecursionError):
        if is_ours:
            raise
        return None  # The tool itself reports it.
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _read_in(root: Path, path: str) -> bytes | None:
    file = Path(path)
    return current(file.parent, file.name) if file.is_absolute() else current(root, path)


def _parse(data: bytes, path: str) -> Any:
    if path.endswith(".toml"):
        import tomllib

        return tomllib.loads(data.decode())
    return json_file.read(data, path).data


# ------------------------------------------------------------------------------------- our hooks


def command_line(tool: str, event: str, command: str) -> str:
    """The command of a hook: silent where errata is missing.

    An agent's tool may be started with a short PATH, by a desktop.
    """
    find = f"command -v errata >/dev/null 2>&1 || {guard.FIND}; " if command == "errata" else ""
    check = f"command -v {command} >/dev/null 2>&1 || exit 0"
    return f"{find}{check}; PYTHONPATH= {command} agent-hook --tool {tool} {event}"


def _entry(tool: str, event: str, command: str) -> dict[str, Any]:
    form = FORMATS[tool]
    line = command_line(tool, event, command)
    matcher = {"matcher": form.events[event]} if form.events[event] else {}
    if not form.grouped:
        return matcher | {"command": line, "timeout": form.timeout}
    return matcher | {"hooks": [{"type": "command", "command": line, "timeout": form.timeout}]}


def _new(tool: str, command: str) -> bytes:
    form = FORMATS[tool]
    hooks = {event: [_entry(tool, event, command)] for event in form.events}
    text = json.dumps({"hooks": hooks, **form.extra}, indent=2, ensure_ascii=False)
    return f"{text}\n".encode()


@dataclass(frozen=True, slots=True)
class _Call:
    """A hook that calls ``errata agent-hook`` and does nothing else.

    Attributes:
        program: errata as a word for the shell.
        event: its argument.
        hook: the hook, which has the ``command``.
        lists: the lists that it is in, the innermost last, each with the item that leads to it.
        listed_as: the event under which it is listed.
    """

    program: str
    event: str
    hook: dict[str, Any]
    lists: tuple[tuple[Any, Any], ...]
    listed_as: str


def _calls(data: dict[str, Any], form: HookFormat) -> Iterator[_Call]:
    hooks = data.get("hooks")
    for event, items in (hooks if isinstance(hooks, dict) else {}).items():
        for item in items if isinstance(items, list) else ():
            if not isinstance(item, dict):
                continue
            inner = item.get("hooks") if form.grouped else [item]
            for hook in inner if isinstance(inner, list) else ():
                if match := _match(hook):
                    lists = ((items, item), (inner, hook)) if form.grouped else ((items, item),)
                    yield _Call(match[1], match[2], hook, lists, event)


def _match(hook: Any) -> re.Match[str] | None:
    """(program, event) of a hook that calls errata."""
    line = hook.get("command") if isinstance(hook, dict) else None
    if not isinstance(line, str):
        return None
    match = GUARDED.match(line) or _BARE.match(line)
    try:
        words = shlex.split(match[1]) if match else []
    except ValueError:
        return None
    return match if len(words) == 1 and Path(words[0]).name == "errata" else None


def _remove(data: dict[str, Any], call: _Call) -> None:
    """Remove a hook, and the lists and objects that are empty without it."""
    for values, item in reversed(call.lists):
        values[:] = [value for value in values if value is not item]
        if values:
            return
    del data["hooks"][call.listed_as]
    if not data["hooks"]:
        del data["hooks"]


def _update(data: dict[str, Any], tool: str, command: str) -> set[str]:
    """Remove duplicates of our hooks and update outdated ones. Returns the events present."""
    present: set[str] = set()
    for call in list(_calls(data, FORMATS[tool])):
        if call.event in present:
            _remove(data, call)
        elif not runs(call.program):
            call.hook["command"] = command_line(tool, call.event, command)
        elif GUARDED.match(call.hook["command"]):
            # An earlier version may have written it.
            call.hook["command"] = command_line(tool, call.event, call.program)
        present.add(call.event)
    return present


def runs(program: str) -> bool:
    """Whether the program exists and is not a path for which the bare name would do."""
    word, known = shlex.split(program)[0], shutil.which("errata")
    return shutil.which(word) is not None and not ("/" in word and word == known)


def _check(file: JsonFile, form: HookFormat) -> None:
    """Raise FileError if hooks are not an object of lists."""
    hooks = file.data.get("hooks", {})
    if not isinstance(hooks, dict):
        raise file.error("hooks", "hooks must be an object { }")
    for event in form.events:
        if not isinstance(hooks.get(event, []), list):
            raise file.error(event, f"hooks.{event} must be a list [ ]")
