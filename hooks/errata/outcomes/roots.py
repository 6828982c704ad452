"""Where a falling function is 0: few evaluations, since each one sums a distribution."""

from __future__ import annotations

import math
from collections.abc import Callable

_CLOSE = 1e-9
"""Values of the function below it are 0."""
_PRECISION = 1e-7
_SECANTS = 40
"""After so many steps of false position the interval is halved instead."""


def falling(function: Callable[[float], float], start: float, widest: float) -> float:
    """The root of a function that never rises, by false position (Illinois).

    Args:
        start: where to look first.
        widest: ``-widest`` to ``widest`` are looked at; one of them if there is no root between.
    """
    low, high = _bracket(function, max(-widest, min(start, widest)), widest)
    if low == high:
        return low[0]
    (left, above), (right, below) = low, high
    moved, steps = 0, 0
    while right - left > _PRECISION:
        middle = (left * below - right * above) / (below - above)
        if steps >= _SECANTS or not left < middle < right:
            middle = (left + right) / 2
        value = function(middle)
        if math.fabs(value) < _CLOSE:
            return middle
        # An end that stays twice would stay for long: half its value moves it.
        if value > 0:
            left, above, below = middle, value, below / (2 if moved > 0 else 1)
        else:
            right, below, above = middle, value, above / (2 if moved < 0 else 1)
        moved, steps = 1 if value > 0 else -1, steps + 1
    return (left + right) / 2


_Point = tuple[float, float]
"""An argument, and the value there."""


def _bracket(
    function: Callable[[float], float], start: float, widest: float
) -> tuple[_Point, _Point]:
    """Two points with a root between them; twice the end where there is none."""
    last = (start, function(start))
    sign = 1.0 if last[1] > 0 else -1.0
    step = 1.0
    while sign * last[0] < widest:
        at = max(-widest, min(last[0] + sign * step, widest))
        point = (at, function(at))
        if (point[1] > 0) != (last[1] > 0):
            return (last, point) if sign > 0 else (point, last)
        last, step = point, step * 2
    return last, last
