"""The hooks of agents' tools that call ``errata agent-hook``, in the tools' JSON files."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from errata.core.errors import ErrataError
from errata.rules.agent_tools import with_setup
from errata.setup import agents_json as js
from errata.setup.agents_json import Document, Node
from errata.setup.file_change import current

_TOOLS = "|".join(map(re.escape, with_setup()))
_CALL = rf" agent-hook --tool (?:{_TOOLS}) (\w+)\s*\Z"
_GUARDED = re.compile(rf"command -v (.+) >/dev/null 2>&1 \|\| exit 0; \1{_CALL}")
_BARE = re.compile(rf"(.+?){_CALL}")


@dataclass(frozen=True, slots=True)
class Form:
    """How one tool writes its hooks down.

    Attributes:
        path: the file, from the top of the repository.
        events: the tool's name of an event -> matcher of tool names, "" for none.
        timeout: what it may take at most, in the tool's own unit (5 seconds).
        grouped: hooks stand in groups with a matcher; otherwise they are a plain list.
        extra: members of a new file besides ``hooks``.
        off: settings that turn hooks off.
    """

    path: str
    events: Mapping[str, str]
    timeout: int
    grouped: bool
    extra: Mapping[str, Any]
    off: tuple[OffSwitch, ...]


@dataclass(frozen=True, slots=True)
class OffSwitch:
    """A setting that turns a tool's hooks off; the first of the files that has it decides."""

    setting: str
    value: bool
    files: tuple[str, ...]


def _form(setup: Mapping[str, Any]) -> Form:
    return Form(
        setup["hooks"],
        setup["matchers"],
        setup["timeout"],
        setup["layout"] == "groups",
        setup["members"],
        tuple(OffSwitch(off["setting"], off["value"], tuple(off["files"])) for off in setup["off"]),
    )


FORMS = {tool: _form(setup) for tool, setup in with_setup().items()}


def install(data: bytes | None, tool: str, command: str) -> bytes:
    """The tool's file with our hooks in it, each once.

    A hook of ours that calls an errata which is on this machine stays as it is.

    Raises:
        FileError: not JSON, or hooks are not where they must be.
    """
    form = FORMS[tool]
    if data is None:
        return _new(tool, command)
    document = js.read(data, form.path)
    document = _without_doubles(document, tool, command)
    missing = [event for event in form.events if event not in _found(document, tool)]
    hooks = document.top.member("hooks")
    if hooks is None and missing:
        whole = {event: [_entry(tool, event, command)] for event in missing}
        return document.data(js.append(document, document.top, [("hooks", whole)]))
    for event in list(missing):
        listed = _lists(document, tool).get(event)
        if listed is not None:
            entry = _entry(tool, event, command)
            text = js.append(document, listed, [(None, entry)])
            document = js.read(document.data(text), form.path)
            missing.remove(event)
    if missing:
        members = [(event, [_entry(tool, event, command)]) for event in missing]
        return document.data(js.append(document, _object(document), members))
    return document.data(document.text)


def uninstall(data: bytes, tool: str) -> bytes | None:
    """The file without our hooks, as it was before them; None if nothing else is in it.

    Raises:
        FileError: it calls errata, and is not JSON.
    """
    if b"agent-hook" not in data:
        return data
    form = FORMS[tool]
    document = js.read(data, form.path)
    if _is_new(document, tool):
        return None
    # Only a file of ours has them in this order.
    made = bool(form.extra) and document.top.keys == ("hooks", *form.extra)
    while found := next(_ours(document, tool), None):
        nodes, index, _ = found
        text = js.remove(document, nodes, index)
        if text is None:
            return None
        document = js.read(document.data(text), form.path)
    return None if made and document.top.value == form.extra else document.data(document.text)


def events(data: bytes, tool: str) -> set[str]:
    """The events for which the file calls errata. Raises FileError: not JSON."""
    return _found(js.read(data, FORMS[tool].path), tool) if b"agent-hook" in data else set()


def gone(data: bytes, tool: str) -> list[str]:
    """The paths of errata in the file that lead nowhere. Raises FileError: not JSON."""
    if b"agent-hook" not in data:
        return []
    found = (_matched(node) for _, _, node in _ours(js.read(data, FORMS[tool].path), tool))
    programs = dict.fromkeys(shlex.split(match[1])[0] for match in found if match)
    return [one for one in programs if "/" in one and shutil.which(one) is None]


def turned_off(root: Path, tool: str) -> Iterator[tuple[str, str]]:
    """(file, setting) that keeps the tool from running any hook.

    Raises:
        FileError: the file with our hooks is not JSON.
    """
    form = FORMS[tool]
    for switch in form.off:
        for path in switch.files:
            value = _setting(root, path, switch.setting.split("."), own=path == form.path)
            if value is not None:
                if value is switch.value:
                    yield _expanded(path), f"{switch.setting} is {json.dumps(value)}"
                break


def _expanded(path: str) -> str:
    return str(Path(path).expanduser())


def _setting(root: Path, path: str, keys: list[str], own: bool) -> Any:
    """The value of a setting, or None. Only of our ``own`` file is it an error to be unreadable."""
    try:
        data = _read_in(root, _expanded(path))
        value = _parse(data, path) if data is not None else None
    except (ErrataError, ValueError, RecursionError):
        if own:
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
    return js.read(data, path).top.value


# ---------------------------------------------------------------------------------- what is ours


def _line(tool: str, event: str, command: str) -> str:
    """The command of a hook: silent where there is no errata."""
    guard = f"command -v {command} >/dev/null 2>&1 || exit 0"
    return f"{guard}; {command} agent-hook --tool {tool} {event}"


def _entry(tool: str, event: str, command: str) -> dict[str, Any]:
    form = FORMS[tool]
    line = _line(tool, event, command)
    if not form.grouped:
        return {"command": line, "timeout": form.timeout}
    matcher = {"matcher": form.events[event]} if form.events[event] else {}
    return matcher | {"hooks": [{"type": "command", "command": line, "timeout": form.timeout}]}


def _new(tool: str, command: str) -> bytes:
    form = FORMS[tool]
    hooks = {event: [_entry(tool, event, command)] for event in form.events}
    text = json.dumps({"hooks": hooks, **form.extra}, indent=2, ensure_ascii=False)
    return f"{text}\n".encode()


def _is_new(document: Document, tool: str) -> bool:
    """Whether the file is as we make one."""
    matches = (_matched(node) for _, _, node in _ours(document, tool))
    programs = {match[1] for match in matches if match}
    text = document.text.replace("\r\n", "\n")
    return any(text == _new(tool, program).decode() for program in programs)


def _matched(node: Node) -> re.Match[str] | None:
    """(program, event) of a command that calls ``errata agent-hook`` and does nothing else."""
    line = node.value if isinstance(node.value, str) else ""
    match = _GUARDED.match(line) or _BARE.match(line)
    try:
        words = shlex.split(match[1]) if match else []
    except ValueError:
        return None
    return match if len(words) == 1 and Path(words[0]).name == "errata" else None


def _ours(document: Document, tool: str) -> Iterator[tuple[list[Node], int, Node]]:
    """(containers from the top, index in the innermost, command) of each hook of ours."""
    hooks = document.top.member("hooks")
    if hooks is None or not isinstance(hooks.value, dict):
        return
    for listed in hooks.parts or ():
        above = [document.top, hooks, listed]
        for index, one in enumerate(listed.parts or ()):
            if not FORMS[tool].grouped:
                command = one.member("command")
                if command is not None and _matched(command):
                    yield above, index, command
                continue
            inner = one.member("hooks")
            for place, hook in enumerate((inner.parts or ()) if inner else ()):
                command = hook.member("command")
                if inner and command is not None and _matched(command):
                    group = [*above, one, inner]
                    # A group without hooks says nothing, so it goes with its last one.
                    alone = len(inner.parts or ()) == 1
                    yield (above, index, command) if alone else (group, place, command)


def _found(document: Document, tool: str) -> set[str]:
    return {match[2] for _, _, node in _ours(document, tool) if (match := _matched(node))}


def _without_doubles(document: Document, tool: str, command: str) -> Document:
    """The file with each hook of ours at most once, and each of an errata that is there."""
    while True:
        seen: set[str] = set()
        for nodes, index, node in _ours(document, tool):
            match = _matched(node)
            assert match
            wanted = _line(tool, match[2], command)
            if match[2] in seen:
                text = js.remove(document, nodes, index)
            elif node.value != wanted and not _runs(match[1]):
                text = js.replace(document, node, wanted)
            else:
                seen.add(match[2])
                continue
            assert text is not None
            document = js.read(document.data(text), document.name)
            break
        else:
            return document


def _runs(program: str) -> bool:
    """Whether that is errata, and not by a path where its name would do for everybody."""
    word, known = shlex.split(program)[0], shutil.which("errata")
    return shutil.which(word) is not None and not ("/" in word and word == known)


def _object(document: Document) -> Node:
    hooks = document.top.member("hooks")
    assert hooks is not None
    if not isinstance(hooks.value, dict):
        raise document.wrong(hooks, "hooks must be an object { }")
    return hooks


def _lists(document: Document, tool: str) -> dict[str, Node]:
    """Event -> its list, of the events that are there and ours."""
    hooks = _object(document)
    found = {}
    for event in FORMS[tool].events:
        listed = hooks.member(event)
        if listed is not None and not isinstance(listed.value, list):
            raise document.wrong(listed, f"hooks.{event} must be a list [ ]")
        if listed is not None:
            found[event] = listed
    return found
