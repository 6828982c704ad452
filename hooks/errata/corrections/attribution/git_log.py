"""Read ``git log -p`` as it arrives: commits and what each did to its files."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from typing import IO

from errata.core import git_process
from errata.core.errors import GitError
from errata.corrections.attribution.diff import DIFF_OPTIONS, CommitDiff, FileDiff
from errata.corrections.attribution.patch_stream import read_line
from errata.provenance.commits import Commit, commit_of

# The message is the last field and ends at a NUL, the one byte that no message can hold.
_FIELDS = ("%H", "%P", "%at", "%ct", "%an", "%ae", "%cn", "%ce", "%B")
_COMMIT_OPTIONS = (
    "--root",
    "--encoding=UTF-8",
    "--no-show-signature",
    "--no-notes",
    "--no-mailmap",
    "--format=%x01" + "%x00".join(_FIELDS) + "%x00",
)
PLAIN = (*_COMMIT_OPTIONS, "--diff-merges=off", *DIFF_OPTIONS)
"""Options of ``git log`` for commits and their diffs; merges have none."""
MERGES = (
    *_COMMIT_OPTIONS,
    "-c",
    "--combined-all-paths",
    # A file that the merge renamed and did not change has no diff, but it has a raw line.
    "--raw",
    "--no-abbrev",
    *DIFF_OPTIONS,
    "-w",
    # Without context, git drops lines that all parents share even between the lines of a hunk.
    "-U1",
)
"""Options of ``git log`` for the files of merges that differ from every parent."""
NO_DIFFS = (*_COMMIT_OPTIONS, "--no-patch", "--diff-merges=off", "--no-renames")
"""Options of ``git log`` for commits without their diffs."""
ORDER = ("--reverse", "--topo-order")
_SIGPIPE = (-13, 141)


class GitLog:
    """A running ``git log``; iterate it once.

    Attributes:
        error: why git stopped early (for example a missing object), or "".
    """

    def __init__(self, root: str, *args: str, stdin: Sequence[bytes] = ()) -> None:
        """``args`` are options and the revisions that select the commits, unless ``stdin`` does."""
        self.error = ""
        self._args = args
        self._root = root
        self._stdin = b"".join(line + b"\n" for line in stdin)

    @classmethod
    def of_commits(
        cls, root: str, *options: str, shas: Sequence[str], paths: Sequence[bytes] = ()
    ) -> GitLog:
        """These commits in this order; with ``paths``, only what they did to those."""
        lines = [sha.encode() for sha in shas]
        if paths:
            # Literal and from the top: a path is not a pattern.
            lines += [b"--", *(b":(top,literal)" + path for path in paths)]
        return cls(root, *options, "--no-walk=unsorted", "--stdin", stdin=lines)

    def __iter__(self) -> Generator[CommitDiff, None, None]:
        # Deferred: importing it costs every capture a millisecond, and capture starts no log.
        import tempfile

        # A file takes any number of warnings; a pipe that nobody reads yet would block git.
        with (
            tempfile.TemporaryFile() as errors,
            git_process.start(
                *("log", *self._args), cwd=self._root, stderr=errors, GIT_LITERAL_PATHSPECS="0"
            ) as process,
        ):
            assert process.stdin and process.stdout
            try:
                # Git reads all of it before it writes anything.
                process.stdin.write(self._stdin)
                process.stdin.close()
                last: CommitDiff | None = None
                for diff in parse_log(process.stdout):
                    if last is not None:
                        yield last
                    last = diff
                # A git that fails may do so within the diff of the last commit.
                if last is not None and process.wait() == 0:
                    yield last
            except BrokenPipeError:
                pass
            except GitError as error:
                # Git's own message, if there is one, says more.
                self.error = str(error)
            finally:
                process.stdout.close()
                self.error = _failure(process.wait(), errors) or self.error


def _failure(status: int, errors: IO[bytes]) -> str:
    """The message of a git that failed; "" if it succeeded, or was left early."""
    if status == 0 or status in _SIGPIPE:
        return ""
    errors.seek(0)
    lines = errors.read().decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else f"git log: exit {status}"


def parse_log(out: IO[bytes]) -> Iterator[CommitDiff]:
    """The commits in the output of ``git log`` with the options of this module.

    Raises:
        GitError: the output is cut off, or not git's.
    """
    diff: CommitDiff | None = None
    files: list[FileDiff] = []
    line = out.readline()
    while line:
        if line.startswith(b"\x01"):
            if diff is not None:
                yield diff
            diff = CommitDiff(_read_commit(line, out), files := [])
            line = out.readline()
        else:
            line = read_line(line, out, files)
    if diff is not None:
        yield diff


def _read_commit(line: bytes, out: IO[bytes]) -> Commit:
    parts = [line[1:]]
    missing = len(_FIELDS) - line.count(b"\0")
    while missing > 0 and (part := out.readline()):
        parts.append(part)
        missing -= part.count(b"\0")
    if missing > 0:
        raise GitError("the output of `git log` ends within a commit", "run the command again")
    *head, message, _ = b"".join(parts).split(b"\0")
    return commit_of(head, message)
