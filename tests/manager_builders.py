"""Repositories with each of the hook managers, and what a run of `errata` must look like."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from errata.setup import managers

Errata = Callable[..., subprocess.CompletedProcess[str]]
BIN = Path(sys.executable).parent

PRE_COMMIT = """\
# Ours
default_install_hook_types: [pre-commit]   # enough
repos:
  - repo: local
    hooks:
      - {id: "ok", name: ok, entry: "true", language: system}   # quick
exclude: ^vendor/"""
PREK = """\
# Ours
[[repos]]
repo = "local"
hooks = [{ id = "ok", name = "ok", entry = "true", language = "system" }]
"""
LEFTHOOK = """\
# Ours
pre-commit:
    parallel: true
    commands:
        ok:
            run: "true"   # quick
pre-push:
    jobs:
        - run: "true"
"""
OWN = "#!/bin/sh\n# Mine\ntouch ran-mine\nexit 0\n"


def state(root: Path) -> dict[str, tuple[bytes, int]]:
    """Every file with its bytes and mode, git's own data left out."""
    skipped = ("objects", "logs", "refs", "index", "COMMIT_EDITMSG", "ORIG_HEAD", "worktrees")
    # What hooks remember in there is not of init's making.
    skipped = (*skipped, "errata")
    found = {}
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        if parts[0] == ".git" and len(parts) > 1 and parts[1] in skipped:
            continue
        if path.is_file():
            found[str(path.relative_to(root))] = (path.read_bytes(), path.stat().st_mode)
        else:
            found[str(path.relative_to(root))] = (b"", 0)
    return found


def times(root: Path) -> dict[str, int]:
    return {str(p): p.stat().st_mtime_ns for p in root.rglob("*") if p.is_file()}


def executable(repo: Any, path: str, text: str) -> None:
    repo.write(path, text).chmod(0o755)


def nothing(repo: Any) -> None:
    """A repository without any hook manager."""


def pre_commit(repo: Any) -> None:
    repo.write(".pre-commit-config.yaml", PRE_COMMIT)
    subprocess.run([BIN / "pre-commit", "install"], check=True, capture_output=True)


def pre_commit_with_own_script(repo: Any) -> None:
    repo.write(".pre-commit-config.yaml", PRE_COMMIT.replace("\n", "\r\n"))
    executable(repo, ".git/hooks/commit-msg", OWN)


def prek(repo: Any) -> None:
    repo.write(".pre-commit-config.yaml", PRE_COMMIT)
    subprocess.run([BIN / "prek", "install"], check=True, capture_output=True)


def prek_toml(repo: Any) -> None:
    repo.write("prek.toml", PREK)


def lefthook(repo: Any) -> None:
    repo.write("lefthook.yml", LEFTHOOK)


def lefthook_installed(repo: Any) -> None:
    repo.write(".lefthook.yaml", LEFTHOOK)
    subprocess.run([BIN / "lefthook", "install"], check=True, capture_output=True)


def husky(repo: Any) -> None:
    """What husky 9 writes, by its documented layout."""
    repo.git("config", "core.hooksPath", ".husky/_")
    runner = '#!/bin/sh\ns="$(dirname "$(dirname "$0")")/$(basename "$0")"\n'
    runner += '[ -f "$s" ] || exit 0\nsh -e "$s" "$@"\n'
    for stage in managers.GIT_HOOKS:
        executable(repo, f".husky/_/{stage}", runner)
    repo.write(".husky/_/.gitignore", "*")
    repo.write(".husky/pre-commit", "touch ran-mine\n")


def plain_scripts(repo: Any) -> None:
    executable(repo, ".git/hooks/pre-commit", OWN)
    executable(repo, ".git/hooks/post-commit", "#!/usr/bin/env bash\nexec true")


def hooks_path(repo: Any) -> None:
    repo.git("config", "core.hooksPath", "tools/hooks")
    executable(repo, "tools/hooks/pre-commit", OWN)


CASES = {
    nothing: "pre-commit",
    pre_commit: "pre-commit",
    pre_commit_with_own_script: "pre-commit",
    prek: "prek",
    prek_toml: "prek",
    lefthook: "lefthook",
    lefthook_installed: "lefthook",
    husky: "husky",
    plain_scripts: "plain",
    hooks_path: "plain",
}


def done(run: subprocess.CompletedProcess[str]) -> str:
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stderr == ""
    return run.stdout


def refused(run: subprocess.CompletedProcess[str]) -> str:
    assert run.returncode in (1, 2)
    assert run.stdout == ""
    assert run.stderr.count("\n") == 1
    assert "Traceback" not in run.stderr
    return run.stderr
