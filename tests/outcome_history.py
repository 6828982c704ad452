"""A history in which a lesson is learned, promoted, and repeated by some who had not read it.

January: an agent leaves ``console.log`` in 8 of 12 commits, and a person removes it from 6 of them.
The lesson is promoted and its runbook committed. March: 10 more commits with ``console.log``, of
which 3 are corrected.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from errata.records import instants
from errata.runbooks import digest
from record_builders import runbook

LESSON = "no-console-log"
AGENT = {"GIT_AUTHOR_NAME": "Claude", "GIT_AUTHOR_EMAIL": "noreply@anthropic.com"}
RUNBOOK = runbook("everyone")
CHANCES = ".claude/patterns/chances.jsonl"
OLD = "# everyone runbook\n\nNothing was learned yet.\n"

Trailers = tuple[str, ...]


def instant(day: int, hour: int = 9) -> str:
    """A day of 2025, from 1, in ISO 8601."""
    return instants.iso(instants.parse("2024-12-31") + (day * 24 + hour) * 3_600_000_000)


def at(day: int, hour: int = 9) -> dict[str, str]:
    """The same as git wants it."""
    return {"GIT_AUTHOR_DATE": instant(day, hour), "GIT_COMMITTER_DATE": instant(day, hour)}


def body(number: int, *, debug: bool = True) -> str:
    """A file of the agent."""
    lines = [f"  const value{number} = load({number});"]
    lines += ["  console.log(value);"] if debug else []
    lines += ["  check(value);", f"  return value{number};"]
    return "\n".join([f"function f{number}() {{", *lines, "}", ""])


def agent(repo: Any, number: int, *trailers: str, debug: bool = True, folder: str = "src") -> str:
    """A commit of the agent, on the day with the number of its file."""
    repo.write(f"{folder}/f{number}.js", body(number, debug=debug))
    block = "".join(f"{line}\n" for line in trailers)
    return str(repo.commit(f"Add function {number}\n\n{block}", **AGENT, **at(number)))


def corrected(repo: Any, number: int, folder: str = "src") -> None:
    """A person removes the debug output, hours after the commit."""
    repo.write(f"{folder}/f{number}.js", body(number, debug=False))
    repo.commit("Fix: no debug output", **at(number, 12))


def january(repo: Any, run: Callable[..., object]) -> None:
    """The lesson is learned, promoted, and committed on day 31.

    Args:
        run: runs ``errata ARGS`` in the repository.
    """
    repo.write(".git/info/exclude", "")
    repo.write(RUNBOOK, OLD)
    repo.commit("Add a runbook", **at(1, 1))
    for number in range(1, 13):
        agent(repo, number, debug=number <= 8)
        if number <= 6:
            corrected(repo, number)
    run("backfill")
    run("evolve")
    repo.commit("Update the runbook", **at(31))


def march(repo: Any) -> None:
    """Ten commits from day 60 on: 4 had read the lesson, 3 had not, of 3 it is not known.

    One of those that had read it is corrected, and two of those that had not. The last commit, of
    day 100, is corrected, too, but people may correct it for two more weeks.
    """
    read = f"Runbook: everyone@{digest.of_bytes((repo.root / RUNBOOK).read_bytes())}"
    unread = f"Runbook: everyone@{digest.of_bytes(OLD.encode())}"
    gone = "Runbook: everyone@0123456789ab"
    known: tuple[Trailers, ...] = ((read,),) * 4 + ((unread,),) * 3 + ((gone,), (), ())
    for number, trailers in enumerate(known, 60):
        agent(repo, number, *trailers, folder="web/ui")
        if number in (60, 64, 65):
            corrected(repo, number, "web/ui")
    agent(repo, 100)
    corrected(repo, 100)


def build(repo: Any, run: Callable[..., object]) -> None:
    """All of it, and what ``errata backfill`` counts."""
    january(repo, run)
    march(repo)
    run("backfill")
