"""What people decided about one pattern, as commands and runbooks show it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from errata.records.curation import Curation, LessonText
from errata.records.injection import is_name, sign_in
from errata.records.instants import day

if TYPE_CHECKING:
    from errata.records.curation_log import Decision

_NOBODY = "somebody"


@dataclass(frozen=True, slots=True)
class CuratedPattern:
    """Decisions about a pattern.

    Attributes:
        pinned, dismissed: the decision that did it, or None.
        text: what somebody wrote about it, without instructions to its reader; None if nothing.
        proposals: what agents propose about it, oldest first.
    """

    pinned: Decision | None = None
    dismissed: Decision | None = None
    text: LessonText | None = None
    proposals: tuple[Decision, ...] = ()

    @classmethod
    def of(cls, curation: Curation, name: str) -> CuratedPattern:
        """The decisions about the pattern that has this name now."""
        if not curation:
            return _NOTHING
        status = curation.status(name)
        dismissed = status if curation.is_dismissed(name) else None
        return cls(
            None if dismissed else status,
            dismissed,
            _harmless(curation.lesson_text(name)),
            tuple(curation.proposed(name)),
        )

    def description(self, derived: str) -> str:
        """What somebody wrote that is wrong, else what is derived from records, if there is any."""
        text = self.text
        return (text.description or derived or text.instead) if text else derived

    def fix(self, description: str, derived: str) -> str:
        """What somebody wrote to do instead, unless the description says it already."""
        if not (self.text and self.text.instead):
            return derived
        return "" if self.text.instead == description else self.text.instead


_NOTHING = CuratedPattern()


def signature(decision: Decision) -> str:
    """``by Ann on 2026-03-02: why``, of a decision; without instructions to its reader."""
    text = f"by {author_name(decision.by.name)} on {day(decision.when)}"
    why = "" if sign_in(decision.why) else decision.why
    return f"{text}: {why}" if why else text


def author_name(name: str) -> str:
    """The name of who decided, unless it is an instruction to its reader."""
    return _NOBODY if sign_in(name) else name


def _harmless(text: LessonText | None) -> LessonText | None:
    if text is None:
        return None
    description, instead = (
        "" if sign_in(part) else part for part in (text.description, text.instead)
    )
    if not (description or instead):
        return None
    by = text.by if is_name(text.by) else _NOBODY
    return replace(text, description=description, instead=instead, by=by)
