"""Where a command runs: in a repository that has what the command needs, or not at all.

Every command takes its repository from here, so that all of them refuse a place in the same words,
and before anything is written.
"""

from __future__ import annotations

import os
from pathlib import Path

from errata.core.config import FILE_NAME, Config, load
from errata.core.errors import GitError, LogError
from errata.core.git import Repository


def with_logs() -> tuple[Repository, Config]:
    """A repository with a work tree, and its settings; for commands that read or write logs.

    A folder outside git will do if it has ``errata.toml``, a log or runbooks: a copy of a
    repository's logs can be analysed anywhere.

    Raises:
        GitError: there is no such place here.
        LogError: no log can be read: something else is in the place of its folder.
        ConfigError: ``errata.toml`` cannot be used.
    """
    repo = Repository.discover()
    config = load(repo.root)
    if repo.git_dir is not None or not _has_data(repo.root, config):
        repo.require_work_tree()
    _check_folders(repo.root, config)
    return repo, config


def anywhere() -> tuple[Repository, Config]:
    """The repository here, or this folder; for commands to which files are named.

    Raises:
        GitError: git is missing, or refuses the repository.
        ConfigError: ``errata.toml`` cannot be used.
    """
    repo = Repository.discover()
    return repo, load(repo.root)


def with_work_tree() -> tuple[Repository, Config]:
    """A repository with a work tree, and its settings; for commands that need commits and files.

    Raises:
        GitError: there is no repository here, or it has no work tree.
        LogError: no log can be written: something else is in the place of its folder.
        ConfigError: ``errata.toml`` cannot be used.
    """
    repo = Repository.discover()
    repo.require_work_tree()
    config = load(repo.root)
    _check_folders(repo.root, config)
    return repo, config


def with_commits(start: Path | None = None) -> tuple[Repository, Config]:
    """A repository, bare or not, and its settings; for commands that only read its history.

    Args:
        start: a folder in it that a person named; None for the current one.

    Raises:
        GitError: there is no repository there.
        ConfigError: ``errata.toml`` cannot be used.
    """
    if start is not None and not start.is_dir():
        raise GitError(f"{str(start)!r} is not a folder", "give the path of a clone")
    repo = Repository.discover(start)
    repo.require_git()
    return repo, load(repo.root)


def _has_data(root: Path, config: Config) -> bool:
    paths = (FILE_NAME, *config.logs.by_kind().values(), config.paths.runbooks)
    return any(os.path.lexists(root / path) for path in paths)


def _check_folders(root: Path, config: Config) -> None:
    """Refuse a file, or a link out of the repository, in the place of a folder of logs."""
    folders = {folder for name in config.logs.by_kind().values() for folder in Path(name).parents}
    for name in sorted(folders):
        folder = root / name
        if os.path.lexists(folder) and not folder.is_dir():
            raise LogError(f"{name}: must be a folder", "move the file; logs go there")
        if not folder.resolve().is_relative_to(root.resolve()):
            message = f"{name}: is a symbolic link that leads out of the repository"
            raise LogError(message, "use a real folder")
