"""Refuse a commit that damages the generated block of a runbook, or edits it by hand.

That a block is behind its logs is said and no more, so that logging a finding never blocks a
commit; with ``--current`` it is an error too.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from errata.core import git
from errata.core.errors import ErrataError

if TYPE_CHECKING:
    from errata.core.config import Config

_NAME = b"RUNBOOK.md"
# Enough to tell that a commit may concern us, before anything is read. A log that is named
# otherwise in errata.toml is merely not reminded of.
_CONCERNS = (b"/" + _NAME, b".jsonl")
_LINKS = (b"120000", b"160000")  # symbolic link, submodule


def main(argv: Sequence[str] | None = None) -> int:
    """Check runbooks as they are in the index; 0 if all are sound, 1 if not, 2 for other errors."""
    try:
        args = list(sys.argv[1:] if argv is None else argv)
        if not args:
            return _check_staged()
        return _check_named(*_arguments(args))
    except ErrataError as error:
        _say(f"errata-check-runbooks: {error}", error=True)
        return error.exit_code


def _say(message: str, error: bool = False) -> None:
    """Print one line; paths may hold anything, also what is not UTF-8."""
    from errata.runbooks.sanitise import terminal

    print(terminal(message), file=sys.stderr if error else sys.stdout)


def _arguments(args: list[str]) -> tuple[list[str], bool]:
    import argparse

    parser = argparse.ArgumentParser(prog="errata-check-runbooks", description=__doc__)
    parser.add_argument(
        "files", nargs="*", help="runbooks to check (default: the staged ones; with --current, all)"
    )
    parser.add_argument(
        "--current", action="store_true", help="blocks that are behind the logs are errors (for CI)"
    )
    parsed = parser.parse_args(args)
    return parsed.files, parsed.current


def _check_staged() -> int:
    paths = {path for path in _staged() if path.endswith(_CONCERNS)}
    return _check(paths, current=False) if paths else 0


def _check_named(files: list[str], current: bool) -> int:
    if not files:
        return _check(None, current)
    from pathlib import Path

    # By hand this runs in any folder; git speaks of paths from the top.
    top = git.Repository.discover().root
    here = Path.cwd()
    return _check({os.fsencode(os.path.relpath(here / name, top)) for name in files}, current)


def _check(paths: set[bytes] | None, current: bool) -> int:
    """Check these paths of the index, or every runbook in it."""
    from errata.core import config

    repo = git.Repository.discover()
    settings = config.load(repo.root)
    found = [one for one in _index(repo, settings) if paths is None or one[1] in paths]
    failed = False
    for message in _damage(repo, found):
        _say(message)
        failed = True
    logs = {os.fsencode(path) for path in settings.logs.by_kind().values()}
    if not failed and (current or found or (paths or set()) & logs):
        failed = _behind(repo, settings, current)
    return int(failed)


def _staged() -> Iterator[bytes]:
    """The path of each file that the commit adds or changes, in one git call."""
    args = ("diff-index", "--cached", "--name-only", "-z", "--no-renames", "--diff-filter=d")
    status, out = git.run_status(*args, "HEAD")
    if status:  # No commit yet, so that all of the index is staged; or no repository at all.
        out = git.run("ls-files", "-z", "--full-name")
    yield from filter(None, out.split(b"\0"))


def _entries(out: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    for entry in filter(None, out.split(b"\0")):
        head, path = entry.split(b"\t", 1)
        mode, oid, _ = head.split(b" ")
        yield mode, oid, path


def _index(repo: git.Repository, settings: Config) -> list[tuple[bytes, bytes]]:
    """(object, path) of every runbook in the index."""
    folder = os.fsencode(settings.paths.runbooks)
    return [
        (oid, path)
        for mode, oid, path in _entries(repo.git("ls-files", "-s", "-z", "--", folder))
        if path.endswith(b"/" + _NAME) and mode not in _LINKS
    ]


def _damage(repo: git.Repository, found: list[tuple[bytes, bytes]]) -> Iterator[str]:
    if not found:
        return
    from errata.core.errors import RunbookError
    from errata.runbooks import document, store

    blobs = _blobs(repo, [oid for oid, _ in found])
    for (_, path), data in zip(found, blobs, strict=True):
        name = os.fsdecode(path)
        try:
            block = document.parse(data, name).block
            if block and not block.intact:
                yield str(store.hand_edited(name, block.begin_line, name.split("/")[-2]))
        except RunbookError as error:
            yield str(error)


def _blobs(repo: git.Repository, oids: list[bytes]) -> Iterator[bytes]:
    out = repo.git("cat-file", "--batch", stdin=b"\n".join(oids) + b"\n")
    for _ in oids:
        head, out = out.split(b"\n", 1)
        size = int(head.rsplit(b" ", 1)[1])
        yield out[:size]
        out = out[size + 1 :]


def _behind(repo: git.Repository, settings: Config, current: bool) -> bool:
    """Say which blocks are behind their logs; True if that is an error."""
    from errata import learn
    from errata.records import instants

    try:
        stale = learn.stale(repo, settings, instants.clock())
    except ErrataError as error:
        if current:
            raise
        _say(f"errata-check-runbooks: not compared with the logs: {error}", error=True)
        return False
    for path, why in stale:
        _say(f"{path}: {why} (run `errata evolve`)", error=not current)
    return current and bool(stale)


if __name__ == "__main__":
    sys.exit(main())
