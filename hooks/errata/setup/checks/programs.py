"""What errata itself needs: git, settings, programs; and what went wrong unseen."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from errata.core import git
from errata.core.errors import ErrataError, GitError
from errata.setup import install_manifest, managers
from errata.setup.checks import Case, Found, note, problem, shell
from errata.setup.layout import Layout
from errata.state import error_log

# `rev-parse --path-format` is of 2.31; all else that is called is older.
GIT = (2, 31)
_INSTALL = {
    "prek": "pip install prek",
    "lefthook": "pip install lefthook",
    "pre-commit": "pip install pre-commit",
}
_SHOWN = 3


def git_version() -> Iterator[Found]:
    """Git must know the options that errata calls it with. Raises GitError: it is not there."""
    said = git.run("version").decode("utf-8", "replace")
    found = re.search(r"(\d+)\.(\d+)", said)
    if found and (int(found[1]), int(found[2])) < GIT:
        needed = ".".join(map(str, GIT))
        yield problem(f"git {found[0]} is too old; errata needs {needed}", f"install git {needed}")


def settings(case: Case) -> Iterator[Found]:
    """``errata.toml`` must be usable."""
    if case.broken is not None:
        yield problem(Exception.__str__(case.broken), case.broken.hint or "edit errata.toml")


def work_tree(case: Case) -> Iterator[Found]:
    """Hooks need a repository with a work tree."""
    try:
        Layout.of(case.repo)
    except GitError as error:
        nowhere = case.repo.git_dir is None
        yield problem(Exception.__str__(error), "git init" if nowhere else error.hint)


def receipt_of_init(case: Case) -> Iterator[Found]:
    """What init wrote down must be readable, or neither init nor uninstall can go on."""
    layout = case.layout
    if layout is None:
        return
    try:
        install_manifest.load(layout)
    except ErrataError as error:
        file = layout.state / install_manifest.FILE_NAME
        name = file.relative_to(case.root) if file.is_relative_to(case.root) else file
        gone = not os.access(file, os.R_OK) or file.is_dir()
        mend = f"mv {shell(name)} {shell(f'{name}.old')}" if gone else f"rm {shell(name)}"
        yield problem(Exception.__str__(error), mend)


def on_path(case: Case) -> Iterator[Found]:  # noqa: ARG001
    """Agents' tools call ``errata`` by its name."""
    if shutil.which("errata") is None:
        folders = (Path(sys.executable).parent, Path(sysconfig.get_path("scripts")))
        here = next((f for f in folders if (f / "errata").is_file()), None)
        mend = f'export PATH={shell(here)}:"$PATH"' if here else "pip install errata-hooks"
        yield note("errata is not on PATH; what calls it by name does not find it", mend)


def manager_program(case: Case) -> Iterator[Found]:
    """The hook manager that is configured must be there."""
    from errata.setup.checks.hooks import manager_of

    manager = manager_of(case)
    if manager is None or manager.name not in _INSTALL or case.layout is None:
        return
    if manager.file and case.layout.read(manager.file) is None:
        return
    here = manager.name == "pre-commit" and importlib.util.find_spec("pre_commit")
    if not here and shutil.which(manager.name) is None:
        what = f"{manager.file} is for {manager.name}, which is not on PATH"
        yield problem(what, _INSTALL[manager.name])


def errors_of_hooks(case: Case) -> Iterator[Found]:
    """What went wrong in hooks that must not say so themselves."""
    lines = error_log.recent(case.repo.state_dir)
    for line in lines[-_SHOWN:]:
        yield note(line)
    if lines:
        count = f"{len(lines)} error{'s' if len(lines) > 1 else ''} of hooks written down"
        yield note(f"{count}, the last above", "errata doctor --clear-errors")


def hook_managers(case: Case) -> Iterator[Found]:
    """Two managers with configurations of their own: only one of them has git's hooks."""
    layout = case.layout
    if layout is None:
        return
    there = []
    if any(layout.read(name) is not None for name in managers.PRE_COMMIT_FILES):
        there.append("pre-commit")
    if layout.read(managers.PREK_FILE) is not None:
        there.append("prek")
    if any(
        layout.read(name) is not None
        for name in (*managers.LEFTHOOK_FILES, *managers.LEFTHOOK_OTHERS)
    ):
        there.append("lefthook")
    if any((layout.root / ".husky" / stage).is_file() for stage in managers.GIT_HOOKS):
        there.append("husky")
    # prek reads pre-commit's file too.
    if len(there) > 1 and there != ["pre-commit", "prek"]:
        names = " and ".join(there)
        yield note(f"{names} are configured side by side; git runs the hooks of one")
