"""Names that somebody may have meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errata.core.near_names import did_you_mean, near

NAMES = ["min-occurrences", "min-confidence", "missing-status-condition", "no-print", "Name"]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("min-occurences", ["min-occurrences"]),
        ("MIN-OCCURRENCES", ["min-occurrences"]),
        ("status", ["missing-status-condition"]),
        ("no-pritn", ["no-print"]),
        ("min-", ["min-confidence", "min-occurrences"]),
        ("name", ["Name"]),
        ("no", []),
        ("", []),
        ("quite-different", []),
    ],
)
def test_near(name: str, wanted: list[str]) -> None:
    assert near(name, NAMES) == wanted


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        ([], "nothing"),
        (["one"], "did you mean 'one'?"),
        (["one", "ones"], "did you mean 'one' or 'ones'?"),
        (["one", "ones", "one-s"], "did you mean 'one', 'ones' or 'one-s'?"),
    ],
)
def test_did_you_mean(names: list[str], wanted: str) -> None:
    assert did_you_mean("one", names, "nothing") == wanted


@given(st.text(max_size=8), st.lists(st.text(max_size=8)), st.randoms())
def test_order_of_names_changes_nothing(name: str, names: list[str], random: object) -> None:
    answer = near(name, names)
    assert set(answer) <= set(names) and len(answer) <= 3
    shuffled = [*names]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert near(name, shuffled) == answer
    if name in names and len(name) > 2:
        assert answer[0] == name
