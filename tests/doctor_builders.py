"""A repository in which errata is set up, and a doctor whose fixes are run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa import fork_server

BIN = str(Path(sys.executable).parent)


def environment(**more: str) -> dict[str, str]:
    """The sealed environment, with our own console scripts on PATH."""
    path = os.environ["PATH"]
    return {**os.environ, "PATH": path if path.startswith(BIN) else f"{BIN}:{path}", **more}


def run(root: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run ``errata WORDS``."""
    return fork_server.run(words, cwd=root, env=environment(**more))


@dataclass(frozen=True)
class Doctor:
    """The command as a test uses it."""

    root: Path

    def diagnostics(self, **more: str) -> list[dict[str, Any]]:
        """Problems and notes; the exit status must agree with them."""
        done = run(self.root, "doctor", "--format", "json", **more)
        assert done.stderr == ""
        data = json.loads(done.stdout)
        found: list[dict[str, Any]] = data["found"]
        problems = [diagnostic for diagnostic in found if diagnostic["level"] == "problem"]
        assert (done.returncode, data["healthy"]) == (int(bool(problems)), not problems)
        return found

    def diagnostic(self, part: str, **more: str) -> dict[str, Any]:
        """The only diagnostic that contains this text."""
        found = self.diagnostics(**more)
        hits = [diagnostic for diagnostic in found if part in diagnostic["what"]]
        assert len(hits) == 1, found
        return hits[0]

    def fix(self, part: str, level: str = "problem", **more: str) -> str:
        """Run the fix of the only such diagnostic, which must be gone afterwards."""
        diagnostic = self.diagnostic(part, **more)
        assert diagnostic["level"] == level, diagnostic
        assert diagnostic["fix"], diagnostic
        done = subprocess.run(
            diagnostic["fix"],
            shell=True,
            cwd=self.root,
            capture_output=True,
            text=True,
            check=False,
            env=environment(**more),
        )
        assert done.returncode == 0, (diagnostic["fix"], done.stdout, done.stderr)
        assert [rest for rest in self.diagnostics(**more) if part in rest["what"]] == []
        command: str = diagnostic["fix"]
        return command


def set_up(root: Path, manager: str = "pre-commit") -> None:
    """A repository with one commit in which `errata init` was run."""
    subprocess.run(["git", "init", "-q", root], check=True)
    done = run(root, "init", "--yes", "--manager", manager, "--agent", "claude-code")
    assert done.returncode == 0, done.stderr
    subprocess.run(["git", "add", "-A"], cwd=root, check=True)
    no_hooks = ["git", "-c", "core.hooksPath=/dev/null", "commit", "-q", "-m", "Set up errata"]
    subprocess.run(no_hooks, cwd=root, check=True)


def copy(template: Path, root: Path) -> None:
    """A copy of a repository, links as they are."""
    shutil.copytree(template, root, symlinks=True, dirs_exist_ok=True)


def everything(root: Path) -> dict[str, tuple[int, int, bytes]]:
    """Mode, time and bytes of every file and folder, git's own included."""
    found = {}
    for path in sorted(root.rglob("*")):
        info = path.lstat()
        data = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        found[str(path.relative_to(root))] = (info.st_mode, info.st_mtime_ns, data)
    return found
