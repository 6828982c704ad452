"""Files whose content nobody writes by hand: lock files, generated and vendored trees."""

from __future__ import annotations

import re
from functools import cache

from errata import rules
from errata.core.git import Repository


@cache
def _pattern() -> re.Pattern[str]:
    table = rules.load("generated")
    names = "|".join(re.escape(name) for name in table["names"])
    folders = "|".join(re.escape(name) for name in table["folders"])
    endings = "|".join(re.escape(name) for name in table["endings"])
    return re.compile(rf"(?:^|/)(?:{names})\Z|(?:^|/)(?:{folders})/|(?:{endings})\Z")


def generated(path: bytes) -> bool:
    """Whether the path itself says that a tool wrote the file."""
    return _pattern().search(path.decode("utf-8", "replace")) is not None


def marked(repo: Repository, paths: list[bytes]) -> set[bytes]:
    """Those of ``paths`` that .gitattributes marks linguist-generated or linguist-vendored.

    A repository without such a file at its top costs no call of git.
    """
    bare = repo.root == repo.git_dir
    if not paths or bare or not (repo.root / ".gitattributes").is_file():
        return set()
    asked = b"\0".join(paths) + b"\0"
    out = repo.git(
        "check-attr", "-z", "--stdin", "linguist-generated", "linguist-vendored", stdin=asked
    )
    fields = out.split(b"\0")
    rows = zip(fields[::3], fields[2::3], strict=False)
    return {path for path, value in rows if value in (b"set", b"true")}
