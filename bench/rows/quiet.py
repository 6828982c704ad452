"""The post-commit hook when there is nothing to do, which is nearly always."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from bench import installed
from bench.figure import Figure
from bench.measure import BenchError, git, process, take_turns
from bench.place import DAY, scratch
from bench.rows import commits
from bench.setting import Setting


def run(setting: Setting) -> Iterator[Figure]:
    """A person's commit with no agent's in the window, and an agent's own commit."""
    where = setting.where()
    yield _figure(setting, commits.quiet, f"post-commit, no agent lately ({where})", False)
    yield _figure(setting, commits.agents, f"post-commit, an agent's own commit ({where})", True)


def _figure(setting: Setting, top: Callable[[Path], None], what: str, one: bool) -> Figure:
    with scratch() as place:
        commits.clone(place, setting.history())
        top(place)
        hook = installed.script("errata-capture")
        # The commits that have to be looked at: the one made, or those of the window before it.
        oldest = int(git(place, "log", "-1", "--format=%ct")) - 14 * DAY
        reach = ["-1"] if one else [f"--since={oldest}"]
        log = ["git", "log", "--format=raw", *reach]
        samples = take_turns(
            {
                "ours": lambda: process([hook], place),
                "bare": lambda: commits.start_up(place) + process(log, place),
            },
            setting.runs * 4,
        )
        if (place / ".git/errata").exists() or (place / ".claude").exists():
            raise BenchError("the hook found something to do where there is nothing")
    return Figure(
        what,
        setting.median(samples["ours"]) * 1e3,
        "ms",
        2,
        "bare interpreter and one git log",
        setting.median(samples["bare"]) * 1e3,
        note="whole processes",
    )
