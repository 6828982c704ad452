"""Plan what `errata init` does: file changes and other actions. Nothing is changed here."""

from __future__ import annotations

import copy
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from errata.core.config import Config
from errata.core.errors import ErrataError
from errata.rules.agent_tools import AUTO, DEFAULT, with_setup
from errata.setup import (
    agents,
    agents_in_history,
    agents_on_machine,
    attributes,
    gitconfig,
    hook_entries,
    hook_scripts,
    hook_source,
    install_manifest,
    managers,
    pointers,
    uncommitted_files,
    uninstall_plan,
)
from errata.setup.file_change import FileChange
from errata.setup.hook_source import HookSource
from errata.setup.hooks import STAGES
from errata.setup.install_manifest import InstallManifest
from errata.setup.install_plan import Action, InstallPlan
from errata.setup.layout import FileError, Layout
from errata.setup.managers import Manager
from errata.setup.uninstall_plan import HookRemoval

_NAMED = 2
"""So many unused configurations are named; where there are more, they are templates."""


@dataclass(frozen=True, slots=True)
class Options:
    """The options of the command line."""

    manager: str | None = None
    source: str | None = None
    tools: tuple[str, ...] = ()


def plan_init(layout: Layout, config: Config, options: Options | None = None) -> InstallPlan:
    """The plan that completes the installation; empty if it is complete.

    Raises:
        ErrataError: a file cannot be read, parsed or edited, or is in the way.
    """
    options = options or Options()
    manifest = copy.deepcopy(install_manifest.load(layout)) or InstallManifest()
    manifest.manager = options.manager or manifest.manager
    manager = managers.detect(layout, manifest.manager or None)
    removal = uninstall_plan.plan_hook_removal(layout, manifest, manager)
    managers.check_free(removal.remaining, manager)
    hook_scripts.check_configurations(layout, manager, manifest.shims)
    plan = InstallPlan(layout, manager)
    _plan_hooks(plan, manager, options, manifest, removal)
    _plan_attributes(plan, config)
    _plan_agents(plan, config, options, manifest)
    plan.changes += pointers.changes(layout, config)
    plan.changes = layout.one_per_file(change for change in plan.changes if change.changed)
    _plan_git_settings(plan, manifest)
    _plan_hook_scripts(plan, manager, manifest, removal)
    _record_changes(plan, manifest)
    _plan_removal(plan, manager, removal, manifest)
    if not plan.empty:
        _note_agents(plan, config, manifest.tools)
        _note_uncommitted(plan, config)
    plan.check_writable()
    if not plan.empty:
        save = partial(install_manifest.save, layout, manifest)
        plan.prepare.append(Action("", save))
    return plan


def _plan_attributes(plan: InstallPlan, config: Config) -> None:
    raw = plan.layout.read(attributes.FILE_NAME)
    edited, notes = attributes.edit(plan.layout, config, raw)
    reason = "logs merge without a conflict"
    plan.changes.append(FileChange(attributes.FILE_NAME, raw, edited, reason))
    plan.notes += notes


def _plan_removal(
    plan: InstallPlan, manager: Manager, removal: HookRemoval, manifest: InstallManifest
) -> None:
    """Remove our hooks from where another manager has them."""
    layout = plan.layout
    plan.prepare += [hook_scripts.uninstall_action(layout, *item) for item in removal.shims.items()]
    if "lefthook" in removal.shims and manifest.manager_originals:
        files = dict(manifest.manager_originals)
        restore = partial(uninstall_plan.restore_manager_files, layout, files)
        plan.prepare.append(Action("", restore))
        manifest.manager_originals.clear()
    plan.changes += removal.changes
    if removal.changes:
        paths = ", ".join(removal.paths)
        plan.notes.append(f"errata's hooks leave {paths}: {manager.name} runs them now")
    for name, stages in removal.shims.items():
        for stage in stages:
            if manifest.shims.get(stage) == name:
                del manifest.shims[stage]


def _note_uncommitted(plan: InstallPlan, config: Config) -> None:
    shared = [change.path for change in plan.changes if change.shared]
    shared += uncommitted_files.shared_paths(config)
    for files in uncommitted_files.find(plan.layout, shared):
        plan.uncommitted |= set(files.paths)
        end = f"; to let git commit them: {files.fix}" if files.fix else ""
        plan.notes.append(f"{files.message}{end}")


# ---------------------------------------------------------------------- hooks and configurations


def _plan_hooks(
    plan: InstallPlan,
    manager: Manager,
    options: Options,
    manifest: InstallManifest,
    removal: HookRemoval,
) -> None:
    if options.source and manager.name not in managers.FRAMEWORKS:
        raise ErrataError(
            f"--source is not for {manager.name}", "its hooks run the commands of this installation"
        )
    if manager.folder:
        _plan_scripts(plan, manager, removal)
        return
    raw = plan.layout.read(manager.file)
    if raw is None and not options.manager:
        plan.notes += map(_unused, managers.below_top(plan.layout)[:_NAMED])
    source = HookSource()
    if manager.name in managers.FRAMEWORKS:
        source = hook_source.find(options.source, plan.layout.root)
    installed = [
        stage
        for stage, owner in managers.installed(plan.layout).items()
        if owner in managers.FRAMEWORKS and stage not in manifest.shims
    ]
    edited, additions = hook_entries.install(manager, raw, source, installed)
    _note_left_out(plan, manager, source)
    if edited == raw:
        return
    plan.changes.append(FileChange(manager.file, raw, edited, f"the hooks, for {manager.name}"))
    manifest.record_additions(manager.file, additions)
    if additions.hooks and not source.url:
        remote = "; to give them the hooks: --source URL[@REV]"
        plan.notes.append(
            "people without errata can commit as before: these hooks are skipped there"
            + (remote if manager.name in managers.FRAMEWORKS else "")
        )


def _note_left_out(plan: InstallPlan, manager: Manager, source: HookSource) -> None:
    ids, rev, newer = hook_entries.left_out(plan.layout, manager, source)
    if ids:
        command = f"`errata init --source {shlex.quote(newer)}`"
        left_out = f"not added: {', '.join(ids)}, which {rev} may lack"
        plan.undone.append(f"{manager.file}: {left_out}; to raise rev and add them: {command}")


def _unused(path: str) -> str:
    first = f"`pre-commit install --config {shlex.quote(path)}`"
    if path.endswith("/.husky"):
        first = "install husky"
    return f"git does not run {path} in this clone; if it should: {first}, then `errata init`"


def _plan_scripts(plan: InstallPlan, manager: Manager, removal: HookRemoval) -> None:
    from errata.setup import shell_hooks

    layout = plan.layout
    stages: dict[str, str] = {}
    existing: list[str] = []
    for stage in STAGES:
        path = layout.path(layout.file(f"{manager.folder}/{stage}"))
        assert path is not None
        if path in stages:
            raise ErrataError(
                f"{path}: is the script of both {stages[path]} and {stage}",
                "run errata's hooks from it by hand",
            )
        stages[path] = stage
        raw = removal.script(stage, path)
        _check_executable(layout, manager, path, stage, raw)
        edited = shell_hooks.edit(raw, stage, path)
        shared = not path.startswith(".git/")
        change = FileChange(path, raw, edited, f"{stage} hook", raw is None, shared)
        plan.changes.append(change)
        # One that holds nothing but our block is of an earlier version.
        if raw and change.changed and shell_hooks.remove(raw, path):
            existing.append(path)
    if existing:
        plan.notes.append(f"your scripts are kept: {', '.join(existing)}")
    if manager.name == "husky" and managers.hooks_path(layout) is None:
        plan.notes.append("git does not use husky in this clone yet: run `npx husky`")


def _check_executable(
    layout: Layout, manager: Manager, path: str, stage: str, raw: bytes | None
) -> None:
    """Refuse a script that git ignores now, because errata would activate it."""
    by_husky = manager.name == "husky" and (managers.hooks_path(layout) or "_").endswith("_")
    if raw is not None and not by_husky and not layout.file(path).stat().st_mode & 0o111:
        raise ErrataError(
            f"{path}: not executable, so git does not run this {stage} hook",
            "make it executable, or remove it",
        )


def _plan_git_settings(plan: InstallPlan, manifest: InstallManifest) -> None:
    for key, value in gitconfig.missing(plan.layout).items():
        write = partial(gitconfig.write, plan.layout, key, value)
        plan.finish.append(Action(f"git config {key} {shlex.quote(value)}", write))
        manifest.settings = list(dict.fromkeys([*manifest.settings, key]))


def _plan_safe_start(
    plan: InstallPlan, manager: Manager, manifest: InstallManifest, missing: list[str]
) -> None:
    """Complete the scripts of an earlier run that was interrupted."""
    if manager.name != "pre-commit":
        return
    ours = [stage for stage in STAGES if manifest.shims.get(stage) == manager.name]
    installed = [stage for stage in ours if stage not in missing]
    if stages := hook_scripts.importing_repository(plan.layout, installed):
        change = partial(hook_scripts.leave_out_repository, plan.layout, stages)
        description = f"pre-commit install: add -P to {', '.join(stages)}"
        plan.finish.append(Action(description, change))


def _plan_hook_scripts(
    plan: InstallPlan, manager: Manager, manifest: InstallManifest, removal: HookRemoval
) -> None:
    """Let the manager install its scripts among git's hooks."""
    layout = plan.layout
    stages = hook_scripts.missing(layout, manager, removal.remaining)
    _plan_safe_start(plan, manager, manifest, stages)
    if not stages:
        return
    words = hook_scripts.command(layout, manager, "install", stages)
    run = partial(hook_scripts.install, layout, manager, words, stages)
    plan.finish.append(Action(hook_scripts.shown(words), run))
    if manager.name == "lefthook":
        stages = _lefthook_stages(plan, manager, removal)
        checksum = layout.read(hook_scripts.CHECKSUM)
        manifest.manager_originals.setdefault(hook_scripts.CHECKSUM, checksum)
    # A script of the manager that is only made again stays the person's.
    new = [stage for stage in stages if removal.remaining.get(stage) != manager.name]
    manifest.shims |= dict.fromkeys(new, manager.name)


def _lefthook_stages(plan: InstallPlan, manager: Manager, removal: HookRemoval) -> list[str]:
    """All stages that lefthook will install now, including those of the person."""
    from errata.setup import lefthook

    edited = {change.path: change.after for change in plan.changes}
    raw = edited.get(manager.file) or plan.layout.read(manager.file) or b""
    keys = lefthook.top_level_keys(raw, manager.file) & set(managers.GIT_HOOKS)
    for stage in sorted(keys):
        if removal.remaining.get(stage) == "":
            raise managers.would_be_set_aside(stage, manager)
    return sorted(key for key in keys if removal.remaining.get(key) != "lefthook")


def _record_changes(plan: InstallPlan, manifest: InstallManifest) -> None:
    for change in plan.changes:
        manifest.record_change(change, clean=uninstall_plan.is_clean(plan.layout, change))
        for folder in plan.layout.missing_folders(change.path):
            if folder not in manifest.folders:
                manifest.folders.append(folder)


# -------------------------------------------------------------------------------- tools of agents


def tools_in_use(layout: Layout) -> dict[str, str]:
    """Each agents' tool that has files in the repository -> one of them."""
    files = {
        tool: next((path for path in setup["in_use"] if _exists(layout, path)), "")
        for tool, setup in with_setup().items()
    }
    return {tool: path for tool, path in files.items() if path}


def _exists(layout: Layout, path: str) -> bool:
    file = layout.root / path
    return file.is_dir() if path.endswith("/") else file.exists()


def _plan_agents(
    plan: InstallPlan, config: Config, options: Options, manifest: InstallManifest
) -> None:
    layout = plan.layout
    tools = _asked_for(plan, config, options) or manifest.tools or _choose_tools(plan)
    manifest.tools = list(dict.fromkeys([*manifest.tools, *tools]))
    changes: dict[str, FileChange] = {}
    for tool in manifest.tools:
        try:
            planned = agents.changes(layout.root, config, [tool], "errata")
            changes |= {change.path: change for change in planned}
            plan.notes += agents.notes(layout.root, config, [tool])
        except FileError as error:
            if tool in options.tools:
                raise
            # A broken file of a tool that the person did not ask for must not stop the rest.
            note = f"{Exception.__str__(error)}; {tool} is left out: fix it, then "
            plan.notes.append(f"{note}`errata init --agent {tool}`")
    plan.changes += changes.values()


def _asked_for(plan: InstallPlan, config: Config, options: Options) -> list[str]:
    """The tools of the command line, with those that ``auto`` stands for."""
    named = [tool for tool in options.tools if tool != AUTO]
    if AUTO not in options.tools:
        return named
    return list(dict.fromkeys([*named, *_choose_tools(plan, _traces(plan.layout, config))]))


def _choose_tools(plan: InstallPlan, traces: Mapping[str, str] | None = None) -> list[str]:
    """The tools with traces, by default those with files here; a note says which and why."""
    if traces is None:
        traces = {tool: f"{path} exists" for tool, path in tools_in_use(plan.layout).items()}
        none = "no agent's tool has files here"
    else:
        none = "no trace of an agent's tool here"
    chosen = ", ".join(f"{tool} ({why})" for tool, why in traces.items()) or f"{DEFAULT} ({none})"
    plan.notes.append(f"set up for {chosen}; for another tool: `errata init --agent TOOL`")
    return list(traces) or [DEFAULT]


def _traces(layout: Layout, config: Config) -> dict[str, str]:
    """Each tool that the repository, its history or the machine shows -> the first trace."""
    commits = agents_in_history.recent_commits(layout.root)
    counts = agents_in_history.count_commits(commits, config)
    traces = {
        **agents_on_machine.on_machine(),
        **{tool: f"{number} commits" for tool, number in counts.items()},
        **{tool: f"{path} exists" for tool, path in tools_in_use(layout).items()},
    }
    return {tool: traces[tool] for tool in with_setup() if tool in traces}


def _note_agents(plan: InstallPlan, config: Config, set_up: list[str]) -> None:
    """Agents in the history that will not be given the lessons."""
    commits = agents_in_history.recent_commits(plan.layout.root)
    counts = agents_in_history.count_commits(commits, config)
    if lacking := {t: n for t, n in counts.items() if t in with_setup() and t not in set_up}:
        options = " ".join(f"--agent {tool}" for tool in lacking)
        names = agents_in_history.shown(lacking)
        plan.notes.append(f"agents here that are not set up: {names}; `errata init {options}`")
    if others := agents_in_history.without_lessons(plan.layout, counts):
        names = agents_in_history.shown(others)
        command = f"after `errata evolve`, `{agents_in_history.EXPORT}` gives them the lessons"
        plan.notes.append(f"agents here that errata has no hooks for: {names}; {command}")
