"""Files that nobody writes by hand: lock files, tools' data, generated and vendored files."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from errata import rules
from errata.core.git import Repository


@cache
def _pattern() -> re.Pattern[str]:
    table = rules.load("generated")
    names = "|".join(re.escape(name) for name in table["names"])
    folders = "|".join(re.escape(name) for name in table["folders"])
    endings = "|".join(re.escape(name) for name in table["endings"])
    state = "|".join(f"(?:{rule['path']})" for rule in table["state"])
    return re.compile(
        rf"(?:^|/)(?:{names}|{state})\Z|(?:^|/)(?:{folders})/|(?:{endings})\Z", re.DOTALL
    )


def is_generated(path: bytes) -> bool:
    """Whether the path shows that a tool wrote the file (``rules/generated.toml``)."""
    return _pattern().search(path.decode("utf-8", "replace")) is not None


def marked_generated(repo: Repository, paths: list[bytes]) -> set[bytes]:
    """The paths that .gitattributes marks linguist-generated or linguist-vendored.

    git is only called if the file exists at the top of the work tree.
    """
    is_bare = repo.root == repo.git_dir
    if not paths or is_bare or not (repo.root / ".gitattributes").is_file():
        return set()
    out = repo.git(
        *("check-attr", "-z", "--stdin", "linguist-generated", "linguist-vendored"),
        stdin=b"".join(path + b"\0" for path in paths),
    )
    fields = out.split(b"\0")
    rows = zip(fields[::3], fields[2::3], strict=False)
    return {path for path, value in rows if value in (b"set", b"true")}


class GeneratedPaths:
    """The paths of a repository that a tool writes; git is asked once for each path."""

    def __init__(self, repo: Repository) -> None:
        self._repo = repo
        self._generated: dict[bytes, bool] = {}

    def check(self, paths: Iterable[bytes | None]) -> None:
        """Look up paths, all new ones in one call of git."""
        new = {path for path in paths if path is not None} - self._generated.keys()
        marked = marked_generated(self._repo, sorted(new))
        self._generated |= {path: path in marked or is_generated(path) for path in new}

    def __contains__(self, path: object) -> bool:
        return path in self._generated and self._generated[path]
