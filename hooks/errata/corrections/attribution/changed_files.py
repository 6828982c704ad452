"""What one commit, or the staged change, did to the files of its parent."""

from __future__ import annotations

from errata.core.errors import GitError
from errata.core.git import STAGED, Repository
from errata.corrections.attribution.deadline import NO_DEADLINE, Deadline
from errata.corrections.attribution.diff import FileDiff
from errata.corrections.attribution.patch import PATCH_OPTIONS, parse_patch
from errata.provenance.commits import Commit


def changed_files(repo: Repository, sha: str, deadline: Deadline = NO_DEADLINE) -> list[FileDiff]:
    """What a commit did to its parent's files; nothing for a merge.

    Raises:
        DeadlineError: the deadline passed.
        GitError: an object is missing.
    """
    args = ("diff-tree", "-r", "--root", *PATCH_OPTIONS, "--no-commit-id", sha, "--")
    return parse_patch(deadline.run_git(repo, *args))


def staged_files(repo: Repository, head: str, deadline: Deadline = NO_DEADLINE) -> list[FileDiff]:
    """What the next commit will do to the files of ``head``. Raises as :func:`changed_files`."""
    # Reads the index that git names in GIT_INDEX_FILE, as for `commit -a` and `commit -- path`.
    return parse_patch(deadline.run_git(repo, *STAGED, *PATCH_OPTIONS, head, "--"))


def present_files(
    repo: Repository, commit: Commit, deadline: Deadline = NO_DEADLINE
) -> list[FileDiff]:
    """What a commit did to the files whose content this clone has.

    Raises:
        DeadlineError: the deadline passed.
        GitError: trees are missing.
    """
    try:
        return changed_files(repo, commit.sha, deadline)
    except GitError:
        from errata.corrections.attribution.missing_objects import read_present

        return read_present(str(repo.root), commit).files
