"""The rows of the bench: one module each, with ``run(setting)`` -> figures."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable

from bench.figure import Figure
from bench.setting import Setting

# Name on the command line -> what it measures. A row is the module of the same name.
ROWS = {
    "validate": "validate a whole log",
    "append": "validate 10 lines appended to a large log",
    "quiet": "post-commit with nothing to do",
    "capture": "post-commit with a correction",
    "frameworks": "what all hooks add to one commit under pre-commit and prek",
    "backfill": "corrections in a long history",
    "origins": "line origins against git blame",
    "evolve": "evolve from nothing",
    "more": "evolve after a few new records",
    "views": "patterns, trends and corrections of what is known",
    "agent": "the events of a coding agent's tool",
}


def load(name: str) -> Callable[[Setting], Iterable[Figure]]:
    """The function that measures a row."""
    found: Callable[[Setting], Iterable[Figure]] = importlib.import_module(f"bench.rows.{name}").run
    return found
