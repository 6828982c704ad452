"""Plan what `errata uninstall` does. Nothing is changed here."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from errata.core import git
from errata.core.config import FILE_NAME, Config
from errata.core.errors import ErrataError
from errata.core.git import Repository
from errata.records import other_logs
from errata.runbooks import exports
from errata.setup import (
    agents,
    attributes,
    gitconfig,
    hook_scripts,
    install_manifest,
    lefthook,
    managers,
    pointers,
    precommit,
    prek_toml,
    shell_hooks,
    yaml_file,
)
from errata.setup.file_change import FileChange
from errata.setup.hooks import STAGES
from errata.setup.install_manifest import InstallManifest
from errata.setup.install_plan import Action, InstallPlan
from errata.setup.layout import Layout
from errata.setup.managers import Manager
from errata.setup.precommit import TYPES, Additions
from errata.state import outbox

_REASON = "uninstall"
_SCRIPTS = tuple(stage + suffix for stage in STAGES for suffix in ("", ".legacy", ".old"))


def plan_uninstall(layout: Layout, config: Config) -> InstallPlan:
    """The plan that makes the repository what it was before `errata init`.

    Logs, runbooks and the promotion log belong to the person and are kept.

    Raises:
        ErrataError: a file with entries of ours cannot be read or parsed.
    """
    manifest = install_manifest.load(layout)
    plan = InstallPlan(layout)
    recognised = [*_recognised(layout, manifest), *agents.removals(layout.root, config)]
    recognised += pointers.removals(layout)
    changes = _with_original_bytes(layout, recognised, manifest)
    plan.changes = layout.one_per_file(change for change in changes if change.changed)
    _plan_actions(plan, manifest, _ignored_files(layout, config))
    plan.check_writable()
    plan.notes += _notes_on_kept_files(plan, config)
    plan.uncommitted = _untracked(layout, [change.path for change in plan.changes])
    return plan


def _untracked(layout: Layout, paths: list[str]) -> set[str]:
    """The files that git does not track, so that nothing about them needs a commit."""
    tracked = git.run("ls-files", "-z", "--", *paths, cwd=layout.root) if paths else b""
    return {*paths} - {os.fsdecode(path) for path in tracked.split(b"\0")}


@dataclass(frozen=True, slots=True)
class HookRemoval:
    """Removes our hooks from the files of every manager but one.

    Attributes:
        changes: of configurations and scripts, at the paths that they have after the removal.
        shims: manager -> stages whose script it takes away from git's hooks.
        remaining: stage -> the manager whose script git runs afterwards, "" for a person's own.
    """

    layout: Layout
    changes: list[FileChange]
    shims: dict[str, list[str]]
    remaining: dict[str, str]

    @property
    def paths(self) -> list[str]:
        """The files that our hooks leave."""
        return [change.path for change in self.changes]

    def script(self, stage: str, path: str) -> bytes | None:
        """The bytes of git's hook of a stage, which is at ``path``, after the removal."""
        by_stage = _by_stage(self.shims)
        if stage in by_stage and path == hook_scripts.hook_path(self.layout, stage):
            return hook_scripts.replaced_script(self.layout, stage, by_stage[stage])
        return self.layout.read(path)


def plan_hook_removal(layout: Layout, manifest: InstallManifest, manager: Manager) -> HookRemoval:
    """What has to be removed so that ``manager`` alone runs our hooks.

    That is our block in every script, and our hooks in another manager's configuration if
    `errata init` put them there or a person chose the manager.

    Raises:
        ErrataError: as :func:`plan_uninstall`.
    """
    known = {**manifest.additions, **manifest.files}
    scripts = set(_scripts(layout))
    kept = {attributes.FILE_NAME, *managers.files(layout, manager)}
    changes = [
        change
        for change in _with_original_bytes(layout, _recognised(layout, manifest), manifest)
        if change.changed and change.path in _paths(layout, manifest) and change.path not in kept
        if change.path in scripts or manifest.manager or change.path in known
    ]
    leaving = shims(layout, changes, manifest, manager)
    moved = hook_scripts.after_uninstall(layout, changes, _by_stage(leaving))
    changes = [change for change in moved if change.path not in kept]
    remaining = hook_scripts.remaining(layout, changes, _by_stage(leaving))
    return HookRemoval(layout, changes, leaving, remaining)


def _recognised(layout: Layout, manifest: InstallManifest | None) -> list[FileChange]:
    """Removes what is recognised as ours in the files of git and hook managers."""
    changes = []
    for path in _paths(layout, manifest):
        raw = layout.read(path)
        if raw is not None and b"errata" in raw:
            additions = manifest.additions.get(path) if manifest else None
            changes.append(_removal(path, raw, _without(path, raw, additions)))
    return changes


def _removal(path: str, before: bytes, after: bytes | None) -> FileChange:
    return FileChange(path, before, after, _REASON, shared=not path.startswith(".git/"))


def is_clean(layout: Layout, change: FileChange) -> bool:
    """Whether nothing in the file was ours before a change."""
    if change.before is None:
        return True
    if change.path in _paths(layout, None):
        return _without(change.path, change.before, None) == change.before
    if change.path in pointers.FILES:
        return pointers.remove(change.before) == change.before
    return agents.is_clean(change.path, change.before)


def _paths(layout: Layout, manifest: InstallManifest | None) -> list[str]:
    """All files that `errata init` may have changed, except those of agent tools."""
    files = [*_configurations(layout, manifest), *managers.LEFTHOOK_FILES]
    return list(dict.fromkeys([*files, attributes.FILE_NAME, *_scripts(layout)]))


def _configurations(layout: Layout, manifest: InstallManifest | None) -> list[str]:
    """The files that may be a framework's configuration here."""
    added = manifest.additions if manifest else ()
    named = managers.script_configurations(layout).values()
    others = [file for file in (*added, *named) if not file.startswith("..")]
    others = [file for file in others if file not in managers.LEFTHOOK_FILES]
    return list(dict.fromkeys([*managers.FRAMEWORK_FILES, *others]))


def _scripts(layout: Layout) -> list[str]:
    """The scripts that may have our block, wherever git's hooks are kept."""
    files: list[str] = []
    configured = managers.hooks_folder(layout)
    for folder in (configured, configured.parent, layout.root / ".husky", layout.common / "hooks"):
        # A script that a manager set aside may have our block as well.
        paths = [layout.path(folder / name) for name in _SCRIPTS]
        files += [path for path in paths if path is not None]
    return list(dict.fromkeys(files))


def _without(path: str, raw: bytes, additions: Additions | None) -> bytes | None:
    if path in managers.LEFTHOOK_FILES:
        return lefthook.remove(raw, path, additions)
    if path == attributes.FILE_NAME:
        return attributes.remove(raw)
    if _is_script(path):
        return shell_hooks.remove(raw, path)
    if managers.is_toml(path):
        return prek_toml.remove(raw, path, additions)
    return precommit.remove(raw, path, additions)


def _is_script(path: str) -> bool:
    return PurePosixPath(path).name in _SCRIPTS


def _with_original_bytes(
    layout: Layout, changes: list[FileChange], manifest: InstallManifest | None
) -> list[FileChange]:
    """The changes, with the original bytes for files not edited since `errata init`."""
    by_path = {change.path: change for change in changes}
    for path in manifest.files if manifest else ():
        raw = layout.read(path)
        if manifest and raw is not None and manifest.wrote(path, raw):
            by_path[path] = _removal(path, raw, manifest.original(path, raw))
    return list(by_path.values())


def _plan_actions(plan: InstallPlan, manifest: InstallManifest | None, ignored: list[str]) -> None:
    layout = plan.layout
    leaving = shims(layout, plan.changes, manifest)
    plan.changes = hook_scripts.after_uninstall(layout, plan.changes, _by_stage(leaving))
    plan.prepare += [hook_scripts.uninstall_action(layout, *item) for item in leaving.items()]
    if keys := gitconfig.ours(layout):
        description = "; ".join(f"git config --unset {key}" for key in keys)
        plan.prepare.append(Action(description, partial(gitconfig.unset, layout, keys)))
    if manifest:
        plan.finish.append(
            Action("", partial(restore_manager_files, layout, manifest.manager_originals))
        )
    deleted = [change.path for change in plan.changes if change.after is None]
    folders = manifest.folders if manifest else _parents(deleted)
    if ignored:
        plan.finish.append(Action(f"rm {shlex.join(ignored)}", partial(_delete, layout, ignored)))
        folders = sorted({*folders, *_parents(ignored)})
    plan.finish.append(Action("", partial(_remove_empty_folders, layout, folders)))
    plan.finish.append(Action("", partial(install_manifest.delete, layout)))


def shims(
    layout: Layout,
    changes: list[FileChange],
    manifest: InstallManifest | None,
    manager: Manager | None = None,
) -> dict[str, list[str]]:
    """Manager -> the stages whose script it installed because of us, and must take away.

    Without a manifest these are the stages of the hook types that the changes remove. If a whole
    configuration is removed, all its scripts go, because they would fail without it. Where
    ``manager`` is going to run our hooks, a script of another one stays while that one's
    configuration does; but pre-commit and prek read the same file.
    """
    installed = managers.installed(layout)
    run_by = managers.script_configurations(layout)
    configurations = {*_configurations(layout, manifest), *managers.LEFTHOOK_FILES}
    by_stage = dict(manifest.shims) if manifest else {}
    without_file: set[str] = set()
    for change in changes:
        if change.path not in configurations:
            continue
        names, stages = _removed_hook_types(change)
        if change.after is None:
            without_file |= set(names)
        for stage in stages if manifest is None or change.after is None else ():
            is_run = run_by.get(stage, change.path) == change.path
            if installed.get(stage) in names and is_run:
                by_stage[stage] = installed[stage]
    if manager is not None:
        same_file = manager.name in managers.FRAMEWORKS and not managers.is_toml(manager.file)
        leaving = without_file | (set(managers.FRAMEWORKS) if same_file else set())
        leaving -= {manager.name}
        by_stage = {stage: name for stage, name in by_stage.items() if name in leaving}
    by_name: dict[str, list[str]] = {}
    for stage, name in by_stage.items():
        if installed.get(stage) == name:
            by_name.setdefault(name, []).append(stage)
    return by_name


def _by_stage(by_name: dict[str, list[str]]) -> dict[str, str]:
    return {stage: name for name, stages in by_name.items() for stage in stages}


def _removed_hook_types(change: FileChange) -> tuple[tuple[str, ...], set[str]]:
    """(managers that read a configuration, hook types that a change removes from it)."""
    path, before, after = change.path, change.before or b"", change.after or b""
    if path in managers.LEFTHOOK_FILES:
        removed = lefthook.top_level_keys(before, path) - lefthook.top_level_keys(after, path)
        return ("lefthook",), removed
    if managers.is_toml(path):
        old, new = (_hook_types(prek_toml.read(raw, path)) for raw in (before, after))
    else:
        old, new = (_hook_types(yaml_file.read(path, raw).data) for raw in (before, after))
    return managers.FRAMEWORKS, set(STAGES) if change.after is None else old - new


def _hook_types(data: dict[str, Any]) -> set[str]:
    types = data.get(TYPES)
    return {str(stage) for stage in types} if isinstance(types, list) else {"pre-commit"}


def restore_manager_files(layout: Layout, files: dict[str, bytes | None]) -> None:
    """Restore a manager's private files (path -> bytes). Raises ErrataError: not writable."""
    for path, before in files.items():
        layout.write(FileChange(path, layout.read(path), before, _REASON, shared=False))


def _ignored_files(layout: Layout, config: Config) -> list[str]:
    """What `errata evolve` derived from the logs, and git ignores."""
    from errata import learn

    try:
        return learn.ignored_files(layout.root, config)
    except (ErrataError, OSError):
        return []  # Out of the repository, or not readable.


def _delete(layout: Layout, paths: list[str]) -> None:
    for path in paths:
        try:
            (layout.root / path).unlink(missing_ok=True)
        except OSError as error:
            raise ErrataError(f"{path}: {error.strerror}", "its folder must be writable") from error


def _parents(deleted: list[str]) -> list[str]:
    """The folders of deleted files. In a clone where init never ran, git created them."""
    folders = {str(parent) for path in deleted for parent in PurePosixPath(path).parents} - {"."}
    return sorted(folder for folder in folders if folder.split("/")[0] != ".git")


def _remove_empty_folders(layout: Layout, folders: list[str]) -> None:
    for folder in reversed(folders):
        layout.remove_folder(folder)


def _notes_on_kept_files(plan: InstallPlan, config: Config) -> list[str]:
    """Notes on the files that belong to the person."""
    layout, changed = plan.layout, {change.path for change in plan.changes}
    paths = [*config.logs.by_kind().values(), config.paths.runbooks]
    paths += (attributes.promotion_log(config), *other_logs.paths(config), FILE_NAME)
    kept = [path for path in dict.fromkeys(paths) if os.path.lexists(layout.root / path)]
    notes = [f"kept, because they are yours: {', '.join(kept)}"] if kept else []
    notes += [f"to delete them: `rm -r {shlex.join(kept)}`"] if kept else []
    if exported := exports.files(layout.root):
        notes.append(f"kept: the lessons in {', '.join(exported)}; delete them by hand")
    # One that is changed all the same is exactly as init wrote it here.
    if edited := [path for path in agents.edited(layout.root) if path not in changed]:
        notes.append(f"kept, because they were edited: {', '.join(edited)}")
    others = {path.name for path in layout.state.glob("*")} - {install_manifest.FILE_NAME}
    repo = Repository(layout.root, layout.common, layout.common)
    if others and (number := outbox.count_unlogged(repo, config)):
        shown = "1 captured correction" if number == 1 else f"{number} captured corrections"
        notes.append(f"kept in .git/errata: {shown}; `errata flush` moves them to their log")
    elif others:
        state = shlex.quote(os.path.relpath(layout.state, layout.root))
        notes.append(f"kept: .git/errata, the state of errata; to delete it: `rm -r {state}`")
    return notes
