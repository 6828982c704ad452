"""``errata try``: one screen about a repository that is not set up, and nothing in it changes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

AGENT = "\n\nCo-Authored-By: Claude <noreply@anthropic.com>"
Errata = Callable[..., subprocess.CompletedProcess[str]]


def contents(root: Path) -> dict[str, str]:
    """Every file below a folder, git's own included, with a digest."""
    files = (path for path in sorted(root.rglob("*")) if path.is_file())
    return {str(path): sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture
def history(repo: Any) -> Any:
    """Four files of an agent, in three of which a person soon repaired something."""
    for number in range(4):
        name = f"page{number}.js"
        body = f"function page{number}(user) {{\n"
        rest = f"  return render{number}(user);\n}}\n"
        repo.write(name, f"{body}  console.log(user);\n{rest}")
        repo.git("add", "-A")
        repo.git("commit", "-q", "-m", f"feat: page {number}{AGENT}")
        if number:
            repo.write(name, f"{body}{rest}")
            repo.git("commit", "-qam", f"fix: page {number} prints users")
    return repo


def test_one_screen_and_nothing_written(history: Any, errata: Errata, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    before = contents(history.root)
    shown = errata("try", str(history.root), cwd=elsewhere)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert contents(history.root) == before
    assert not any(elsewhere.iterdir())
    assert errata("try").stdout == shown.stdout
    assert "7 commits: 4 by agents, 3 by people, 0 by bots." in shown.stdout
    assert "3 corrections: " in shown.stdout
    assert "NO LESSON YET: nothing recurs in 3 corrections." in shown.stdout
    assert shown.stdout.count("    - console.log(user);") >= 3
    assert len(shown.stdout.splitlines()) <= 45


def test_corrections_can_be_looked_up(history: Any, errata: Errata) -> None:
    answer = json.loads(errata("try", "--json").stdout)
    assert answer["commits"] == {"total": 7, "agent": 4, "person": 3, "bot": 0, "unknown": 0}
    assert (answer["corrections"], answer["shallow"]) == (3, False)
    assert len(answer["examples"]) == 3
    assert (answer["lessons"], answer["nearest"], answer["hot_spots"]) == ([], [], [])
    for each in answer["examples"]:
        subject = history.git("log", "-1", "--format=%s", each["commit"])
        assert subject.endswith("prints users")
        assert each["before"] == ["console.log(user);"]


@pytest.mark.parametrize(
    ("clone", "line"),
    [
        (("--depth", "2"), "This clone is shallow"),
        (("--bare",), "7 commits: 4 by agents"),
    ],
)
def test_any_clone(
    history: Any, errata: Errata, tmp_path: Path, clone: tuple[str, ...], line: str
) -> None:
    target = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", *clone, f"file://{history.root}", target], check=True)
    before = contents(target)
    shown = errata("try", str(target))
    assert shown.returncode == 0, shown.stderr
    assert line in shown.stdout
    assert contents(target) == before


def test_without_agents(repo: Any, errata: Errata) -> None:
    repo.write("a.py", "a = 1\n")
    repo.commit("Begin")
    assert "there is nothing to learn from" in errata("try").stdout


@pytest.mark.parametrize("where", ["nowhere", "a-file", "no-repository"])
def test_what_is_no_clone(errata: Errata, tmp_path: Path, where: str) -> None:
    (tmp_path / "a-file").write_text("x")
    (tmp_path / "no-repository").mkdir()
    refused = errata("try", str(tmp_path / where))
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.count("\n") <= 2
    assert "Traceback" not in refused.stderr
