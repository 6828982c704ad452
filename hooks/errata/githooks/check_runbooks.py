"""Refuse a commit that damages the generated block of a runbook, or edits it by hand.

A block that is behind its logs is only reported, so that logging a finding never blocks a commit;
with ``--current`` it is an error too.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from errata.core import git
from errata.core.errors import ErrataError
from errata.core.interrupt import interruptible
from errata.githooks import _index

if TYPE_CHECKING:
    from errata.core.config import Config

_NAME = b"/RUNBOOK.md"
# Enough to tell that a commit may be relevant before any setting is read. Staging a log that
# errata.toml names differently does not bring the reminder.
_RELEVANT = (_NAME, b".jsonl")


@interruptible
def main(argv: Sequence[str] | None = None) -> int:
    """Check runbooks as they are in the index; 0 if all are valid, 1 if not, 2 for other errors."""
    try:
        args = list(sys.argv[1:] if argv is None else argv)
        files, current = _arguments(args) if args else ([], False)
        if files:
            return _check(_index.paths_from_top(files), current)
        if current:
            return _check(None, current)
        staged = {path for path in _index.staged_paths() if path.endswith(_RELEVANT)}
        return _check(staged, current) if staged else 0
    except ErrataError as error:
        _index.report(f"errata-check-runbooks: {error}", error=True)
        return error.exit_code
    except ImportError as error:
        # A broken installation is no reason to refuse a commit.
        print(f"errata-check-runbooks: skipped: {error}", file=sys.stderr)
        return 0


def _arguments(args: list[str]) -> tuple[list[str], bool]:
    import argparse

    parser = argparse.ArgumentParser(prog="errata-check-runbooks", description=__doc__)
    parser.add_argument(
        "files", nargs="*", help="runbooks to check (default: the staged ones; with --current, all)"
    )
    parser.add_argument(
        "--current", action="store_true", help="fail if a block is behind the logs (for CI)"
    )
    parsed = parser.parse_args(args)
    return parsed.files, parsed.current


def _check(paths: set[bytes] | None, current: bool) -> int:
    """Check these paths of the index, or every runbook in it."""
    from errata.core import config

    repo = git.Repository.discover()
    settings = config.load(repo.root)
    runbooks = {
        path: oid
        for path, oid in _index.regular_files(repo, settings.paths.runbooks)
        if path.endswith(_NAME) and (paths is None or path in paths)
    }
    damaged = False
    for message in _damage(repo, runbooks):
        _index.report(message, error=False)
        damaged = True
    if damaged:
        return 1
    logs = {os.fsencode(path) for path in settings.logs.by_kind().values()}
    if current or runbooks or (paths or set()) & logs:
        return int(_report_stale(repo, settings, current) and current)
    return 0


def _damage(repo: git.Repository, runbooks: dict[bytes, str]) -> Iterator[str]:
    if not runbooks:
        return
    from errata.core.errors import RunbookError
    from errata.runbooks import document, store

    blobs = _index.contents(repo, list(runbooks.values()))
    for path, data in zip(runbooks, blobs, strict=True):
        name = os.fsdecode(path)
        try:
            block = document.parse(data, name).block
            if block and not block.intact:
                yield str(store.hand_edited(name, block.begin_line, name.split("/")[-2]))
        except RunbookError as error:
            yield str(error)


def _report_stale(repo: git.Repository, settings: Config, current: bool) -> bool:
    """Report the blocks that are behind their logs; whether there are any."""
    from errata import learn
    from errata.records import instants

    try:
        stale = learn.stale(repo, settings, instants.clock())
    except ErrataError as error:
        if current:
            raise
        _index.report(f"errata-check-runbooks: could not read the logs: {error}", error=True)
        return False
    for path, summary in stale:
        message = f"{path}: behind its logs: {summary} (run `errata evolve`)"
        _index.report(message, error=not current)
    return bool(stale)


if __name__ == "__main__":
    sys.exit(main())
