"""What `errata uninstall` would do. Nothing is done here."""

from __future__ import annotations

import os
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from errata.core.config import Config
from errata.setup import (
    agents,
    attributes,
    gitconfig,
    hook_scripts,
    install_manifest,
    lefthook,
    managers,
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
from errata.setup.precommit import TYPES, Additions
from errata.state import outbox

_REASON = "uninstall"


def plan_uninstall(layout: Layout, config: Config) -> InstallPlan:
    """What has to be removed so that the repository is as it was before `errata init`.

    Logs, runbooks and the log of promotions belong to the person, and stay.

    Raises:
        ErrataError: a file that has something of ours in it cannot be read or parsed.
    """
    manifest = install_manifest.load(layout)
    plan = InstallPlan(layout)
    recognised = [*_recognised(layout, manifest), *agents.removals(layout.root, config)]
    changes = _with_original_bytes(layout, recognised, manifest)
    plan.changes = [change for change in changes if change.changed]
    _plan_actions(plan, manifest)
    plan.check_writable()
    plan.notes += _notes_on_kept_files(layout, config)
    return plan


def hook_changes(layout: Layout, manifest: InstallManifest) -> list[FileChange]:
    """The changes of configurations of hook managers and of scripts, whoever uses them.

    Raises:
        ErrataError: as :func:`plan_uninstall`.
    """
    paths = {path for path in _paths(layout) if path != attributes.FILE_NAME}
    changes = _with_original_bytes(layout, _recognised(layout, manifest), manifest)
    return [change for change in changes if change.path in paths and change.changed]


def _recognised(layout: Layout, manifest: InstallManifest | None) -> list[FileChange]:
    """The removal of what is recognised as ours in files of hook managers and of git."""
    changes = []
    for path in _paths(layout):
        raw = layout.read(path)
        if raw is not None and b"errata" in raw:
            additions = manifest.additions.get(path) if manifest else None
            changes.append(_removal(path, raw, _without(path, raw, additions)))
    return changes


def _removal(path: str, before: bytes, after: bytes | None) -> FileChange:
    return FileChange(path, before, after, _REASON, shared=not path.startswith(".git/"))


def is_clean(layout: Layout, change: FileChange) -> bool:
    """Whether a file had nothing of ours in it before a change."""
    if change.before is None:
        return True
    if change.path in _paths(layout):
        return _without(change.path, change.before, None) == change.before
    return agents.is_clean(change.path, change.before)


def _paths(layout: Layout) -> list[str]:
    """All files that `errata init` may have changed, except those of agents' tools."""
    files = [*managers.PRE_COMMIT_FILES, managers.PREK_FILE, *managers.LEFTHOOK_FILES]
    files.append(attributes.FILE_NAME)
    configured = managers.hooks_folder(layout)
    for folder in (configured, configured.parent, layout.root / ".husky", layout.common / "hooks"):
        # A script that a manager set aside may have our block as well.
        names = [stage + suffix for stage in STAGES for suffix in ("", ".legacy", ".old")]
        paths = [layout.path(folder / name) for name in names]
        files += [path for path in paths if path is not None]
    return list(dict.fromkeys(files))


def _without(path: str, raw: bytes, additions: Additions | None) -> bytes | None:
    if path in managers.PRE_COMMIT_FILES:
        return precommit.remove(raw, path, additions)
    if path == managers.PREK_FILE:
        return prek_toml.remove(raw, path, additions)
    if path in managers.LEFTHOOK_FILES:
        return lefthook.remove(raw, path, additions)
    if path == attributes.FILE_NAME:
        return attributes.remove(raw)
    return shell_hooks.remove(raw, path)


def _with_original_bytes(
    layout: Layout, changes: list[FileChange], manifest: InstallManifest | None
) -> list[FileChange]:
    """The changes, but files that nobody edited since `errata init` get their original bytes."""
    by_path = {change.path: change for change in changes}
    for path in manifest.files if manifest else ():
        raw = layout.read(path)
        if manifest and raw is not None and manifest.wrote(path, raw):
            by_path[path] = _removal(path, raw, manifest.original(path, raw))
    return list(by_path.values())


def _plan_actions(plan: InstallPlan, manifest: InstallManifest | None) -> None:
    layout = plan.layout
    shims = _shims(plan, manifest)
    by_stage = {stage: name for name, stages in shims.items() for stage in stages}
    plan.changes = hook_scripts.after_uninstall(layout, plan.changes, by_stage)
    plan.prepare += [hook_scripts.uninstall_action(layout, *item) for item in shims.items()]
    if keys := gitconfig.ours(layout):
        description = f"git config --remove-section {gitconfig.SECTION}"
        plan.prepare.append(Action(description, partial(gitconfig.unset, layout, keys)))
    if manifest:
        plan.finish.append(Action("", partial(restore_private_files, layout, manifest)))
    folders = manifest.folders if manifest else _parents(plan.changes)
    plan.finish.append(Action("", partial(_remove_empty_folders, layout, folders)))
    plan.finish.append(Action("", partial(install_manifest.delete, layout)))


def _shims(plan: InstallPlan, manifest: InstallManifest | None) -> dict[str, list[str]]:
    """Manager -> its scripts that were installed because of us.

    Without a manifest these are the scripts of the hook types that are removed. If the whole
    configuration is removed, all scripts go, because they would fail without it.
    """
    installed = managers.installed(plan.layout)
    shims = dict(manifest.shims) if manifest else {}
    for change in plan.changes:
        names, stages = _removed_hook_types(change)
        for stage in stages if manifest is None or change.after is None else ():
            if installed.get(stage) in names:
                shims[stage] = installed[stage]
    by_name: dict[str, list[str]] = {}
    for stage, name in shims.items():
        if installed.get(stage) == name:
            by_name.setdefault(name, []).append(stage)
    return by_name


def _removed_hook_types(change: FileChange) -> tuple[tuple[str, ...], set[str]]:
    """(managers that read a file, hook types that it names before a change and not after it)."""
    assert change.before is not None
    path, before, after = change.path, change.before, change.after or b""
    if path in managers.LEFTHOOK_FILES:
        removed = lefthook.top_level_keys(before, path) - lefthook.top_level_keys(after, path)
        return ("lefthook",), removed
    if path in managers.PRE_COMMIT_FILES:
        old, new = (_hook_types(yaml_file.read(path, raw).data) for raw in (before, after))
    elif path == managers.PREK_FILE:
        old, new = (_hook_types(prek_toml.read(raw, path)) for raw in (before, after))
    else:
        return (), set()
    return ("pre-commit", "prek"), set(STAGES) if change.after is None else old - new


def _hook_types(data: dict[str, Any]) -> set[str]:
    types = data.get(TYPES)
    return {str(stage) for stage in types} if isinstance(types, list) else {"pre-commit"}


def restore_private_files(layout: Layout, manifest: InstallManifest) -> None:
    """Restore the files that a manager keeps for itself. Raises ErrataError: it cannot."""
    for path, before in manifest.private_files.items():
        layout.write(FileChange(path, layout.read(path), before, _REASON, shared=False))


def _parents(changes: list[FileChange]) -> list[str]:
    """The folders of deleted files; git made them in a clone where init never ran."""
    deleted = [PurePosixPath(change.path) for change in changes if change.after is None]
    folders = {str(parent) for path in deleted for parent in path.parents} - {"."}
    return sorted(folder for folder in folders if folder.split("/")[0] != ".git")


def _remove_empty_folders(layout: Layout, folders: list[str]) -> None:
    for folder in reversed(folders):
        layout.remove_folder(folder)


def _notes_on_kept_files(layout: Layout, config: Config) -> list[str]:
    """What belongs to the person, and stays."""
    paths = [*config.logs.by_kind().values(), config.paths.runbooks]
    paths.append(attributes.promotion_log(config))
    kept = [path for path in dict.fromkeys(paths) if os.path.lexists(layout.root / path)]
    notes = [f"kept, because they are yours: {', '.join(kept)}"] if kept else []
    if edited := agents.edited(layout.root):
        notes.append(f"kept, because they were edited: {', '.join(edited)}")
    others = {path.name for path in layout.state.glob("*")} - {install_manifest.FILE_NAME}
    if outbox.FILE_NAME in others:
        notes.append(
            "kept in .git/errata: captured corrections that wait; `errata flush` moves them"
        )
    elif others:
        notes.append("kept: .git/errata, where errata remembers what it has read")
    return notes
