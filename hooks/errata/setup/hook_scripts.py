"""Install and remove the scripts by which a hook manager runs as git's hooks."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from errata.core import atomic
from errata.core.errors import ErrataError
from errata.setup import managers
from errata.setup.file_change import FileChange
from errata.setup.hooks import STAGES
from errata.setup.install_plan import Action
from errata.setup.layout import Layout
from errata.setup.managers import Manager

_INSTALLERS = (*managers.FRAMEWORKS, "lefthook")
# lefthook's record of its installation.
CHECKSUM = ".git/info/lefthook.checksum"
_BESIDE = str(Path(sys.executable).parent)
_START, _SAFE_START = b'"$INSTALL_PYTHON" -mpre_commit', b'"$INSTALL_PYTHON" -P -mpre_commit'
_PYTHON = re.compile(rb"^INSTALL_PYTHON=(.+)$", re.MULTILINE)
_LEGACY = {"pre-commit": ".legacy", "prek": ".legacy", "lefthook": ".old"}


def hook_path(layout: Layout, stage: str, name: str = "") -> str | None:
    """The path of git's hook of a stage, or of the script that manager ``name`` set aside."""
    return layout.path(managers.hooks_folder(layout) / f"{stage}{_LEGACY[name] if name else ''}")


def after_uninstall(
    layout: Layout, changes: list[FileChange], shims: Mapping[str, str]
) -> list[FileChange]:
    """The changes, with the paths after these scripts are uninstalled.

    ``shims`` is stage -> manager. Uninstalling moves a script that was set aside back.
    """
    moves = {
        hook_path(layout, stage, name): hook_path(layout, stage) for stage, name in shims.items()
    }
    return [replace(change, path=moves.get(change.path) or change.path) for change in changes]


def replaced_script(layout: Layout, stage: str, name: str) -> bytes | None:
    """The script that a manager set aside when it installed its own; None if there was none."""
    path = hook_path(layout, stage, name)
    return layout.read(path) if path else None


def remaining(
    layout: Layout, changes: list[FileChange], shims: Mapping[str, str]
) -> dict[str, str]:
    """Stage -> the manager of git's hook after the changes, "" for a person's own script.

    ``shims`` is stage -> manager of the scripts that are uninstalled.
    """
    owners = managers.installed(layout)
    for stage, name in shims.items():
        owners.pop(stage)
        if (script := replaced_script(layout, stage, name)) is not None:
            owners[stage] = managers.manager_of(script)
    deleted = {change.path for change in changes if change.after is None}
    return {
        stage: name for stage, name in owners.items() if hook_path(layout, stage) not in deleted
    }


def missing(
    layout: Layout, manager: Manager, installed: Mapping[str, str] | None = None
) -> list[str]:
    """The stages for which the manager has no working script among git's hooks yet.

    ``installed`` replaces the result of :func:`managers.installed` if that will change.
    """
    if manager.name not in _INSTALLERS:
        return []
    installed = managers.installed(layout) if installed is None else installed
    if manager.name == "pre-commit":
        installed = {s: name for s, name in installed.items() if not _is_broken(layout, s)}
    other = other_configurations(layout, manager)
    return [stage for stage in STAGES if installed.get(stage) != manager.name or stage in other]


def other_configurations(layout: Layout, manager: Manager) -> dict[str, str]:
    """Stage -> the configuration that the manager's script runs instead of the manager's file."""
    if manager.name not in managers.FRAMEWORKS:
        return {}
    owners, files = managers.installed(layout), managers.script_configurations(layout)
    return {
        stage: files[stage]
        for stage in STAGES
        if owners.get(stage) == manager.name and files[stage] != manager.file
    }


def check_configurations(layout: Layout, manager: Manager, ours: Collection[str]) -> None:
    """Refuse to take a stage from a configuration of the person's.

    Args:
        ours: the stages whose scripts were installed because of us.

    Raises:
        ErrataError: git's hooks of these stages run several configurations.
    """
    other = other_configurations(layout, manager)
    if theirs := [stage for stage in other if stage not in ours]:
        words = command(layout, manager, "install", theirs)
        raise ErrataError(
            f"git's {theirs[0]} hook runs {other[theirs[0]]}, and errata's hooks go into "
            f"{manager.file}",
            f"put its hooks there, too, then `{shown(words)}`",
        )


def _is_broken(layout: Layout, stage: str) -> bool:
    """Whether a script of pre-commit finds neither its Python nor pre-commit."""
    path = hook_path(layout, stage)
    match = _PYTHON.search((layout.read(path) if path else None) or b"")
    words = shlex.split(match[1].decode("utf-8", "replace")) if match else []
    return bool(words) and shutil.which(words[0]) is None and shutil.which("pre-commit") is None


def command(layout: Layout, manager: Manager, verb: str, stages: Iterable[str]) -> list[str]:
    """The command that installs or removes scripts.

    Raises:
        ErrataError: the manager is not installed.
    """
    if manager.name == "pre-commit":
        # It is installed with errata. A configuration by another name has to be named.
        # -P: the repository's modules are not imported.
        words = [sys.executable, "-P", "-m", "pre_commit", verb]
        if manager.file not in ("", managers.PRE_COMMIT_FILES[0]):
            words += ["--config", manager.file]
    else:
        program = shutil.which(manager.name) or shutil.which(manager.name, path=_BESIDE)
        if program is None:
            raise ErrataError(f"{manager.name} was not found", "install it, or put it on PATH")
        words = [program, verb]
        if manager.file not in ("", *managers.FRAMEWORK_FILES, *managers.LEFTHOOK_FILES):
            words += ["--config", manager.file]
    if manager.name == "lefthook":
        # It refuses some spellings of a core.hooksPath where git looks anyway.
        is_configured = managers.is_default_folder_configured(layout)
        return [*words, "--force"] if is_configured else words
    words += [f"--hook-type={stage}" for stage in stages]
    # Branches without the configuration, and old commits, must still accept commits.
    return [*words, "--allow-missing-config"] if verb == "install" else words


def install(layout: Layout, manager: Manager, words: list[str], stages: list[str]) -> None:
    """Let a manager install its scripts. Raises ErrataError: see :func:`run`."""
    run(layout, words)
    if manager.name == "pre-commit":
        leave_out_repository(layout, stages)


def importing_repository(layout: Layout, stages: Iterable[str]) -> list[str]:
    """The stages where pre-commit's script may import the repository's modules."""
    return [stage for stage in stages if _START in _script_of_pre_commit(layout, stage)]


def leave_out_repository(layout: Layout, stages: Iterable[str]) -> None:
    """Let pre-commit's scripts start Python so that it does not import the repository's modules.

    Raises:
        ErrataError: a script cannot be written.
    """
    for stage in importing_repository(layout, stages):
        script, data = managers.hooks_folder(layout) / stage, _script_of_pre_commit(layout, stage)
        try:
            atomic.write(script, data.replace(_START, _SAFE_START), executable=True)
        except OSError as error:
            raise ErrataError(f"{script}: {error.strerror}", "it must be writable") from error


def _script_of_pre_commit(layout: Layout, stage: str) -> bytes:
    """The script of a stage; b"" if pre-commit did not write it."""
    with contextlib.suppress(OSError):
        data = (managers.hooks_folder(layout) / stage).read_bytes()
        return data if managers.manager_of(data) == "pre-commit" else b""
    return b""


def run(layout: Layout, words: list[str]) -> None:
    """Run a manager at the top of the work tree. Raises ErrataError with its first message."""
    with tempfile.TemporaryDirectory() as cache:
        result = subprocess.run(
            words,
            cwd=layout.root,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            env=_environment(layout, words, cache),
        )
    if result.returncode:
        lines = (result.stderr + result.stdout).decode("utf-8", "replace").split("\n")
        message = next((line.strip() for line in lines if line.strip()), str(result.returncode))
        raise ErrataError(f"{shown(words)}: {message}", "fix that, then run errata again")


def _environment(layout: Layout, words: list[str], cache: str) -> dict[str, str]:
    """The environment of a manager. Installing scripts needs no cache, so HOME need not exist."""
    env = {"PRE_COMMIT_HOME": cache, "PREK_HOME": cache, **os.environ}
    env |= {"PRE_COMMIT_COLOR": "never", "LC_ALL": "C.UTF-8"}
    if managers.is_default_folder_configured(layout) and "pre_commit" in words:
        # pre-commit refuses any core.hooksPath, even where git looks anyway.
        count = int(env.get("GIT_CONFIG_COUNT") or 0)
        env["GIT_CONFIG_COUNT"] = str(count + 1)
        env[f"GIT_CONFIG_KEY_{count}"] = "core.hooksPath"
        env[f"GIT_CONFIG_VALUE_{count}"] = ""
    return env


def shown(words: list[str]) -> str:
    """A command as a person would type it."""
    if words[1:4] == ["-P", "-m", "pre_commit"]:
        words = ["pre-commit", *words[4:]]
    name = words[0].rpartition("/")[2]
    return shlex.join([name, *words[1:]])


def uninstall_command(name: str, stages: list[str]) -> str:
    """The command by which a person removes a manager's scripts; lefthook's removes them all."""
    if name == "husky":
        return "git config --unset-all core.hooksPath"
    types = "" if name == "lefthook" else "".join(f" --hook-type={stage}" for stage in stages)
    return f"{name} uninstall{types}"


def uninstall_action(layout: Layout, name: str, stages: list[str]) -> Action:
    """The removal of a manager's scripts for these stages."""
    description = uninstall_command(name, stages)
    if name == "lefthook":
        description = f"rm {' '.join(str(hook_path(layout, stage)) for stage in stages)}"
    return Action(description, partial(_uninstall, layout, name, stages))


def _uninstall(layout: Layout, name: str, stages: list[str]) -> None:
    if name in managers.FRAMEWORKS:
        # The manager may be missing or refuse. Its scripts are removed below in any case.
        with contextlib.suppress(ErrataError):
            run(layout, command(layout, Manager(name), "uninstall", stages))
    _remove_scripts(layout, name, stages)


def _remove_scripts(layout: Layout, name: str, stages: Iterable[str]) -> None:
    """Remove a manager's scripts, and restore those that it had set aside.

    The managers' own commands do the same; this also works without them.
    """
    folder = managers.hooks_folder(layout)
    for stage in stages:
        script = folder / stage
        try:
            if managers.manager_of(script.read_bytes()) != name:
                continue
            script.unlink()
            legacy = script.with_name(stage + _LEGACY[name])
            if legacy.exists():
                legacy.replace(script)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise ErrataError(f"{script}: {error.strerror}", "it must be writable") from error
