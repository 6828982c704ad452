"""Globs match as documented, and no path makes one slow."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from errata.patterns import globs

PATTERNS = st.lists(
    st.sampled_from(["a", "b", "/", "*", "?", "**", "**/", "{", ",", "}"]), max_size=9
).map("".join)
PATHS = st.text("ab/", max_size=9)
AS_REGEX = {"**/": "(?:[^/]*/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def backtracking(pattern: str) -> re.Pattern[str]:
    """The glob as the plainest regular expression, which tries every way of matching."""
    regex, depth = "", 0
    for token in re.findall(r"\*\*/|\*\*|.", pattern):
        if token == "{":
            depth += 1
            regex += "(?:"
        elif depth and token in ",}":
            depth -= token == "}"
            regex += {",": "|", "}": ")"}[token]
        else:
            regex += AS_REGEX.get(token) or re.escape(token)
    return re.compile(regex + ")" * depth)


@settings(max_examples=500)
@given(PATTERNS, PATHS)
@example("{a,b}a*", "ba/")
@example("{a,{b}}/{a,b}", "b/b")
@example("{*,a}b{a,}", "b")
@example("*a**/b", "aab")
@example("**a*b", "a/ab")
@example("a*b**b*", "aab/b")
@example("****/b", "ab")
@example("*{**/", "")
@example("*{a,}*", "b/b")
def test_a_glob_matches_as_if_every_way_was_tried(pattern: str, path: str) -> None:
    assert globs.matcher(pattern)(path) == bool(backtracking(pattern).fullmatch(path))


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*a" * 40 + "b", "a" * 3000),
        ("*" * 40 + "b", "a" * 400),
        ("{a,a}" * 30 + "b", "a" * 60),
        ("{a,aa}" * 30 + "b", "a" * 60),
        ("**/a/" * 12 + "x", "a/" * 1000),
        ("a**/" * 40 + "x", "a/" * 1000),
        ("{" * 3000, "a" * 60),
        ("**a" * 30 + "/", "a" * 4000),
        ("**a*b" * 30, "a" * 4000),
        ("**/a*b*c" * 10, "a/" * 1000 + "ab" * 1000),
    ],
)
def test_no_glob_takes_long(pattern: str, path: str) -> None:
    start = time.process_time()
    assert not globs.matcher(pattern)(path)
    assert time.process_time() - start < 1


def test_limits() -> None:
    assert globs.matcher("**")("a" * globs.MAX_PATH)
    assert not globs.matcher("**")("a" * (globs.MAX_PATH + 1))
    assert globs.matcher("{a,b}" * 8)("abababab")
    assert not globs.matcher("{a,b}" * 9)("ababababa")
