"""Check git, settings and programs, and report errors that hooks did not show."""

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
from errata.setup.checks import Diagnostic, DoctorContext, count, note, problem, shell
from errata.setup.layout import Layout
from errata.state import error_log

# `rev-parse --path-format` came with 2.31; all other options are older.
GIT = (2, 31)
_INSTALL = {
    "prek": "pip install prek",
    "lefthook": "pip install lefthook",
    "pre-commit": "pip install pre-commit",
}
_SHOWN = 3


def git_version() -> Iterator[Diagnostic]:
    """Git must support the options that errata uses. Raises GitError: git is missing."""
    output = git.run("version").decode("utf-8", "replace")
    version = re.search(r"(\d+)\.(\d+)", output)
    if version and (int(version[1]), int(version[2])) < GIT:
        needed = ".".join(map(str, GIT))
        yield problem(
            f"git {version[0]} is too old; errata needs {needed}", f"install git {needed}"
        )


def settings(context: DoctorContext) -> Iterator[Diagnostic]:
    """``errata.toml`` must be usable."""
    error = context.config_error
    if error is not None:
        yield problem(Exception.__str__(error), error.hint or "edit errata.toml")


def work_tree(context: DoctorContext) -> Iterator[Diagnostic]:
    """Hooks need a repository with a work tree."""
    try:
        Layout.of(context.repo)
    except GitError as error:
        nowhere = context.repo.git_dir is None
        yield problem(Exception.__str__(error), "git init" if nowhere else error.hint)


def readable_manifest(context: DoctorContext) -> Iterator[Diagnostic]:
    """The install manifest must be readable, or neither init nor uninstall can work."""
    layout = context.layout
    if layout is None:
        return
    try:
        install_manifest.load(layout)
    except ErrataError as error:
        file = layout.state / install_manifest.FILE_NAME
        name = file.relative_to(context.root) if file.is_relative_to(context.root) else file
        unreadable = not os.access(file, os.R_OK) or file.is_dir()
        fix = f"mv {shell(name)} {shell(f'{name}.old')}" if unreadable else f"rm {shell(name)}"
        yield problem(Exception.__str__(error), fix)


def on_path(context: DoctorContext) -> Iterator[Diagnostic]:  # noqa: ARG001
    """Agents' tools call ``errata`` by its name."""
    if shutil.which("errata") is None:
        folders = (Path(sys.executable).parent, Path(sysconfig.get_path("scripts")))
        folder = next((f for f in folders if (f / "errata").is_file()), None)
        fix = f'export PATH={shell(folder)}:"$PATH"' if folder else "pip install errata-hooks"
        yield note("errata is not on PATH; programs that call it by name do not find it", fix)


def manager_program(context: DoctorContext) -> Iterator[Diagnostic]:
    """The configured hook manager must be installed."""
    from errata.setup.checks.hooks import manager_of

    manager = manager_of(context)
    if manager is None or manager.name not in _INSTALL or context.layout is None:
        return
    if manager.file and context.layout.read(manager.file) is None:
        return
    bundled = manager.name == "pre-commit" and importlib.util.find_spec("pre_commit")
    if not bundled and shutil.which(manager.name) is None:
        message = f"{manager.file} is for {manager.name}, which is not on PATH"
        yield problem(message, _INSTALL[manager.name])


def errors_of_hooks(context: DoctorContext) -> Iterator[Diagnostic]:
    """Errors of hooks that must not report them themselves."""
    lines = error_log.recent(context.repo.state_dir)
    for line in lines[-_SHOWN:]:
        yield note(line)
    if lines:
        errors = count(len(lines), "error")
        yield note(f"{errors} of hooks recorded, the last above", "errata doctor --clear-errors")


def hook_managers(context: DoctorContext) -> Iterator[Diagnostic]:
    """Two managers with configurations of their own: only one of them has git's hooks."""
    layout = context.layout
    if layout is None:
        return
    names = []
    if any(layout.read(name) is not None for name in managers.PRE_COMMIT_FILES):
        names.append("pre-commit")
    if layout.read(managers.PREK_FILE) is not None:
        names.append("prek")
    if any(
        layout.read(name) is not None
        for name in (*managers.LEFTHOOK_FILES, *managers.LEFTHOOK_OTHERS)
    ):
        names.append("lefthook")
    if any((layout.root / ".husky" / stage).is_file() for stage in managers.GIT_HOOKS):
        names.append("husky")
    # prek reads pre-commit's file too.
    if len(names) > 1 and names != ["pre-commit", "prek"]:
        yield note(f"{' and '.join(names)} are configured side by side; git runs the hooks of one")
