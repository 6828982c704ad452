"""The scripts that a hook manager puts among git's hooks: installing them, taking them out."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from errata.core.errors import ErrataError
from errata.setup import managers
from errata.setup.file_change import Change
from errata.setup.hooks import STAGES
from errata.setup.layout import Layout
from errata.setup.managers import Manager

FRAMEWORKS = ("pre-commit", "prek", "lefthook")
# lefthook's note of what it has installed.
CHECKSUM = ".git/info/lefthook.checksum"
_BESIDE = str(Path(sys.executable).parent)
_PYTHON = re.compile(rb"^INSTALL_PYTHON=(.+)$", re.MULTILINE)
_LEGACY = {"pre-commit": ".legacy", "prek": ".legacy", "lefthook": ".old"}


def place(layout: Layout, stage: str, name: str = "") -> str | None:
    """The path of git's hook of a stage, or of what a manager of that name set aside for it."""
    return layout.path(managers.hooks_folder(layout) / f"{stage}{_LEGACY[name] if name else ''}")


def returned(layout: Layout, changes: list[Change], leaving: Mapping[str, str]) -> list[Change]:
    """The changes of files once these scripts have gone: stage -> the manager whose script it is.

    What a manager had set aside is back in its place then.
    """
    places = {place(layout, stage, name): place(layout, stage) for stage, name in leaving.items()}
    return [replace(one, path=places.get(one.path) or one.path) for one in changes]


def missing(layout: Layout, manager: Manager, there: Mapping[str, str] | None = None) -> list[str]:
    """The stages for which the manager has no script among git's hooks yet.

    ``there`` is what :func:`managers.installed` finds, unless that is going to change.
    """
    if manager.name not in FRAMEWORKS:
        return []
    there = managers.installed(layout) if there is None else there
    if manager.name == "pre-commit":
        there = {stage: name for stage, name in there.items() if not _dead(layout, stage)}
    return [stage for stage in STAGES if there.get(stage) != manager.name]


def _dead(layout: Layout, stage: str) -> bool:
    """Whether a script of pre-commit finds neither the Python it was made by nor pre-commit."""
    path = place(layout, stage)
    found = _PYTHON.search((layout.read(path) if path else None) or b"")
    words = shlex.split(found[1].decode("utf-8", "replace")) if found else []
    return bool(words) and shutil.which(words[0]) is None and shutil.which("pre-commit") is None


def command(manager: Manager, verb: str, stages: Iterable[str]) -> list[str]:
    """The command that installs or removes scripts.

    Raises:
        ErrataError: the manager is not installed.
    """
    if manager.name == "pre-commit":
        # It comes with errata. Another file than its own has to be named.
        named = manager.file not in ("", managers.PRE_COMMIT_FILES[0])
        start = [sys.executable, "-m", "pre_commit", verb]
        start += ["--config", manager.file] if named else []
    else:
        found = shutil.which(manager.name) or shutil.which(manager.name, path=_BESIDE)
        if found is None:
            raise ErrataError(f"{manager.name} was not found", "install it, or put it on PATH")
        start = [found, verb]
    if manager.name == "lefthook":
        return start
    start += [f"--hook-type={stage}" for stage in stages]
    # Branches from before the configuration, and old commits, must stay ones to commit on.
    return [*start, "--allow-missing-config"] if verb == "install" else start


def run(layout: Layout, words: list[str]) -> None:
    """Run a manager at the top of the work tree. Raises ErrataError with what it said last."""
    done = subprocess.run(
        words,
        cwd=layout.root,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        env={**os.environ, "PRE_COMMIT_COLOR": "never", "LC_ALL": "C.UTF-8"},
    )
    if done.returncode:
        said = (done.stderr + done.stdout).decode("utf-8", "replace").split("\n")
        last = next((line.strip() for line in said if line.strip()), str(done.returncode))
        raise ErrataError(f"{said_as(words)}: {last}", "set that right, then run errata again")


def said_as(words: list[str]) -> str:
    """A command as a person would type it."""
    if words[1:3] == ["-m", "pre_commit"]:
        words = ["pre-commit", *words[3:]]
    name = words[0].rpartition("/")[2]
    return " ".join([name, *words[1:]])


def stranded(there: Mapping[str, str], manager: Manager, stages: Iterable[str]) -> list[str]:
    """Own scripts that lefthook would set aside without running them further."""
    if manager.name != "lefthook":
        return []
    return [stage for stage in stages if there.get(stage) == ""]


def take_out(layout: Layout, name: str, stages: Iterable[str]) -> None:
    """Remove a manager's scripts, and put back what it had set aside.

    The managers' own commands do the same; this one does not need them to be there still.
    """
    folder = managers.hooks_folder(layout)
    for stage in stages:
        script = folder / stage
        try:
            if managers.sign(script.read_bytes()) != name:
                continue
            script.unlink()
            aside = script.with_name(stage + _LEGACY[name])
            if aside.exists():
                aside.replace(script)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise ErrataError(f"{script}: {error.strerror}", "it must be writable") from error


def uninstall(layout: Layout, name: str, stages: list[str]) -> None:
    """Take a manager's scripts for these stages out. Raises ErrataError: it cannot."""
    if name in ("pre-commit", "prek"):
        # It may be gone from this machine, or refuse; its scripts are known all the same.
        with contextlib.suppress(ErrataError):
            run(layout, command(Manager(name), "uninstall", stages))
    take_out(layout, name, stages)
