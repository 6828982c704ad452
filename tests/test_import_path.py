"""Modules of the repository that errata looks at are never imported."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import Repo
from manager_builders import BIN
from matrix import few

NAMES = ("yaml", "click", "orjson", "msgspec", "pygments", "jsonschema", "git", "pre_commit")


@pytest.fixture
def hostile(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose modules say that they were imported; the file in which they say so."""
    proof = tmp_path / "imported"
    for name in NAMES:
        repo.write(f"{name}/__init__.py", f"open({str(proof)!r}, 'a').write('{name} ')\n1 / 0\n")
    monkeypatch.setenv("PATH", f"{BIN}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "pre-commit"))
    return proof


def run(*words: str, cwd: Path, **env: str) -> None:
    done = subprocess.run(
        words, cwd=cwd, env={**os.environ, **env}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


PLACES = {"none": "", "top": "{top}", "relative": ".:{top}/sub", "empty": ":"}
ROWS = [(m, p) for m in ("pre-commit", "prek", "lefthook", "plain") for p in PLACES]


@pytest.mark.parametrize(("manager", "places"), few(ROWS, "pre-commit-none", "plain-relative"))
def test_modules_of_the_repository(hostile: Path, repo: Repo, manager: str, places: str) -> None:
    # A framework reads the variable too; only our own processes are free of it.
    value = PLACES[places].format(top=repo.root)
    env = {"PYTHONPATH": value} if value else {}
    repo.write("sub/yaml.py", (repo.root / "yaml/__init__.py").read_text())
    run("errata", "init", "--manager", manager, "--agent", "claude-code", cwd=repo.root, **env)
    run("errata", "doctor", cwd=repo.root, **env)
    run("errata", "doctor", cwd=repo.root / "sub", **env)
    repo.git("add", "-A")
    if manager != "pre-commit" or not value:
        run("git", "commit", "-qm", "build: errata", cwd=repo.root, **env)
    run("errata", "evolve", cwd=repo.root, **env)
    assert not hostile.exists(), hostile.read_text()


def test_python_m(hostile: Path, repo: Repo) -> None:
    run(sys.executable, "-m", "errata", "init", cwd=repo.root)
    run(sys.executable, "-m", "errata.githooks.stamp", "-h", cwd=repo.root, PYTHONPATH=".")
    assert not hostile.exists(), hostile.read_text()


def test_other_folders_stay(repo: Repo, tmp_path: Path) -> None:
    """Also that of errata itself, which may be inside the work tree."""
    other = tmp_path / "other"
    code = "import sys; sys.argv = ['errata']; import errata, os; print(os.environ['PYTHONPATH'])\n"
    code += f"assert {str(other)!r} in sys.path; assert {str(repo.root)!r} not in sys.path"
    env = {**os.environ, "PYTHONPATH": f"{repo.root}{os.pathsep}{other}"}
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], env=env, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == (f"{other}\n", "")
