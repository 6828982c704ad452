"""What `errata init` would do: changes of files, and steps that are none. Nothing is done here."""

from __future__ import annotations

import copy
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from errata.core.config import Config
from errata.core.errors import ErrataError
from errata.rules.agent_tools import DEFAULT, with_setup
from errata.setup import (
    agents,
    attributes,
    gitconfig,
    hook_scripts,
    install_manifest,
    managers,
    migrate,
    removal,
)
from errata.setup import hook_source as sources
from errata.setup.file_change import Change
from errata.setup.hooks import BY_ID, STAGES
from errata.setup.install_manifest import Receipt
from errata.setup.layout import FileError, Layout
from errata.setup.managers import Manager
from errata.setup.migrate import Move
from errata.setup.precommit import Additions
from errata.setup.steps import Plan, Step


@dataclass(frozen=True, slots=True)
class Options:
    """What a person chose on the command line."""

    manager: str | None = None
    source: str | None = None
    tools: tuple[str, ...] = ()


def plan(layout: Layout, config: Config, options: Options | None = None) -> Plan:
    """What is missing in this repository; empty if errata is set up.

    Raises:
        ErrataError: a file cannot be read, parsed or edited, or is in the way.
    """
    options = options or Options()
    old = install_manifest.load(layout)
    record = copy.deepcopy(old) if old else Receipt()
    record.manager = options.manager or record.manager
    manager = managers.detect(layout, record.manager or None)
    move = migrate.plan(layout, manager, record)
    managers.check_free(move.there, manager)
    made = Plan(layout, manager)
    _plan_hooks(made, options, record, move)
    data = layout.read(attributes.FILE_NAME)
    after, notes = attributes.edit(layout, config, data)
    made.changes.append(Change(attributes.FILE_NAME, data, after, "logs merge without a conflict"))
    made.notes += notes
    _plan_agents(made, config, options, record)
    made.changes = [one for one in made.changes if one.changed]
    _plan_steps(made, record, move)
    _note_changes(made, record)
    _note_paths(made)
    _plan_move(made, move, record)
    made.check_writable()
    if not made.empty:
        made.first.append(Step("", lambda: install_manifest.save(layout, record)))
    return made


# ------------------------------------------------------------------------------------- git's hooks


def _plan_move(made: Plan, move: Move, record: Receipt) -> None:
    """Take our hooks out of where another manager has them."""
    assert made.manager is not None
    made.first += [Step(said, run) for said, run in move.steps(copy.deepcopy(record))]
    made.changes += move.changes
    if move.changes:
        said = f"errata's hooks leave {', '.join(move.paths)}: {made.manager.name} runs them now"
        made.notes.append(said)
    if "lefthook" in move.leaving.values():
        record.aside.clear()
    for stage, name in move.leaving.items():
        if record.shims.get(stage) == name:
            del record.shims[stage]


def _plan_hooks(made: Plan, options: Options, record: Receipt, move: Move) -> None:
    manager = made.manager
    assert manager is not None
    if options.source and manager.name not in ("pre-commit", "prek"):
        raise ErrataError(
            f"--source is not for {manager.name}", "its hooks run the commands of this installation"
        )
    if manager.folder:
        _plan_scripts(made, manager, move)
        return
    data = made.layout.read(manager.file)
    if manager.name == "lefthook":
        from errata.setup import lefthook

        after, added = lefthook.install(data, sources.program, manager.file)
        local = True
    else:
        after, added, local = _plan_framework(made, manager, data, options)
    if after != data:
        made.changes.append(Change(manager.file, data, after, f"the hooks, for {manager.name}"))
        record.note_added(manager.file, added)
        if local and added.hooks and not _by_path():
            made.notes.append(_own_installation(manager))


def _plan_framework(
    made: Plan, manager: Manager, data: bytes | None, options: Options
) -> tuple[bytes, Additions, bool]:
    source = sources.find(options.source, made.layout.root)
    if manager.file == managers.PREK_FILE:
        from errata.setup import prek_toml

        after, added = prek_toml.install(data or b"", source, sources.program, manager.file)
    else:
        from errata.setup import precommit

        after, added = precommit.install(data, source, sources.program, manager.file)
    return after, added, not source.url


def _own_installation(manager: Manager) -> str:
    said = f"{manager.file} runs the commands that are installed on PATH; everybody else needs "
    if manager.name == "lefthook":
        return said + "errata installed as well"
    return said + "errata installed as well, or name a repository: --source URL[@REV]"


def _by_path() -> list[str]:
    """Our commands as this machine alone has them, because PATH does not."""
    return [word for name in ("errata", *BY_ID) if (word := sources.program(name)) != name]


def _note_paths(made: Plan) -> None:
    """Say which files to commit hold paths that nobody else has."""
    words = [word.encode() for word in _by_path()]
    paths = [
        one.path
        for one in made.changes
        if one.shared
        and any(w in (one.after or b"") and w not in (one.before or b"") for w in words)
    ]
    if not paths:
        return
    assert made.manager is not None
    said = f"{', '.join(paths)}: errata's path on this machine is in it, and nobody else has that; "
    said += "before you commit, put errata on PATH and run `errata init` again"
    remote = made.manager.name in ("pre-commit", "prek")
    made.notes.append(said + (", or with --source URL[@REV]" if remote else ""))


def _plan_scripts(made: Plan, manager: Manager, move: Move) -> None:
    from errata.setup import shell_hooks

    layout = made.layout
    seen: dict[str, str] = {}
    for stage in STAGES:
        path = layout.path(layout.file(f"{manager.folder}/{stage}"))
        assert path is not None
        if path in seen:
            raise ErrataError(
                f"{path}: is the script of {seen[path]} and {stage} at once",
                "run errata's hooks from it by hand",
            )
        seen[path] = stage
        data = move.script(stage, path)
        _check_runs(layout, manager, path, stage, data)
        after = shell_hooks.edit(data, stage, sources.program, path)
        shared = not path.startswith(".git/")
        fresh = data is None
        made.changes.append(Change(path, data, after, f"{stage} hook", fresh, shared))
    own = [one.path for one in made.changes if one.before and one.changed]
    if own:
        made.notes.append(f"your scripts are kept: {', '.join(own)}")
    if manager.name == "husky" and managers.hooks_path(layout) is None:
        made.notes.append("git does not use husky in this clone yet: run `npx husky`")


def _check_runs(
    layout: Layout, manager: Manager, path: str, stage: str, data: bytes | None
) -> None:
    """Refuse a script that git passes over, because we would wake it up."""
    by_husky = manager.name == "husky" and (managers.hooks_path(layout) or "_").endswith("_")
    if data is not None and not by_husky and not layout.file(path).stat().st_mode & 0o111:
        raise ErrataError(
            f"{path}: not executable, so git does not run this {stage} hook",
            "make it executable, or remove it",
        )


# -------------------------------------------------------------------------------- agents, and steps


def tools_in_use(layout: Layout) -> list[str]:
    """The agents' tools that have files in the repository; Claude Code if none has."""
    found = [
        name
        for name, setup in with_setup().items()
        if any((layout.root / path).exists() for path in setup["in_use"])
    ]
    return found or [DEFAULT]


def folders_of_tools(layout: Layout) -> list[str]:
    """The folders in which agents' tools keep their settings, of those that are there."""
    names = (setup["directory"] for setup in with_setup().values())
    return [name for name in names if (layout.root / name).is_dir()]


def _plan_agents(made: Plan, config: Config, options: Options, record: Receipt) -> None:
    tools: Sequence[str] = options.tools or record.tools or tools_in_use(made.layout)
    record.tools = list(dict.fromkeys([*record.tools, *tools]))
    found: dict[str, Change] = {}
    for tool in record.tools:
        try:
            found |= {one.path: one for one in _of_tool(made.layout, config, tool)}
            made.notes += agents.notes(made.layout.root, config, [tool])
        except FileError as error:
            if tool in options.tools:
                raise
            # One tool's file, which nobody named, is no reason to set up nothing.
            said = f"{Exception.__str__(error)}; {tool} is left out: mend it, then "
            made.notes.append(f"{said}`errata init --agent {tool}`")
    made.changes += found.values()
    if not options.tools and (there := folders_of_tools(made.layout)):
        said = f"set up for {', '.join(record.tools)} ({', '.join(there)} is there)"
        made.notes.append(f"{said}; for another tool: `errata init --agent TOOL`")


def _of_tool(layout: Layout, config: Config, tool: str) -> list[Change]:
    return agents.changes(layout.root, config, [tool], sources.program("errata"))


def _plan_steps(made: Plan, record: Receipt, move: Move) -> None:
    layout, manager = made.layout, made.manager
    assert manager is not None
    for key, text in gitconfig.missing(layout, sources.program("errata")).items():
        said = f"git config {key} {shlex.quote(text)}"
        made.then.append(Step(said, lambda k=key, t=text: gitconfig.write(layout, k, t)))  # type: ignore[misc]
        record.settings = list(dict.fromkeys([*record.settings, key]))
    stages = hook_scripts.missing(layout, manager, move.there)
    if not stages:
        return
    words = hook_scripts.command(manager, "install", stages)
    made.then.append(Step(hook_scripts.said_as(words), lambda: hook_scripts.run(layout, words)))
    if manager.name == "lefthook":
        stages = _lefthook_stages(made, manager, move)
        record.aside.setdefault(hook_scripts.CHECKSUM, layout.read(hook_scripts.CHECKSUM))
    # A script of theirs that was only made anew stays theirs.
    fresh = [stage for stage in stages if move.there.get(stage) != manager.name]
    record.shims |= dict.fromkeys(fresh, manager.name)


def _lefthook_stages(made: Plan, manager: Manager, move: Move) -> list[str]:
    """All stages that lefthook will install now, the person's own among them."""
    from errata.setup import lefthook

    after = {one.path: one.after for one in made.changes}
    data = after.get(manager.file) or made.layout.read(manager.file) or b""
    keys = lefthook.top_level_keys(data, manager.file) & set(managers.GIT_HOOKS)
    if aside := hook_scripts.stranded(move.there, manager, sorted(keys)):
        raise ErrataError(
            f"the {aside[0]} hook is a script of your own, which lefthook would set aside",
            f"run it from {manager.file}, then remove it; or --manager plain",
        )
    return sorted(key for key in keys if move.there.get(key) != "lefthook")


def _note_changes(made: Plan, record: Receipt) -> None:
    for one in made.changes:
        record.note(one, clean=removal.is_clean(made.layout, one))
        for folder in made.layout.missing_folders(one.path):
            if folder not in record.folders:
                record.folders.append(folder)
