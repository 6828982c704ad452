"""``errata doctor`` as a command: what it prints, and that no repository can misuse it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable

import pytest

from conftest import Repo
from doctor_builders import environment
from record_builders import FINDINGS, finding

Errata = Callable[..., subprocess.CompletedProcess[str]]


def test_text_and_json_say_the_same(repo: Repo, errata: Errata) -> None:
    repo.jsonl(FINDINGS, {"bad": 1}, finding(1), finding(2))
    text = errata("doctor").stdout.splitlines()
    data = json.loads(errata("doctor", "--format", "json").stdout)
    assert [line[9:] for line in text if line.startswith("problem: ")] == [
        one["what"] for one in data["found"] if one["level"] == "problem"
    ]
    assert sorted(line[7:] for line in text if line.startswith("  fix: ")) == sorted(
        one["fix"] for one in data["found"] if one["fix"]
    )
    assert data["healthy"] is False


def test_from_a_folder_below_the_top(repo: Repo, errata: Errata) -> None:
    repo.jsonl(FINDINGS, {"bad": 1}, finding(1), finding(2))
    (repo.root / "src").mkdir()
    assert errata("doctor", cwd=repo.root / "src").stdout == errata("doctor").stdout


def test_invalid_options(errata: Errata) -> None:
    for args in (("x.jsonl",), ("--format", "xml"), ("a", "b")):
        done = errata("doctor", *args)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


HOSTILE = "a$(touch pwned)`touch pwned`'; touch pwned; \x1b[31m\u202e\"%s\\n"


def test_names_of_a_repository_are_text_to_the_shell_and_the_terminal(
    repo: Repo, errata: Errata
) -> None:
    repo.commit("one")
    for author in ("Ann", "Bob", "Cy"):
        env = {"GIT_AUTHOR_NAME": author, "GIT_AUTHOR_EMAIL": f"{author}@example.org"}
        hostile = f"Co-authored-by: {HOSTILE.replace('<', '')} <noreply@x.example>"
        repo.commit(f"x\n\n{hostile}\nAI-Tool: {HOSTILE}", **env)
    name = "a$(touch pwned)'; touch pwned.jsonl"
    repo.jsonl(f".claude/{name}", *(finding(n) for n in range(3)))
    repo.write(f"{FINDINGS}.torn", "x\n")
    repo.write("errata.toml", "")
    done = errata("doctor")
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout
    commands = [line[7:] for line in done.stdout.splitlines() if line.startswith("  fix: ")]
    assert sum("[[identities]]" in command for command in commands) == 2
    assert sum("--propose-aliases" in command for command in commands) == 1
    for command in commands:
        if command != "errata init":
            subprocess.run(command, shell=True, cwd=repo.root, check=True, env=environment())
    assert not (repo.root / "pwned").exists()
    assert not (repo.root / "pwned.jsonl").exists()
    assert errata("who").returncode == 0, errata("who").stderr


@pytest.mark.parametrize("path", ["/etc/passwd", "../outside.jsonl", ".git/config"])
def test_a_named_log_may_be_anywhere(repo: Repo, errata: Errata, path: str) -> None:
    (repo.root.parent / "outside.jsonl").write_text(json.dumps(finding(1)) + "\n")
    done = errata("doctor", "--propose-aliases", path)
    assert done.returncode in (0, 2)
    assert "Traceback" not in done.stderr
    assert "[logs]" not in done.stdout


def test_log_paths_are_relative_to_the_current_directory(repo: Repo, errata: Errata) -> None:
    (repo.root / "src").mkdir()
    repo.jsonl("notes/f.jsonl", finding(1), finding(2))
    for cwd, name in (
        (repo.root / "src", "../notes/f.jsonl"),
        (repo.root / "src", "notes/f.jsonl"),
    ):
        done = errata("doctor", "--propose-aliases", name, cwd=cwd)
        assert done.stdout == '\n[logs]\nfindings = "notes/f.jsonl"\n'
