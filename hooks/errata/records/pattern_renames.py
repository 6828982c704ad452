"""The present names of patterns that people renamed, or merged into others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from errata.records.curation_log import Decision


class Names:
    """Names of patterns after some decisions, which take effect in their order."""

    def __init__(self, decisions: Iterable[Decision]) -> None:
        # Name -> its new name; without cycles.
        self._new: dict[str, str] = {}
        self._merged: set[str] = set()
        for decision in decisions:
            if new := decision.to or decision.into:
                self._rename(decision.pattern, new, merge=bool(decision.into))

    def _rename(self, old: str, new: str, *, merge: bool) -> None:
        # Another branch may have renamed it before; that name must stay one of its former ones.
        old = self.present(old)
        if old == new:
            return
        if self.present(new) == old:
            # Back to an earlier name.
            self._new.pop(new)
        self._new[old] = new
        (self._merged.add if merge else self._merged.discard)(old)

    def present(self, name: str) -> str:
        """The present name of the pattern that had, or has, this name."""
        while name in self._new:
            name = self._new[name]
        return name

    def renamed(self, name: str) -> str:
        """As :meth:`present`; "" if it was merged on the way and is no longer a pattern itself."""
        while name in self._new:
            if name in self._merged:
                return ""
            name = self._new[name]
        return name

    def former(self, name: str) -> list[str]:
        """The names of patterns that have this name now, sorted."""
        return sorted(old for old in self._new if self.present(old) == name)
