"""The columns: windows by bisection, order, and choosing occurrences."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errata.patterns.columns import Occurrences, PatternColumns, Row
from errata.patterns.facets import FacetCounts, Facets, most_frequent
from errata.patterns.log_files import pack_place, unpack_place
from errata.records.model import Kind, Severity, Source


def facets(agent: str, service: str = "") -> Facets:
    return Facets(
        Kind.FINDING, Source.WARNING, Severity.WARNING, agent, (), (), service, "", "", None
    )


def columns(*rows: tuple[int, int, int]) -> PatternColumns:
    """Occurrences of (instant, place, facets); the session follows from the place."""
    built = PatternColumns()
    built.add((when, place, index, place % 7) for when, place, index in rows)
    return built


def rows_of(built: PatternColumns) -> list[Row]:
    return list(zip(built.when, built.place, built.facets, built.session, strict=True))


@given(st.integers(0, 255), st.integers(0, 2**56 - 1))
def test_a_place_packs_and_unpacks(log: int, offset: int) -> None:
    assert unpack_place(pack_place(log, offset)) == (log, offset)
    assert pack_place(log, offset) < 2**64


@pytest.mark.parametrize(
    ("after", "until", "positions"),
    [
        (None, 100, (0, 5)),
        (10, 30, (2, 5)),  # open at the start, closed at the end
        (9, 10, (0, 2)),
        (10, 19, (2, 2)),
        (30, 10, (5, 5)),
        (None, 9, (0, 0)),
    ],
)
def test_a_window_is_half_open(after: int | None, until: int, positions: tuple[int, int]) -> None:
    built = columns(*((when, 0, 0) for when in (10, 10, 20, 20, 30)))
    assert built.window(after, until) == positions


_ROWS = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 999), st.integers(0, 3)), unique_by=lambda r: r[1]
)


@given(_ROWS, _ROWS)
def test_adding_keeps_each_row_together_and_the_order(
    first: list[tuple[int, int, int]], second: list[tuple[int, int, int]]
) -> None:
    built = columns(*first)
    built.add((when, place, index, place % 7) for when, place, index in second)
    expected = sorted((when, place, i, place % 7) for when, place, i in [*first, *second])
    assert rows_of(built) == expected
    for instant in range(10):
        assert list(built.when[built.at(instant)]) == [w for w in built.when if w == instant]


def test_newest_rows_are_appended() -> None:
    built = columns((1, 5, 0), (2, 6, 1))
    when = built.when
    built.add([(2, 7, 0, 0), (9, 1, 1, 0)])
    assert built.when is when
    assert list(built.when) == [1, 2, 2, 9]
    assert list(built.place) == [5, 6, 7, 1]


def test_removing_occurrences() -> None:
    known = Occurrences({"a": columns((1, 5, 0), (2, 6, 1), (3, 7, 1)), "b": columns((1, 9, 0))})
    untouched = known.patterns["b"]
    known.remove({6})
    assert rows_of(known.patterns["a"]) == [(1, 5, 0, 5), (3, 7, 1, 0)]
    assert known.patterns["b"] is untouched


def test_only_accepted_facets() -> None:
    whole = Occurrences({"a": columns((1, 1, 0), (2, 2, 1)), "b": columns((3, 3, 1))})
    whole.facets = [facets("x"), facets("y")]
    some = whole.filter(lambda facets: facets.agent == "x")
    assert {name: list(chosen.when) for name, chosen in some.patterns.items()} == {"a": [1]}
    assert list(whole.patterns["a"].when) == [1, 2]


def test_only_accepted_facets_and_late_enough() -> None:
    rows = [(n, n, n % 2) for n in range(1, 9)]
    whole = Occurrences({"a": columns(*rows), "b": columns((3, 3, 0)), "c": PatternColumns()})
    whole.facets = [facets("x"), facets("y")]
    some = whole.filter(lambda facets: facets.agent == "x", after=4)
    assert {name: rows_of(chosen) for name, chosen in some.patterns.items()} == {
        "a": [(6, 6, 0, 6), (8, 8, 0, 1)]
    }


def test_the_newest_instant() -> None:
    assert Occurrences().newest_until(99) is None
    whole = Occurrences({"a": columns((1, 1, 0), (9, 2, 0)), "b": columns((4, 3, 0))})
    assert [whole.newest_until(limit) for limit in (0, 1, 4, 8, 9)] == [None, 1, 4, 4, 9]


def test_facets_are_counted_where_they_have_a_value() -> None:
    counts = FacetCounts.of(
        Counter({0: 2, 1: 1, 2: 1}), [facets("x", "web"), facets("y"), facets("")]
    )
    assert counts.total == 4
    assert counts.services == {"web": 2}
    assert counts.recording_agents == counts.named_agents == {"x", "y"}
    assert counts.severities == {Severity.WARNING: 4}
    assert most_frequent(Counter(b=2, a=2, c=1)) == "a"
