"""Check the files of agent tools, and skills."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from errata.core.errors import ErrataError
from errata.setup import agents, agents_files, pointers
from errata.setup.checks import Diagnostic, DoctorContext, note, problem, shell, shortened
from errata.setup.checks.hooks import on_another_branch
from errata.skills import check, find

_SHOWN = 3
_TEXTS = ("skill", "command")


def agent_files(context: DoctorContext) -> Iterator[Diagnostic]:
    """Tools that are set up only in part."""
    if context.layout is None or on_another_branch(context):
        return
    chosen = context.manifest.tools if context.manifest else []
    reported = set[Path]()
    for tool in agents.TOOLS:
        paths = [file.path for file in agents_files.files(tool)]
        try:
            parts = agents.components(context.root, tool)
        except ErrataError as error:
            yield problem(Exception.__str__(error), _edit(paths[0]))
            continue
        in_use = any(part.path in paths and part.state == "present" for part in parts)
        if tool in chosen or in_use:
            yield from _incomplete(tool, [*_new(parts, context.root, reported)])


def shared_runbook(context: DoctorContext) -> Iterator[Diagnostic]:
    """Files for agents that do not say where the shared runbook is."""
    if context.layout is None or context.manifest is None or on_another_branch(context):
        return
    for path in pointers.lacking(context.layout, context.config):
        yield note(f"{path}: does not point agents to the shared runbook", "errata init")


def _new(
    parts: list[agents.Component], root: Path, reported: set[Path]
) -> Iterator[agents.Component]:
    """The parts without skills and commands that are missing for another tool, too."""
    for part in parts:
        if part.state == "missing" and part.name in _TEXTS:
            file = (root / part.path).resolve()
            if file in reported:
                continue
            reported.add(file)
        yield part


def _incomplete(tool: str, parts: list[agents.Component]) -> Iterator[Diagnostic]:
    init = f"errata init --agent {tool}"
    if missing := [_name(part) for part in parts if part.state == "missing"]:
        yield problem(f"{tool}: missing: {shortened(missing)}", init)
    if outdated := [part.path for part in parts if part.state == "outdated"]:
        yield note(f"{shortened(outdated)}: written by an earlier version of errata", init)
    for part in parts:
        if part.state == "yours":
            call = f"errata agent-hook --tool {tool} {part.name}"
            yield note(f"{part.path}: is yours, and does not call `{call}`", _edit(part.path))
        if part.state == "gone":
            yield problem(f"{part.path}: runs {part.name}, which does not exist", init)
        if part.state == "off":
            message = f"{part.path}: {part.name}, so no hook of {tool} runs"
            yield note(message, _edit(part.path))


def _edit(path: str) -> str:
    return f"${{EDITOR:-vi}} {shell(path)}"


def _name(part: agents.Component) -> str:
    return part.path if part.name in _TEXTS else f"{part.name} in {part.path}"


def skill_faults(context: DoctorContext) -> Iterator[Diagnostic]:
    """Skills that an agent's tool will not load as intended."""
    skills = find.everywhere(context.repo, context.config)
    faults = sorted(fault for skill in skills for fault in check.violations(skill))
    faults += sorted(check.name_clashes((skill.path, skill.data) for skill in skills))
    for fault in faults[:_SHOWN]:
        yield problem(str(fault), "errata skills --check")
    if len(faults) > _SHOWN:
        yield problem(f"{len(faults) - _SHOWN} more faults in skills", "errata skills --check")
