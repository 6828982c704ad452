"""Every command in every odd place: an ordinary answer, or one clear line and nothing written."""

from __future__ import annotations

import ctypes
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import click
import pytest
from qa import fork_server

from doctor_builders import everything
from errata.cli import COMMANDS
from errata.commands import group
from place_builders import ANSWERED, REFUSED, environment, with_history
from record_builders import put

# From Linux's headers: prctl.h and capability.h.
_PR_CAPBSET_DROP, _DAC_OVERRIDE, _DAC_READ_SEARCH = 24, 1, 2

Need = Literal["logs", "work tree", "commits", "nothing"]


@dataclass(frozen=True)
class Call:
    """A command with arguments that work in an ordinary repository.

    Attributes:
        needs: what the place must have.
        statuses: the exit statuses of an ordinary answer.
        writes: whether it changes files of the work tree or the state of errata.
    """

    words: str
    needs: Need = "logs"
    statuses: tuple[int, ...] = (0,)
    writes: bool = False


# Each command and subcommand of the command line has at least one row.
CALLS = (
    Call("validate"),
    Call("explain missing-widget-check", statuses=(0, 2)),
    Call("patterns"),
    Call("trends"),
    Call("outcome"),
    Call("outcome missing-widget-check", statuses=(2,)),
    Call("who HEAD", "commits"),
    Call("backfill --dry-run", "commits"),
    Call("try", "commits"),
    Call("report --format md", "commits"),
    Call("export --dry-run"),
    Call("fleet shared no-such-repository", "nothing", statuses=(2,)),
    Call("corrections"),
    Call("corrections --analyze"),
    Call("corrections --list"),
    Call("review"),
    Call("accept cor-0123456789abcdef", statuses=(2,)),
    Call("reject cor-0123456789abcdef", statuses=(2,)),
    Call("teach --pattern no-print --description x", writes=True),
    Call("undo", statuses=(0, 2), writes=True),
    Call("patterns rename missing-widget-check no-widget", statuses=(0, 2), writes=True),
    Call("patterns merge missing-widget-check no-print", statuses=(0, 2), writes=True),
    Call("patterns dismiss missing-widget-check", statuses=(0, 2), writes=True),
    Call("patterns pin missing-widget-check", statuses=(0, 2), writes=True),
    Call("patterns confirm missing-widget-check", statuses=(2,)),
    Call("skills"),
    Call("checks"),
    Call("checks propose --dry-run", "logs", statuses=(0, 2)),
    Call("checks accept no-print", statuses=(2,)),
    Call("context"),
    Call("doctor", "nothing", statuses=(0, 1)),
    Call("help who", "nothing"),
    Call("completion bash", "nothing"),
    Call("init --dry-run", "work tree"),
    Call("merge-file --ancestor {a} --ours {b} --theirs {c} --path x.md", "nothing"),
    Call("agent-hook SessionStart --tool claude-code", "nothing"),
    Call("log finding --severity nit --description x --file a.py", writes=True),
    Call("log learning --agent api-dev --insight x", writes=True),
    Call(
        "log correction --agent api-dev --type code_quality --ai-summary x --summary y",
        writes=True,
    ),
    Call("log incident --severity warning --description x", writes=True),
    # The file is a runbook, which is not an export.
    Call("import {a}", statuses=(1,)),
    Call("evolve --dry-run"),
    Call("evolve", writes=True),
    Call("context --export agents-md", writes=True),
    Call("flush", "work tree", writes=True),
    Call("flush --restore", "work tree", writes=True),
    Call("backfill", "work tree", writes=True),
    Call("uninstall --yes", "work tree", writes=True),
    Call("init --yes", "work tree", writes=True),
)
# In these places a command needs less than its row says.
EXCEPTIONS = {
    ("empty", "backfill --dry-run"),
    ("empty", "report --format md"),
    ("empty", "try"),
    (".claude leads out", "skills"),
    (".claude is a file", "skills"),
    (".claude is a file", "uninstall --yes"),
}


def _names(command: click.Command, name: str) -> Iterator[str]:
    if isinstance(command, click.Group):
        for sub in command.list_commands(click.Context(command)):
            found = command.get_command(click.Context(command), sub)
            assert found is not None
            yield from _names(found, f"{name} {sub}".strip())
    else:
        yield name


def test_every_command_has_a_row() -> None:
    names = set(_names(group.make(COMMANDS), ""))
    lacking = {
        name for name in names if not any(f"{call.words} ".startswith(f"{name} ") for call in CALLS)
    }
    assert lacking == set()


@pytest.fixture
def versions(tmp_path: Path) -> dict[str, str]:
    """Three versions of a runbook, for the merge driver."""
    return {name: str(put(tmp_path / "merged", name, b"# Text\n")) for name in "abc"}


def _arguments(call: Call, versions: dict[str, str]) -> list[str]:
    return [word.format(**versions) for word in call.words.split(" ")]


def _one_clear_line(text: str) -> str:
    assert text.count("\n") == 1, text
    for part in ("Traceback", "fatal:", "git rev-parse", "Errno"):
        assert part not in text
    return text


@pytest.mark.parametrize("place", REFUSED)
def test_a_place_where_some_cannot_work(
    tmp_path: Path, versions: dict[str, str], place: str
) -> None:
    build, messages = REFUSED[place]
    here = build(tmp_path)
    for call in CALLS:
        message = messages.get(call.needs)
        if (place, call.words) in EXCEPTIONS or (message is None and call.writes):
            continue
        before = everything(tmp_path)
        done = fork_server.run(_arguments(call, versions), cwd=here, env=environment(place))
        if message is None:
            # With no need unmet, errors that name the place are fine: `doctor` in bare ones.
            assert "Traceback" not in done.stderr + done.stdout
            assert done.returncode in (*call.statuses, 2)
            continue
        assert message in _one_clear_line(done.stderr), (call.words, done)
        assert done.returncode == 2 and done.stdout == "", call.words
        assert everything(tmp_path) == before, call.words


@pytest.mark.parametrize("place", ANSWERED)
def test_a_place_where_all_work(tmp_path: Path, versions: dict[str, str], place: str) -> None:
    here = ANSWERED[place](tmp_path)
    for call in CALLS:
        done = fork_server.run(_arguments(call, versions), cwd=here, env=environment(place))
        assert done.returncode in call.statuses, (call.words, done)
        assert "Traceback" not in done.stdout + done.stderr
        assert "fatal:" not in done.stdout + done.stderr, (call.words, done)


def test_an_empty_repository_can_be_set_up(tmp_path: Path, versions: dict[str, str]) -> None:
    here = REFUSED["empty"][0](tmp_path)
    for call in CALLS:
        if call.needs != "commits":
            done = fork_server.run(_arguments(call, versions), cwd=here, env=environment("empty"))
            assert done.returncode in call.statuses, (call.words, done)
            assert "fatal:" not in done.stdout + done.stderr, (call.words, done)
    done = fork_server.run(["backfill", "--dry-run"], cwd=here, env=environment("empty"))
    assert done.returncode == 0 and "Commits read: 0" in done.stdout


def _without_privilege() -> None:
    """In a child of root before it executes a program: modes of files then apply to it as well."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        for capability in (_DAC_OVERRIDE, _DAC_READ_SEARCH):
            if libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0):
                raise OSError(ctypes.get_errno(), "prctl")


def _set_writable(root: Path, writable: bool) -> None:
    for path in (root, *root.rglob("*")):
        mode = path.stat().st_mode
        path.chmod(mode | stat.S_IWUSR if writable else mode & ~0o222)


@pytest.mark.skipif(os.geteuid() == 0 and sys.platform != "linux", reason="root writes anywhere")
@pytest.mark.parametrize(
    ("words", "works"),
    [
        ("validate", True),
        ("patterns", True),
        ("who HEAD", True),
        ("evolve --dry-run", True),
        ("backfill --dry-run", True),
        ("doctor", False),
        ("log finding --severity nit --description x --file a.py", False),
        ("evolve", False),
        ("init --yes", False),
        ("backfill", False),
    ],
)
def test_without_write_permission(tmp_path: Path, words: str, works: bool) -> None:
    root = with_history(tmp_path / "here").root
    _set_writable(root, writable=False)
    before = everything(root)
    done = subprocess.run(
        [sys.executable, "-m", "errata", *words.split(" ")],
        cwd=root,
        preexec_fn=_without_privilege,
        capture_output=True,
        text=True,
        check=False,
    )
    assert everything(root) == before
    _set_writable(root, writable=True)
    assert "Traceback" not in done.stderr
    assert (done.returncode == 0) is works, done
    if words == "doctor":
        assert "cannot be written" in done.stdout
    elif not works:
        (line,) = done.stderr.splitlines()
        assert line.startswith("errata: ")


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    here = with_history(tmp_path / "here").root / "gone"
    here.mkdir()
    program = f"import os, sys; os.rmdir({str(here)!r}); from errata.cli import main; "
    for words in ("patterns", "validate", "doctor", "who HEAD", "init --yes"):
        done = subprocess.run(
            [sys.executable, "-c", f"{program}sys.exit(main({words.split(' ')}))"],
            cwd=here,
            capture_output=True,
            text=True,
            check=False,
        )
        here.mkdir()
        assert done.returncode == 2
        assert "the current folder is gone" in _one_clear_line(done.stderr)


def test_a_copy_of_logs_outside_of_git(tmp_path: Path) -> None:
    """A folder that already has data of errata is a place for everything that reads it."""
    repo = with_history(tmp_path / "here")
    shutil.rmtree(repo.root / ".git")
    for words in ("patterns", "validate", "evolve --dry-run", "corrections"):
        done = fork_server.run(words.split(" "), cwd=repo.root, env=environment("outside"))
        assert (done.returncode, done.stderr) == (0, ""), words
    done = fork_server.run(["flush"], cwd=repo.root, env=environment("outside"))
    assert done.returncode == 2 and "not a git repository" in done.stderr
