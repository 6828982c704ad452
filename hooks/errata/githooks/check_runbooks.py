"""Refuse a commit that damages a generated block, or edits it by hand.

Runbooks hold such blocks, and the files that `errata context --export` writes for agents' tools. A
block that is behind its logs is only reported, so that logging a finding never blocks a commit;
with ``--current`` it is an error too.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
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
_EXPORT_ENDINGS = (b".md", b".mdc")


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
        staged = {path for path in _index.staged_paths() if _is_relevant(path)}
        return _check(staged, current) if staged else 0
    except ErrataError as error:
        _index.report(f"errata-check-runbooks: {error}", error=True)
        return error.exit_code
    except ImportError as error:
        # A broken installation is no reason to refuse a commit.
        print(f"errata-check-runbooks: skipped: {error}", file=sys.stderr)
        return 0


def _is_relevant(path: bytes) -> bool:
    if path.endswith(_RELEVANT) or path == b"AGENTS.md":
        return True
    name = path.rpartition(b"/")[2]
    return name.startswith(b"errata") and name.endswith(_EXPORT_ENDINGS)


def _arguments(args: list[str]) -> tuple[list[str], bool]:
    import argparse

    parser = argparse.ArgumentParser(prog="errata-check-runbooks", description=__doc__)
    parser.add_argument(
        "files", nargs="*", help="files to check (default: the staged ones; with --current, all)"
    )
    parser.add_argument(
        "--current", action="store_true", help="fail if a block is behind the logs (for CI)"
    )
    parsed = parser.parse_args(args)
    return parsed.files, parsed.current


def _check(paths: set[bytes] | None, current: bool) -> int:
    """Check these paths of the index, or every runbook and export in it."""
    from errata.core import config
    from errata.runbooks import exports

    repo = git.Repository.discover()
    settings = config.load(repo.root)
    files = {
        path: oid
        for path, oid in _index.regular_files(repo, settings.paths.runbooks, *exports.pathspecs())
        if path.endswith((_NAME, *_EXPORT_ENDINGS)) and (paths is None or path in paths)
    }
    blocks = list(_with_block(repo, files))
    damaged = False
    for message in _damage(blocks):
        _index.report(message, error=False)
        damaged = True
    if damaged:
        return 1
    logs = {os.fsencode(path) for path in settings.logs.by_kind().values()}
    if current or blocks or (paths or set()) & logs:
        return int(_report_stale(repo, settings, current) and current)
    return 0


def _with_block(repo: git.Repository, files: dict[bytes, str]) -> Iterator[tuple[str, str, bytes]]:
    """(path, agent, content) of runbooks, and of exports, which have no agent."""
    if not files:
        return
    from errata.runbooks import exports

    for path, data in zip(files, _index.contents(repo, list(files.values())), strict=True):
        name = os.fsdecode(path)
        if path.endswith(_NAME):
            yield name, name.split("/")[-2], data
        elif exports.may_be_export(name, data):
            yield name, "", data


def _damage(blocks: Iterable[tuple[str, str, bytes]]) -> Iterator[str]:
    from errata.core.errors import RunbookError
    from errata.runbooks import document, store

    for name, agent, data in blocks:
        try:
            block = document.parse(data, name).block
            if block and not block.intact:
                yield str(store.hand_edited(name, block.begin_line, agent))
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
