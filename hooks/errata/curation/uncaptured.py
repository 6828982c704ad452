"""Corrections that errata did not capture, for somebody who says that they are some."""

from __future__ import annotations

from typing import Any

from errata.core import git
from errata.core.config import Config
from errata.core.errors import ErrataError
from errata.core.git import Repository
from errata.corrections.one_commit import corrections_of
from errata.lessons.describe_correction import describe_correction


def records(repo: Repository, config: Config, commit: str) -> list[dict[str, Any]]:
    """The records of what a commit corrects, as capture would have made them; may be none.

    Args:
        commit: its full id.

    Raises:
        ErrataError: this clone does not have the commit, or not what it needs of it.
    """
    status, _ = git.run_status("cat-file", "-e", f"{commit}^{{commit}}", cwd=repo.root)
    if status:
        raise ErrataError(
            f"commit {commit[:12]} is not in this clone", "fetch the branch that has it"
        )
    corrections = corrections_of(repo, config, commit)
    return [each.described(describe_correction).to_record() for each in corrections]
