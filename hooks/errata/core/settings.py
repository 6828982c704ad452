"""``errata.toml``: the settings of a repository, and their defaults.

The file is optional, and so is every key in it. :mod:`errata.core.config` reads it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

# Named tuples, because every hook imports this module: defining as many dataclasses takes longer.

FILE_NAME = "errata.toml"
CHANCES_LOG = "chances.jsonl"
"""In the patterns folder; see :mod:`errata.lessons.chances_log`."""
CURATION_LOG = "curation.jsonl"
"""In the patterns folder; see :mod:`errata.records.curation_log`."""
AGENT_NAME = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*\Z")
EVERYONE = "everyone"
"""The agent name of the shared runbook, which every agent reads besides its own."""
KINDS = ("finding", "learning", "correction", "incident")


class Logs(NamedTuple):
    """Paths of the four logs, relative to the top of the repository."""

    findings: str = ".claude/review-findings.jsonl"
    learnings: str = ".claude/session-learnings.jsonl"
    corrections: str = ".claude/user-corrections.jsonl"
    incidents: str = ".claude/incidents.jsonl"

    def by_kind(self) -> dict[str, str]:
        """Record kind -> path."""
        return dict(
            zip(
                KINDS,
                (self.findings, self.learnings, self.corrections, self.incidents),
                strict=True,
            )
        )


class Paths(NamedTuple):
    """Where generated files are, relative to the top of the repository."""

    runbooks: str = ".claude/skills/runbooks"
    patterns: str = ".claude/patterns"


class Evolve(NamedTuple):
    """Thresholds for promotion and retirement; windows in days.

    ``per_session``: count sessions, not records, towards ``min_occurrences``.
    """

    min_occurrences: int = 3
    min_confidence: float = 0.6
    window_days: int = 30
    retire_days: int = 90
    per_session: bool = True


class RunbookBudget(NamedTuple):
    """The limits of a generated block, and what errata-refresh does after a merge.

    ``refresh``: "auto" writes runbooks after a merge that a person made, and keeps the new sections
    in the git directory after a pull; "write" always writes, "context" never, "report" only says
    what is behind.
    """

    max_lines: int = 200
    max_chars: int = 10_000
    refresh: str = "auto"


class Alias(NamedTuple):
    """A log in another dialect: their field -> ours, and our field -> {their value -> ours}."""

    fields: Mapping[str, str] = {}
    values: Mapping[str, Mapping[str, str]] = {}


class Routing(NamedTuple):
    """Overrides for who should learn a pattern; see ``rules/routing.toml`` for the defaults."""

    default: tuple[str, ...] = ()
    paths: Mapping[str, tuple[str, ...]] = {}
    categories: Mapping[str, tuple[str, ...]] = {}
    patterns: Mapping[str, tuple[str, ...]] = {}


class Capture(NamedTuple):
    """Corrections found in commits: the maximum age of an agent's line, and the time limit.

    ``before_commit``: keep the agent's version of a file in the git directory until it is
    committed, to find what a person changes before that.
    """

    enabled: bool = True
    window_days: int = 14
    deadline_seconds: float = 5.0
    before_commit: bool = True


class Explicit(NamedTuple):
    """Corrections in messages from a person to an agent.

    ``verbatim``: store the person's words, without secrets and at most ``max_chars`` characters.
    """

    enabled: bool = True
    verbatim: bool = True
    max_chars: int = 400


class AgentContext(NamedTuple):
    """What an agent is given to read; the limit of what it gets when it starts is in characters.

    ``fitting_lessons``: tell it lessons that fit the file that it writes, or the prompt it was
    given, each once a session.
    """

    max_chars: int = 10_000
    fitting_lessons: bool = True


class Curation(NamedTuple):
    """Decisions about corrections and patterns.

    ``agents``: "proposed": those of agents take effect once a person confirms them; "trusted": at
    once.
    """

    agents: str = "proposed"


class Identity(NamedTuple):
    """One ``[[identities]]`` table: who made the commits that match a pattern.

    ``kind`` is agent, bot or person. In a pattern, ``*`` matches any text, and case is ignored. A
    table matches in one place: the author (also as a co-author), the committer, a trailer (``Key``
    or ``Key: value``), or a line of the body.
    """

    agent: str = ""
    kind: str = "agent"
    role: str = ""
    author_name: str = ""
    author_email: str = ""
    committer_name: str = ""
    committer_email: str = ""
    trailer: str = ""
    body: str = ""

    def places(self) -> list[str]:
        """The places that this table matches in; a valid one has exactly one."""
        return list(
            dict.fromkeys(
                name.partition("_")[0] for name in self._fields[3:] if getattr(self, name)
            )
        )


class Config(NamedTuple):
    """All settings; the defaults are what the reference document describes."""

    logs: Logs = Logs()
    paths: Paths = Paths()
    evolve: Evolve = Evolve()
    runbook: RunbookBudget = RunbookBudget()
    routing: Routing = Routing()
    aliases: Mapping[str, Alias] = {}
    capture: Capture = Capture()
    explicit: Explicit = Explicit()
    agent: AgentContext = AgentContext()
    curation: Curation = Curation()
    identities: tuple[Identity, ...] = ()
