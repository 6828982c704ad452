"""``errata init`` and ``errata uninstall`` in real repositories, with the real hook managers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from errata.setup import uninstall_plan
from errata.setup.hooks import STAGES
from errata.setup.init_plan import plan_init
from errata.setup.layout import Layout
from manager_builders import (
    BIN,
    CASES,
    OWN,
    PRE_COMMIT,
    Errata,
    done,
    executable,
    lefthook,
    plain_scripts,
    pre_commit,
    refused,
    state,
    times,
)
from matrix import few
from record_builders import CORRECTIONS, correction
from terminals import run_on_terminal

LOG = ".claude/review-findings.jsonl"
BAD = '{"timestamp": "2025-01-01T00:00:00Z", "severity": "urgent", "file": "x"}\n'


@pytest.fixture(autouse=True)
def frameworks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", f"{BIN}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "pre-commit"))
    monkeypatch.setenv("PREK_HOME", str(tmp_path / "prek"))
    monkeypatch.setenv("ERRATA_AGENT", "off")


@pytest.fixture(params=few(CASES, "nothing", "pre_commit", "prek_toml", "lefthook", "hooks_path"))
def case(request: pytest.FixtureRequest, repo: Any) -> tuple[Any, str]:
    """(repository, its hook manager): one commit made, attributes of its own."""
    repo.write(".gitattributes", "*.png binary\r\n*.jsonl text")
    repo.commit("Begin")
    request.param(repo)
    return repo, CASES[request.param]


def test_init_commit_and_uninstall(case: tuple[Any, str], errata: Errata) -> None:
    repo, manager = case
    before = state(repo.root)
    shown = done(errata("init", "--dry-run"))
    assert state(repo.root) == before
    plan, _, hint = shown.removesuffix("\n").rpartition("\n")
    assert "`--diff`" in hint
    said = done(errata("init"))
    assert said.startswith(f"{plan}\n")
    assert hint not in said
    assert f"errata is set up ({manager}: " in said
    stamps = times(repo.root)
    assert done(errata("init")) == "nothing to do\n"
    assert times(repo.root) == stamps
    runs_hooks(repo)
    kept = state(repo.root)
    said = done(errata("uninstall"))
    assert f"kept, because they are yours: {LOG}" in said
    after = state(repo.root)
    assert {path: one for path, one in after.items() if before.get(path) != one} == {
        path: one for path, one in kept.items() if path in (".claude", LOG, "ran-mine")
    }
    assert set(before) <= set(after)
    assert done(errata("uninstall")).splitlines()[-1] == "nothing to do"


def runs_hooks(repo: Any) -> None:
    """A bad log is refused, a good commit is stamped, and a merge is none the worse for it."""
    repo.git("add", "-A")
    repo.write(LOG, BAD)
    repo.git("add", "-A")
    refused = subprocess.run(["git", "commit", "-m", "x"], capture_output=True, text=True)
    assert refused.returncode == 1
    assert "'urgent' is not allowed" in refused.stdout + refused.stderr
    repo.write(LOG, BAD.replace("urgent", "nit").replace("}", ', "description": "y"}'))
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "Subject", env={"ERRATA_AGENT": "api-dev"})
    assert repo.git("log", "-1", "--format=%B") == "Subject\n\nAgent: api-dev"
    bad = ("commit", "--allow-empty", "-m", "x", "-m", "Runbook: x@0123456789AB")
    assert subprocess.run(["git", *bad], capture_output=True).returncode != 0
    repo.git("commit", "-q", "--amend", "-m", "Other words")
    repo.git("switch", "-qc", "side")
    repo.git("commit", "-q", "--allow-empty", "-m", "Side")
    repo.git("switch", "-q", "main")
    repo.git("merge", "-q", "--no-ff", "--no-edit", "side")


def test_own_scripts_still_run(repo: Any, errata: Errata) -> None:
    plain_scripts(repo)
    said = done(errata("init"))
    assert "your scripts are kept: .git/hooks/pre-commit, .git/hooks/post-commit" in said
    repo.git("commit", "-q", "--allow-empty", "-m", "x")
    assert (repo.root / "ran-mine").exists()
    # For somebody without errata, one line for each of git's hooks.
    repo.git("config", "--unset", "errata.path")
    path = os.pathsep.join(p for p in os.environ["PATH"].split(os.pathsep) if p != str(BIN))
    run = subprocess.run(
        ["git", "commit", "-q", "--allow-empty", "-m", "y"],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
    )
    if not any((Path(p) / "errata-stamp").exists() for p in path.split(os.pathsep)):
        assert run.returncode == 0
        assert len(run.stderr.splitlines()) == run.stderr.count("hooks are skipped") == 4


def test_uninstall_of_edited_files_removes_only_ours(repo: Any, errata: Errata) -> None:
    pre_commit(repo)
    done(errata("init"))
    config = repo.root / ".pre-commit-config.yaml"
    config.write_text(config.read_text() + "\nfail_fast: true\n")
    attributes = repo.root / ".gitattributes"
    attributes.write_text("*.x binary\n" + attributes.read_text() + "*.y binary\n")
    done(errata("uninstall"))
    assert config.read_text() == PRE_COMMIT + "\nfail_fast: true\n"
    assert attributes.read_text() == "*.x binary\n*.y binary\n"
    assert os.listdir(repo.root / ".git/hooks").count("post-commit") == 0  # noqa: PTH208
    assert (repo.root / ".git/hooks/pre-commit").exists()


def test_in_a_clone_that_never_ran_init(repo: Any, errata: Errata, tmp_path: Path) -> None:
    repo.write("a.txt", "a\n")
    before = state(repo.root)
    done(errata("init"))
    repo.commit("errata")
    clone = tmp_path / "clone"
    repo.git("clone", "-q", str(repo.root), str(clone))
    subprocess.run([BIN / "pre-commit", "install"], cwd=clone, check=True, capture_output=True)
    assert "pre-commit install" not in done(errata("init", "--dry-run", cwd=clone))
    done(errata("uninstall", cwd=clone))
    files = {path for path in state(clone) if not path.startswith(".git/")} - {".git"}
    assert files == {path for path in before if not path.startswith(".git/")} - {".git"}
    assert not any((clone / ".git/hooks" / stage).exists() for stage in STAGES)


def test_interrupted_init_can_be_run_again(repo: Any, errata: Errata) -> None:
    before = state(repo.root)
    made = plan_init(Layout.discover(repo.root), load_config(repo.root))
    # Stopped after the first file.
    made.prepare[0].run()
    made.layout.write(made.changes[0])
    done(errata("init"))
    assert done(errata("init")) == "nothing to do\n"
    out = uninstall_plan.plan_uninstall(Layout.discover(repo.root), load_config(repo.root))
    for step in out.prepare:
        step.run()
    out.layout.write(out.changes[0])
    done(errata("uninstall"))
    assert state(repo.root) == before


def load_config(root: Path) -> Any:
    from errata.core.config import load

    return load(root)


def test_linked_worktree_and_sub_directory(repo: Any, errata: Errata, tmp_path: Path) -> None:
    repo.commit("Begin")
    other = tmp_path / "other tree"
    repo.git("worktree", "add", "-q", "-b", "topic", str(other))
    (other / "deep").mkdir()
    done(errata("init", cwd=other / "deep"))
    assert (other / ".pre-commit-config.yaml").exists()
    assert not (repo.root / ".pre-commit-config.yaml").exists()
    assert (repo.root / ".git/hooks/post-commit").exists()
    # The same again here: the hooks are there already.
    assert "$" not in "".join(line[0] for line in done(errata("init")).splitlines() if line)
    done(errata("uninstall", cwd=other))
    assert not (other / ".pre-commit-config.yaml").exists()


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        (".pre-commit-config.yaml", "repos: [\n", ".pre-commit-config.yaml:1: "),
        (".pre-commit-config.yaml", "a: 1\n---\nb: 1\n", ".pre-commit-config.yaml:2: "),
        (".pre-commit-config.yaml", "- a\n", ".pre-commit-config.yaml:1: must be a mapping"),
        (".pre-commit-config.yaml", "repos: []\nrepos: []\n", ".pre-commit-config.yaml:2: found"),
        (".pre-commit-config.yaml", "repos: 1\n", ".pre-commit-config.yaml:1: repos: must be a"),
        (".pre-commit-config.yaml", "a: \x01\n", ".pre-commit-config.yaml:1: "),
        (".pre-commit-config.yaml", b"a: 1\nb: \xff\n", ".pre-commit-config.yaml:2: not UTF-8"),
        (".pre-commit-config.yaml", "a: !x 1\n", ".pre-commit-config.yaml:1: "),
        ("prek.toml", "a = 1\nb = \n", "prek.toml:2: not TOML"),
        ("prek.toml", "repos = 1\n", "prek.toml:1: repos: must be a list"),
        ("lefthook.yml", "pre-commit: x\n", "lefthook.yml:1: pre-commit: must be a mapping"),
        (".gitattributes", "# >>> errata >>>\n", ".gitattributes:1: the marks"),
    ],
)
def test_an_uneditable_file_stops_init_before_any_change(
    repo: Any, errata: Errata, path: str, text: str | bytes, said: str
) -> None:
    repo.write(path, text)
    before = state(repo.root)
    run = errata("init")
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.startswith(f"errata: {said}")
    assert run.stderr.count("\n") == 1
    assert state(repo.root) == before


def test_where_init_cannot_work(repo: Any, errata: Errata, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    assert "not a git repository" in refused(errata("init", cwd=outside))
    repo.git("init", "-q", "--bare", str(tmp_path / "bare.git"))
    assert "bare" in refused(errata("init", cwd=tmp_path / "bare.git"))
    repo.git("config", "--global", "core.hooksPath", str(outside))
    assert "not inside this repository" in refused(errata("init"))
    assert "pre-commit does not install then" in refused(errata("init", "--manager=pre-commit"))
    repo.git("config", "--global", "--unset", "core.hooksPath")
    (repo.root / ".pre-commit-config.yaml").symlink_to(outside / "x.yaml")
    assert "leads out of the repository" in refused(errata("init"))


def test_conflicts_with_other_hooks_are_refused(repo: Any, errata: Errata) -> None:
    repo.git("config", "merge.errata.driver", "mine %A")
    assert "is not errata's" in refused(errata("init"))
    repo.git("config", "--unset", "merge.errata.driver")
    assert "not for plain" in refused(errata("init", "--source", "x@y", "--manager", "plain"))
    executable(repo, ".git/hooks/commit-msg", "#!/usr/bin/env python3\nprint()\n")
    assert ".git/hooks/commit-msg:1: not a shell script" in refused(errata("init"))
    assert "lefthook would set aside" in refused(errata("init", "--manager=lefthook"))
    executable(repo, ".git/hooks/commit-msg", "#!/bin/sh\n# File generated by prek\n")
    assert "is prek's" in refused(errata("init", "--manager=plain"))
    (repo.root / ".git/hooks/commit-msg").unlink()
    repo.write("lefthook.toml", "")
    assert "YAML only" in refused(errata("init"))


def test_scripts_that_git_ignores_are_refused(repo: Any, errata: Errata) -> None:
    repo.write(".git/hooks/post-merge", OWN).chmod(0o644)
    assert "not executable" in refused(errata("init", "--manager=plain"))


def test_hooks_from_a_repository(repo: Any, errata: Errata, tmp_path: Path) -> None:
    source = tmp_path / "source"
    repo.git("init", "-q", str(source))
    repo.git("-C", str(source), "commit", "-q", "--allow-empty", "-m", "x")
    head = repo.git("-C", str(source), "rev-parse", "HEAD")
    done(errata("init", "--source", "../source", "--dry-run"))
    said = done(errata("init", "--source", "../source", "--agent", "claude-code", "--diff"))
    assert f"+  - repo: ../source\n+    rev: {head}\n" in said.replace(f"'{head}'", head)
    assert "note:" not in said
    assert done(errata("init")) == "nothing to do\n"
    done(errata("init", "--source", "../source@v2"))
    assert "    rev: v2\n" in (repo.root / ".pre-commit-config.yaml").read_text()
    assert "no repository answers" in refused(errata("init", "--source", str(tmp_path / "none")))
    done(errata("uninstall"))
    assert not (repo.root / ".pre-commit-config.yaml").exists()


def test_manual_setup_is_kept(repo: Any, errata: Errata) -> None:
    text = (
        "repos:\n- repo: ../e\n  rev: v9.0\n  hooks:\n  - id: errata-stamp\n    args: [x]  # mine\n"
    )
    repo.write(".pre-commit-config.yaml", text)
    repo.write(".gitattributes", "*.jsonl merge=union\n.claude/incidents.jsonl merge=mine\n")
    said = done(errata("init"))
    assert ".claude/incidents.jsonl: kept your merge=mine" in said
    written = (repo.root / ".pre-commit-config.yaml").read_text()
    assert written.endswith(text.partition("repos:")[2][1:] + written.rpartition("# mine\n")[2])
    assert "  - id: errata-capture\n" in written
    assert "review-findings" not in (repo.root / ".gitattributes").read_text()
    done(errata("uninstall"))
    assert (repo.root / ".pre-commit-config.yaml").read_text() == text


def test_odd_names_of_logs(repo: Any, errata: Errata) -> None:
    path = 'lögs/a b*[c]?"d.jsonl'
    repo.write("errata.toml", f"[logs]\nfindings = {json.dumps(path, ensure_ascii=False)}\n")
    done(errata("init"))
    out = repo.git("check-attr", "-z", "merge", "--", path, 'lögs/a bxxcx"d.jsonl')
    assert out.split("\0")[2::3] == ["union", "unspecified"]
    assert done(errata("init")) == "nothing to do\n"


def test_unreadable_install_manifest_is_refused(repo: Any, errata: Errata) -> None:
    done(errata("init"))
    repo.write(".git/errata/installed.json", "{")
    assert "installed.json: cannot be read" in refused(errata("uninstall"))
    (repo.root / ".git/errata/installed.json").unlink()
    done(errata("uninstall"))
    assert repo.git("status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("options", "answer", "happens", "diff"),
    [
        ((), "n", False, False),
        ((), "y", True, False),
        ((), "d\nn", False, True),
        ((), "what\nd\ny", True, True),
        (("--diff",), "n", False, True),
    ],
)
def test_on_a_terminal_it_asks(
    repo: Any, options: tuple[str, ...], answer: str, happens: bool, diff: bool
) -> None:
    argv = [sys.executable, "-m", "errata", "init", *options]
    status, shown = run_on_terminal(argv, typed=f"{answer}\n")
    said = shown.encode()
    assert status == 0
    before, asked, after = said.partition(b"Make these changes? [Y/n/d=diff]")
    assert asked
    assert (b"+++" in said) is (b"+# Learning engine" in said) is diff
    assert b"new file" not in said
    if not options:
        # The terminal echoes what was typed.
        assert len(before.splitlines()) <= 10 + len(answer.splitlines())
        assert b".pre-commit-config.yaml" in before
    if happens:
        assert b"errata doctor --try" in after
    assert (repo.root / ".pre-commit-config.yaml").exists() is happens
    assert (b"nothing was changed" in said) is not happens


def test_new_files_take_one_line_each(repo: Any, errata: Errata) -> None:
    repo.write(".gitattributes", "*.png binary\n")
    options = ("--manager", "plain", "--agent", "claude-code")
    shown = done(errata("init", "--dry-run", *options))
    lines = shown.splitlines()
    assert [line for line in lines if line.startswith("+++ ")] == ["+++ b/.gitattributes"]
    assert "+/.claude/incidents.jsonl merge=union" in lines
    assert "new file .git/hooks/commit-msg: 17 lines, executable" in lines
    assert "made executable" not in shown
    new = [line.removeprefix("new file ").split(": ") for line in lines if line[:3] == "new"]
    counts = {path: int(size.split()[0]) for path, size in new}
    total = sum(counts.values())
    hint = f"Nothing was changed. `--diff` also shows the {total} lines of the new files."
    assert lines[-1] == hint
    whole = done(errata("init", "--dry-run", "--diff", *options))
    assert "new file" not in whole and "--diff" not in whole
    assert "\n.git/hooks/commit-msg is made executable\n" in whole
    done(errata("init", *options))
    for path, count in counts.items():
        assert len((repo.root / path).read_text().splitlines()) == count
        assert f"\n+++ b/{path}\n@@ -0,0 +1,{count} @@\n" in whole
    (repo.root / ".claude/commands/evolve.md").unlink()
    assert (
        done(errata("init", *options)).splitlines()[0]
        == "new file .claude/commands/evolve.md: 21 lines"
    )


def test_lefthook_where_the_path_has_spaces(repo: Any, errata: Errata, tmp_path: Path) -> None:
    """In a linked worktree the message's path is absolute, and lefthook quotes nothing."""
    lefthook(repo)
    done(errata("init"))
    repo.commit("Begin")
    other = tmp_path / "a b" / "c d"
    repo.root.rename(tmp_path / "re po")
    moved = type(repo)(tmp_path / "re po")
    moved.git("worktree", "add", "-q", "-b", "topic", str(other))
    there = type(repo)(other)
    there.git("commit", "-q", "--allow-empty", "-m", "Subject", env={"ERRATA_AGENT": "api-dev"})
    assert there.git("log", "-1", "--format=%B") == "Subject\n\nAgent: api-dev"


def test_uninstall_counts_the_corrections_that_wait(repo: Any, errata: Errata) -> None:
    """Only those that no log has: not withdrawals, not what a killed flush had already moved."""
    assert errata("init", "--yes", "--manager", "plain").returncode == 0
    outbox = ".git/errata/outbox.jsonl"
    first, second = ({**correction(day), "id": f"cor-{day}"} for day in (1, 2))
    repo.jsonl(CORRECTIONS, first)
    repo.jsonl(outbox, first, {**first, "id": "cor-1w", "withdraws": "cor-1"})
    assert "captured correction" not in errata("uninstall", "--dry-run").stdout
    repo.jsonl(outbox, second)
    shown = errata("uninstall", "--dry-run").stdout
    assert "note: kept in .git/errata: 1 captured correction; `errata flush`" in shown
    assert errata("flush").returncode == 0
    assert "captured correction" not in errata("uninstall", "--yes").stdout
