"""Refuse a commit whose SKILL.md files break the rules for skills.

What is staged is checked, not what lies in the work tree.
"""

from __future__ import annotations

import os
import sys

from errata.core import git
from errata.core.errors import ErrataError, GitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_NAME = b"/SKILL.md"
_PLAIN = (b"100644", b"100755")
_BATCH = 100


def main(argv: Sequence[str] | None = None) -> int:
    """Check skills as they are in the index; 0 if all are sound, 1 if not, 2 for other errors."""
    args = list(sys.argv[1:] if argv is None else argv)
    try:
        paths = _named(args) if args else _staged()
        return _check(paths) if paths else 0
    except ErrataError as error:
        _say(f"errata-check-skills: {error}")
        return error.exit_code


def _say(message: str) -> None:
    """Print one line; paths may hold anything, also what is not UTF-8."""
    from errata.runbooks.sanitise import terminal

    print(terminal(message), file=sys.stderr)


def _staged() -> set[bytes]:
    """The SKILL.md files that the commit adds or changes, in one git call."""
    hidden = "--ita-invisible-in-index"
    args = ("diff-index", "--cached", "--name-only", "-z", "--no-renames", "--diff-filter=d")
    status, out = git.run_status(*args, hidden, "HEAD")
    if status:  # No commit yet, so that all of the index is staged; or no repository at all.
        out = git.run("ls-files", "-z", "--full-name")
    return {path for path in out.split(b"\0") if path.endswith(_NAME)}


def _named(args: list[str]) -> set[bytes]:
    import argparse
    from pathlib import Path

    parser = argparse.ArgumentParser(prog="errata-check-skills", description=__doc__)
    parser.add_argument("files", nargs="*", help="skills to check (default: the staged ones)")
    names = parser.parse_args(args).files
    # By hand this runs in any folder; git speaks of paths from the top.
    top = git.Repository.discover().root
    here = Path.cwd()
    return {os.fsencode(os.path.relpath(here / name, top)) for name in names}


def _check(paths: set[bytes]) -> int:
    from errata.core import config
    from errata.skills import check, find

    repo = git.Repository.discover()
    settings = config.load(repo.root)
    index = dict(_index(repo))
    asked = sorted(path for path in paths if find.is_place(os.fsdecode(path), settings))
    if missing := [path for path in asked if path not in index]:
        raise GitError(f"{os.fsdecode(missing[0])}: not staged as a file", "stage it first")
    places = [path for path in sorted(index) if find.is_place(os.fsdecode(path), settings)]
    wanted = [path for path in places if path in paths]
    faults = []
    for path, data in zip(wanted, _contents(repo, [index[path] for path in wanted]), strict=True):
        faults += check.faults(find.skill(os.fsdecode(path), data))
    # One that is staged may clash with one that has long been there, before it or after it.
    same = {path.split(b"/")[-2] for path in wanted}
    rivals = [p for p in places if p.split(b"/")[-2] in same]
    faults += check.clashes((os.fsdecode(path), index[path]) for path in rivals)
    for fault in sorted(faults):
        _say(str(fault))
    return int(bool(faults))


def _index(repo: git.Repository) -> Iterator[tuple[bytes, str]]:
    """(path, object) of every SKILL.md that is a plain file and in no conflict."""
    for entry in filter(None, repo.git("ls-files", "-s", "-z").split(b"\0")):
        head, path = entry.split(b"\t", 1)
        mode, oid, stage = head.split(b" ")
        if path.endswith(_NAME) and mode in _PLAIN and stage == b"0":
            yield path, oid.decode()


def _contents(repo: git.Repository, oids: list[str]) -> Iterator[bytes]:
    for start in range(0, len(oids), _BATCH):
        yield from repo.blobs(oids[start : start + _BATCH])


if __name__ == "__main__":
    sys.exit(main())
