"""What uninstall leaves is named, and what errata derived for itself is gone."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from conftest import Repo
from manager_builders import Errata, done, state
from record_builders import finding
from terminals import run_on_terminal

LOG = ".claude/review-findings.jsonl"
PATTERNS = ".claude/patterns"


def notes(output: str) -> list[str]:
    return [line.removeprefix("note: ") for line in output.split("\n") if line.startswith("note: ")]


def learn(repo: Repo, errata: Errata) -> None:
    seen = [finding(day, affected_agents=["everyone"]) for day in range(1, 8)]
    repo.jsonl(LOG, *seen)
    done(errata("evolve"))


@pytest.mark.parametrize("first", ["init", "evolve"])
def test_everything_is_gone_or_named(repo: Repo, errata: Errata, first: str) -> None:
    repo.commit("Begin")
    before = state(repo.root)
    if first == "evolve":
        learn(repo, errata)
    done(errata("init"))
    learn(repo, errata)
    done(errata("context", "--export", "agents-md"))
    repo.write("errata.toml", "[agent]\nmax_chars = 1000\n")
    derived = ["patterns.json", "trends.json", ".gitignore"]
    assert all((repo.root / PATTERNS / name).exists() for name in derived)
    output = done(errata("uninstall"))
    assert not any((repo.root / PATTERNS / name).exists() for name in derived)
    assert "kept: the lessons in AGENTS.md; delete them by hand" in notes(output)
    for path in (LOG, f"{PATTERNS}/promotion-log.jsonl", ".claude/skills/runbooks", "errata.toml"):
        assert re.search(rf"^note: kept, because they are yours: .*{re.escape(path)}", output, re.M)
    commands = re.findall(r"^note: .*to delete (?:them|it): `(.+)`$", output, re.MULTILINE)
    assert len(commands) == 2
    for command in commands:
        subprocess.run(command, shell=True, check=True, cwd=repo.root)
    (repo.root / "AGENTS.md").unlink()
    left = {path for path in state(repo.root) if path not in before}
    assert left <= {".claude", ".claude/skills", PATTERNS}
    assert {path: state(repo.root)[path] for path in before} == before


def test_an_edited_list_of_ignored_files_is_kept(repo: Repo, errata: Errata) -> None:
    done(errata("init"))
    learn(repo, errata)
    (repo.root / PATTERNS / ".gitignore").write_text("mine\n")
    output = done(errata("uninstall", "--dry-run"))
    assert f"\n$ rm {PATTERNS}/patterns.json {PATTERNS}/trends.json\n" in output
    done(errata("uninstall"))
    assert (repo.root / PATTERNS / ".gitignore").read_text() == "mine\n"
    assert done(errata("uninstall")) == "nothing to do\n"


def test_scripts_are_removed_by_a_command(errata: Errata) -> None:
    done(errata("init", "--manager", "pre-commit"))
    assert "\n$ pre-commit uninstall --hook-type=" in done(errata("uninstall", "--dry-run"))
    argv = [sys.executable, "-m", "errata", "uninstall"]
    _, shown = run_on_terminal(argv, typed="n\n")
    assert "run: pre-commit uninstall; git config" in shown.replace("\r", "")


def test_only_what_git_has_is_to_be_committed(repo: Repo, errata: Errata) -> None:
    repo.write(".gitignore", ".claude/\n")
    repo.commit("Begin")
    done(errata("init", "--manager", "plain", "--agent", "claude-code"))
    repo.git("add", ".gitattributes")
    repo.git("commit", "-qm", "build: errata", "--no-verify")
    assert "\nTo commit: .gitattributes\n" in done(errata("uninstall"))
    repo.git("checkout", "-q", "--", ".")
    done(errata("init", "--manager", "plain", "--agent", "claude-code"))
    repo.git("rm", "-q", "--cached", ".gitattributes")
    assert "To commit" not in done(errata("uninstall"))
