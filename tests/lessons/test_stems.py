"""Texts are compared by what they are about."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errata.lessons.stems import stems


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fix: resolve linting issues across multiple files", "lint"),
        ("Caches are cached while caching", "cache"),
        ("Scrolled snapped queries, parsing matches", "scroll snap query parse match"),
        ("Update the nix vendorHash of default.nix (#12)", "nix vendor hash"),
        ("docs: see https://example.org/a/b and src/main.py", ""),
        ("Add debug output", "debug output"),
        ("feat(cli): colour for output", ""),
        ("fix(cli): colour of output", "colour output"),
        ("Fix bug", ""),
    ],
)
def test_stems(text: str, expected: str) -> None:
    assert " ".join(sorted(stems(text))) == " ".join(sorted(expected.split()))


@given(st.text())
def test_any_text_has_stems_that_are_words(text: str) -> None:
    for stem in stems(text):
        assert stem.isalpha()
        assert stem == stem.lower()
        assert len(stem) >= 3
