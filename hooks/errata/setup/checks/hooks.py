"""Git's hooks and the merge driver, as this clone has them."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

from errata.core.errors import ErrataError
from errata.setup import (
    attributes,
    gitconfig,
    guard,
    hook_calls,
    hook_entries,
    hook_scripts,
    hook_source,
    install_manifest,
    managers,
    precommit,
    uninstall_plan,
)
from errata.setup.checks import Diagnostic, DoctorContext, note, problem, shell, shortened
from errata.setup.hooks import HOOKS, STAGES, at
from errata.setup.layout import Layout
from errata.setup.managers import Manager

INIT = "errata init"


def manager_of(context: DoctorContext) -> Manager | None:
    """The hook manager in use; None without a work tree, or if it cannot be determined."""
    try:
        return _detect(context, context.layout) if context.layout else None
    except ErrataError:
        return None


def _detect(context: DoctorContext, layout: Layout) -> Manager:
    manifest = context.manifest
    return managers.detect(layout, (manifest and manifest.manager) or None)


def set_up(context: DoctorContext) -> bool:
    """Whether anything of errata is installed in this clone."""
    layout, manager = context.layout, manager_of(context)
    if layout is None:
        return False
    return bool(
        (manager and configured(layout, manager))
        or b">>> errata >>>" in (layout.read(attributes.FILE_NAME) or b"")
        or gitconfig.value(layout, f"{gitconfig.SECTION}.driver")
        or (layout.state / install_manifest.FILE_NAME).exists()
    )


def configured(layout: Layout, manager: Manager) -> set[str]:
    """Our hooks that the manager's configuration, or the scripts, run.

    Raises:
        FileError: the configuration cannot be parsed.
    """
    if manager.folder:
        scripts = {stage: _script(layout, manager, stage) or b"" for stage in STAGES}
        return {h.id for stage in STAGES for h in at(stage) if h.id.encode() in scripts[stage]}
    raw = layout.read(manager.file)
    if raw is None:
        return set()
    if manager.name == "lefthook":
        return {hook.id for hook in HOOKS if hook.id.encode() in raw}
    return precommit.hook_ids(hook_calls.framework_data(layout, manager.file))


def _script(layout: Layout, manager: Manager, stage: str) -> bytes | None:
    return layout.read(f"{manager.folder}/{stage}")


def git_hooks(context: DoctorContext) -> Iterator[Diagnostic]:
    """Each of our hooks is configured, and git runs it."""
    layout = context.layout
    # While git looks elsewhere, nothing else about hooks can be determined.
    if layout is None or any(hooks_path(context)):
        return
    manager = _detect(context, layout)
    if not set_up(context):
        yield problem("errata is not set up in this clone", INIT)
        return
    if on_another_branch(context):
        yield from _without_configuration(layout)
        return
    present = configured(layout, manager)
    if lacking := [hook.id for hook in HOOKS if hook.id not in present]:
        file = manager.file or manager.folder
        yield problem(f"{file}: not configured: {', '.join(lacking)}", _add(layout, manager))
        if not present:
            return
    missing = list(_missing_programs(layout, manager))
    yield from missing
    if not missing and not lacking and (paths := hook_entries.outdated(layout, manager)):
        yield note(f"{shortened(paths)}: written by an earlier version of errata", INIT)
    yield from (_scripts if manager.folder else _shims)(layout, manager)


def _add(layout: Layout, manager: Manager) -> str:
    """The command that adds hooks to a configuration."""
    source = hook_source.find(None, layout.root)
    ids, _, newer = hook_entries.left_out(layout, manager, source)
    return f"{INIT} --source {shlex.quote(newer)}" if ids else INIT


def on_another_branch(context: DoctorContext) -> bool:
    """Whether init was run on another branch of this clone, and this one has nothing of it."""
    layout, manifest = context.layout, context.manifest
    files = manifest.files if manifest else ()
    paths = [path for path in files if not path.startswith(".git/")]
    if layout is None or not paths:
        return False
    if any(b"errata" in (layout.read(path) or b"") for path in paths):
        return False
    # Files that were only deleted or edited are still in the commit.
    return not any(b"errata" in data for data in _committed(layout, paths))


def _committed(layout: Layout, paths: list[str]) -> Iterator[bytes]:
    """The contents of those of the files that are in the current commit."""
    with layout.open_repo() as repo:
        if not repo.head.is_valid():
            return  # No commit yet.
        tree = repo.head.commit.tree
        for path in paths:
            try:
                blob = tree / path
            except KeyError:
                continue
            if blob.type == "blob":
                yield blob.data_stream.read()


def _without_configuration(layout: Layout) -> Iterator[Diagnostic]:
    """A branch from before init: hooks do nothing there, or stop every commit."""
    yield note("errata is set up on another branch, and does nothing on this one", INIT)
    if any(layout.read(path) is not None for path in managers.FRAMEWORK_FILES):
        return
    strict: dict[str, list[str]] = {}
    for stage, name in managers.installed(layout).items():
        path = hook_scripts.hook_path(layout, stage)
        script = (layout.read(path) if path else None) or b""
        if name in managers.FRAMEWORKS and b"--skip-on-missing-config" not in script:
            strict.setdefault(name, []).append(stage)
    for name, stages in strict.items():
        message = f"no configuration of {name} is on this branch, and it refuses every commit"
        yield problem(message, _install(layout, Manager(name), stages))


def duplicate_hooks(context: DoctorContext) -> Iterator[Diagnostic]:
    """Our hooks in the files of another manager than the one in use."""
    manager = manager_of(context)
    if manager and (paths := removable_paths(context)):
        message = f"errata's hooks are in {shortened(paths)} as well, and {manager.name} runs them"
        yield problem(message, INIT)


def removable_paths(context: DoctorContext) -> list[str]:
    """The files of other managers that `errata init` would take our hooks from."""
    layout, manager = context.layout, manager_of(context)
    if layout is None or manager is None or not set_up(context):
        return []
    manifest = context.manifest or install_manifest.InstallManifest()
    return uninstall_plan.plan_hook_removal(layout, manifest, manager).paths


def _missing_programs(layout: Layout, manager: Manager) -> Iterator[Diagnostic]:
    """Entries whose program is in an environment that was moved, or on another machine."""
    paths = [manager.file or f"{manager.folder}/{stage}" for stage in STAGES]
    for path in dict.fromkeys(paths):
        lines = (layout.read(path) or b"").decode("utf-8", "replace").splitlines()
        text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
        missing = [p for hook in HOOKS for p in hook_source.missing_programs(text, hook.id)]
        if missing:
            more = f", and {len(missing) - 1} more" if len(missing) > 1 else ""
            yield problem(f"{path}: runs {missing[0]}, which does not exist{more}", INIT)


def _scripts(layout: Layout, manager: Manager) -> Iterator[Diagnostic]:
    """Scripts that git ignores, or that nothing calls."""
    configured_path = managers.hooks_path(layout)
    by_husky = manager.name == "husky" and (configured_path or "_").endswith("_")
    if manager.name == "husky" and configured_path is None:
        yield problem("git does not use husky's hooks in this clone", "npx husky")
    for stage in STAGES:
        path = f"{manager.folder}/{stage}"
        if _script(layout, manager, stage) is None or by_husky:
            continue
        if not layout.file(path).stat().st_mode & 0o111:
            file = shell(layout.file(path))
            yield problem(f"{path}: not executable, so git does not run it", f"chmod +x {file}")


def _shims(layout: Layout, manager: Manager) -> Iterator[Diagnostic]:
    """Scripts of the manager that are missing, broken, or another manager's."""
    other_files = hook_scripts.other_configurations(layout, manager)
    for file in sorted(set(other_files.values())):
        theirs = [stage for stage in other_files if other_files[stage] == file]
        message = f"git's hooks for {', '.join(theirs)} run {file}, and errata's are in"
        yield problem(f"{message} {manager.file}", _install(layout, manager, theirs))
    missing = [s for s in hook_scripts.missing(layout, manager) if s not in other_files]
    owners = {stage: managers.installed(layout).get(stage) or "" for stage in missing}
    for other in sorted(set(owners.values()) - {"", manager.name}):
        theirs = [stage for stage in missing if owners[stage] == other]
        message = f"{other} has git's hooks for {', '.join(theirs)}, and {manager.name} is set up"
        remove = hook_scripts.uninstall_command(other, theirs)
        yield problem(message, f"{remove} && {_install(layout, manager, theirs)}")
    if broken := [stage for stage in missing if owners[stage] == manager.name]:
        stages = ", ".join(broken)
        message = f"{manager.name}: its scripts for {stages} find no program, and refuse"
        yield problem(message, _install(layout, manager, broken))
    if missing := [stage for stage in missing if not owners[stage]]:
        is_all = len(missing) == len(STAGES)
        message = "no git hook is installed" if is_all else f"not installed: {', '.join(missing)}"
        yield problem(f"{manager.name}: {message}", _install(layout, manager, missing))


def _install(layout: Layout, manager: Manager, stages: list[str]) -> str:
    refuses = managers.is_default_folder_configured(layout)
    if manager.name == "pre-commit" and (refuses or shutil.which(manager.name) is None):
        return INIT
    try:
        return hook_scripts.shown(hook_scripts.command(layout, manager, "install", stages))
    except ErrataError as error:
        return error.hint


def hooks_path(context: DoctorContext) -> Iterator[Diagnostic]:
    """``core.hooksPath`` leads git away from the hooks that a manager installed, or nowhere."""
    layout = context.layout
    configured_path = managers.hooks_path(layout) if layout else None
    if layout is None or configured_path is None:
        return
    if set_up(context) and not managers.hooks_folder(layout).is_dir():
        # The folder of husky is not tracked; that of another worktree may be gone.
        by_husky = Path(configured_path).parts[-2:] == (".husky", "_")
        message = f"core.hooksPath is {configured_path}, which does not exist; git runs no hook"
        yield problem(message, "npx husky" if by_husky else managers.unset_hooks_path(layout))
        return
    default = layout.common / "hooks"
    scripts = [script for stage in STAGES if (script := _bytes(default / stage))]
    if names := sorted({managers.manager_of(script) for script in scripts} - {""}):
        message = f"core.hooksPath is {configured_path}, so {' and '.join(names)}'s hooks"
        yield problem(f"{message} in .git/hooks do not run", managers.unset_hooks_path(layout))


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def merge_attributes(context: DoctorContext) -> Iterator[Diagnostic]:
    """Logs that two branches append to must merge without a conflict; git itself is asked."""
    if context.layout is None or not set_up(context) or on_another_branch(context):
        return
    if (context.root / attributes.FILE_NAME).is_symlink():
        file = attributes.FILE_NAME
        copy = f"cat {file} > {file}.new && mv {file}.new {file}"
        yield problem(f"{file} is a symbolic link, and git does not read its attributes", copy)
        return
    for file, paths in attributes.overridden(context.layout, context.config).items():
        message = f"{file} overrides {attributes.FILE_NAME}: no merge driver for {shortened(paths)}"
        yield problem(message, f"${{EDITOR:-vi}} {shell(file)}")
    lacking, others = attributes.lacking(context.layout, context.config)
    if lacking:
        message = f"{attributes.FILE_NAME}: no merge driver for {shortened(lacking)}"
        yield problem(message, INIT)
    yield from map(note, others)


def merge_driver(context: DoctorContext) -> Iterator[Diagnostic]:
    """The driver that .gitattributes names must be configured in this clone, and exist."""
    layout = context.layout
    if layout is None or not set_up(context):
        return
    key = f"{gitconfig.SECTION}.driver"
    driver = gitconfig.value(layout, key)
    if driver is None:
        yield problem("the merge driver is not configured in this clone", _set(key))
        return
    if not gitconfig.is_our_driver(driver):
        yield note(f"git config {key}: {driver!r} is not errata's", _set(key))
    elif missing := hook_source.missing_programs(driver, "errata"):
        yield problem(f"the merge driver runs {missing[0]}, which does not exist", _set(key))
    elif driver != gitconfig.settings()[key]:
        yield note("the merge driver was set by an earlier version of errata", _set(key))


def noted_folder(context: DoctorContext) -> Iterator[Diagnostic]:
    """Hooks that find no errata on PATH look in the folder that git's configuration names."""
    layout = context.layout
    if layout is None or not set_up(context):
        return
    folder = gitconfig.value(layout, guard.SETTING)
    if folder is None or not (Path(folder) / "errata").is_file():
        yield note(
            f"git config {guard.SETTING}: {folder or 'not set'}; "
            "clients with a short PATH skip errata's hooks",
            _set(guard.SETTING),
        )


def _set(key: str) -> str:
    try:
        return f"git config {key} {shlex.quote(gitconfig.settings()[key])}"
    except ErrataError as error:
        return error.hint
