"""Data, not code: the tables that the rest of the package reads (TOML)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


@cache
def load(name: str) -> dict[str, Any]:
    """The table ``rules/NAME.toml``. The result is shared: do not change it."""
    # Not every reader of this package's data reads TOML.
    import tomllib

    return tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))
