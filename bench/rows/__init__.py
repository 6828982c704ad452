"""The rows of the bench: one module each, with ``run(settings)`` -> figures."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable

from bench.figure import Figure
from bench.settings import Settings

# Name on the command line, and of the module -> what the row measures.
ROWS = {
    "validate": "validate a whole log",
    "append": "validate 10 lines appended to a large log",
    "idle": "post-commit with nothing to do",
    "capture": "post-commit with a correction",
    "frameworks": "what all hooks add to one commit under pre-commit and prek",
    "backfill": "corrections in a long history",
    "origins": "line origins against git blame",
    "evolve": "evolve from nothing",
    "incremental": "evolve after a few new records",
    "groups": "lessons from 10,000 corrections",
    "views": "patterns, trends and corrections from cached data",
    "checks": "the checks of lessons at a commit, and at an agent's edit",
    "agent": "the events of a coding agent's tool",
}


def load(name: str) -> Callable[[Settings], Iterable[Figure]]:
    """The function that measures a row."""
    run: Callable[[Settings], Iterable[Figure]] = importlib.import_module(f"bench.rows.{name}").run
    return run
