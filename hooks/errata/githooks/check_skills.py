"""Refuse a commit whose SKILL.md files break the rules for skills.

The staged version is checked, not the work tree.
"""

from __future__ import annotations

import os
import sys

from errata.core import git
from errata.core.errors import ErrataError, GitError
from errata.core.interrupt import interruptible
from errata.githooks import _index

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_NAME = b"/SKILL.md"


@interruptible
def main(argv: Sequence[str] | None = None) -> int:
    """Check skills as they are in the index; 0 if all are valid, 1 if not, 2 for other errors."""
    args = list(sys.argv[1:] if argv is None else argv)
    try:
        if args:
            paths = _index.paths_from_top(_arguments(args))
        else:
            paths = {path for path in _index.staged_paths() if path.endswith(_NAME)}
        return _check(paths) if paths else 0
    except ErrataError as error:
        _index.report(f"errata-check-skills: {error}", error=True)
        return error.exit_code
    except ImportError as error:
        # A broken installation is no reason to refuse a commit.
        print(f"errata-check-skills: skipped: {error}", file=sys.stderr)
        return 0


def _arguments(args: list[str]) -> list[str]:
    import argparse

    parser = argparse.ArgumentParser(prog="errata-check-skills", description=__doc__)
    parser.add_argument("files", nargs="*", help="skills to check (default: the staged ones)")
    files: list[str] = parser.parse_args(args).files
    return files


def _check(paths: set[bytes]) -> int:
    from errata.core import config
    from errata.skills import check, find

    repo = git.Repository.discover()
    settings = config.load(repo.root)
    index = {path: oid for path, oid in _index.regular_files(repo) if path.endswith(_NAME)}
    asked = sorted(path for path in paths if find.is_place(os.fsdecode(path), settings))
    if missing := [path for path in asked if path not in index]:
        raise GitError(f"{os.fsdecode(missing[0])}: not staged as a file", "stage it first")
    violations = []
    for path, data in zip(asked, _index.contents(repo, [index[p] for p in asked]), strict=True):
        violations += check.violations(find.skill(os.fsdecode(path), data))
    # A staged skill may clash with one that is already committed.
    names = {path.split(b"/")[-2] for path in asked}
    same_name = [
        (os.fsdecode(path), index[path])
        for path in sorted(index)
        if path.split(b"/")[-2] in names and find.is_place(os.fsdecode(path), settings)
    ]
    violations += check.name_clashes(same_name)
    for violation in sorted(violations):
        _index.report(str(violation), error=True)
    return int(bool(violations))


if __name__ == "__main__":
    sys.exit(main())
