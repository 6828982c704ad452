"""A program on a terminal of its own: type, wait for a text, look at the screen."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyte

COLUMNS, LINES = 160, 50
KEYS = {
    **{"enter": "\r", "escape": "\x1b", "tab": "\t", "backspace": "\x7f"},
    **{"up": "\x1b[A", "down": "\x1b[B"},
}


class _Screen(pyte.Screen):
    """A screen that answers: programs ask where the cursor is, and wait for it."""

    def __init__(self, answer: Callable[[str], None]) -> None:
        super().__init__(COLUMNS, LINES)
        self._answer = answer

    def write_process_input(self, data: str) -> None:
        self._answer(data)


class Terminal:
    """A running program; a context manager, at whose end the program is stopped."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str], cwd: Path) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        self._screen = _Screen(self._write)
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            argv,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**env, "TERM": "xterm-256color", "COLORTERM": "truecolor"},
            cwd=cwd,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(theirs)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        for number in (signal.SIGHUP, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(3)
                break
        self._reader.join(2)
        with contextlib.suppress(OSError):
            os.close(self._ours)

    def _read(self) -> None:
        decoded = pyte.ByteStream(self._screen)
        with contextlib.suppress(OSError):
            while block := os.read(self._ours, 65536):
                with self._lock, contextlib.suppress(Exception):
                    # pyte does not know every sequence; what it cannot read is not text.
                    decoded.feed(block)

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError):
            os.write(self._ours, text.encode())

    def text(self) -> str:
        """What the screen shows, without blank lines."""
        with self._lock:
            return "\n".join(line.rstrip() for line in self._screen.display if line.strip())

    def press(self, *keys: str) -> None:
        """Press keys, by name (``KEYS``)."""
        for key in keys:
            self._write(KEYS[key])
            time.sleep(0.4)

    def type(self, text: str, *, enter: bool = True) -> None:
        """Type a line as a person would; then press enter, unless told not to."""
        for character in text:
            self._write(character)
            time.sleep(0.003)
        time.sleep(0.4)
        if enter:
            self.press("enter")

    def wait_for(self, *texts: str, seconds: float = 25) -> str:
        """Which of the texts the screen shows first; "" if none in time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            shown = self.text()
            if seen := next((text for text in texts if text in shown), ""):
                return seen
            time.sleep(0.2)
        return ""

    def settle(self, seconds: float = 1.5, limit: float = 30) -> str:
        """Wait until the screen has not changed for a while, and return it."""
        end, since, last = time.monotonic() + limit, time.monotonic(), self.text()
        while time.monotonic() < min(end, since + seconds):
            time.sleep(0.2)
            if (shown := self.text()) != last:
                since, last = time.monotonic(), shown
        return last
