"""The progress bar: on a terminal, after a second, with counts and the time left; then gone."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from terminals import run_on_terminal

WORK = """
import time
from errata.commands import progress
done = 0
with progress.progress("Reading history", lambda: (done, 40)):
    while done < 40 * {share}:
        time.sleep(0.05)
        done += 1
{end}
"""


def stderr_of(program: str, terminal: bool) -> str:
    """What a program prints on standard error."""
    argv = [sys.executable, "-c", program]
    if terminal:
        return run_on_terminal(argv, streams=["stderr"])[1]
    env = {k: v for k, v in os.environ.items() if k != "NO_COLOR"} | {"TERM": "xterm"}
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
    return done.stderr


def test_long_work_on_a_terminal() -> None:
    shown = stderr_of(WORK.format(share=1, end=""), terminal=True)
    assert "Reading history" in shown and "/40" in shown and "0:00:0" in shown
    # The cursor is visible again, and the line of the bar is empty.
    assert shown.index("\x1b[?25l") < shown.rindex("\x1b[?25h")
    assert shown.rstrip().endswith("\x1b[2K")


@pytest.mark.parametrize(("share", "terminal"), [(0.1, True), (1, False)])
def test_no_bar(share: float, terminal: bool) -> None:
    assert stderr_of(WORK.format(share=share, end=""), terminal) == ""


def test_an_error_ends_the_bar() -> None:
    program = WORK.format(share=1, end="    raise SystemExit('the end')")
    shown = stderr_of(program, terminal=True)
    assert shown.rindex("\x1b[?25h") < shown.index("the end")


def test_the_process_can_be_copied_meanwhile() -> None:
    program = """
import os, time
from errata.commands import progress
progress.AFTER = 0
with progress.progress("Working", lambda: (1, 2)):
    end = time.monotonic() + 1.5
    while time.monotonic() < end:
        pid = os.fork()
        if not pid:
            import rich.progress, rich.table
            os._exit(0)
        os.waitpid(pid, 0)
"""
    assert "Working" in stderr_of(program, terminal=True)
