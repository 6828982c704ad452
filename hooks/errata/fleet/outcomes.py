"""What became of a lesson in many repositories, judged as `errata outcome` judges it in one.

Repositories differ in how often a lesson is repeated, and in what else changed. Sums of all of them
would compare those that have many commits before with those that have many after. So each is
compared with itself: `errata.outcomes.together` says how.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from errata.lessons.outcome_counts import OutcomeCounts, Tally
from errata.outcomes.effect import Verdict
from errata.outcomes.outcome import DOES_NOT_HELP
from errata.outcomes.together import Together, judge_strata
from errata.records.instants import iso

Row = Mapping[str, Any]
_LESSON = "lesson"


@dataclass(frozen=True)
class FleetOutcome:
    """One lesson, or one rule that people wrote, in all repositories that count it.

    Attributes:
        key: of the lesson; "" of a rule, which only has a name.
        counts: repository -> its counts.
    """

    key: str
    name: str
    counts: dict[str, OutcomeCounts]

    @property
    def is_lesson(self) -> bool:
        """Whether it was promoted, and not written by people."""
        return bool(self.key)

    @cached_property
    def effect(self) -> Together:
        """After, compared with before."""
        # A lesson was promoted because it was repeated; people write a rule whenever they like.
        return judge_strata([(each, self.is_lesson) for each in self.counts.values()])

    @cached_property
    def reading(self) -> Together | None:
        """Those who had read it against those who had not; None where nobody is known to both."""
        strata = [
            (OutcomeCounts(since=each.since, before=each.unread, after=each.read), False)
            for each in self.counts.values()
            if each.read.chances and each.unread.chances
        ]
        return judge_strata(strata) if strata else None

    @property
    def needs_check(self) -> bool:
        """Whether it is a lesson in force that does not help, and works in no repository alone."""
        in_force = any(not each.until for each in self.counts.values())
        if not (self.is_lesson and in_force and self.effect.verdict in DOES_NOT_HELP):
            return False
        alone = (judge_strata([(each, True)]) for each in self.counts.values())
        return all(each.verdict is not Verdict.WORKS for each in alone)

    def total(self, side: str) -> Tally:
        """The chances and repeats of all repositories; sessions and design effects have no sum."""
        tallies = [getattr(each, side) for each in self.counts.values()]
        return Tally(
            chances=sum(tally.chances for tally in tallies),
            repeated=sum(tally.repeated for tally in tallies),
        )


def of_rows(rows: Iterable[Row]) -> list[FleetOutcome]:
    """The outcomes in the table of the bundles."""
    groups: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        is_lesson = row["source"] == _LESSON
        groups[(row["lesson"], "") if is_lesson else ("", row["name"])].append(row)
    return [_outcome(key, groups[key, name]) for key, name in sorted(groups)]


def _outcome(key: str, rows: Sequence[Row]) -> FleetOutcome:
    """Of two lessons that a repository has merged since, the one with more chances counts.

    Their commits are the same ones, so that they are not two lessons.
    """
    ranked = sorted(rows, key=lambda r: (r["repository"], _chances(r), -r["since"], r["name"]))
    chosen = {row["repository"]: row for row in ranked}
    counts = {name: _counts(row) for name, row in chosen.items()}
    return FleetOutcome(key, ranked[0]["name"], counts)


def _chances(row: Row) -> int:
    return int(row["before_chances"] + row["after_chances"])


def _counts(row: Row) -> OutcomeCounts:
    return OutcomeCounts(
        source=row["source"],
        since=iso(row["since"]),
        until=iso(row["until"]) if row["until"] else "",
        before=_tally(row, "before"),
        after=_tally(row, "after"),
        read=_tally(row, "read"),
        unread=_tally(row, "unread"),
        others_before=_tally(row, "others_before"),
        others_after=_tally(row, "others_after"),
    )


def _tally(row: Row, side: str) -> Tally:
    return Tally(**{name: row[f"{side}_{name}"] for name in Tally.__struct_fields__})
