"""Lessons die with their code: whether what a lesson speaks of is gone from ``HEAD``.

Only what must be there for a lesson to make sense counts: the place that it is about, and the names
that it tells agents to use. That a name is gone which agents shall not use only shows that the
lesson works.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import PurePosixPath

from errata.core.config import Config
from errata.core.errors import GitError
from errata.core.git import Repository
from errata.lessons.facts import Form, form_of, is_file, place_of
from errata.lessons.kinds import ARROW, Fact

_NAME = re.compile(r"[^\W\d]\w{2,}")
_MAX_NAMES = 100
"""So many names are searched for at most; of further ones it is not known that they are gone."""


class Code:
    """The files that ``HEAD`` has, without those that errata writes.

    Args:
        repo: without commits, nothing is known to be gone.
    """

    def __init__(self, repo: Repository, config: Config) -> None:
        self._repo = repo
        self._own = (
            *config.logs.by_kind().values(),
            f"{config.paths.patterns.rstrip('/')}/",
            f"{config.paths.runbooks.rstrip('/')}/",
        )
        self._known: dict[str, bool] = {}

    def why_gone(self, facts: Sequence[str], files: Iterable[str]) -> str:
        """Why a lesson makes no sense any more; "" if it does, or that is not known.

        Args:
            facts: what its members have in common.
            files: in which they were made.
        """
        if not self._paths:
            return ""
        for fact in facts:
            if (place := place_of(fact)) and self._is_place_gone(place):
                return f"`{place}` is no longer in the repository"
        names = [*dict.fromkeys(name for fact in facts for name in needed_names(fact))]
        if names and not any(self._occurs(name) for name in names):
            return f"`{names[0]}` is no longer in the code"
        endings = {PurePosixPath(name).suffix for name in files}
        if endings and "" not in endings and endings.isdisjoint(self._endings):
            shown = ", ".join(f"`{ending}`" for ending in sorted(endings)[:3])
            return f"there are no {shown} files any more"
        return ""

    @cached_property
    def _paths(self) -> frozenset[str]:
        try:
            out = self._repo.git("ls-tree", "-r", "-z", "--name-only", "--full-tree", "HEAD", "--")
        except GitError:
            return frozenset()
        names = (name.decode("utf-8", "backslashreplace") for name in out.split(b"\0") if name)
        return frozenset(name for name in names if not name.startswith(self._own))

    @cached_property
    def _endings(self) -> frozenset[str]:
        return frozenset(PurePosixPath(path).suffix for path in self._paths)

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(PurePosixPath(path).name for path in self._paths)

    def _is_place_gone(self, place: str) -> bool:
        if place.endswith("/"):
            return place != "./" and not any(path.startswith(place) for path in self._paths)
        # A file that was moved keeps its name.
        return is_file(place) and PurePosixPath(place).name not in self._names

    def _occurs(self, name: str) -> bool:
        if name not in self._known:
            self._known[name] = len(self._known) >= _MAX_NAMES or self._search(name)
        return self._known[name]

    def _search(self, name: str) -> bool:
        args = ("grep", "-l", "-z", "-w", "-F", "-I", "--full-name", "-e", name, "HEAD", "--")
        try:
            out = self._repo.git(*args, ok=(0, 1))
        except GitError:
            return True
        names = (row.partition(b":")[2].decode("utf-8", "replace") for row in out.split(b"\0"))
        return any(path and not path.startswith(self._own) for path in names)


def needed_names(fact: str) -> Iterator[str]:
    """The names that must be in the code for a fact to make sense: those that agents shall use.

    Of a dotted name the last part, which stays when the module is imported in another way.
    """
    if form_of(fact) is not Form.SUBJECT:
        return
    kind, subject = Fact.parse(fact)
    old, arrow, new = subject.partition(ARROW)
    if arrow:
        wanted = new
    elif kind.endswith("-added"):
        wanted = old.partition("(")[0]
    else:
        return
    if " " not in wanted and (parts := _NAME.findall(wanted)):
        yield parts[-1]
