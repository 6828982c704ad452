"""Large tables of cases: a few of them at each run, all of them with ``make test-long``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def few(cases: Iterable[Any], *names: str) -> list[Any]:
    """Parameters of which only those named here run always; the others are marked ``long``."""
    found = list(cases)
    known = {_name(case) for case in found}
    assert set(names) <= known, f"of {sorted(known)}"
    return [
        pytest.param(*case, id=_name(case), marks=_marks(_name(case) in names))
        if isinstance(case, tuple)
        else pytest.param(case, id=_name(case), marks=_marks(_name(case) in names))
        for case in found
    ]


def _name(case: Any) -> str:
    if isinstance(case, tuple):
        return "-".join(map(str, case))
    return str(getattr(case, "__name__", getattr(case, "name", case)))


def _marks(always: bool) -> list[Any]:
    return [] if always else [pytest.mark.long]
