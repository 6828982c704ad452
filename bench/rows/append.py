"""The pre-commit hook when 10 lines were appended to a large log that is committed.

The peer reads both contents of the log from git into Python and does nothing with them.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from bench import generate, installed
from bench.figure import Figure
from bench.measure import git, process, take_turns
from bench.settings import Settings
from bench.workspace import scratch_dir

_LINES = 10
_LOG = ".claude/review-findings.jsonl"
_READ = """
import subprocess, sys
child = subprocess.Popen(["git", "cat-file", "--batch"], stdin=-1, stdout=-1)
child.stdin.write("".join(f"{oid}\\n" for oid in sys.argv[1:]).encode())
child.stdin.close()
for oid in sys.argv[1:]:
    size = int(child.stdout.readline().split()[2])
    assert len(child.stdout.read(size)) == size
    child.stdout.read(1)
"""


def run(settings: Settings) -> Iterator[Figure]:
    """The hook as a whole process, in a repository where the appended log is staged."""
    with scratch_dir() as root:
        lines = _prepare(root, settings)
        old, new = git(root, "rev-parse", f"HEAD:{_LOG}", f":{_LOG}").split()
        hook = installed.script("errata-validate-logs")
        samples = take_turns(
            {
                "ours": lambda: process([hook], root),
                "git": lambda: process(installed.code(_READ, old, new), root),
            },
            settings.runs,
        )
    yield Figure(
        f"validate {_LINES} lines appended to a log of {lines:,} records",
        settings.median(samples["ours"]),
        "s",
        1.5,
        "both blobs through git cat-file",
        settings.median(samples["git"]),
        note="whole processes",
    )


def _prepare(root: Path, settings: Settings) -> int:
    log = root / _LOG
    log.parent.mkdir()
    with log.open("wb") as to:
        with settings.logs()["finding"].open("rb") as source:
            shutil.copyfileobj(source, to)
        # The log of findings is brought to its full number of records.
        missing = settings.records - _count(settings.logs()["finding"])
        to.write(generate.findings(missing, settings.end, 11).encode())
    git(root, "init", "-q")
    git(root, "add", _LOG)
    git(root, "-c", "gc.auto=0", "commit", "-q", "-m", "Log so far")
    with log.open("a", encoding="utf-8") as more:
        more.write(generate.findings(_LINES, settings.end, 12))
    git(root, "add", _LOG)
    return settings.records


def _count(path: Path) -> int:
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
