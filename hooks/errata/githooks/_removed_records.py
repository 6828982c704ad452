"""Say in one line when a commit, merge or rewrite took records out of an append-only log.

Pre-commit hooks refuse that, but git does not run them everywhere: not for a revert, a cherry-pick,
a merge, a rebase, or under ``--no-verify``.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from errata.core.config import Config
    from errata.core.git import Repository


def report_commit() -> None:
    """Look at HEAD, if a log became smaller. Must run at the top of the work tree."""
    from errata.corrections import git_state
    from errata.state import log_sizes

    git_dir = os.environ.get("GIT_DIR", ".git")
    rebasing = any(git_state.exists(git_dir, name) for name in _REBASING)
    try:
        logs = _logs()
        if rebasing or not log_sizes.may_have_shrunk(git_dir, logs):
            return
        if not _adds_only(logs):
            _report_head()
        elif os.path.exists(f"{git_state.common_dir(git_dir)}/errata/state.db"):  # noqa: PTH110
            _report_lost_corrections()
    except Exception as error:
        message = " ".join(str(error).split())
        print(f"errata: removed records were not looked for: {message}", file=sys.stderr)


def _report_head() -> None:
    from errata.core.config import load
    from errata.core.git import Repository

    repo = Repository.discover()
    parents = repo.git("rev-list", "--parents", "--max-count=1", "HEAD").decode().split()[1:]
    report(repo, load(repo.root), parents, "HEAD", "this commit")


def _report_lost_corrections() -> None:
    """Say that corrections were moved into their log, and that it was reset before a commit."""
    from errata.core.config import load
    from errata.core.git import Repository
    from errata.state import removed_records

    repo = Repository.discover()
    config = load(repo.root)
    if number := len(removed_records.find_lost_corrections(repo, config)):
        records, them = ("correction", "it") if number == 1 else ("corrections", "them")
        print(
            f"errata: {number} {records} moved into {config.logs.corrections} vanished before a "
            f"commit; `errata flush --restore` puts {them} back"
        )


# A rebase only copies; what it removes in the end is reported after it.
_REBASING = ("rebase-merge", "rebase-apply")


def _adds_only(logs: Sequence[str]) -> bool:
    """Whether HEAD takes no line out of a log; one git call."""
    from errata.core import git

    diff = ("diff-tree", "-r", "-m", "--no-commit-id", "--no-renames", "--numstat", "-z")
    status, out = git.spawn_status(*diff, "HEAD", "--", *logs)
    counts = [entry.split(b"\t") for entry in out.split(b"\0") if entry]
    return status == 0 and all(fields[1] == b"0" for fields in counts)


def _logs() -> Sequence[str]:
    from errata.core import safe_open
    from errata.state import log_sizes

    try:
        with open("errata.toml", "rb", opener=safe_open.open_regular) as file:
            if b"logs" not in file.read():
                return log_sizes.DEFAULT_LOGS
    except OSError:
        return log_sizes.DEFAULT_LOGS
    from pathlib import Path

    from errata.core.config import load

    return list(load(Path.cwd()).logs.by_kind().values())


def report(repo: Repository, config: Config, olds: Sequence[str], new: str, remover: str) -> None:
    """Print one line if logs lack records in the new commit that they have in an old one.

    Args:
        remover: what removed them, as the subject of the sentence.

    Raises:
        GitError: an object is missing.
    """
    # The same setting permits it before a commit.
    if os.environ.get("ERRATA_ALLOW_REWRITE") == "1" or not olds:
        return
    from errata.state import removed_records

    removed = removed_records.removed_by(repo, config, olds, new)
    if not removed:
        return
    number = sum(len(group.lines) for group in removed)
    logs = ", ".join(group.log for group in removed)
    records, them = ("record", "it") if number == 1 else ("records", "them")
    print(
        f"errata: {remover} removed {number} {records} from {logs}; "
        f"`errata flush --restore` puts {them} back"
    )
