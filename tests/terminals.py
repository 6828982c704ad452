"""Programs on a terminal of their own."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import termios
from collections.abc import Mapping, Sequence
from contextlib import suppress

_STREAMS = ("stdin", "stdout", "stderr")


def run_on_terminal(
    argv: Sequence[str],
    *,
    streams: Sequence[str] = _STREAMS,
    typed: str = "",
    columns: int = 80,
    env: Mapping[str, str] | None = None,
) -> tuple[int, str]:
    """The exit status of a program, and what its terminal shows.

    Args:
        streams: those that are the terminal.
        typed: what is typed at once.
        env: added to the environment, which sets neither colours nor a width.
    """
    inherited = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS")}
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    terminal = dict.fromkeys(streams, theirs)
    environment = {**inherited, "TERM": "xterm", **(env or {})}
    with subprocess.Popen(argv, env=environment, **terminal) as process:
        os.close(theirs)
        if typed:
            os.write(ours, typed.encode())
        shown = b""
        with suppress(OSError):  # Linux: the program has ended.
            while block := os.read(ours, 65536):
                shown += block
        os.close(ours)
    return process.returncode, shown.decode().replace("\r\n", "\n")
