"""The columns: windows by bisection, order, and taking over another ledger."""

from __future__ import annotations

from array import array
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errata.patterns.ledger import Combo, Group, Ledger, locate, located
from errata.records.model import Kind, Severity, Source


def combo(agent: str, service: str = "") -> Combo:
    return Combo(
        Kind.FINDING, Source.WARNING, Severity.WARNING, agent, (), (), service, "", "", None
    )


def group(*rows: tuple[int, int, int]) -> Group:
    made = Group()
    for row in rows:
        # The session is a function of the place here, so that a row that is torn shows.
        for column, value in zip(made.own(), (*row, row[2] % 7), strict=True):
            column.append(value)
    return made


@given(st.integers(0, 255), st.integers(0, 2**56 - 1))
def test_a_location_packs_and_unpacks(log: int, offset: int) -> None:
    where = locate(log, offset)
    assert located(where) == (log, offset)
    assert array("Q", [where])[0] == where


@pytest.mark.parametrize(
    ("after", "until", "span"),
    [
        (None, 100, (0, 5)),
        (10, 30, (2, 5)),  # open at the start, closed at the end
        (9, 10, (0, 2)),
        (10, 19, (2, 2)),
        (30, 10, (5, 5)),
        (None, 9, (0, 0)),
    ],
)
def test_a_window_is_half_open(after: int | None, until: int, span: tuple[int, int]) -> None:
    rows = group(*((when, 0, 0) for when in (10, 10, 20, 20, 30)))
    assert rows.span(after, until) == span


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3), st.integers(0, 999))))
def test_sorting_keeps_each_row_together(rows: list[tuple[int, int, int]]) -> None:
    made = group(*rows)
    made.sort()
    got = list(zip(made.when, made.code, made.where, strict=True))
    assert Counter(got) == Counter(rows)
    assert list(made.session) == [where % 7 for where in made.where]
    assert list(made.when) == sorted(when for when, _, _ in rows)
    for instant in range(10):
        assert [made.when[p] for p in made.at(instant)] == [w for w in made.when if w == instant]


_WORTH = [(10, 7), (6, 5), (3, 10)]
_FULL = st.tuples(  # instant, code, place, session; an instant every ten seconds
    st.integers(0, 90).map(lambda n: n * 10_000_000),
    st.integers(0, 2),
    st.integers(0, 9_999),
    st.integers(0, 40).map(lambda n: max(0, n - 20)),
)


@settings(deadline=None)
@given(st.lists(_FULL, min_size=150, max_size=250), st.lists(_FULL, min_size=1, max_size=2))
def test_what_is_known_is_carried_on(base: list[Any], more: list[Any]) -> None:
    def made(rows: list[Any]) -> Group:
        columns = [array(kind, (row[at] for row in rows)) for at, kind in enumerate("qIQQ")]
        return Group(*columns)

    grown = made(sorted(base))
    before = grown.weigh(0, len(base), lambda: _WORTH), dict(grown.codes(0, len(base)))
    for column, values in zip(grown.own(), zip(*more, strict=True), strict=True):
        column.extend(values)
    grown.sort(len(base), lambda: _WORTH)
    fresh = made([*base, *more])
    fresh.sort()
    count = len(base) + len(more)
    assert list(grown.when) == list(fresh.when)
    assert Counter(zip(*grown.own(), strict=True)) == Counter([*base, *more])
    assert grown.totals == fresh.codes(0, count)
    # Carried on or forgotten, but never wrong.
    assert grown.weighed in (None, fresh.weigh(0, count, lambda: _WORTH))
    assert grown.weigh(0, count, lambda: _WORTH) == fresh.weigh(0, count, lambda: _WORTH)
    assert before[0].count == made(sorted(base)).weigh(0, len(base), lambda: _WORTH).count
    grown.drop(0)
    assert grown.totals is None and grown.weighed is None


def test_a_record_of_a_new_session_needs_no_new_count() -> None:
    grown = Group(
        array("q", range(0, 6_000_000_000, 60_000_000)),
        array("I", [0] * 100),
        array("Q", range(100)),
        array("Q", range(1, 101)),
    )
    grown.weigh(0, 100, lambda: _WORTH)
    for column, value in zip(grown.own(), (7_000_000_000, 1, 100, 500), strict=True):
        column.append(value)
    grown.sort(100, lambda: _WORTH)
    assert grown.weighed is not None and grown.weighed.count == 101


def test_dropping_forgets_the_totals() -> None:
    made = group((1, 0, 5), (2, 1, 6), (3, 1, 7))
    assert made.codes(0, 3) == {0: 1, 1: 2}
    made.drop(1)
    assert made.codes(0, 2) == {0: 1, 1: 1}
    assert list(made.where) == [5, 7]
    assert list(made.session) == [5, 0]


def test_a_view_of_a_file_becomes_columns_that_can_grow() -> None:
    view = (
        memoryview(array("q", [1, 2])),
        memoryview(array("I", [0, 0])),
        memoryview(array("Q", [5, 6])),
    )
    made = Group(*view)  # type: ignore[arg-type]
    made.own()[0].append(3)
    assert list(made.when) == [1, 2, 3]
    assert list(view[0]) == [1, 2]


def test_merging_gives_each_combo_one_code() -> None:
    ours = Ledger({"a": group((5, 0, 1))}, [combo("x")])
    theirs = Ledger({"a": group((3, 1, 2), (4, 0, 3)), "b": group((1, 1, 4))})
    theirs.combos = [combo("y"), combo("x")]
    ours.merge(theirs)
    ours.groups["a"].sort()
    assert ours.combos == [combo("x"), combo("y")]
    assert list(ours.groups["a"].when) == [3, 4, 5]
    assert list(ours.groups["a"].code) == [0, 1, 0]
    assert list(ours.groups["b"].code) == [0]
    assert list(ours.groups["a"].session) == [2, 3, 1]


def test_only_what_is_wanted() -> None:
    whole = Ledger({"a": group((1, 0, 1), (2, 1, 2)), "b": group((3, 1, 3))})
    whole.combos = [combo("x"), combo("y")]
    some = whole.only(lambda one: one.agent == "x")
    assert {name: list(found.when) for name, found in some.groups.items()} == {"a": [1]}
    assert list(whole.groups["a"].when) == [1, 2]


def test_only_what_is_wanted_and_late_enough() -> None:
    rows = [(n, n % 2, n) for n in range(1, 9)]
    whole = Ledger({"a": group(*rows), "b": group((3, 1, 3)), "c": Group()})
    whole.combos = [combo("x"), combo("y")]
    some = whole.only(lambda one: one.agent == "x", after=4)
    assert {name: list(found.when) for name, found in some.groups.items()} == {"a": [6, 8]}
    assert list(some.groups["a"].where) == [6, 8] and list(some.groups["a"].session) == [6, 1]
    # Where all of a group is wanted it stays whole: a window is a window either way.
    every = whole.only(lambda _: True, after=4)
    assert list(every.groups["a"].when) == list(range(1, 9))


def test_the_newest() -> None:
    assert Ledger().newest is None and Ledger().newest_until(99) is None
    whole = Ledger({"a": group((1, 0, 1), (9, 0, 2)), "b": group((4, 0, 3))})
    assert whole.newest == 9
    assert [whole.newest_until(limit) for limit in (0, 1, 4, 8, 9)] == [None, 1, 4, 4, 9]
