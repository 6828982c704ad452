"""``errata-refresh`` (post-merge): bring runbooks up to date when a merge brought new records.

A merge is done by the time this runs: whatever goes wrong is one line, and the status is always 0.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from errata.config import Config, load
from errata.errors import ErrataError, GitError
from errata.git import Repository


def main(argv: Sequence[str] | None = None) -> int:  # noqa: ARG001
    """Run the hook; git passes one argument (is it a squash?), which changes nothing here."""
    try:
        repo = Repository.discover()
        config = load(repo.root)
        if _touched(repo, config):
            _refresh(repo, config)
    except ErrataError as error:
        print(f"errata-refresh: {error}", file=sys.stderr)
    except Exception as error:
        # A merge must never look failed because of us; the next evolve does the work.
        print(f"errata-refresh: skipped: {type(error).__name__}: {error}", file=sys.stderr)
    return 0


def _touched(repo: Repository, config: Config) -> bool:
    """Whether the merge changed a log, or corrections wait to be moved into theirs."""
    logs = config.logs.by_kind().values()
    log = f"{config.paths.patterns}/promotion-log.jsonl"
    try:
        # ORIG_HEAD is where the branch was; a squash merge moves only the index and the files.
        out = repo.git("diff", "--name-only", "-z", "--no-ext-diff", "ORIG_HEAD", "--", *logs, log)
    except GitError:
        return False
    return bool(out)


def _refresh(repo: Repository, config: Config) -> None:
    from errata.records.instants import clock
    from errata.runbooks import evolve

    if config.runbook.refresh == "report":
        for path, why in evolve.stale(repo, config, clock()):
            print(f"errata: {path} is behind its logs: {why}; run `errata evolve`")
        return
    with evolve.exclusive(repo, config, seconds=10):
        plan = evolve.plan(repo, config, clock())
        evolve.apply(repo, config, plan)
    for change in plan.changes:
        if change.changed:
            what = [f"+{n}" for n in change.added] + [f"-{n}" for n in change.removed]
            what += [f"~{n}" for n in change.updated]
            print(f"errata: {change.path.relative_to(repo.root)}: {', '.join(what) or 'refreshed'}")


if __name__ == "__main__":
    raise SystemExit(main())
