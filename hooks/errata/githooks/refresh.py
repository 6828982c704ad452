"""``errata-refresh`` (post-merge): bring runbooks up to date when a merge brought new records.

After a merge that a person made it writes the runbooks. After a pull it keeps the new sections in
the git directory: a runbook that a hook changed would block the next pull. The merge is complete by
the time this runs, so any error is one line and the status is always 0.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence

from errata.core.config import Config, load
from errata.core.errors import ErrataError, GitError
from errata.core.git import Repository
from errata.core.interrupt import interruptible


@interruptible
def main(argv: Sequence[str] | None = None) -> int:
    """Run the hook; git passes one argument, 1 for a squash merge."""
    try:
        repo = Repository.discover()
        config = load(repo.root)
        squash = _is_squash(sys.argv[1:] if argv is None else argv)
        if not squash:
            _report_removed_records(repo, config)
        # ORIG_HEAD is where the branch was; a squash merge moves only the index and the files.
        refresh(repo, config, *(["HEAD"] if squash else ["ORIG_HEAD", "HEAD"]))
    except ErrataError as error:
        print(f"errata-refresh: {error}", file=sys.stderr)
    except Exception as error:
        # A merge must never look failed because of us; the next evolve does the work.
        print(f"errata-refresh: skipped: {type(error).__name__}: {error}", file=sys.stderr)
    return 0


def _is_squash(argv: Sequence[str]) -> bool:
    # git passes it as an argument; pre-commit and prek set a variable each.
    names = ("PRE_COMMIT_IS_SQUASH_MERGE", "PRE_COMMIT_SQUASH_MERGE")
    return "1" in (*argv[:1], *(os.environ.get(name) for name in names))


def _report_removed_records(repo: Repository, config: Config) -> None:
    """Say which records the merge dropped, of this side or of another."""
    from errata.githooks import _removed_records

    with contextlib.suppress(GitError):
        others = repo.git("rev-list", "--parents", "--max-count=1", "HEAD").decode().split()[2:]
        _removed_records.report(repo, config, ["ORIG_HEAD", *others], "HEAD", "the merge")


def refresh(repo: Repository, config: Config, *sides: str) -> None:
    """Bring runbooks up to date, if a log changed between two commits.

    Args:
        sides: the two commits; one commit is compared with the work tree.

    Raises:
        LogError, RunbookError: an input is damaged, or a file cannot be written.
    """
    if _touched(repo, config, sides):
        _refresh(repo, config)


def _touched(repo: Repository, config: Config, sides: Sequence[str]) -> bool:
    """Whether a log changed, or what else runbooks rest on."""
    logs = config.logs.by_kind().values()
    from errata.core.settings import CHANCES_LOG, CURATION_LOG
    from errata.runbooks.paths import PROMOTION_LOG

    others = [
        f"{config.paths.patterns}/{name}" for name in (PROMOTION_LOG, CHANCES_LOG, CURATION_LOG)
    ]
    try:
        out = repo.git("diff", "--name-only", "-z", "--no-ext-diff", *sides, "--", *logs, *others)
    except GitError:
        return False
    return bool(out)


def _refresh(repo: Repository, config: Config) -> None:
    from errata import learn
    from errata.records.instants import clock

    mode = config.runbook.refresh
    if mode == "report":
        for path, summary in learn.stale(repo, config, clock()):
            print(f"errata: {path} is behind its logs: {summary}; run `errata evolve`")
        return
    write = mode == "write" or (mode == "auto" and _is_persons_merge(repo))
    changes = learn.refresh(repo, config, clock(), write=write)
    names = [
        f"{change.path.relative_to(repo.root)}: {change.summary or 'refreshed'}"
        for change in changes
    ]
    if write:
        for name in names:
            print(f"errata: {name}")
    elif names:
        print(
            f"errata: {'; '.join(names)} (kept in the git directory, where agents get it; "
            "`errata evolve` writes it)"
        )


def _is_persons_merge(repo: Repository) -> bool:
    """Whether a person merged something other than the upstream of the branch.

    Git names the command and what it merges for its hooks: ``pull --rebase``, ``merge topic``. A
    merge of the upstream is a pull in two steps, and whatever else is unknown counts as a pull.
    """
    from errata.state.who_commits import who_commits

    command, *words = os.environ.get("GIT_REFLOG_ACTION", "").split() or [""]
    names = [word for word in words if not word.startswith("-")]
    if command != "merge" or who_commits(os.environ, lambda: repo) is not None:
        return False
    upstream = _full_name(repo, "@{upstream}")
    # Of FETCH_HEAD git names the object id, which has no full name.
    return not upstream or all(_full_name(repo, name) not in (b"", upstream) for name in names)


def _full_name(repo: Repository, name: str) -> bytes:
    """The full name of a branch, ``refs/...``; b"" if it is none."""
    try:
        # Without --end-of-options: rev-parse of git 2.39 would print it.
        return repo.git("rev-parse", "--verify", "--quiet", "--symbolic-full-name", name).strip()
    except GitError:
        return b""


if __name__ == "__main__":
    raise SystemExit(main())
