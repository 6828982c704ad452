"""Capture and backfill as functions and as processes, and a history with one correction."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from errata.core.config import load
from errata.core.git import Repository
from errata.corrections import capture as capturing
from errata.corrections.backfill import Backfill, CommitRange
from errata.corrections.candidates import find_candidate
from errata.corrections.commit_classifier import CommitClassifier
from errata.lessons.describe_correction import describe_correction
from history_builders import AGENT, FILE, PERSON, START, CommitSpec

_LIMIT = 60
CAPTURED = "captured a correction: claude-code"
Records = dict[str, list[dict[str, Any]]]


def _sorted(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(records, key=lambda record: str(record["id"]))


def capture_records(root: Path, shas: list[str]) -> Records:
    """What capture records for each commit, as if it had run right after it."""
    repo, config = Repository.discover(root), load(root)
    classifier = CommitClassifier(config, repo)
    records: Records = {}
    for sha in shas:
        candidate = find_candidate(root, config, classifier, sha)
        if candidate is not None:
            corrections = capturing.detect(repo, config, candidate, classifier)
            if corrections:
                records[sha] = _sorted(
                    [each.described(describe_correction).to_record() for each in corrections]
                )
    return records


def backfill_records(root: Path) -> Records:
    """What backfill records for the whole history, by the person's commit."""
    repo = Repository.discover(root)
    by_commit: Records = defaultdict(list)
    history = CommitRange.resolve(repo, [])
    for correction in Backfill(repo, load(root), history, describe_correction):
        by_commit[correction.person.sha].append(correction.to_record())
    return {sha: _sorted(records) for sha, records in by_commit.items()}


def story(*committed: int | None) -> list[CommitSpec]:
    """An agent's code, a person's notes, and a person's fix of the agent's code a day later."""
    day = 86_400
    lines = [b"def one(value):\n", b"    return value.name\n", b"\n", b"def two(value):\n"]
    code = b"".join([*lines, b"    return value.other\n"])
    fixed = code.replace(b"value.name", b"value.name or default()")
    noted = {b"code.py": (FILE, code), b"notes": (FILE, b"n\n")}
    first, second, third = committed
    return [
        CommitSpec([], {b"notes": (FILE, b"")}, when=START, committed=START),
        CommitSpec(
            [0], {b"code.py": (FILE, code), b"notes": (FILE, b"")}, AGENT, START + day, first
        ),
        CommitSpec([1], noted, PERSON, START + day + 60, second, b"notes\n"),
        CommitSpec(
            [2],
            noted | {b"code.py": (FILE, fixed)},
            PERSON,
            START + 2 * day,
            third,
            b"fix crash: name may be missing\n",
        ),
    ]


def the_id(root: Path) -> str:
    """The id of the one correction."""
    ((record,),) = backfill_records(root).values()
    return str(record["id"])


def process(where: Path, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a module of errata; it must end in time and print no traceback."""
    done = subprocess.run(
        [sys.executable, "-m", *args],
        cwd=where,
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_LIMIT,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done


def capture(where: Path, **env: str) -> str:
    """Run the hook as git runs it after a commit; returns its output."""
    done = process(where, "errata.githooks.capture", **env)
    assert done.returncode == 0
    return done.stdout + done.stderr


def backfill(where: Path, *args: str) -> tuple[list[str], str]:
    """The ids that backfill finds, and its standard error."""
    done = process(where, "errata", "backfill", "--dry-run", "--format", "json", *args)
    assert done.returncode == 0, done.stderr
    return [record["id"] for record in json.loads(done.stdout)["corrections"]], done.stderr


def who(where: Path) -> str:
    """The kind of HEAD's author."""
    done = process(where, "errata", "who", "--format", "json")
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout)[0]["kind"])


def git(where: Path, *args: str) -> str:
    """Plain git, as a person runs it."""
    done = subprocess.run(["git", *args], cwd=where, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
