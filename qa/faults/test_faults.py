"""A spread of the disturbances of `make faults`; and that the harness sees what is broken."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from qa.faults import trace, world
from qa.faults.bench import Bench, Trial
from qa.faults.operations import COMMAND, OPERATIONS, Operation
from tests.conftest import Repo

ROOT = Path(__file__).parents[2]
watched = pytest.mark.skipif(bool(trace.UNABLE), reason=trace.UNABLE)


@watched
def test_a_spread_of_disturbances() -> None:
    """Some of each operation; `make faults` takes all."""
    done = subprocess.run(
        [sys.executable, "-m", "qa.faults", "--short"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()[-1]
    assert said.endswith(" 0 failures")
    assert int(said.split()[1]) >= 30, said
    for group in ("killed before", "killed after", "refused calls"):
        assert group in said


# ------------------------------------------------------------------------------- broken on purpose

NEW = b'{"n": 3, "text": "' + b"x" * 200 + b'"}\n'


def in_place() -> int:
    """Writes over the file as most programs do."""
    path = Path("log.jsonl")
    data = path.read_bytes()
    if NEW not in data:
        path.write_bytes(data + NEW)
    return 0


def without_lock_or_check() -> int:
    """Appends, and takes a part that was written for the whole."""
    with open("log.jsonl", "ab", buffering=0) as file:
        if NEW not in Path("log.jsonl").read_bytes():
            file.write(NEW)
    return 0


def by_number() -> int:
    """A temporary file that is named by the number of the process, as this project did once."""
    data = b"new\n"
    if Path("file").read_bytes() != data:
        temporary = Path(f"file.{os.getpid()}.tmp")
        temporary.write_bytes(data)
        temporary.replace("file")
    return 0


def hiding() -> int:
    """Says that all is well when nothing was written."""
    try:
        Path("file").write_bytes(b"new\n")
    except OSError:
        print("done")
    return 0


def _files(repo: Repo) -> None:
    repo.write("log.jsonl", '{"n": 1}\n{"n": 2}\n')
    repo.write("file", "old\n")


def failures(folder: Path, work: Callable[[], int], wanted: Callable[[Trial], bool]) -> list[str]:
    """What the harness has against a writer, after the disturbances that are wanted."""
    bench = Bench(Operation(work.__name__, _files, work, COMMAND), folder)
    return [said for trial in bench.trials() if wanted(trial) for said in bench.judge(trial)]


BROKEN = [
    (in_place, "killed before", "half-written"),
    (in_place, "torn", "afterwards: log.jsonl: differs"),
    (without_lock_or_check, "short", "said to be done"),
    (without_lock_or_check, "torn", "afterwards: log.jsonl: differs"),
    (by_number, "killed after", "left behind"),
    (by_number, "refused calls", "a traceback"),
    (hiding, "refused calls", "said to be done"),
]


@watched
@pytest.mark.parametrize(("work", "group", "said"), BROKEN)
def test_a_broken_writer_is_caught(
    tmp_path: Path, work: Callable[[], int], group: str, said: str
) -> None:
    """In a process of its own: the harness waits for all of its children, also for others'."""
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


def test_a_look_sees_what_differs(tmp_path: Path) -> None:
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


def test_names_of_operations_are_different() -> None:
    names = [operation.name for operation in OPERATIONS]
    assert len(names) == len(set(names))
