"""``errata-refresh`` (post-merge): bring runbooks up to date when a merge brought new records.

The merge is complete by the time this runs, so any error is one line and the status is always 0.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from errata.core.config import Config, load
from errata.core.errors import ErrataError, GitError
from errata.core.git import Repository


def main(argv: Sequence[str] | None = None) -> int:
    """Run the hook; git passes one argument, 1 for a squash merge."""
    try:
        repo = Repository.discover()
        config = load(repo.root)
        squash = _is_squash(sys.argv[1:] if argv is None else argv)
        if _touched(repo, config, squash) or _has_captured(repo):
            _refresh(repo, config)
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


def _touched(repo: Repository, config: Config, squash: bool) -> bool:
    """Whether the merge changed a log, or the promotion log."""
    logs = config.logs.by_kind().values()
    from errata.runbooks.paths import PROMOTION_LOG

    log = f"{config.paths.patterns}/{PROMOTION_LOG}"
    try:
        # ORIG_HEAD is where the branch was; a squash merge moves only the index and the files.
        sides = ["HEAD"] if squash else ["ORIG_HEAD", "HEAD"]
        out = repo.git("diff", "--name-only", "-z", "--no-ext-diff", *sides, "--", *logs, log)
    except GitError:
        return False
    return bool(out)


def _has_captured(repo: Repository) -> bool:
    """Whether captured corrections wait to be moved into their log."""
    try:
        return bool(repo.state_dir and (repo.state_dir / "outbox.jsonl").stat().st_size)
    except OSError:
        return False


def _refresh(repo: Repository, config: Config) -> None:
    from errata import learn
    from errata.records.instants import clock

    if config.runbook.refresh == "report":
        for path, summary in learn.stale(repo, config, clock()):
            print(f"errata: {path} is behind its logs: {summary}; run `errata evolve`")
        return
    log = config.logs.corrections
    plan = learn.update(
        repo,
        config,
        clock(),
        lock_timeout=10,
        on_flush=lambda moved: print(f"errata: corrections moved to {log}: {moved}"),
    )
    for change in plan.changes:
        if change.changed:
            name = change.path.relative_to(repo.root)
            print(f"errata: {name}: {change.summary or 'refreshed'}")


if __name__ == "__main__":
    raise SystemExit(main())
