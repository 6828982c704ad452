"""The commands of errata in the configuration of lefthook."""

from __future__ import annotations

import copy
import re
from typing import Any

from errata.setup import guard, yaml_file
from errata.setup.formatting import without_lines
from errata.setup.hook_source import is_ours
from errata.setup.hooks import BY_ID, STAGES, at
from errata.setup.precommit import Additions
from errata.setup.yaml_file import YamlFile

CREATED = "# Hooks of lefthook (https://lefthook.dev). Created by `errata init`."
_CREATED = (CREATED, "# Hooks of lefthook (https://lefthook.dev). Begun by `errata init`.")
_EARLIER_STAMP = re.compile(
    r"""case \{2\} in "\{"\*\) (.+) "\{1\}";; \*\) \1 "\{1\}" \{2\};; esac"""
)
_BY_HAND = "edit the commands of errata in it by hand"


def command(stage: str, program: str) -> str:
    """The command line of one hook; the hooks find out by themselves which files are staged.

    lefthook leaves ``{2}`` as it is if git gave no second argument, and does not quote.
    """
    if stage == "prepare-commit-msg":
        return f'set -- "{{1}}" {{2}}; case "$2" in "{{"*) set -- "$1";; esac; {program} "$@"'
    arguments = {"commit-msg": ' "{1}"', "post-merge": " {1}", "post-rewrite": " {1}"}
    return program + arguments.get(stage, "")


def install(raw: bytes | None, name: str) -> tuple[bytes, Additions]:
    """The configuration with our commands, and what was added; existing commands stay.

    Raises:
        FileError: the file is not a configuration, or cannot be edited safely.
    """
    file = yaml_file.read(name, raw or b"")
    _check(file)
    data = copy.deepcopy(file.data)
    added = _install(data)
    if file.blank:
        fresh = yaml_file.new_text(data, CREATED if raw is None else "")
        return yaml_file.append_text(file.text, fresh).encode(), added
    if data == file.data:
        return raw or b"", Additions()
    text = yaml_file.edit(file, _install, _BY_HAND)
    return text.encode(), added


def _check(file: YamlFile) -> None:
    """Raise FileError if a stage, or the commands of one, is not a mapping."""
    for stage in STAGES:
        settings = file.data.get(stage) or {}
        commands = settings.get("commands") or {} if isinstance(settings, dict) else None
        if not isinstance(commands, dict):
            raise file.error(f"{stage}: must be a mapping", "with `commands:`", stage)


def _install(data: Any) -> Additions:
    names, keys = [], []
    for stage in STAGES:
        for hook in at(stage):
            if stage not in data:
                keys.append(stage)
            if not data.get(stage):
                data[stage] = {}
            if not data[stage].get("commands"):
                keys += [] if stage in keys else [f"{stage}/commands"]
                data[stage]["commands"] = {}
            commands = data[stage]["commands"]
            if hook.id not in commands:
                run = command(stage, guard.entry(hook.id))
                commands[hook.id] = {"run": yaml_file.quoted(run)}
                names.append(f"{stage}/{hook.id}")
            else:
                _update(commands[hook.id], stage, hook.id)
    return Additions(tuple(names), (), tuple(keys))


def _update(settings: Any, stage: str, id: str) -> None:
    run = settings.get("run") if isinstance(settings, dict) else None
    if not isinstance(run, str):
        return
    match = _EARLIER_STAMP.fullmatch(run)
    if match and is_ours(match[1], id):
        updated = command(stage, guard.guarded(match[1], id))
    else:
        updated = guard.guarded(run, id)
    if updated != run:
        settings["run"] = yaml_file.quoted(updated)


def remove(raw: bytes, name: str, added: Additions | None = None) -> bytes | None:
    """The configuration without our commands; None if `errata init` created it for them.

    Raises:
        FileError: the file is not a configuration, or cannot be edited safely.
    """
    file = yaml_file.read(name, raw)
    _check(file)
    data = copy.deepcopy(file.data)
    _remove(data, added)
    if data == file.data:
        return raw
    created = any(line in file.text for line in _CREATED)
    text = yaml_file.edit(file, lambda parsed: _remove(parsed, added), _BY_HAND)
    text = without_lines(text, _CREATED)
    return None if created and not data and "#" not in text else text.encode()


def _remove(data: Any, added: Additions | None) -> None:
    for stage in STAGES:
        commands = (data.get(stage) or {}).get("commands") or {}
        ours = [
            id
            for id in commands
            if id in BY_ID and (added is None or f"{stage}/{id}" in added.hooks)
        ]
        for id in ours:
            del commands[id]
        if not ours or commands:
            continue
        if added is None or {stage, f"{stage}/commands"} & set(added.keys):
            del data[stage]["commands"]
        if not data[stage]:
            data[stage] = None
            if added is None or stage in added.keys:
                del data[stage]


def top_level_keys(raw: bytes, name: str) -> set[str]:
    """The keys at the top of the file. Raises FileError: it is not a configuration."""
    return {key for key in yaml_file.read(name, raw).data if isinstance(key, str)}
