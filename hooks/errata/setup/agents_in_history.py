"""Coding agents that made commits here, and how the lessons reach them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from errata.core import git
from errata.core.config import Config
from errata.core.errors import GitError
from errata.provenance.commits import LOG, Commit, parse_commits
from errata.provenance.identity import classify, load_rules
from errata.rules.agent_tools import beginnings, with_setup
from errata.runbooks import exports
from errata.setup.layout import Layout

EXPORT = "errata context --export agents-md"
"""Gives the lessons of all runbooks to every agent that reads AGENTS.md."""
_COMMITS = 2_000
_RECURS = 3
_SHOWN = 3


def recent_commits(root: Path) -> list[Commit]:
    """The last commits of the history; [] before the first."""
    try:
        return parse_commits(git.run(*LOG, f"-{_COMMITS}", "HEAD", "--", cwd=root))
    except GitError:
        return []


def count_commits(commits: Iterable[Commit], config: Config) -> dict[str, int]:
    """Tool -> its number of commits, for each that keeps committing; the busiest first."""
    rules = load_rules(config)
    writers = (classify(commit.ident, rules) for commit in commits)
    counts = Counter(each.tool for each in writers if each.kind == "agent" and each.tool)
    return {tool: number for tool, number in counts.most_common() if number >= _RECURS}


def without_lessons(layout: Layout, counts: Mapping[str, int]) -> dict[str, int]:
    """Those of the tools to which no hook can give lessons, and that find none in a file."""
    # Init gives AGENTS.md a line that points to the lessons, if the file exists.
    if layout.read("AGENTS.md") is not None:
        return {}
    reached = {*filter(beginnings, with_setup()), *exports.existing(layout.root)}
    return {tool: number for tool, number in counts.items() if tool not in reached}


def shown(counts: Mapping[str, int]) -> str:
    """The busiest of the tools, as words."""
    names = [f"{tool} ({number} commits)" for tool, number in counts.items()]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
