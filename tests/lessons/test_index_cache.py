"""The index that is kept: what was described once is not read again, whatever else is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from errata.lessons import index_cache
from errata.lessons.described import Described, Origin
from errata.lessons.index import Index

MINUTE = 60_000_000


def described(place: int) -> Described:
    facts = frozenset({f"call-removed f{place % 7}", f"in src{place % 3}/"})
    stems = frozenset({f"word{place % 5}", f"word{place % 2}"})
    return Described(place, 0, place * MINUTE, "", Origin.TEXT, facts, stems)


Complete = Callable[[Iterable[int]], tuple[Index, list[int]]]


@pytest.fixture
def complete(tmp_path: Path) -> Complete:
    """Completes the index in a folder; returns it, and which places were read."""

    def run(places: Iterable[int]) -> tuple[Index, list[int]]:
        read: list[int] = []

        def describe(places: Iterable[int]) -> Iterable[Described]:
            read.extend(places)
            return map(described, read)

        index = index_cache.complete((tmp_path, "generation"), places, describe, write=True)
        return index, read

    return run


@pytest.mark.parametrize("new", [8, 80])
def test_only_new_records_are_read_when_the_window_moves(complete: Complete, new: int) -> None:
    complete(range(300))
    index, read = complete(range(new, 300 + new))
    assert read == [*range(300, 300 + new)]
    expected = Index.of(map(described, range(new, 300 + new)))
    assert (index.total, index.pairs) == (expected.total, expected.pairs)
    assert index.sessions_of == expected.sessions_of


def test_a_withdrawn_record_lets_no_other_be_read_again(complete: Complete) -> None:
    complete(range(300))
    index, read = complete([*range(100), *range(101, 300)])
    assert (read, index.total) == ([], 299)
    # It is kept until the file is written again, and may come back.
    assert complete(range(300))[1] == []
    complete([*range(100), *range(101, 360)])
    assert complete(range(360))[1] == [100]


def test_what_has_little_in_common_with_the_kept_index_is_read(complete: Complete) -> None:
    complete(range(300))
    assert complete(range(200, 260))[1] == [*range(200, 260)]
