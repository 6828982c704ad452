"""From one hook manager to another: what of errata is in the files of any but the one in use.

Our hooks may run once only. What goes are our marked blocks in scripts, wherever git's hooks are
kept; our hooks in another manager's configuration, if `errata init` is known to have put them
there or a person chose the manager; and the scripts of a manager that came because of us.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from errata.setup import attributes, hook_scripts, managers, removal
from errata.setup.file_change import Change
from errata.setup.hooks import STAGES
from errata.setup.install_manifest import Receipt
from errata.setup.layout import Layout
from errata.setup.managers import Manager

_FRAMEWORKS = ("pre-commit", "prek")
_KINDS = {
    **dict.fromkeys((*managers.PRE_COMMIT_FILES, managers.PREK_FILE), _FRAMEWORKS),
    **dict.fromkeys(managers.LEFTHOOK_FILES, ("lefthook",)),
}


@dataclass(slots=True)
class Move:
    """What goes, and what git's hooks are once it has gone.

    Attributes:
        changes: of files of former managers.
        leaving: stage -> the manager whose script goes; what it had set aside comes back.
        there: stage -> the manager whose script is left, "" for a person's own.
    """

    layout: Layout
    changes: list[Change] = field(default_factory=list)
    leaving: dict[str, str] = field(default_factory=dict)
    there: dict[str, str] = field(default_factory=dict)

    @property
    def paths(self) -> list[str]:
        """The files that errata leaves."""
        return [one.path for one in self.changes]

    def steps(self, receipt: Receipt) -> list[tuple[str, Callable[[], None]]]:
        """(one line for people, what does it) for the scripts that go."""
        by_name: dict[str, list[str]] = {}
        for stage, name in self.leaving.items():
            by_name.setdefault(name, []).append(stage)
        found: list[tuple[str, Callable[[], None]]] = [
            (f"{name} uninstall: {', '.join(stages)}", self._uninstall(name, stages))
            for name, stages in by_name.items()
        ]
        if "lefthook" in by_name and receipt.aside:
            found.append(("", lambda: removal.put_back(self.layout, receipt)))
        return found

    def _uninstall(self, name: str, stages: list[str]) -> Callable[[], None]:
        return lambda: hook_scripts.uninstall(self.layout, name, stages)

    def script(self, stage: str, path: str) -> bytes | None:
        """What git's hook of a stage, which is at ``path``, will be."""
        name = self.leaving.get(stage)
        if name is None or path != hook_scripts.place(self.layout, stage):
            return self.layout.read(path)
        aside = hook_scripts.place(self.layout, stage, name)
        return self.layout.read(aside) if aside else None


def plan(layout: Layout, manager: Manager, record: Receipt) -> Move:
    """What has to go so that ``manager`` alone runs our hooks.

    Raises:
        ErrataError: a file that has something of ours in it cannot be read or parsed.
    """
    own = _own(layout, manager)
    found = []
    for one in removal.of_hooks(layout, record):
        script = one.path not in _KINDS
        known = record.manager or one.path in record.added or one.path in record.files
        if one.path not in own and (script or known):
            found.append(one)
    leaving = _leaving(layout, manager, record, found)
    found = [one for one in hook_scripts.returned(layout, found, leaving) if one.path not in own]
    return Move(layout, found, leaving, _afterwards(layout, found, leaving))


def _own(layout: Layout, manager: Manager) -> set[str]:
    """The files that the manager in use reads."""
    if not manager.folder:
        return {manager.file, attributes.FILE_NAME}
    paths = (layout.path(layout.file(f"{manager.folder}/{stage}")) for stage in STAGES)
    return {attributes.FILE_NAME, *(path for path in paths if path is not None)}


def _leaving(
    layout: Layout, manager: Manager, record: Receipt, changes: list[Change]
) -> dict[str, str]:
    """Scripts of another manager: all, where its configuration goes; else those that are ours."""
    there = managers.installed(layout)
    whole = {kind for one in changes if one.after is None for kind in _KINDS.get(one.path, ())}
    found = {stage: kind for stage, kind in there.items() if kind in whole and stage in STAGES}
    # pre-commit and prek read the same file, so nothing of it goes.
    same = set(_FRAMEWORKS) if manager.file in managers.PRE_COMMIT_FILES else set()
    for stage, kind in record.shims.items():
        if kind in whole | same and there.get(stage) == kind:
            found[stage] = kind
    return {stage: kind for stage, kind in found.items() if kind != manager.name}


def _afterwards(layout: Layout, changes: list[Change], leaving: dict[str, str]) -> dict[str, str]:
    there = managers.installed(layout)
    for stage, name in leaving.items():
        aside = hook_scripts.place(layout, stage, name)
        data = layout.read(aside) if aside else None
        there.pop(stage)
        if data is not None:
            there[stage] = managers.sign(data)
    gone = {one.path for one in changes if one.after is None}
    return {
        stage: kind
        for stage, kind in there.items()
        if hook_scripts.place(layout, stage) not in gone
    }
