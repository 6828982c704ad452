"""Our hooks in the configuration or the scripts of whichever hook manager is in use."""

from __future__ import annotations

from collections.abc import Sequence

from errata.setup import managers
from errata.setup.hook_source import HookSource
from errata.setup.hooks import STAGES
from errata.setup.layout import Layout
from errata.setup.managers import Manager
from errata.setup.precommit import Additions


def install(
    manager: Manager, raw: bytes | None, source: HookSource, installed: Sequence[str] = ()
) -> tuple[bytes, Additions]:
    """The manager's configuration with our hooks, and what was added.

    ``installed`` are the stages that the manager has set up for the person's own hooks.

    Raises:
        FileError: it cannot be parsed, or cannot be edited safely.
    """
    if manager.name == "lefthook":
        from errata.setup import lefthook

        return lefthook.install(raw, manager.file)
    if managers.is_toml(manager.file):
        from errata.setup import prek_toml

        return prek_toml.install(raw or b"", source, manager.file, installed)
    from errata.setup import precommit

    return precommit.install(raw, source, manager.file, installed)


def left_out(layout: Layout, manager: Manager, source: HookSource) -> tuple[list[str], str, str]:
    """What :func:`errata.setup.precommit.left_out` says; nothing for the other managers.

    Raises:
        FileError: as :func:`install`.
    """
    if manager.name not in managers.FRAMEWORKS or layout.read(manager.file) is None:
        return [], "", ""
    from errata.setup import hook_calls, precommit

    return precommit.left_out(hook_calls.framework_data(layout, manager.file), source)


def outdated(layout: Layout, manager: Manager) -> list[str]:
    """The files whose entries of ours `errata init` would change.

    Raises:
        FileError: as :func:`install`.
    """
    from errata.setup import shell_hooks

    if not manager.folder:
        raw = layout.read(manager.file)
        return [manager.file] if install(manager, raw, HookSource())[0] != raw else []
    paths = []
    for stage in STAGES:
        path = f"{manager.folder}/{stage}"
        raw = layout.read(path)
        if raw is not None and shell_hooks.edit(raw, stage, path) != raw:
            paths.append(path)
    return paths
