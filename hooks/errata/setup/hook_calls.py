"""Which of our hooks a configuration or a script calls, and whether it does without them too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from errata.setup import blocks, managers, precommit
from errata.setup.hook_source import is_ours
from errata.setup.hooks import BY_ID, STAGES, at
from errata.setup.layout import Layout

# Stages whose hooks can refuse a commit.
REFUSING = ("pre-commit", "prepare-commit-msg", "commit-msg")
_GUARD = re.compile(r"command -v|\bwhich\b|\bhash\b|\btype\b|\|\||^\s*if\b|^\s*set \+e")
_CALL = re.compile(r"^\s*(?:exec\s+)?(?:\S*/)?(errata-[a-z-]+)(?=\s|$|;|&)")
_FRAMEWORK = re.compile(r"^\s*(?:exec\s+)?(pre-commit|prek|lefthook)\s+(?:run|hook-impl)\b")
_WORD = re.compile(r"(?<![\w./-])(?:/\S*/)?(errata-[a-z-]+)(?![\w-])")
# Looks for a program and does not run it, unless as `$(command -v PROGRAM)`.
_LOOKUP = re.compile(r"""(?<!\$\()\b(?:command\s+-v|which|hash|type)\s+(?:'[^']*'|"[^"]*"|\S+)""")


@dataclass(frozen=True, slots=True)
class HookCall:
    """A call without which a commit fails where the program is missing.

    Attributes:
        path: the file, from the top of the work tree.
        line: its number in a script; 0 in a configuration.
        program: the program that is called.
    """

    path: str
    line: int
    program: str


def unguarded(layout: Layout, manager: managers.Manager) -> Iterator[HookCall]:
    """The calls that refuse a commit if their program is missing, in files of the team.

    Raises:
        FileError: a configuration cannot be parsed.
    """
    if not manager.folder:
        for id, line in _configured(layout, manager):
            if is_ours(line, id):
                yield HookCall(manager.file, 0, id)
        return
    for stage in REFUSING:
        path = f"{manager.folder}/{stage}"
        text = (layout.read(path) or b"").decode("utf-8", "replace")
        if not path.startswith(".git/"):
            yield from _in_script(path, text)


def _in_script(path: str, text: str) -> Iterator[HookCall]:
    for number, line in _own_lines(path, text):
        if _GUARD.search(line):
            if re.search(r"(?:errata|pre-commit|prek|lefthook).*(?:exit|return) 0", line):
                return  # The rest of the script runs only where the program exists.
            continue
        match = _CALL.match(line) or _FRAMEWORK.match(line)
        if match and (match[1] in BY_ID or not match[1].startswith("errata")):
            yield HookCall(path, number, match[1])


def _own_lines(path: str, text: str) -> Iterator[tuple[int, str]]:
    """The numbered lines of a person: neither comments, nor our block, which has a fallback."""
    data = text.encode()
    start, end = blocks.find(data, path) or (0, 0)
    offset = 0
    for number, line in enumerate(data.splitlines(keepends=True), 1):
        inside = start <= offset < end
        offset += len(line)
        shown = line.decode()
        if not inside and not shown.lstrip().startswith("#"):
            yield number, shown.rstrip("\r\n")


def calls_in_script(text: str, stage: str) -> list[str]:
    """Our hooks that a script calls, each as often as lines call it."""
    ids = {hook.id for hook in at(stage)}
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    lines = [_LOOKUP.sub("", line) for line in lines]
    return [word for line in lines for word in dict.fromkeys(_WORD.findall(line)) if word in ids]


def calls_in_configuration(layout: Layout, path: str, stage: str) -> list[str]:
    """Our hooks that a configuration calls at a stage, each as often as it is listed.

    Raises:
        FileError: it cannot be parsed.
    """
    ids = {hook.id for hook in at(stage)}
    if path in managers.LEFTHOOK_FILES:
        return [id for at_stage, id, _ in _lefthook(layout, path) if at_stage == stage]
    data = framework_data(layout, path)
    return [id for _, ours in precommit.entries(data.get("repos")) for _, id in ours if id in ids]


def _configured(layout: Layout, manager: managers.Manager) -> Iterator[tuple[str, str]]:
    """(id, command line) of our hooks that run a program of this machine."""
    if layout.read(manager.file) is None:
        return
    if manager.name == "lefthook":
        for stage, id, line in _lefthook(layout, manager.file):
            if stage in REFUSING:
                yield id, line
        return
    repos: Any = framework_data(layout, manager.file).get("repos")
    for index, ours in precommit.entries(repos):
        entry = repos[index]
        for number, id in ours if entry.get("repo") == "local" else ():
            hook = entry["hooks"][number]
            language = hook.get("language", "system")
            refuses = set(BY_ID[id].stages) & set(REFUSING)
            if refuses and language in ("system", "script", "unsupported"):
                yield id, str(hook.get("entry", ""))


def _lefthook(layout: Layout, path: str) -> Iterator[tuple[str, str, str]]:
    """(stage, id, command line) of our hooks, by whatever name they are listed."""
    from errata.setup import yaml_file

    data = yaml_file.read(path, layout.read(path) or b"").data
    for stage in STAGES:
        settings = data.get(stage)
        settings = settings if isinstance(settings, dict) else {}
        commands, jobs = settings.get("commands"), settings.get("jobs")
        items = [*(commands.values() if isinstance(commands, dict) else ())]
        items += jobs if isinstance(jobs, list) else []
        for item in items:
            line = item.get("run") if isinstance(item, dict) else None
            for id in calls_in_script(line, stage) if isinstance(line, str) else ():
                yield stage, id, str(line)


def framework_data(layout: Layout, path: str) -> dict[str, Any]:
    """The configuration of pre-commit or prek, parsed. Raises FileError: it cannot be."""
    raw = layout.read(path) or b""
    if managers.is_toml(path):
        from errata.setup import prek_toml

        data: Any = prek_toml.read(raw, path)
    else:
        from errata.setup import yaml_file

        data = yaml_file.read(path, raw).data
    return data if isinstance(data, dict) else {}
