"""Where tokens were inserted between others."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errata.corrections.classify.insertions import insertions

tokens = st.lists(st.sampled_from("ab,"), max_size=12)


@given(tokens, tokens)
def test_without_the_insertions_the_old_tokens_are_left(old: list[str], new: list[str]) -> None:
    ranges = insertions(old, new)
    inserted = {index for start, stop in ranges for index in range(start, stop)}
    if ranges:
        assert [token for index, token in enumerate(new) if index not in inserted] == old


@given(tokens, tokens, tokens)
def test_one_insertion_is_found(before: list[str], inserted: list[str], after: list[str]) -> None:
    ranges = insertions(before + after, before + inserted + after)
    assert sum(stop - start for start, stop in ranges) == len(inserted)


@pytest.mark.parametrize("length", [900, 20_000])
def test_repeated_tokens_take_bounded_time(length: int) -> None:
    begun = time.process_time()
    assert insertions(["1", ","] * length, ["1", ",", "2", ","] * (length + 100)) == []
    assert time.process_time() - begun < 2
