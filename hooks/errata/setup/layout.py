"""Where the files of a repository are, and how to read and write them.

A path is relative to the top of the work tree; ``.git/...`` is the git directory that all linked
worktrees share, wherever it really is.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from errata.core import atomic
from errata.core.errors import ErrataError
from errata.core.git import Repository
from errata.setup import file_change
from errata.setup.file_change import FileChange

if TYPE_CHECKING:
    from git import Repo

_GIT = ".git/"
_NOT_EMPTY_OR_GONE = (errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT, errno.ENOTDIR)


class FileError(ErrataError):
    """A file of the repository cannot be edited as it is; the message begins with its place."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Layout:
    """A repository with a work tree.

    Attributes:
        root: top of the work tree.
        common: the git directory that all linked worktrees share.
        known: values of git's configuration that were read already.
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
        repo.require_work_tree()
        assert repo.common_dir is not None
        return cls(repo.root.resolve(), repo.common_dir.resolve())

    def open_repo(self) -> Repo:
        """The repository in GitPython's object model, to be closed by ``with``."""
        from git import Repo

        return Repo(self.root)

    @property
    def state(self) -> Path:
        """The folder of our state, which is never committed: ``<git common dir>/errata``."""
        return self.common / "errata"

    def file(self, path: str) -> Path:
        """The file behind a path, links followed. Raises ErrataError: it is outside."""
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
        """The path of a file, links followed; None if it is outside. It need not exist."""
        file = file.resolve()
        if file.is_relative_to(self.common):
            return _GIT + file.relative_to(self.common).as_posix()
        if file.is_relative_to(self.root):
            return file.relative_to(self.root).as_posix()
        return None

    def read(self, path: str) -> bytes | None:
        """The bytes of a file; None if there is none.

        Raises:
            ErrataError: as :func:`errata.setup.file_change.current`.
        """
        self.file(path)
        if path.startswith(_GIT):
            target = self.file(path)
            base = self.common if target.is_relative_to(self.common) else self.root
            return file_change.current(base, target.relative_to(base).as_posix())
        return file_change.current(self.root, path)

    def one_per_file(self, changes: Iterable[FileChange]) -> list[FileChange]:
        """The changes without those of a file that another one changes under another path.

        Folders of two agents' tools are often one, by a symbolic link. Of two paths, the one
        without links stays.

        Raises:
            ErrataError: a link leads out of the repository.
        """
        by_file: dict[Path, FileChange] = {}
        for change in changes:
            file = self.file(change.path)
            if file not in by_file or self.path(file) == change.path:
                by_file[file] = change
        return [*by_file.values()]

    def write(self, change: FileChange) -> None:
        """Make one change atomically; the mode of a file stays.

        Raises:
            ErrataError: it cannot be written, or has changed since the plan was made.
        """
        target = self.file(change.path)
        if self.read(change.path) != change.before:
            raise ErrataError(f"{change.path}: it changed meanwhile", "run the command again")
        try:
            if change.after is None:
                target.unlink(missing_ok=True)
            else:
                atomic.write(target, change.after, executable=change.executable)
        except OSError as error:
            raise ErrataError(f"{change.path}: {error.strerror}", "it must be writable") from error

    def remove_folder(self, path: str) -> None:
        """Remove a folder if it is empty.

        Raises:
            ErrataError: it cannot be removed.
        """
        try:
            self.file(path).rmdir()
        except OSError as error:
            if error.errno not in _NOT_EMPTY_OR_GONE:
                message = f"{path}: cannot be removed: {error.strerror}"
                raise ErrataError(message, "then run `errata uninstall` again") from error

    def missing_folders(self, path: str) -> list[str]:
        """The folders that have to be created for a file, the outermost first."""
        folders = []
        folder = self.file(path).parent
        while not folder.exists() and (name := self.path(folder)):
            folders.append(name)
            folder = folder.parent
        return folders[::-1]
