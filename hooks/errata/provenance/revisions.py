"""The commits that a person names on the command line, read with GitPython."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from errata.core.errors import GitError
from errata.core.git import Repository, run_status
from errata.core.object_model import open_repo
from errata.provenance.commits import Commit, read_commits
from errata.provenance.identity import CommitIdent

if TYPE_CHECKING:
    import git

_UNDECODED = "\N{REPLACEMENT CHARACTER}"


def read_revisions(repository: Repository, revisions: Sequence[str]) -> list[Commit]:
    """Each commit once: ``HEAD~2`` names one commit, ``main..topic`` several.

    Raises:
        GitError: a revision is not known, or not one at all (nothing is read as an option).
    """
    for revision in revisions:
        # No revision begins with a dash: git would read an option.
        if revision.startswith("-") or "\0" in revision or not revision.strip():
            raise GitError(f"{revision!r} is not a revision", "give commits or ranges")
    if repository.git("rev-parse", "--show-object-format").strip() != b"sha1":
        # GitPython reads SHA-1 object ids only.
        args = ("rev-list", "--no-walk=unsorted", "--end-of-options")
        shas = [sha for r in revisions for sha in repository.git(*args, r, "--").decode().split()]
        return read_commits(repository, shas)
    commits: dict[str, Commit] = {}
    for revision in revisions:
        try:
            with open_repo(repository) as repo:
                for commit in repo.iter_commits(revision, no_walk="unsorted"):
                    commits[commit.hexsha] = _decoded(commit) or _from_git_log(repository, commit)
        except GitError as error:
            raise unknown_revision(repository, revision) or error from error
    return list(commits.values())


def unknown_revision(repository: Repository, revision: str) -> GitError | None:
    """The error that says why a revision names no commit here; None if it names some.

    A range is checked by its ends.
    """
    args = ("rev-parse", "--quiet", "--verify", "--end-of-options")

    def is_known(name: str) -> bool:
        return run_status(*args, f"{name}^{{commit}}", cwd=repository.root)[0] == 0

    unknown = [end for end in re.split(r"\.{2,3}", revision) if end and not is_known(end)]
    if not unknown:
        return None
    if not is_known("HEAD") and not repository.git("for-each-ref", "--count=1"):
        return GitError("this repository has no commit yet", "commit something first")
    is_shallow = repository.git("rev-parse", "--is-shallow-repository").strip() == b"true"
    hint = "this clone is shallow; `git fetch --unshallow` gets the rest" if is_shallow else ""
    return GitError(f"{unknown[0]!r} names no commit of this repository", hint)


def _decoded(commit: git.Commit) -> Commit | None:
    """The commit as GitPython decodes it; None if its text does not have the encoding it names."""
    try:
        texts = (
            commit.author.name or "",
            commit.author.email or "",
            commit.committer.name or "",
            commit.committer.email or "",
            str(commit.message).rstrip("\n") + "\n",
        )
    except LookupError:
        return None
    if any(_UNDECODED in text for text in texts):
        return None
    return Commit(
        commit.hexsha,
        tuple(parent.hexsha for parent in commit.parents),
        commit.authored_date * 1_000_000,
        commit.committed_date * 1_000_000,
        CommitIdent(*texts),
    )


def _from_git_log(repository: Repository, commit: git.Commit) -> Commit:
    return read_commits(repository, [commit.hexsha])[0]
