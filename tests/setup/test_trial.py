"""`errata doctor --try`: the real hooks in a scratch repository, and nothing of it is left."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conftest import Repo
from doctor_builders import everything, run, set_up

CAPTURED = "the fix is captured as a correction"
PULLED = "a pull merges logs and refreshes runbooks"
WITHOUT = "a colleague without errata can commit"


def states(root: Path, tmp_path: Path, **more: str) -> dict[str, str]:
    """Step -> its state; the repository, and the folder for temporary files, stay as they are."""
    temporary = tmp_path / "temporary"
    temporary.mkdir(exist_ok=True)
    before = everything(root)
    done = run(root, "doctor", "--try", "--json", TMPDIR=str(temporary), **more)
    assert everything(root) == before
    assert list(temporary.iterdir()) == []
    data = json.loads(done.stdout)
    found = {step["name"]: step["state"] for step in data["steps"]}
    failed = "fails" in found.values()
    assert (done.returncode, data["works"], done.stderr) == (int(failed), not failed, "")
    assert all(bool(step["detail"]) is (step["state"] != "works") for step in data["steps"])
    return found


def test_all_of_it_works(healthy: Repo, tmp_path: Path) -> None:
    """A caller's git variables name the repository, which must not be written all the same."""
    healthy.jsonl(".claude/review-findings.jsonl", {"a": 1})
    git_dir = str(healthy.root / ".git")
    found = states(healthy.root, tmp_path, GIT_INDEX_FILE=f"{git_dir}/index", CLAUDECODE="1")
    assert set(found.values()) == {"works"} and len(found) == 8


def test_a_lost_hook_and_lost_attributes(healthy: Repo, tmp_path: Path) -> None:
    (healthy.root / ".git/hooks/post-commit").unlink()
    healthy.write(".git/info/attributes", "*.jsonl -merge\n")
    found = states(healthy.root, tmp_path)
    assert (found[CAPTURED], found[PULLED], found[WITHOUT]) == ("fails", "fails", "works")
    done = run(healthy.root, "doctor", "--try")
    assert done.returncode == 1
    assert f"fails: {CAPTURED}: errata-capture found 0 corrections, not 1\n" in done.stdout
    assert done.stdout.splitlines()[-1].endswith(" of them failed")


@pytest.mark.slow
@pytest.mark.parametrize("manager", ["plain", "prek", "lefthook"])
def test_other_managers(tmp_path: Path, manager: str) -> None:
    set_up(tmp_path / "here", manager)
    assert set(states(tmp_path / "here", tmp_path).values()) == {"works"}


@pytest.mark.slow
def test_a_script_without_fallback(tmp_path: Path) -> None:
    root = tmp_path / "here"
    set_up(root, "plain")
    with (root / ".git/hooks/pre-commit").open("a") as file:
        file.write("errata-validate-logs\n./slow-checks || exit 1\n")
    found = states(root, tmp_path)
    assert found.pop(WITHOUT) == "fails"
    assert set(found.values()) == {"works"}, "hooks of others do not run"


def test_nothing_is_downloaded(healthy: Repo, tmp_path: Path) -> None:
    path = healthy.root / ".pre-commit-config.yaml"
    path.write_text(
        path.read_text().replace("- repo: local", "- repo: https://e.invalid/x\n    rev: v1")
    )
    found = states(healthy.root, tmp_path)
    assert found.pop("download") == "not tried"
    assert set(found.values()) == {"works"}
    done = run(healthy.root, "doctor", "--try")
    line = "not tried: download: pre-commit would download https://e.invalid/x at v1; the installed"
    assert line in done.stdout


def test_without_an_installation(repo: Repo) -> None:
    done = run(repo.root, "doctor", "--try")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "errata: errata is not set up in this clone (errata init)\n"
