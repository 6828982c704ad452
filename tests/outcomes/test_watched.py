"""When a lesson was in force, what changed in the same time, and the order of outcomes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errata.lessons.outcome_counts import MAX_SHIFTS, OutcomeCounts, Tally
from errata.outcomes.outcome import Outcome, ranked
from errata.outcomes.shifts import Circumstances, area_of, shifts
from errata.outcomes.watched import STILL
from errata.provenance.identity import Provenance
from errata.runbooks.promotion_log import PromotionEvent, in_order
from errata.runbooks.watched_lessons import periods


def event(date: int, kind: str, name: str = "no-print") -> PromotionEvent:
    return PromotionEvent(date, kind, name, ("everyone",), 0.7, 3, "anti-pattern")


PROMOTED, ARCHIVED, RESTORED = event(10, "promoted"), event(30, "archived"), event(50, "restored")


@pytest.mark.parametrize(
    ("events", "first", "expected"),
    [
        ([PROMOTED], 0, ((10, STILL),)),
        ([PROMOTED, event(20, "updated")], 0, ((10, STILL),)),
        ([PROMOTED, ARCHIVED], 0, ((10, 30),)),
        ([PROMOTED, ARCHIVED, RESTORED], 0, ((10, 30), (50, STILL))),
        # Renamed: the old name leaves when the new one comes.
        ([PROMOTED, ARCHIVED, event(30, "promoted", "no-debug")], 0, ((10, STILL),)),
        ([ARCHIVED], 0, ()),
        # Committed later than its newest record, earlier, or after it was archived.
        ([PROMOTED, ARCHIVED], 20, ((20, 30),)),
        ([PROMOTED, ARCHIVED], 5, ((10, 30),)),
        ([PROMOTED, ARCHIVED], 40, ((10, 30),)),
    ],
)
def test_periods(
    events: list[PromotionEvent], first: int, expected: tuple[tuple[int, int], ...]
) -> None:
    assert periods(in_order(events[::-1]), first) == expected


def commit(model: str = "", person: str = "ann@example.org", area: str = "src/") -> Circumstances:
    maker = Provenance("agent", tool="claude-code", model=model)
    return Circumstances(maker, person, frozenset((area,)))


def test_the_greatest_changes_come_first_and_nobody_is_named() -> None:
    before = [commit("opus-4")] * 9 + [commit("opus-4", "bob@example.org")]
    after = [commit("opus-5")] * 7 + [commit("opus-4", "bob@example.org", "web/")] * 3
    assert shifts(before, after) == (
        "model opus-4: 100% -> 30%",
        "model opus-5: 0% -> 70%",
        "work in src/: 100% -> 70%",
        "work in web/: 0% -> 30%",
        "another person: 10% -> 30%",
    )
    assert shifts(before, before) == ()
    assert shifts(before, after[:4]) == (), "too few to say"


@given(st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5)), min_size=5, max_size=9))
def test_shifts_fit_their_field(rows: list[tuple[str, str]]) -> None:
    after = [commit(model, area=area) for model, area in rows]
    found = shifts([commit("opus-4")] * 5, after)
    assert len(found) <= MAX_SHIFTS
    assert all(len(text) <= 300 and text.isprintable() for text in found)


@pytest.mark.parametrize(
    ("path", "area"),
    [("a.py", "./"), ("src/a.py", "src/"), ("a/b/c/d.py", "a/b/")],
)
def test_area(path: str, area: str) -> None:
    assert area_of(path) == area


def test_what_got_worse_comes_first() -> None:
    def counts(before: int, after: int, chances: int = 400) -> OutcomeCounts:
        sides = [
            Tally(chances=chances, repeated=repeated, clusters=chances)
            for repeated in (before, after)
        ]
        return OutcomeCounts(since="2025-01-31", before=sides[0], after=sides[1])

    found = {"a": counts(100, 10), "b": counts(2, 1, 5), "c": counts(10, 100), "d": counts(99, 100)}
    outcomes = ranked(found)
    verdicts = ["got worse", "no effect", "works", "not enough data"]
    assert [outcome.verdict for outcome in outcomes] == verdicts
    assert [outcome.does_not_help for outcome in outcomes] == [True, True, False, False]
    over = Outcome("c", OutcomeCounts(since="2025-01-31", until="2025-02-28"))
    assert over.in_force == "from 2025-01-31 to 2025-02-28"
    brief = OutcomeCounts(since="2025-01-31T09:00:00Z", until="2025-01-31T17:00:00Z")
    assert Outcome("d", brief).in_force == "on 2025-01-31"
    assert over.needed == "it is no longer in force"
