"""Git processes that are read as they answer, and one that answers one question after the other."""

from __future__ import annotations

import subprocess
from typing import IO

from errata.core.errors import GitError
from errata.core.git import SAFE, environment


def start(
    *args: str, cwd: str, stderr: IO[bytes] | int = subprocess.DEVNULL, **env: str
) -> subprocess.Popen[bytes]:
    """Start ``git ARGS`` with pipes to write its input to, and to read its output as it arrives.

    Args:
        env: added to its environment.

    Raises:
        GitError: git is missing.
    """
    try:
        return subprocess.Popen(
            ["git", *SAFE, *args],
            bufsize=1 << 20,
            cwd=cwd,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=environment(**env),
        )
    except FileNotFoundError as error:
        raise GitError("git was not found", "install git, or put it on PATH") from error


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
        process = self._process = self._process or start(*self._args, cwd=self._root)
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
