"""Corrections that errata did not capture, for somebody who says that they are some."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from errata.core import git
from errata.core.config import Config
from errata.core.errors import ErrataError
from errata.core.git import Repository
from errata.corrections.one_commit import corrections_of
from errata.lessons.describe_correction import describe_correction
from errata.records import deduplication
from errata.state import outbox


def records(
    repo: Repository, config: Config, commit: str, others: bytearray
) -> list[Mapping[str, Any]]:
    """The records of what a commit corrects, as capture would have made them; may be none.

    What is recorded already, perhaps as part of others, has the ids that it is recorded under.

    Args:
        commit: its full id.
        others: records of other commits that are in no log either, as lines of one.

    Raises:
        ErrataError: this clone does not have the commit, or not what it needs of it.
    """
    status, kind = git.run_status("cat-file", "-t", commit, cwd=repo.root)
    if status:
        raise ErrataError(
            f"commit {commit[:12]} is not in this clone", "fetch the branch that has it"
        )
    if (name := kind.decode().strip()) != "commit":
        raise ErrataError(f"{commit[:12]} is not a commit, but a {name}")
    sources = [*outbox.sources(repo, config), others]
    corrected = list[Mapping[str, Any]]()
    for each in corrections_of(repo, config, commit):
        record = each.described(describe_correction).to_record()
        if id := deduplication.new_id(repo, sources, record):
            corrected.append({**record, "id": id})
        else:
            corrected += deduplication.recorded_as(repo, sources, record)
    return corrected
