"""The hunks of a commit without changes of whitespace: what ``git blame -w`` compares."""

from __future__ import annotations

from collections.abc import Sequence

from errata.core.errors import GitError
from errata.core.git_process import GitProcess
from errata.corrections.attribution.diff import DIFF_OPTIONS, FileDiff, Hunk
from errata.corrections.attribution.file_lines import without_spaces
from errata.corrections.attribution.patch_stream import read_line

# A line that is not an object id: git repeats it and flushes its output.
_END = b"end of commit\n"


def whitespace_differs(hunks: Sequence[Hunk]) -> bool:
    """Whether an added line may be a removed one with other whitespace or another line end."""
    removed: dict[bytes, bytes] = {}
    for hunk in hunks:
        removed.update((without_spaces(line), line) for line in hunk.old)
    if not removed:
        return False
    # The last line of a file may lack its line end, which hunks do not show.
    last_lines = {*hunks[-1].old[-1:], *hunks[-1].new[-1:]}
    for hunk in hunks:
        for line in hunk.new:
            old = removed.get(without_spaces(line))
            if old is not None and (old != line or line in last_lines):
                return True
    return False


class WhitespaceDiffs:
    """Compares commits with their only parents, ignoring whitespace."""

    def __init__(self, root: str) -> None:
        options = ("--stdin", "-r", "--root", "--no-commit-id", *DIFF_OPTIONS, "-w")
        self._git = GitProcess(root, "diff-tree", *options)

    def files(self, sha: str) -> list[FileDiff]:
        """What a commit did to its parent's files, but for those that it only indented.

        Raises:
            GitError: an object is missing.
        """
        out = self._git.ask(sha.encode() + b"\n" + _END)
        files: list[FileDiff] = []
        line = out.readline()
        while line and line != _END:
            line = read_line(line, out, files)
        if not line:
            raise GitError("git diff-tree ended early")
        return files

    def close(self) -> None:
        """End git."""
        self._git.close()
