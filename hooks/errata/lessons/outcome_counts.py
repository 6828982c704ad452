"""What agents repeated of one lesson, before it was in force and after: counts for a log line."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

Count = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]
Text = Annotated[str, msgspec.Meta(pattern=r"^[^\x00-\x1f\x7f]+\Z", max_length=300)]
OptionalText = Annotated[str, msgspec.Meta(pattern=r"^[^\x00-\x1f\x7f]*\Z", max_length=300)]
MAX_OUTCOMES = 200
"""The most lessons and rules of one line."""
MAX_SHIFTS = 5


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """How often agents repeated something, of how many chances.

    Attributes:
        chances: agents' commits that could have repeated it.
        repeated: those that did.
        clusters: the sessions (or days of one author) that these commits belong to.
        design_effect: by what factor the variance of the share exceeds that of independent
            commits, because those of one cluster resemble each other; at least 1, with three
            decimals.
    """

    chances: Count = 0
    repeated: Count = 0
    clusters: Count = 0
    design_effect: Annotated[float, msgspec.Meta(ge=1, le=10_000)] = 1.0


class OutcomeCounts(msgspec.Struct, frozen=True, kw_only=True):
    """One lesson, or one rule that people wrote for agents.

    Commits that people have had no time to correct are not counted: those younger than the capture
    window when history was read.

    Attributes:
        source: ``lesson``, of a runbook; ``rule``, of a file that people wrote.
        since: when it came into force, ISO 8601.
        until: when it was taken out; "" if it is still in force.
        named_until: when somebody last gave corrections a name, if only people and agents can tell
            what repeats the lesson; "" otherwise. Commits that are less than the capture window
            older are not counted.
        says, file: what a rule says, and in which file; "" for a lesson.
        before, after: all agents' commits before it came into force, and while it was.
        read, unread: those after it whose agent is known to have read it, or known not to have.
        others_before, others_after: the same commits, and what they repeated of everything else:
            how corrections as a whole changed in the same time.
        shifts: what else changed between before and after, the greatest changes first, such as
            ``model claude-opus-4: 12% -> 71%``.
    """

    source: Literal["lesson", "rule"] = "lesson"
    since: str
    until: str = ""
    named_until: str = ""
    says: OptionalText = ""
    file: OptionalText = ""
    before: Tally = Tally()
    after: Tally = Tally()
    read: Tally = Tally()
    unread: Tally = Tally()
    others_before: Tally = Tally()
    others_after: Tally = Tally()
    shifts: Annotated[tuple[Text, ...], msgspec.Meta(max_length=MAX_SHIFTS)] = ()

    def tallies(self) -> tuple[Tally, ...]:
        """All counts."""
        others = self.others_before, self.others_after
        return self.before, self.after, self.read, self.unread, *others
