"""Where the files of a repository are, and how they are read and written.

A path is relative to the top of the work tree; ``.git/...`` stands for the git directory that all
linked worktrees share, wherever it really is.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass, field
from pathlib import Path

from errata.core import atomic
from errata.core.errors import ErrataError, GitError
from errata.core.git import Repository
from errata.setup import file_change
from errata.setup.file_change import Change

_GIT = ".git/"
_STAYS = (errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT, errno.ENOTDIR)


class FileError(ErrataError):
    """A file of the repository cannot be edited as it is; the message begins with its place."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Layout:
    """A repository with a work tree.

    Attributes:
        root: top of the work tree.
        common: the git directory that all linked worktrees share.
        known: what git said about its configuration, once it was asked.
    """

    root: Path
    common: Path
    known: dict[str, str | None] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def discover(cls, start: Path | None = None) -> Layout:
        """The repository around ``start``. Raises GitError: none, or one without a work tree."""
        return cls.of(Repository.discover(start))

    @classmethod
    def of(cls, repo: Repository) -> Layout:
        """The same from a :class:`Repository`. Raises GitError as :meth:`discover` does."""
        if repo.common_dir is None:
            raise GitError("this is not a git repository", "run it inside one, or `git init` first")
        if repo.root == repo.git_dir:
            raise GitError("this repository is bare", "run it in a clone with a work tree")
        return cls(repo.root.resolve(), repo.common_dir.resolve())

    @property
    def state(self) -> Path:
        """What is never committed: ``<git common dir>/errata``."""
        return self.common / "errata"

    def file(self, path: str) -> Path:
        """The file behind a path, links followed. Raises ErrataError: it is somewhere else."""
        if not path.startswith(_GIT):
            return file_change.inside(self.root, path).resolve()
        try:
            target = (self.common / path.removeprefix(_GIT)).resolve()
        except (OSError, RuntimeError) as error:
            raise ErrataError(f"{path}: symbolic links that lead nowhere", "remove them") from error
        if not target.is_relative_to(self.common) and not target.is_relative_to(self.root):
            raise ErrataError(f"{path}: a symbolic link leads out of the repository", "remove it")
        return target

    def path(self, file: Path) -> str | None:
        """The path of a file that need not exist, links followed; None if it is elsewhere."""
        file = file.resolve()
        if file.is_relative_to(self.common):
            return _GIT + file.relative_to(self.common).as_posix()
        if file.is_relative_to(self.root):
            return file.relative_to(self.root).as_posix()
        return None

    def read(self, path: str) -> bytes | None:
        """The bytes of a file; None if there is none. Raises ErrataError: see `change.current`."""
        self.file(path)
        if path.startswith(_GIT):
            target = self.file(path)
            base = self.common if target.is_relative_to(self.common) else self.root
            return file_change.current(base, target.relative_to(base).as_posix())
        return file_change.current(self.root, path)

    def write(self, one: Change) -> None:
        """Make one change, whole or not at all; the mode of a file stays.

        Raises:
            ErrataError: it cannot be written, or it is no longer what the change begins from.
        """
        target = self.file(one.path)
        if self.read(one.path) != one.before:
            raise ErrataError(f"{one.path}: it changed meanwhile", "run the command again")
        try:
            if one.after is None:
                target.unlink(missing_ok=True)
            else:
                atomic.write(target, one.after, executable=one.executable)
        except OSError as error:
            raise ErrataError(f"{one.path}: {error.strerror}", "it must be writable") from error

    def remove_folder(self, path: str) -> None:
        """Remove a folder if nothing is in it; what the person keeps there stays.

        Raises:
            ErrataError: it cannot be removed.
        """
        try:
            self.file(path).rmdir()
        except OSError as error:
            if error.errno not in _STAYS:
                said = f"{path}: cannot be removed: {error.strerror}"
                raise ErrataError(said, "then run `errata uninstall` again") from error

    def missing_folders(self, path: str) -> list[str]:
        """The folders that writing a file would make, the outermost first."""
        found = []
        folder = self.file(path).parent
        while not folder.exists() and (name := self.path(folder)):
            found.append(name)
            folder = folder.parent
        return found[::-1]
