"""A git process that answers one question after the other."""

from __future__ import annotations

import subprocess
from typing import IO

from errata.core.errors import GitError
from errata.core.git import SAFE, environment


class GitProcess:
    """``git ARGS``, which reads questions from its standard input; started by the first one."""

    def __init__(self, root: str, *args: str) -> None:
        self._root = root
        self._args = args
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, question: bytes) -> IO[bytes]:
        """Send a question; returns the stream that the answer arrives on.

        Raises:
            GitError: the process has ended.
        """
        process = self._process = self._process or self._start()
        assert process.stdin and process.stdout
        try:
            process.stdin.write(question)
            process.stdin.flush()
        except BrokenPipeError as error:
            raise GitError(f"git {self._args[0]} ended early") from error
        return process.stdout

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            ["git", *SAFE, *self._args],
            cwd=self._root,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
