"""Builds of the package, shared by all workers of a test run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
_NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv*", "build", "dist", "*.egg-info", "__pycache__", ".*_cache", ".hypothesis"
)


def run(*command: str | Path, cwd: Path, **env: str) -> str:
    """Run a command; return its output. A failure shows everything that it printed."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=os.environ | env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def build(tree: Path, folder: Path, *options: str) -> None:
    """Build an sdist and from it a wheel, or what the options say, with a fixed date."""
    # A build leaves files in the source tree, so it gets a copy.
    source = shutil.copytree(tree, folder / "source")
    command = (sys.executable, "-m", "build", "--no-isolation", *options, "-o", folder, source)
    run(*command, cwd=folder, SOURCE_DATE_EPOCH="1736942400")


def _once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    base = factory.getbasetemp()
    # With xdist, every worker has its own folder below the shared one.
    shared = base.parent if base.name.startswith("popen-") else base
    folder = shared / name
    with FileLock(f"{folder}.lock"):
        if not (folder / "done").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            (folder / "done").touch()
    return folder


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The current files of the project, as a git repository with one commit."""

    def make(folder: Path) -> None:
        shutil.copytree(ROOT, folder / "errata", ignore=_NOT_COPIED)
        here = folder / "errata"
        ident = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org")
        run("git", "init", "-q", "-b", "main", cwd=here)
        run("git", "add", "-A", cwd=here)
        run("git", *ident, "commit", "-q", "--no-verify", "--no-gpg-sign", "-m", "All", cwd=here)

    return _once(tmp_path_factory, "tree", make) / "errata"


@pytest.fixture(scope="session")
def dist(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel built from it."""

    def make(folder: Path) -> None:
        build(tree, folder)

    return _once(tmp_path_factory, "dist", make)


@pytest.fixture(scope="session")
def wheelhouse(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Wheels of errata and of everything it needs to build and run: the only download of tests."""

    def make(folder: Path) -> None:
        shutil.copy(next(dist.glob("*.whl")), folder)
        pip = (BIN / "python", "-m", "pip", "wheel", "-q", "-w", folder, "--no-deps")
        run(*pip, "--require-hashes", "-r", ROOT / "constraints/runtime.txt", cwd=folder)
        # By hash, which pip accepts only in a requirements file.
        pins = (ROOT / "constraints/newest.txt").read_text("utf-8")
        pin = re.search(r"^setuptools==.*\n(?:[ ].*\n)*", pins, re.MULTILINE)
        assert pin is not None
        (folder / "builds.txt").write_text(pin[0], "utf-8")
        run(*pip, "--require-hashes", "-r", folder / "builds.txt", cwd=folder)

    return _once(tmp_path_factory, "wheelhouse", make)
