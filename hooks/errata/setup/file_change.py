"""A change to one file: shown as a diff first, then written atomically."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from errata.core.errors import ErrataError


@dataclass(frozen=True, slots=True)
class FileChange:
    """The change of one file.

    Attributes:
        path: relative to the top of the repository, with '/'.
        before: its bytes; None if there is no file.
        after: its bytes; None to delete it.
        why: the purpose of the change, in a few words.
        executable: whether the file must be executable (hook scripts).
        shared: whether the team commits it (False: it is in the git directory of this clone).
    """

    path: str
    before: bytes | None
    after: bytes | None
    why: str
    executable: bool = False
    shared: bool = True

    @property
    def changed(self) -> bool:
        """Whether the bytes differ."""
        return self.before != self.after

    @property
    def is_new(self) -> bool:
        """Whether it creates the file."""
        return self.before is None and self.after is not None

    @property
    def line_count(self) -> int:
        """The lines that the file has afterwards."""
        return len(_lines(self.after))


def current(root: Path, path: str) -> bytes | None:
    """The bytes of a file of the repository; None if there is none.

    Raises:
        ErrataError: it cannot be read, is not a regular file, or is a link out of the repository.
    """
    file = inside(root, path)
    try:
        if file.exists() and not file.is_file():
            raise ErrataError(f"{path}: not a regular file", "move it away")
        return file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        # The second: a file is in the place of one of its folders.
        return None
    except OSError as error:
        raise ErrataError(f"{path}: {error.strerror}", "it must be a readable file") from error


def inside(root: Path, path: str) -> Path:
    """The file of a relative path. Raises ErrataError: a link leads out of the repository."""
    try:
        target = (root / path).resolve()
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links, before Python 3.13
        raise ErrataError(f"{path}: symbolic links that lead nowhere", "remove them") from error
    if not target.is_relative_to(root.resolve()):
        parts = [*reversed(Path(path).parents[:-1]), Path(path)]
        link = next((part for part in parts if (root / part).is_symlink()), path)
        raise ErrataError(f"{link}: a symbolic link leads out of the repository", "remove it")
    return root / path


def diff(changes: Sequence[FileChange]) -> str:
    """All changes as one unified diff; "" if there is nothing to do."""
    return "".join(_file_diff(change) for change in changes if change.changed)


def _file_diff(change: FileChange) -> str:
    old, new = (_lines(data) for data in (change.before, change.after))
    old_name = f"a/{change.path}" if change.before is not None else "/dev/null"
    new_name = f"b/{change.path}" if change.after is not None else "/dev/null"
    lines = []
    for line in difflib.unified_diff(old, new, old_name, new_name):
        ended = line.endswith("\n")
        lines.append(line if ended else f"{line}\n\\ No newline at end of file\n")
    return "".join(lines) or f"--- {old_name}\n+++ {new_name}\n"


def _lines(data: bytes | None) -> list[str]:
    # Not str.splitlines: it also splits at characters that a diff keeps inside a line.
    text = (data or b"").decode("utf-8", "backslashreplace")
    return [f"{line}\n" for line in text.split("\n")[:-1]] + [
        line for line in text.split("\n")[-1:] if line
    ]
