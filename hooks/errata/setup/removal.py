"""What `errata uninstall` would do. Nothing is done here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import PurePosixPath

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
from errata.setup.file_change import Change
from errata.setup.hooks import STAGES
from errata.setup.install_manifest import Receipt
from errata.setup.layout import Layout
from errata.setup.precommit import TYPES, Additions
from errata.setup.steps import Plan, Step

_WHY = "errata goes"


def plan(layout: Layout, config: Config) -> Plan:
    """What has to go so that the repository is as it was before `errata init`.

    Logs, runbooks and the log of promotions are the person's, and stay.

    Raises:
        ErrataError: a file that has something of ours in it cannot be read or parsed.
    """
    record = install_manifest.load(layout)
    made = Plan(layout)
    made.changes = [*_marked(layout, record), *agents.removals(layout.root, config)]
    made.changes = [one for one in _exact(layout, made.changes, record) if one.changed]
    _plan_steps(made, record)
    made.check_writable()
    made.notes += _kept(layout, config)
    return made


def of_hooks(layout: Layout, record: Receipt) -> list[Change]:
    """What has to go of hook managers' configurations and of scripts, whoever uses them.

    Raises:
        ErrataError: as :func:`plan`.
    """
    paths = {path for path in _paths(layout) if path != attributes.FILE_NAME}
    found = _exact(layout, _marked(layout, record), record)
    return [one for one in found if one.path in paths and one.changed]


def _marked(layout: Layout, record: Receipt | None) -> list[Change]:
    """What is recognised as ours in the files of hook managers and of git."""
    found = []
    for path in _paths(layout):
        data = layout.read(path)
        if data is not None and b"errata" in data:
            added = record.added.get(path) if record else None
            found.append(_goes(path, data, _without(path, data, added)))
    return found


def _goes(path: str, data: bytes, after: bytes | None) -> Change:
    return Change(path, data, after, _WHY, shared=not path.startswith(".git/"))


def is_clean(layout: Layout, one: Change) -> bool:
    """Whether a file had nothing of ours in it before a change."""
    if one.before is None or one.path in _paths(layout):
        return one.before is None or _without(one.path, one.before, None) == one.before
    return agents.is_clean(one.path, one.before)


def _paths(layout: Layout) -> list[str]:
    """All files that `errata init` may have written into, but those of agents' tools."""
    found = [*managers.PRE_COMMIT_FILES, managers.PREK_FILE, *managers.LEFTHOOK_FILES]
    found.append(attributes.FILE_NAME)
    configured = managers.hooks_folder(layout)
    for folder in (configured, configured.parent, layout.root / ".husky", layout.common / "hooks"):
        # What a manager set aside may have our block as well.
        names = [stage + end for stage in STAGES for end in ("", ".legacy", ".old")]
        paths = [layout.path(folder / name) for name in names]
        found += [path for path in paths if path is not None]
    return list(dict.fromkeys(found))


def _without(path: str, data: bytes, added: Additions | None) -> bytes | None:
    if path in managers.PRE_COMMIT_FILES:
        return precommit.remove(data, path, added)
    if path == managers.PREK_FILE:
        return prek_toml.remove(data, path, added)
    if path in managers.LEFTHOOK_FILES:
        return lefthook.remove(data, path, added)
    if path == attributes.FILE_NAME:
        return attributes.remove(data)
    return shell_hooks.remove(data, path)


def _exact(layout: Layout, changes: list[Change], record: Receipt | None) -> Iterator[Change]:
    """The changes, with the very bytes of before for files that nobody edited since."""
    by_path = {one.path: one for one in changes}
    for path in record.files if record else ():
        data = layout.read(path)
        known, before = record.before(path, data) if record and data is not None else (False, None)
        if known and data is not None:
            by_path[path] = _goes(path, data, before)
    yield from by_path.values()


def _plan_steps(made: Plan, record: Receipt | None) -> None:
    layout = made.layout
    leaving = _shims(made, record)
    by_stage = {stage: name for name, stages in leaving.items() for stage in stages}
    made.changes = hook_scripts.returned(layout, made.changes, by_stage)
    for name, stages in leaving.items():
        said = f"{name} uninstall: {', '.join(stages)}"
        made.first.append(Step(said, lambda n=name, s=stages: hook_scripts.uninstall(layout, n, s)))  # type: ignore[misc]
    keys = gitconfig.ours(layout)
    if keys:
        said = f"git config --remove-section {gitconfig.SECTION}"
        made.first.append(Step(said, lambda: gitconfig.unset(layout, keys)))
    if record:
        made.then.append(Step("", lambda: put_back(layout, record)))
    folders = record.folders if record else _parents(made.changes)
    made.then.append(Step("", lambda: _tidy(layout, folders)))
    made.then.append(Step("", lambda: install_manifest.forget(layout)))


def _shims(made: Plan, record: Receipt | None) -> dict[str, list[str]]:
    """Manager -> those of its scripts that go: those that came because of us.

    Without a receipt they are those of the hook types that go. Where the configuration goes, all
    go, because they would fail without it.
    """
    there = managers.installed(made.layout)
    found = dict(record.shims) if record else {}
    for one in made.changes:
        name, stages = _types_that_go(one)
        for stage in stages if record is None or one.after is None else ():
            for kind in ("pre-commit", "prek") if name == "pre-commit" else (name,):
                if there.get(stage) == kind:
                    found[stage] = kind
    out: dict[str, list[str]] = {}
    for stage, name in found.items():
        if there.get(stage) == name:
            out.setdefault(name, []).append(stage)
    return out


def _types_that_go(one: Change) -> tuple[str, set[str]]:
    """(manager, hook types that its file names before a change and not after it)."""
    assert one.before is not None
    if one.path in managers.LEFTHOOK_FILES:
        after = lefthook.top_level_keys(one.after or b"", one.path)
        return "lefthook", lefthook.top_level_keys(one.before, one.path) - after
    if one.path in managers.PRE_COMMIT_FILES:
        old, new = (yaml_file.read(one.path, data or b"").data for data in (one.before, one.after))
    elif one.path == managers.PREK_FILE:
        old, new = (prek_toml.read(data or b"", one.path) for data in (one.before, one.after))
    else:
        return "", set()
    if one.after is None:
        return "pre-commit", set(STAGES)
    return "pre-commit", _types(old) - _types(new)


def _types(data: dict[str, object]) -> set[str]:
    found = data.get(TYPES)
    return {str(one) for one in found} if isinstance(found, list) else {"pre-commit"}


def put_back(layout: Layout, record: Receipt) -> None:
    """The files that a manager keeps for itself, as they were."""
    for path, before in record.aside.items():
        now = layout.read(path)
        layout.write(Change(path, now, before, _WHY, shared=False))


def _parents(changes: list[Change]) -> list[str]:
    """The folders of files that go, which git made in a clone where init never ran."""
    gone = [PurePosixPath(one.path) for one in changes if one.after is None and one.shared]
    folders = {str(parent) for path in gone for parent in path.parents} - {"."}
    return sorted(folders)


def _tidy(layout: Layout, folders: list[str]) -> None:
    """Remove folders that nothing is in, the innermost first."""
    for folder in reversed(folders):
        layout.remove_folder(folder)


def _kept(layout: Layout, config: Config) -> list[str]:
    """What is the person's, and stays."""
    paths = [*config.logs.by_kind().values(), config.paths.runbooks]
    paths.append(attributes.promotion_log(config))
    there = [path for path in dict.fromkeys(paths) if os.path.lexists(layout.root / path)]
    notes = [f"kept, because they are yours: {', '.join(there)}"] if there else []
    if edited := agents.edited(layout.root):
        notes.append(f"kept, because they were edited: {', '.join(edited)}")
    others = {path.name for path in layout.state.glob("*")} - {install_manifest.FILE_NAME}
    if "outbox.jsonl" in others:
        notes.append(
            "kept in .git/errata: captured corrections that wait; `errata flush` moves them"
        )
    elif others:
        notes.append("kept: .git/errata, where errata remembers what it has read")
    return notes
