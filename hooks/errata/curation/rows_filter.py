"""Which corrections somebody wants to see."""

from __future__ import annotations

from errata.core.errors import ErrataError
from errata.curation.corrections import CorrectionRow
from errata.curation.lookup import Known
from errata.records.curation import State


class RowFilter:
    """Accepts the corrections that fit; see :meth:`__call__`."""

    def __init__(
        self,
        known: Known,
        *,
        pattern: str | None = None,
        unnamed: bool = False,
        rejected: bool = False,
        proposed: bool = False,
        agent: str | None = None,
        kind: str | None = None,
        after: int | None = None,
    ) -> None:
        """Set what to accept.

        Args:
            kind: the type of correction.
            after: microseconds UTC; older ones do not fit.

        Raises:
            ErrataError: there is no such pattern, or two of the choices exclude each other.
        """
        chosen = [pattern and "--pattern", unnamed and "--unnamed", rejected and "--rejected"]
        names = [name for name in (*chosen, proposed and "--proposed") if name]
        if len(names) > 1:
            raise ErrataError(f"{names[0]} together with {names[1]}", "use one of them")
        self._pattern = "" if unnamed else known.pattern(pattern) if pattern else None
        self._rejected = rejected
        rows = (row.id for each in known.curation.proposals for row in known.about(each))
        self._ids = {*rows} if proposed else None
        self._agent, self._kind, self._after = agent, kind, after

    def __call__(self, row: CorrectionRow) -> bool:
        """Whether a correction fits; a rejected one has no pattern, and is not unnamed either."""
        if self._pattern is not None and row.state is State.REJECTED:
            return False
        return (
            self._pattern in (None, row.pattern, *row.other_patterns)
            and (not self._rejected or row.state is State.REJECTED)
            and (self._ids is None or row.id in self._ids)
            and self._agent in (None, row.agent)
            and self._kind in (None, row.type)
            and (self._after is None or row.when > self._after)
        )
