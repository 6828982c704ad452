"""Files as they were before the range of a pass: their lines have no origin, but a text."""

from __future__ import annotations

import re

from errata.core.git_process import GitProcess
from errata.corrections.attribution.file_lines import FileLines, line_key

_ANSWER = re.compile(rb"[0-9a-f]{40,64} ([a-z]+) (\d+)\n")


class OlderFiles:
    """Reads the lines of files from git's objects."""

    def __init__(self, root: str) -> None:
        self._git = GitProcess(root, "cat-file", "--batch")

    def read(self, revision: str, path: bytes) -> FileLines:
        """The lines of a file; none if this clone lacks its content.

        Raises:
            GitError: git ended early.
        """
        if b"\n" in path:  # A question is one line.
            return FileLines()
        out = self._git.ask(b"%s:%s\n" % (revision.encode(), path))
        answer = _ANSWER.fullmatch(out.readline())
        if answer is None:
            return FileLines()
        content = out.read(int(answer[2]))
        out.read(1)
        lines = content.removesuffix(b"\n").split(b"\n") if content else []
        return FileLines.written(0, map(line_key, lines if answer[1] == b"blob" else []))

    def close(self) -> None:
        """End git."""
        self._git.close()
