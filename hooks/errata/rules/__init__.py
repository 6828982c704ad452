"""Data, not code: the tables that the rest of the package reads.

People edit the TOML. ``python -m errata.rules`` writes each table again as a module in `compiled`,
which is what is read at run time: Python keeps it as bytecode, so that a hook pays a tenth of a
millisecond for a table and not thirty for a parser of TOML.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

_PLACE = os.path.dirname(__file__)  # noqa: PTH120


def load(name: str) -> dict[str, Any]:
    """The table ``rules/NAME.toml``, without its examples. The result is shared: do not change it.

    Each table in it that holds regular expressions has, beside them, ``needs`` (and ``only``): see
    :mod:`errata.rules.expression`.
    """
    import importlib

    table: dict[str, Any] = importlib.import_module(f"errata.rules.compiled.{name}").TABLE
    return table


def folder() -> Path:
    """Where the TOML is."""
    from pathlib import Path

    return Path(_PLACE)


def source(name: str) -> dict[str, Any]:
    """The table as people wrote it, with its examples."""
    import tomllib

    return tomllib.loads((folder() / f"{name}.toml").read_text("utf-8"))


def plain(name: str) -> str:
    """The name of an agent's event whatever the convention: ``session-start``, ``sessionStart``."""
    return "".join(c for c in name if c.isalnum()).lower()
