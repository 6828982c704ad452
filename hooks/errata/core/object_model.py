"""GitPython's view of a repository, for commands that look at commits; its import takes 0.1 s.

No hook may use it. Like :mod:`errata.core.git` it runs nothing that the repository's configuration
names.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from errata.core.errors import GitError
from errata.core.git import SAFE, Repository, environment, error_line

if TYPE_CHECKING:
    import git


@contextlib.contextmanager
def open_repo(repository: Repository) -> Iterator[git.Repo]:
    """The repository as a :class:`git.Repo`, open for as long as the context lasts.

    Raises:
        GitError: GitPython cannot open or read it, with what git reported.
    """
    import git

    try:
        # A "$" in the path is literal.
        with git.Repo(repository.root, expand_vars=False) as repo:
            repo.git.update_environment(**environment())
            repo.git.set_persistent_git_options(c=list(SAFE[1::2]))
            yield repo
    except git.CommandError as error:
        stderr = error.stderr.strip().removeprefix("stderr: '").removesuffix("'")
        raise GitError(f"git: {error_line(stderr) or error.status}") from error
    except (git.GitError, git.ODBError, ValueError) as error:
        raise GitError(f"git: {error}") from error
