"""What a command must have answered: its output, or one line that refuses."""

from __future__ import annotations

import subprocess


def ok(done: subprocess.CompletedProcess[str]) -> str:
    """The output of a command that did as it was told and complained of nothing."""
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """The one line with which a command refused."""
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    return line
