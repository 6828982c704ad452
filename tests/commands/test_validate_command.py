"""``errata validate`` as a person runs it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Repo

    Run = Callable[..., subprocess.CompletedProcess[str]]

LOG = ".claude/review-findings.jsonl"
FINDING = {
    "timestamp": "2025-01-15T14:30:00Z",
    "severity": "nit",
    "file": "a.py",
    "description": "d",
}
LEARNING = {"date": "2025-01-15", "agent": "sre", "insight": "x"}


def test_every_log_that_exists(repo: Repo, errata: Run) -> None:
    repo.jsonl(LOG, FINDING, FINDING)
    repo.jsonl(".claude/session-learnings.jsonl", LEARNING)
    done = errata("validate")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        f"{LOG}: 2 records valid\n.claude/session-learnings.jsonl: 1 record valid\n"
    )


def test_every_bad_line(repo: Repo, errata: Run) -> None:
    repo.jsonl(LOG, {**FINDING, "severity": "bad"}, FINDING, {**FINDING, "file": ""})
    repo.jsonl(".claude/session-learnings.jsonl", LEARNING)
    done = errata("validate")
    assert done.returncode == 1
    assert done.stdout == ".claude/session-learnings.jsonl: 1 record valid\n"
    assert done.stderr == (
        f"{LOG}:1: $.severity: 'bad' is not allowed; allowed: blocking, warning, nit\n"
        f"{LOG}:3: $.file: '' is not allowed; allowed: a text that is not empty\n"
        f"{LOG}: 2 bad lines\n"
    )


@pytest.mark.usefixtures("repo")
def test_no_log_yet(errata: Run) -> None:
    done = errata("validate")
    assert done.returncode == 0
    assert LOG in done.stdout and "errata log finding" in done.stdout
    done = errata("validate", "--kind", "learning")
    assert LOG not in done.stdout and "errata log learning" in done.stdout


@pytest.mark.parametrize(
    ("name", "record"),
    [
        ("old-findings.jsonl", FINDING),
        ("LEARNINGS.txt", LEARNING),
        ("incident_2.jsonl", {"date": "2025-01-15", "severity": "high", "description": "x"}),
    ],
)
def test_the_name_tells_the_kind(
    repo: Repo, errata: Run, name: str, record: dict[str, Any]
) -> None:
    repo.jsonl(name, record)
    assert errata("validate", name).stdout == f"{name}: 1 record valid\n"


def test_the_configured_path_tells_the_kind(repo: Repo, errata: Run) -> None:
    repo.write("errata.toml", '[logs]\nlearnings = "notes/finding.jsonl"\n')
    repo.jsonl("notes/finding.jsonl", LEARNING)
    done = errata("validate", "finding.jsonl", cwd=repo.root / "notes")
    assert done.stdout == "finding.jsonl: 1 record valid\n"


def test_the_option_tells_the_kind(repo: Repo, errata: Run) -> None:
    repo.jsonl("x.jsonl", LEARNING)
    done = errata("validate", "x.jsonl")
    assert done.returncode == 2
    assert done.stderr == (
        "errata: x.jsonl: its name does not say which kind of log it is "
        "(add --kind finding|learning|correction|incident)\n"
    )
    assert errata("validate", "--kind", "learning", "x.jsonl").returncode == 0
    assert errata("validate", "--kind", "finding", "x.jsonl").returncode == 1


def test_a_dialect(repo: Repo, errata: Run) -> None:
    repo.write("errata.toml", '[aliases.finding.values.severity]\nP1 = "blocking"\n')
    repo.jsonl(LOG, {**FINDING, "severity": "P1"})
    assert errata("validate").returncode == 0


def test_as_of(repo: Repo, errata: Run) -> None:
    repo.jsonl(LOG, FINDING)
    assert errata("validate", "--as-of", "2025-01-15").returncode == 0
    done = errata("validate", "--as-of", "2025-01-10")
    assert done.returncode == 1 and "is in the future" in done.stderr
    done = errata("validate", "--as-of", "soon")
    assert done.returncode == 2 and "--as-of: 'soon' is not a date" in done.stderr


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: path.mkdir(), "finding.jsonl: is a directory"),
        (lambda _: None, "finding.jsonl: does not exist"),
        (lambda path: path.symlink_to("nowhere"), "finding.jsonl: No such file or directory"),
        (lambda path: path.symlink_to(path), "finding.jsonl: Too many levels of symbolic links"),
        (os.mkfifo, "finding.jsonl: is not a regular file"),
    ],
)
def test_what_cannot_be_read(
    repo: Repo, errata: Run, make: Callable[[Path], None], said: str
) -> None:
    make(repo.root / "finding.jsonl")
    repo.jsonl(LOG, FINDING)
    done = errata("validate", LOG, "finding.jsonl")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"errata: {said}")
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission(repo: Repo, errata: Run) -> None:
    repo.jsonl(LOG, FINDING).chmod(0)
    done = errata("validate")
    assert done.returncode == 2 and "Permission denied" in done.stderr


def test_outside_git(errata: Run, tmp_path: Path) -> None:
    (tmp_path / "findings.jsonl").write_text(json.dumps(FINDING) + "\n")
    done = errata("validate", "findings.jsonl", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "findings.jsonl: 1 record valid\n")


def test_output_carries_no_escape_sequences(repo: Repo, errata: Run) -> None:
    name = "finding\x1b[31m.jsonl"
    repo.jsonl(name, {**FINDING, "severity": "\x1b[2J\u202e", "\x1b]0;x\x07": 1})
    repo.write(
        "finding2",
        '{"\x1b[2J": 1, "\\u001b[2J": 1, "\\u001b[2J": 2}\n{"\\u001b": 1, "\\u001b": 2}\n',
    )
    done = errata("validate", name, "finding2")
    assert done.returncode == 1
    assert all(line.isprintable() for line in done.stderr.splitlines())


def test_a_binary_file(repo: Repo, errata: Run) -> None:
    repo.write("finding.bin", bytes(range(256)) * 100)
    done = errata("validate", "finding.bin")
    assert done.returncode == 1
    assert done.stderr == (
        "finding.bin:1: NUL byte; a log is UTF-8 text, one record a line\nfinding.bin: 1 bad line\n"
    )


def test_an_empty_log(repo: Repo, errata: Run) -> None:
    repo.write(LOG, "")
    assert errata("validate").stdout == f"{LOG}: 0 records valid\n"
