"""Hooks where errata is missing or broken: skipped with one line, and no commit is refused.

Colleagues share the configuration, and graphical clients start git with a short PATH.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import Repo
from errata.setup import guard, shell_hooks
from errata.setup.hooks import STAGES
from manager_builders import BIN, Errata, done, executable
from matrix import few

SHELLS = [shell for shell in ("sh", "dash", "bash", "zsh", "busybox") if shutil.which(shell)]
TOOLS = ("git", "sh", "bash", "env", "uname", "tr", "dirname", "basename", "sed", "cat", "setsid")
# What a program does -> (exit status of the hook, whether it is called skipped).
PROGRAMS = {
    "echo ran $#; exit 0": (0, False),
    "[ $1 = --help ] && exit 0; exit 1": (1, False),
    "[ $1 = --help ] && exit 0; exit 2": (2, False),
    # The interpreter is gone, or a version manager has no such version.
    "exit 127": (0, True),
    "exit 126": (0, True),
    # Python cannot import the package.
    "echo ImportError >&2; exit 1": (0, True),
    "kill -9 $$": (0, True),
}


def program(folder: Path, name: str, text: str, shebang: str = "#!/bin/sh") -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"{shebang}\n{text}\n")
    (folder / name).chmod(0o755)


def run(command: list[str], path: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        env={**os.environ, "PATH": path, "PYTHONPATH": "here"},
        input="input\n",
        capture_output=True,
        text=True,
        check=False,
    )


def short_path(tmp_path: Path, *more: str) -> str:
    """A PATH with git and a shell, and without errata."""
    folder = tmp_path / "short path"
    folder.mkdir(exist_ok=True)
    for name in (*TOOLS, *more):
        found = shutil.which(name, path=f"{BIN}{os.pathsep}{os.environ['PATH']}")
        if found and not (folder / name).exists():
            (folder / name).symlink_to(found)
    return str(folder)


@pytest.mark.usefixtures("repo")
@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("text", PROGRAMS)
def test_entries(tmp_path: Path, shell: str, text: str) -> None:
    status, skipped = PROGRAMS[text]
    program(tmp_path / "bin", "errata-stamp", text)
    path = f"{short_path(tmp_path)}{os.pathsep}{tmp_path}/bin"
    words = ["busybox", "sh"] if shell == "busybox" else [shell]
    words[0] = shutil.which(words[0]) or words[0]
    result = run([*words, "-c", f"{guard.entry('errata-stamp')} 'a b' c"], path)
    assert result.returncode == status
    assert ("errata-stamp skipped" in result.stderr) is skipped
    assert result.stdout == ("ran 2\n" if "ran" in text else "")


@pytest.mark.usefixtures("repo")
@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("text", PROGRAMS)
@pytest.mark.parametrize("stage", ["pre-commit", "post-commit"])
def test_scripts(tmp_path: Path, shell: str, text: str, stage: str) -> None:
    """A check stops the script with its status, nothing else does; the input is left to it."""
    status, skipped = PROGRAMS[text]
    for name in ("errata", "errata-capture", "errata-check-runbooks"):
        program(tmp_path / "bin", name, text)
    for name in ("errata-check-skills", "errata-validate-logs", "errata-check-lessons"):
        program(tmp_path / "bin", name, "exit 0")
    script = tmp_path / "script"
    script.write_bytes(
        shell_hooks.edit(b"#!/bin/sh\nset -eu\nread line; echo $line\n", stage, "f").replace(
            b"#!/bin/sh\n", b"#!/bin/sh\nset -eu\n", 1
        )
    )
    words = ["busybox", "sh"] if shell == "busybox" else [shell]
    words[0] = shutil.which(words[0]) or words[0]
    path = f"{short_path(tmp_path)}{os.pathsep}{tmp_path}/bin"
    result = run([*words, str(script), "a b", "c"], path)
    stops = status if stage == "pre-commit" else 0
    assert result.returncode == stops
    assert ("skipped: errata does not start" in result.stderr) is skipped
    ran = "ran 2\n" if "ran" in text else ""
    assert result.stdout == (ran if stops else f"{ran}input\n")


@pytest.mark.usefixtures("repo")
@pytest.mark.parametrize("shebang", ["#!/gone/python", "#!/usr/bin/env no-such-python"])
def test_a_missing_interpreter(tmp_path: Path, shebang: str) -> None:
    program(tmp_path / "bin", "errata-stamp", "", shebang)
    path = f"{short_path(tmp_path)}{os.pathsep}{tmp_path}/bin"
    result = run([shutil.which("sh") or "sh", "-c", guard.entry("errata-stamp")], path)
    assert (result.returncode, "errata-stamp skipped" in result.stderr) == (0, True)


def test_the_noted_folder_is_used(repo: Repo, tmp_path: Path) -> None:
    program(tmp_path / "a bin", "errata-stamp", "echo ran")
    repo.git("config", guard.SETTING, f"{tmp_path}/a bin")
    words = [shutil.which("sh") or "sh", "-c", guard.entry("errata-stamp")]
    assert run(words, short_path(tmp_path)).stdout == "ran\n"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("errata-stamp", "GUARD errata-stamp"),
        ("errata-stamp --x 'a b'", "GUARD errata-stamp --x 'a b'"),
        ("/gone/bin/errata-stamp -x", "GUARD errata-stamp -x"),
        ("'/gone a/errata-stamp'", "GUARD errata-stamp"),
        ("sh -c 'other guard; \"$0\"' errata-stamp -x", "GUARD errata-stamp -x"),
        ("uv run errata-stamp", "uv run errata-stamp"),
        ("errata-stamp-more", "errata-stamp-more"),
        ("sh -c 'errata-stamp'", "sh -c 'errata-stamp'"),
        ("'unbalanced errata-stamp", "'unbalanced errata-stamp"),
    ],
)
def test_existing_lines(line: str, expected: str) -> None:
    after = guard.guarded(line, "errata-stamp")
    prefix = guard.entry("")
    assert after == expected.replace("GUARD ", prefix)
    assert guard.guarded(after, "errata-stamp") == after


MANAGERS = ["pre-commit", "prek", "lefthook", "husky", "plain"]


def husky_in_use(repo: Repo) -> None:
    """What `npx husky` writes, reduced to what our stages need."""
    repo.git("config", "core.hooksPath", ".husky/_")
    runner = '#!/bin/sh\ns=".husky/$(basename "$0")"\n[ -f "$s" ] || exit 0\nsh -e "$s" "$@"\n'
    for stage in STAGES:
        executable(repo, f".husky/_/{stage}", runner)


def set_up(repo: Repo, errata: Errata, manager: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{BIN}{os.pathsep}{os.environ['PATH']}")
    if manager == "husky":
        husky_in_use(repo)
    done(errata("init", "--manager", manager, "--agent", "claude-code"))
    repo.commit("build: errata")


def commit(repo: Repo, path: str, **env: str) -> subprocess.CompletedProcess[str]:
    repo.write("api.py", f"def create(): ...\n# {len(repo.git('log', '--format=%h'))}\n")
    repo.git("add", "-A")
    return subprocess.run(
        ["git", "commit", "-q", "-m", "feat: volumes"],
        cwd=repo.root,
        env={**os.environ, "PATH": path, **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )


@pytest.mark.parametrize("manager", few(MANAGERS, "pre-commit", "plain", "lefthook"))
def test_commits_without_errata(
    repo: Repo, errata: Errata, manager: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In the same clone a short PATH still finds errata; a colleague's clone skips it."""
    set_up(repo, errata, manager, monkeypatch)
    path = short_path(tmp_path, "prek", "lefthook")
    result = commit(repo, path, ERRATA_AGENT="api-dev")
    assert result.returncode == 0, result.stderr
    assert repo.git("log", "-1", "--format=%(trailers:key=Agent,valueonly)").strip() == "api-dev"
    repo.git("config", "--unset", guard.SETTING)
    result = commit(repo, path, ERRATA_AGENT="api-dev")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "skipped" in result.stdout + result.stderr
    assert "Agent" not in repo.git("log", "-1", "--format=%B")


@pytest.mark.parametrize("manager", few(MANAGERS, "prek", "husky"))
def test_commits_with_a_broken_errata(
    repo: Repo, errata: Errata, manager: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    set_up(repo, errata, manager, monkeypatch)
    repo.git("config", "--unset", guard.SETTING)
    broken = tmp_path / "broken"
    for name in ("errata", *(hook.name for hook in Path(BIN).glob("errata-*"))):
        program(broken, name, "from errata_of_another_python import main", "#!/usr/bin/env python3")
    path = f"{broken}{os.pathsep}{short_path(tmp_path, 'prek', 'lefthook', 'python3')}"
    result = commit(repo, path)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(("line", "status"), [(1, 0), (9, 1)])
def test_merges_without_errata(
    repo: Repo,
    errata: Errata,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    line: int,
    status: int,
) -> None:
    """Git merges runbooks by itself where the merge driver finds no errata."""
    runbook = ".claude/skills/runbooks/api-dev/RUNBOOK.md"
    repo.write(runbook, "".join(f"{n}\n" for n in range(10)))
    set_up(repo, errata, "plain", monkeypatch)
    repo.git("switch", "-qc", "topic")
    repo.write(runbook, (repo.root / runbook).read_text().replace(f"{line}\n", "theirs\n"))
    repo.commit("docs: theirs")
    repo.git("switch", "-q", "main")
    repo.write(runbook, (repo.root / runbook).read_text().replace("9\n", "ours\n"))
    repo.commit("docs: ours")
    repo.git("config", "--unset", guard.SETTING)
    result = run(["git", "merge", "-q", "--no-edit", "topic"], short_path(tmp_path))
    assert result.returncode == status, result.stderr
    text = (repo.root / runbook).read_text()
    assert "theirs\n" in text and "ours\n" in text
    assert ("<<<<<<<" in text) is bool(status)


def test_an_earlier_installation_is_updated(
    repo: Repo, errata: Errata, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(repo, errata, "pre-commit", monkeypatch)
    config = repo.root / ".pre-commit-config.yaml"
    text = config.read_text()
    config.write_text(text.replace(guard.entry(""), ""))
    assert "entry: errata-stamp\n" in config.read_text()
    from doctor_builders import Doctor

    assert Doctor(repo.root).fix("written by an earlier version", "note") == "errata init"
    assert config.read_text() == text
