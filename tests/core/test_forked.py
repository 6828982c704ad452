"""Batches are worked on in copies of this process, and nobody can tell."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from child_processes import children
from errata.core.forked import ForkedBatches, processors

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs a safe fork")


@pytest.fixture
def squares() -> Iterator[ForkedBatches[int, tuple[int, int]]]:
    batches = ForkedBatches(lambda number: (os.getpid(), number * number))
    yield batches
    batches.close()


def test_results_come_in_order(squares: ForkedBatches[int, tuple[int, int]]) -> None:
    for number in range(5):
        squares.add(number)
    results = [*squares.results(2), *squares.results()]
    assert [square for _, square in results] == [0, 1, 4, 9, 16]
    assert len({pid for pid, _ in results} | {os.getpid()}) == 6


def test_a_part_of_the_results(squares: ForkedBatches[int, tuple[int, int]]) -> None:
    for number in range(5):
        squares.add(number)
    assert len([*squares.results(3)]) == 2


def test_results_may_be_large() -> None:
    batches = ForkedBatches(lambda size: "x" * size)
    batches.add(1 << 20)
    assert [len(text) for text in batches.results()] == [1 << 20]


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGSEGV, signal.SIGINT])
def test_a_batch_whose_copy_dies_is_worked_on_here(end: signal.Signals) -> None:
    here = os.getpid()

    def work(batch: str) -> str:
        if os.getpid() != here:
            os.kill(os.getpid(), end)
            time.sleep(60)
        return batch.upper()

    batches = ForkedBatches(work)
    batches.add("a")
    assert [*batches.results()] == ["A"]


def test_an_error_is_raised_here() -> None:
    batches = ForkedBatches(lambda number: 1 // number)
    batches.add(0)
    with pytest.raises(ZeroDivisionError):
        next(batches.results())


def test_a_restart_uses_what_this_process_has_learnt() -> None:
    known: list[str] = []
    batches = ForkedBatches(lambda batch: [*known, batch])
    for batch in ("a", "b", "c"):
        batches.add(batch)
    results = batches.results()
    assert next(results) == ["a"]
    known.append("new")
    batches.restart()
    assert [*results] == [["new", "b"], ["new", "c"]]


def test_close_ends_the_copies() -> None:
    before = children()
    batches = ForkedBatches(time.sleep)
    batches.add(60)
    assert children() > before
    start = time.monotonic()
    batches.close()
    assert time.monotonic() - start < 30
    assert children() == before


def test_a_copy_keeps_no_pipe_open() -> None:
    """Otherwise git would write on, although this process reads no more."""
    with subprocess.Popen(["yes"], stdout=subprocess.PIPE) as endless:
        batches = ForkedBatches(time.sleep)
        batches.add(60)
        time.sleep(0.5)
        assert endless.stdout
        endless.stdout.close()
        assert endless.wait(timeout=30) == -signal.SIGPIPE
        batches.close()


def test_one_processor_needs_no_copies() -> None:
    cpus = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(cpus)})
        assert processors() == 1
    finally:
        os.sched_setaffinity(0, cpus)
    assert processors() == len(cpus)
