"""Hooks that run more than once for one commit, or for one event of an agent."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from errata.core.errors import ErrataError
from errata.setup import agents, agents_hooks, hook_calls, managers
from errata.setup.checks import Diagnostic, DoctorContext, problem, shell
from errata.setup.checks.hooks import manager_of, on_another_branch, removable_paths, set_up
from errata.setup.file_change import current
from errata.setup.hooks import STAGES
from errata.setup.layout import Layout
from errata.setup.managers import Manager

# A script that calls the one in the git directory, as a global core.hooksPath has to.
_CHAIN = re.compile(
    r"\.git/hooks|--git-path[ =]+\"?hooks|(?:GIT_DIR|git-dir|common-dir)[^\n]*/hooks/"
)
_FRAMEWORK = re.compile(r"\b(?:pre-commit|pre_commit|prek)\b[^\n]*\b(?:run|hook-impl)\b")


def repeated_hooks(context: DoctorContext) -> Iterator[Diagnostic]:
    """Hooks that git runs from several places, all of which it reaches."""
    layout, manager = context.layout, manager_of(context)
    if layout is None or manager is None or not set_up(context) or on_another_branch(context):
        return
    removable = removable_paths(context)
    stages: dict[tuple[str, ...], list[str]] = {}
    for stage in STAGES:
        # Init removes the others; another check says so.
        calls = [call for call in _calls(layout, manager, stage) if call[0] not in removable]
        counts = Counter(id for _, id in calls)
        if repeated := {id for id, count in counts.items() if count > 1}:
            places = tuple(path for path, id in calls if id in repeated)
            stages.setdefault(tuple(dict.fromkeys(places)), []).append(stage)
            times = max(counts.values())
            yield problem(*_repeated(manager, stage, times, list(dict.fromkeys(places))))


def _repeated(manager: Manager, stage: str, times: int, places: list[str]) -> tuple[str, str]:
    own = manager.file or f"{manager.folder}/{stage}"
    others = [path for path in places if path != own] or places
    where = " and ".join(places)
    return f"{stage}: errata's hooks run {times} times, from {where}", _edit(others[0])


def _calls(layout: Layout, manager: Manager, stage: str) -> Iterator[tuple[str, str]]:
    """(file, id of our hook) for each call at a stage, through every script that git reaches."""
    configurations: dict[str, None] = {}
    for path, text in _reached(layout, stage):
        yield from ((path, id) for id in hook_calls.calls_in_script(text, stage))
        owner = managers.manager_of(text.encode())
        if owner == "lefthook":
            configurations.update(dict.fromkeys(managers.LEFTHOOK_FILES))
        elif owner in managers.FRAMEWORKS or _FRAMEWORK.search(text):
            present = [n for n in managers.FRAMEWORK_FILES if layout.read(n) is not None]
            chosen = manager.file if manager.file in present else next(iter(present), "")
            named = managers.configuration_of(text.encode()) or chosen
            is_inside = named and not named.startswith("..")
            configurations.update(dict.fromkeys([named] if is_inside else []))
    for path in configurations:
        if layout.read(path) is not None:
            ids = hook_calls.calls_in_configuration(layout, path, stage)
            yield from ((path, id) for id in ids)


def _reached(layout: Layout, stage: str) -> Iterator[tuple[str, str]]:
    """The scripts that run at a stage, each once: git's own, and those that it calls."""
    folder = managers.hooks_folder(layout)
    pending, seen = [folder / stage], set[Path]()
    while pending:
        file = pending.pop(0)
        text = _text(file)
        if text is None or file.resolve() in seen:
            continue
        seen.add(file.resolve())
        yield layout.path(file) or str(file), text
        if managers.manager_of(text.encode()) in managers.FRAMEWORKS:
            pending.append(file.with_name(f"{stage}.legacy"))
        if file.parent.name == "_":
            pending.append(file.parent.parent / stage)
        if _CHAIN.search(text):
            pending.append(layout.common / "hooks" / stage)


def _text(file: Path) -> str | None:
    try:
        return file.read_text("utf-8", "replace") if os.access(file, os.X_OK) else None
    except OSError:
        return None


def repeated_agent_hooks(context: DoctorContext) -> Iterator[Diagnostic]:
    """Hooks of a tool in the settings of the project and in those of the user as well."""
    if context.layout is None:
        return
    for tool in (tool for tool in agents.TOOLS if agents_hooks.FORMATS[tool].is_json):
        by_event: dict[str, list[str]] = {}
        # Where the home folder is a repository, two of them are the same file.
        files = {_file(context.root, path).resolve(): path for path in _settings(tool)[::-1]}
        for path in list(files.values())[::-1]:
            for event in sorted(_events(context.root, path, tool)):
                by_event.setdefault(event, []).append(path)
        repeated = {event: paths for event, paths in by_event.items() if len(paths) > 1}
        for paths in dict.fromkeys(map(tuple, repeated.values())):
            events = [event for event, of_event in repeated.items() if tuple(of_event) == paths]
            where = " and ".join(paths)
            message = f"{tool}: errata's hooks run {len(paths)} times, from {where}"
            yield problem(f"{message} ({len(events)} events)", _edit(paths[-1]))


def _settings(tool: str) -> list[str]:
    """The files with hooks that a tool reads, the one that init edits first."""
    form = agents_hooks.FORMATS[tool]
    local = [path for off in form.off for path in off.files if path.endswith(".json")]
    return list(dict.fromkeys([form.path, *local, f"~/{form.path}"]))


def _file(root: Path, path: str) -> Path:
    return root / os.path.expanduser(path)  # noqa: PTH111


def _events(root: Path, path: str, tool: str) -> set[str]:
    file = _file(root, path)
    try:
        data = current(file.parent, file.name) if path.startswith("~") else current(root, path)
        return agents_hooks.events(data or b"", tool)
    except ErrataError:
        return set()  # Another check, or the tool, reports it.


def _edit(path: str) -> str:
    return f"${{EDITOR:-vi}} {path if path.startswith('~/') else shell(path)}"
