"""The post-commit hook when there is nothing to do, which is nearly always."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from bench import installed
from bench.figure import Figure
from bench.measure import BenchError, git, process, take_turns
from bench.rows import commits
from bench.settings import Settings
from bench.workspace import DAY, scratch_dir


def run(settings: Settings) -> Iterator[Figure]:
    """A person's commit with no agent's in the window, and an agent's own commit."""
    where = settings.where()
    yield _figure(
        settings, commits.without_agents, f"post-commit, no recent agent ({where})", False
    )
    yield _figure(settings, commits.by_agent, f"post-commit, an agent's own commit ({where})", True)


def _figure(settings: Settings, top: Callable[[Path], None], what: str, one: bool) -> Figure:
    with scratch_dir() as root:
        commits.clone(root, settings.history())
        top(root)
        hook = installed.script("errata-capture")
        # The commits that have to be looked at: the one made, or those of the window before it.
        oldest = int(git(root, "log", "-1", "--format=%ct")) - 14 * DAY
        reach = ["-1"] if one else [f"--since={oldest}"]
        log = ["git", "log", "--format=raw", *reach]
        samples = take_turns(
            {
                "ours": lambda: process([hook], root),
                "bare": lambda: commits.start_up(root) + process(log, root),
            },
            settings.runs * 4,
        )
        if (root / ".git/errata").exists() or (root / ".claude").exists():
            raise BenchError("the hook found something to do where there is nothing")
    return Figure(
        what,
        settings.median(samples["ours"]) * 1e3,
        "ms",
        2,
        "bare interpreter and one git log",
        settings.median(samples["bare"]) * 1e3,
        note="whole processes",
    )
