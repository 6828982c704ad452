"""Large tables of test cases: a selection runs always, the rest with ``make test-long``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def few(cases: Iterable[Any], *selected: str) -> list[Any]:
    """Parameters for all cases; those that are not selected by name are marked ``long``."""
    parameters = {_name(case): case for case in cases}
    assert set(selected) <= parameters.keys(), f"choose from {sorted(parameters)}"
    return [
        pytest.param(
            *(case if isinstance(case, tuple) else (case,)),
            id=name,
            marks=[] if name in selected else [pytest.mark.long],
        )
        for name, case in parameters.items()
    ]


def _name(case: Any) -> str:
    if isinstance(case, tuple):
        return "-".join(map(str, case))
    return str(getattr(case, "__name__", getattr(case, "name", case)))
