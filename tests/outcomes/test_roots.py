"""Roots of falling functions, in few evaluations, however steep or flat they are."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errata.outcomes.roots import falling

SHAPES: dict[str, Callable[[float], float]] = {
    "line": lambda x: -x,
    "parabola, one side": lambda x: -x if x < 0 else -x * x - x,
    "exponential": lambda x: 1 - math.exp(x),
    "flat at both ends": lambda x: -math.tanh(3 * x),
    "steps": lambda x: float(-math.floor(x + 1e-9)) + 1e-3,
}


@pytest.mark.parametrize("shape", SHAPES)
@given(root=st.floats(-9, 9), start=st.floats(-50, 50))
def test_the_root_is_found_from_everywhere(shape: str, root: float, start: float) -> None:
    evaluations = 0

    def function(x: float) -> float:
        nonlocal evaluations
        evaluations += 1
        return SHAPES[shape](x - root)

    found = falling(function, start, 12.0)
    expected = root + 1 if shape == "steps" else root
    assert found == pytest.approx(min(expected, 12.0), abs=1e-5)
    assert evaluations < 80


@pytest.mark.parametrize(("value", "end"), [(1.0, 12.0), (-1.0, -12.0)])
def test_without_a_root_it_is_the_end(value: float, end: float) -> None:
    assert falling(lambda _: value, 3.0, 12.0) == end
