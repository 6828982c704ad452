"""Rules as data: the TOML tables that the other packages read.

People edit the TOML. ``python -m errata.rules`` compiles each table to a module in `compiled`,
which is what the program loads: bytecode takes 0.1 ms per table, a TOML parser 30 ms.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

_FOLDER = os.path.dirname(__file__)  # noqa: PTH120
_tables: dict[str, dict[str, Any]] = {}


def load(name: str) -> dict[str, Any]:
    """The table ``rules/NAME.toml`` without its examples; do not change it, the result is shared.

    Regular expressions in it are :class:`errata.rules.expression.Expression` objects.
    """
    if name not in _tables:
        import importlib

        _tables[name] = importlib.import_module(f"errata.rules.compiled.{name}").TABLE
    return _tables[name]


def folder() -> Path:
    """The directory of the TOML files."""
    from pathlib import Path

    return Path(_FOLDER)


def source(name: str) -> dict[str, Any]:
    """The table as written in TOML, with its examples."""
    import tomllib

    return tomllib.loads((folder() / f"{name}.toml").read_text("utf-8"))


def plain(name: str) -> str:
    """An event name in any case convention -> its letters and digits in lower case."""
    return "".join(c for c in name if c.isalnum()).lower()
