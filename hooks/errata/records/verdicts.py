"""What the decisions in effect say about each correction."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from errata.records.correction_family import family
from errata.records.model import CorrectionType, retyped_severity

if TYPE_CHECKING:
    from errata.records.curation_log import Decision


@dataclass(slots=True)
class Verdict:
    """The decisions about one correction that are in effect, folded.

    Attributes:
        decided: the newest one that has it among its corrections; None if it is only shared.
        accepted: whether somebody says that it is a correction, by accepting or naming it.
        rejected: whether somebody says that it is none at all.
        typed: the newest one that says of which type it is; None if none does.
        pattern: the one that somebody gave it; "" if none.
        shares: names of further patterns that it counts for, too.
        not_for: names of patterns that it does not count for.
    """

    decided: Decision | None = None
    accepted: bool = False
    rejected: bool = False
    typed: Decision | None = None
    pattern: str = ""
    shares: tuple[str, ...] = ()
    not_for: frozenset[str] = frozenset()

    def decide(self, decision: Decision, pattern: str) -> None:
        """Take in a decision about the correction, and about a pattern by its present name."""
        self.decided = decision
        self._take_type(decision)
        if decision.action == "teach":
            # It leaves every pattern that it was in.
            self.accepted, self.rejected, self.pattern, self.shares = True, False, pattern, ()
            self.not_for -= {pattern}
        elif decision.action == "accept":
            self.accepted, self.rejected = True, False
        elif pattern:
            self.not_for |= {pattern}
            self.shares = tuple(name for name in self.shares if name != pattern)
            self.pattern = "" if self.pattern == pattern else self.pattern
        else:
            self.accepted, self.rejected = False, True

    def share(self, decision: Decision, pattern: str) -> None:
        """Take in a decision that lets the correction count for a pattern, too."""
        self._take_type(decision)
        self.accepted = True
        self.not_for -= {pattern}
        if pattern not in (self.pattern, *self.shares):
            self.shares += (pattern,)

    def _take_type(self, decision: Decision) -> None:
        if decision.gives_type:
            self.typed = decision

    def follow(self, old: str, new: str, *, merged: bool) -> None:
        """Use a new name. What is not for a merged pattern may be for the one that takes it in."""
        names = [new if name == old else name for name in (self.pattern, *self.shares)]
        self.pattern, self.shares = names[0], tuple(dict.fromkeys(names[1:]))
        if not merged and old in self.not_for:
            self.not_for = self.not_for - {old} | {new}


def fold(decisions: Iterable[Decision]) -> dict[str, Verdict]:
    """The verdict on each correction, by its family (:func:`family`).

    Args:
        decisions: those in effect, in their order.
    """
    verdicts: dict[str, Verdict] = {}
    names: dict[str, str] = {}  # Other branches may still use former names.
    for decision in decisions:
        pattern = names.get(decision.pattern, decision.pattern)
        for id in decision.corrections:
            verdicts.setdefault(family(id), Verdict()).decide(decision, pattern)
        for id in decision.also:
            verdicts.setdefault(family(id), Verdict()).share(decision, pattern)
        if new := decision.to or decision.into:
            names |= {name: new for name, now in names.items() if now == pattern}
            names[pattern] = new
            for verdict in verdicts.values():
                verdict.follow(pattern, new, merged=bool(decision.into))
    return verdicts


def retyped(fields: Mapping[str, Any], kind: CorrectionType) -> dict[str, Any]:
    """The fields of the record of a correction as if it had been recorded with another type.

    What is not valid stays as it is.
    """
    new = {**fields, "correction_type": kind.value}
    with contextlib.suppress(ValueError, KeyError, TypeError):
        severity = fields.get("severity") or "medium"
        new["severity"] = retyped_severity(severity, fields["correction_type"], kind)
    return new
