"""A selection of the faults of `make faults`, and proof that the harness detects broken code."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from qa.faults import trace, world
from qa.faults.harness import Harness, Trial
from qa.faults.operations import COMMAND, OPERATIONS, Operation
from tests.conftest import Repo

ROOT = Path(__file__).parents[2]
needs_tracing = pytest.mark.skipif(bool(trace.UNABLE), reason=trace.UNABLE)


@needs_tracing
def test_selection_of_faults_finds_no_failure() -> None:
    """`make faults` runs all of them."""
    done = subprocess.run(
        [sys.executable, "-m", "qa.faults", "--short"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    summary = done.stdout.splitlines()[-1]
    assert summary.endswith(" 0 failures")
    assert int(summary.split()[1]) >= 30, summary
    for group in ("killed before", "killed after", "refused calls"):
        assert group in summary


# ------------------------------------------------------------------------------- broken on purpose

NEW = b'{"n": 3, "text": "' + b"x" * 200 + b'"}\n'


def in_place() -> int:
    """Overwrites the file, as most programs do."""
    path = Path("log.jsonl")
    data = path.read_bytes()
    if NEW not in data:
        path.write_bytes(data + NEW)
    return 0


def without_lock_or_check() -> int:
    """Appends, and mistakes a partial write for a complete one."""
    with open("log.jsonl", "ab", buffering=0) as file:
        if NEW not in Path("log.jsonl").read_bytes():
            file.write(NEW)
    return 0


def by_number() -> int:
    """Writes to a temporary file named by the process id."""
    data = b"new\n"
    if Path("file").read_bytes() != data:
        temporary = Path(f"file.{os.getpid()}.tmp")
        temporary.write_bytes(data)
        temporary.replace("file")
    return 0


def hiding() -> int:
    """Reports success when nothing was written."""
    try:
        Path("file").write_bytes(b"new\n")
    except OSError:
        print("done")
    return 0


def _files(repo: Repo) -> None:
    repo.write("log.jsonl", '{"n": 1}\n{"n": 2}\n')
    repo.write("file", "old\n")


def failures(folder: Path, work: Callable[[], int], wanted: Callable[[Trial], bool]) -> list[str]:
    """The problems that the harness finds in a writer, with the wanted faults."""
    bench = Harness(Operation(work.__name__, _files, work, COMMAND), folder)
    return [said for trial in bench.trials() if wanted(trial) for said in bench.check(trial)]


BROKEN = [
    (in_place, "killed before", "half-written"),
    (in_place, "torn", "afterwards: log.jsonl: differs"),
    (without_lock_or_check, "short", "reported as done"),
    (without_lock_or_check, "torn", "afterwards: log.jsonl: differs"),
    (by_number, "killed after", "left behind"),
    (by_number, "refused calls", "a traceback"),
    (hiding, "refused calls", "reported as done"),
]


@needs_tracing
@pytest.mark.parametrize(("work", "group", "said"), BROKEN)
def test_broken_writer_is_detected(
    tmp_path: Path, work: Callable[[], int], group: str, said: str
) -> None:
    """In a separate process, because the harness waits for all children of its process."""
    code = (
        "import sys; from pathlib import Path; from qa.faults import test_faults as t\n"
        f"print(*t.failures(Path(sys.argv[1]), t.{work.__name__}, "
        f"lambda trial: trial.group == {group!r}), sep='\\n')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert said in done.stdout


def test_snapshots_show_differences(tmp_path: Path) -> None:
    for name, text in (("a", "1"), ("b", "2"), ("log.jsonl", "one\ntwo\n")):
        (tmp_path / name).write_text(text)
    before = world.Look.at(tmp_path)
    (tmp_path / "a").unlink()
    (tmp_path / "b").write_text("3")
    (tmp_path / "c").mkdir()
    log = tmp_path / "log.jsonl"
    log.write_text("one\ntwo\nthree\n")
    then = world.Look.at(tmp_path)
    log.write_text("one\ntwo\nthr")
    now = world.Look.at(tmp_path)
    assert [line[:7] for line in now.differs(before)] == [
        "a: miss",
        "b: diff",
        "c: left",
        "log.jso",
    ]
    assert now.halves(before, then, torn=True) == []
    assert [line[:9] for line in now.halves(before, then, torn=False)] == ["log.jsonl"]
    log.write_text("two\nthree\n")
    now = world.Look.at(tmp_path)
    assert [line[:9] for line in now.halves(before, then, torn=True)] == ["log.jsonl"]
    assert [line[:4] for line in now.halves(before, torn=True)] == ["b: h", "log."]


def test_names_of_operations_are_unique() -> None:
    names = [operation.name for operation in OPERATIONS]
    assert len(names) == len(set(names))
