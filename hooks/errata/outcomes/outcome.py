"""What became of each lesson: its counts, the verdict, and the words for it that all views use."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from errata.lessons.outcome_counts import OutcomeCounts, Tally
from errata.outcomes import effect
from errata.outcomes.effect import Effect, Verdict
from errata.outcomes.together import Together, judge_together
from errata.records import instants
from errata.records.instants import day

ORDER = (Verdict.GOT_WORSE, Verdict.NO_EFFECT, Verdict.WORKS, Verdict.NOT_ENOUGH_DATA)
"""In which all views show them: what needs attention first."""
_SENTENCES = {
    Verdict.WORKS: "It works: agents repeat it less often than before",
    Verdict.NO_EFFECT: "No effect so far: agents repeat it about as often as before",
    Verdict.GOT_WORSE: "It got worse: agents repeat it more often than before",
    Verdict.NOT_ENOUGH_DATA: "Not enough data yet",
}
DOES_NOT_HELP = frozenset((Verdict.NO_EFFECT, Verdict.GOT_WORSE))


@dataclass(frozen=True)
class Outcome:
    """What became of a lesson, or of a rule that people wrote."""

    name: str
    counts: OutcomeCounts

    @cached_property
    def effect(self) -> Effect:
        """The difference between before and after, and the verdict."""
        # A lesson was promoted because it was repeated; people write a rule whenever they like.
        return effect.judge(self.counts, selected=self.counts.source == "lesson")

    @cached_property
    def reading(self) -> Effect | None:
        """Those who had read it against those who had not; None without either."""
        read, unread = self.counts.read, self.counts.unread
        return effect.compare(read, unread) if read.chances and unread.chances else None

    @property
    def verdict(self) -> Verdict:
        """What the counts show."""
        return self.effect.verdict

    @property
    def does_not_help(self) -> bool:
        """Whether there is enough data to say that it has no effect, or got worse."""
        return self.verdict in DOES_NOT_HELP

    @property
    def needs_attention(self) -> bool:
        """Whether it is a lesson in force that does not help."""
        is_lesson = self.counts.source == "lesson"
        return self.does_not_help and is_lesson and not self.counts.until

    @property
    def in_force(self) -> str:
        """``since 2025-02-01``, ``from 2025-02-01 to 2025-04-01``, or ``on 2025-02-01``."""
        since = day(instants.parse_recorded(self.counts.since))
        if not self.counts.until:
            return f"since {since}"
        until = day(instants.parse_recorded(self.counts.until))
        return f"on {since}" if since == until else f"from {since} to {until}"

    @property
    def figures(self) -> str:
        """``12 of 80 before, 11 of 76 since 2025-02-01``."""
        return (
            f"{share_of(self.counts.before)} before, {share_of(self.counts.after)} {self.in_force}"
        )

    @property
    def text(self) -> str:
        """The verdict and its figures, and how much more is needed, on one line."""
        needed = f"; {self.needed}" if self.needed else ""
        return f"{self.verdict.value} ({self.figures}){needed}"

    @property
    def sentence(self) -> str:
        """What became of it, for a reader of a report."""
        needed = f": {self.needed}" if self.needed else ""
        return f"{_SENTENCES[self.verdict]}{needed}."

    @property
    def alert(self) -> str:
        """What is wrong with one that does not help."""
        shown = "has NO EFFECT so far" if self.verdict is Verdict.NO_EFFECT else "GOT WORSE"
        return f"{self.name} {shown} ({self.figures})"

    @property
    def action(self) -> str:
        """What to do about one that does not help."""
        return f"propose a check: `errata checks propose {self.name}`"

    def to_alert(self) -> dict[str, str]:
        """The same for ``trends.json``."""
        return {
            "pattern": self.name,
            "verdict": self.verdict.value,
            "message": self.alert,
            "action": self.action,
        }

    @property
    def needed(self) -> str:
        """What it takes for a verdict, as a clause; "" if there is one."""
        if self.verdict is not Verdict.NOT_ENOUGH_DATA:
            return ""
        if self.counts.until:
            return "it is no longer in force"
        if self.effect.needed:
            return f"a halving would show after about {self.effect.needed} more commits"
        if self.effect.needed_if_gone:
            more = self.effect.needed_if_gone
            return f"{more} more commits without a repetition would show that it works"
        return "there is too little data before it to compare with"


def judge_all(outcomes: Iterable[Outcome]) -> Together:
    """What all lessons have in common; rules that people wrote are not lessons."""
    counts = [outcome.counts for outcome in outcomes if outcome.counts.source == "lesson"]
    return judge_together((each, True) for each in counts)


def together_text(outcomes: Iterable[Outcome]) -> str:
    """``2 lessons: works; repeated 0.35 times as often as ...``; "" of fewer than two lessons."""
    common = judge_all(outcomes)
    if common.ratio is None or common.lessons < 2:
        return ""
    ratio = ratio_text(common.ratio, common.low, common.high)
    return f"{common.lessons} lessons: {common.verdict.value}; {ratio}"


def ratio_text(ratio: float | None, low: float, high: float | None, than: str = "before") -> str:
    """``repeated 0.35 times as often as before (0.12 to 0.81)``; "" without a ratio."""
    if ratio is None:
        return ""
    if ratio == math.inf:
        return f"repeated more often than {than} (at least {low:.2f} times as often)"
    limit = "any number" if high is None or high == math.inf else f"{high:.2f}"
    return f"repeated {ratio:.2f} times as often as {than} ({low:.2f} to {limit})"


def finite(value: float | None) -> float | None:
    """For JSON, which has no infinity: None instead of it."""
    return value if value is not None and value < math.inf else None


def share_of(tally: Tally) -> str:
    """``12 of 80``."""
    return f"{tally.repeated} of {tally.chances}"


def ranked(counts: Mapping[str, OutcomeCounts]) -> list[Outcome]:
    """The outcomes: what got worse, has no effect, works, and has too little data.

    Among equals, those with the most chances first.
    """
    outcomes = [Outcome(name, each) for name, each in counts.items()]
    outcomes.sort(key=lambda o: (ORDER.index(o.verdict), -o.counts.after.chances, o.name))
    return outcomes


def not_helping(counts: Mapping[str, OutcomeCounts]) -> Iterator[Outcome]:
    """The lessons in force with no effect, or that got worse, after enough chances."""
    return filter(lambda outcome: outcome.needs_attention, ranked(counts))
