"""From one hook manager to another: remove our hooks from the files of all others.

Our hooks must run only once. Removed are: our marked blocks in scripts, wherever git's hooks are
kept; our hooks in another manager's configuration, if `errata init` is known to have put them there
or a person chose the manager; and the scripts that a manager installed because of us.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from errata.setup import attributes, hook_scripts, managers, uninstall_plan
from errata.setup.file_change import FileChange
from errata.setup.hooks import STAGES
from errata.setup.install_manifest import InstallManifest
from errata.setup.install_plan import Action
from errata.setup.layout import Layout
from errata.setup.managers import Manager

_FRAMEWORKS = ("pre-commit", "prek")
_READERS = {
    **dict.fromkeys((*managers.PRE_COMMIT_FILES, managers.PREK_FILE), _FRAMEWORKS),
    **dict.fromkeys(managers.LEFTHOOK_FILES, ("lefthook",)),
}


@dataclass(slots=True)
class Migration:
    """What is removed, and what git's hooks are afterwards.

    Attributes:
        changes: of files of former managers.
        leaving: stage -> the manager whose script goes; the script that it replaced comes back.
        remaining: stage -> the manager whose script is left, "" for a person's own.
    """

    layout: Layout
    changes: list[FileChange] = field(default_factory=list)
    leaving: dict[str, str] = field(default_factory=dict)
    remaining: dict[str, str] = field(default_factory=dict)

    @property
    def paths(self) -> list[str]:
        """The files that our hooks leave."""
        return [change.path for change in self.changes]

    def actions(self, manifest: InstallManifest) -> list[Action]:
        """The removal of scripts."""
        by_name: dict[str, list[str]] = {}
        for stage, name in self.leaving.items():
            by_name.setdefault(name, []).append(stage)
        actions = [hook_scripts.uninstall_action(self.layout, *item) for item in by_name.items()]
        if "lefthook" in by_name and manifest.private_files:
            restore = partial(uninstall_plan.restore_private_files, self.layout, manifest)
            actions.append(Action("", restore))
        return actions

    def script(self, stage: str, path: str) -> bytes | None:
        """What git's hook of a stage, which is at ``path``, will be."""
        name = self.leaving.get(stage)
        if name is None or path != hook_scripts.hook_path(self.layout, stage):
            return self.layout.read(path)
        return _replaced_script(self.layout, stage, name)


def _replaced_script(layout: Layout, stage: str, name: str) -> bytes | None:
    """The script that a manager set aside when it installed its own."""
    path = hook_scripts.hook_path(layout, stage, name)
    return layout.read(path) if path else None


def plan_migration(layout: Layout, manager: Manager, manifest: InstallManifest) -> Migration:
    """What has to be removed so that ``manager`` alone runs our hooks.

    Raises:
        ErrataError: a file that has something of ours in it cannot be read or parsed.
    """
    own = _files_of(layout, manager)
    changes = []
    for change in uninstall_plan.hook_changes(layout, manifest):
        is_script = change.path not in _READERS
        known = manifest.manager or change.path in {**manifest.additions, **manifest.files}
        if change.path not in own and (is_script or known):
            changes.append(change)
    leaving = _leaving(layout, manager, manifest, changes)
    moved = hook_scripts.after_uninstall(layout, changes, leaving)
    changes = [change for change in moved if change.path not in own]
    return Migration(layout, changes, leaving, _remaining(layout, changes, leaving))


def _files_of(layout: Layout, manager: Manager) -> set[str]:
    """The files that the manager reads."""
    if not manager.folder:
        return {manager.file, attributes.FILE_NAME}
    paths = (layout.path(layout.file(f"{manager.folder}/{stage}")) for stage in STAGES)
    return {attributes.FILE_NAME, *(path for path in paths if path is not None)}


def _leaving(
    layout: Layout, manager: Manager, manifest: InstallManifest, changes: list[FileChange]
) -> dict[str, str]:
    """Scripts of others: all, if their configuration is removed; else those that are ours."""
    installed = managers.installed(layout)
    deleted = [change.path for change in changes if change.after is None]
    names = {name for path in deleted for name in _READERS.get(path, ())}
    leaving = {stage: name for stage, name in installed.items() if name in names}
    leaving = {stage: name for stage, name in leaving.items() if stage in STAGES}
    # pre-commit and prek read the same file, so nothing of it goes.
    same_file = set(_FRAMEWORKS) if manager.file in managers.PRE_COMMIT_FILES else set()
    for stage, name in manifest.shims.items():
        if name in names | same_file and installed.get(stage) == name:
            leaving[stage] = name
    return {stage: name for stage, name in leaving.items() if name != manager.name}


def _remaining(
    layout: Layout, changes: list[FileChange], leaving: dict[str, str]
) -> dict[str, str]:
    remaining = managers.installed(layout)
    for stage, name in leaving.items():
        script = _replaced_script(layout, stage, name)
        remaining.pop(stage)
        if script is not None:
            remaining[stage] = managers.manager_of(script)
    deleted = {change.path for change in changes if change.after is None}
    return {
        stage: name
        for stage, name in remaining.items()
        if hook_scripts.hook_path(layout, stage) not in deleted
    }
