"""Globs that a path cannot make slow, and that say the same as before in either way of matching."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from errata.patterns import globs

PATTERNS = st.lists(
    st.sampled_from(["a", "b", "/", "*", "?", "**", "**/", "{", ",", "}"]), max_size=7
).map("".join)
PATHS = st.text("ab/", max_size=8)


@given(PATTERNS, PATHS)
def test_both_ways_of_matching_agree(pattern: str, path: str) -> None:
    assert globs._automaton(pattern)(path) == globs._regular(pattern)(path)


@given(PATTERNS, PATHS)
@example("{a,b}a*", "ba/")
@example("{a,{b}}/{a,b}", "b/b")
@example("{*,a}b{a,}", "b")
def test_what_is_asked_first_is_no_other_answer(pattern: str, path: str) -> None:
    assert globs.matcher(pattern)(path) == globs._regular(pattern)(path)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*a" * 40 + "b", "a" * 3000),
        ("*" * 40 + "b", "a" * 400),
        ("{a,a}" * 30 + "b", "a" * 60),
        ("**/a/" * 12 + "x", "a/" * 1000),
        ("{" * 3000, "a" * 60),
        ("**a" * 30 + "/", "a" * 4000),
    ],
)
def test_no_glob_takes_long(pattern: str, path: str) -> None:
    start = time.process_time()
    assert not globs.matcher(pattern)(path)
    assert time.process_time() - start < 1


def test_what_is_longer_than_any_path_fits_nothing() -> None:
    assert globs.matcher("**")("a" * globs.MAX_PATH)
    assert not globs.matcher("**")("a" * (globs.MAX_PATH + 1))
