"""Which agents should learn a pattern, and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from errata import rules
from errata.core.config import EVERYONE, Config
from errata.patterns.globs import matcher
from errata.provenance.rules import load_rules


@dataclass(frozen=True, slots=True)
class Route:
    """Agents that should learn, and the rule that said so."""

    agents: tuple[str, ...]
    why: str


class Router:
    """The routing tables of one repository: ``errata.toml`` before ``rules/routing.toml``."""

    def __init__(self, config: Config) -> None:
        base = rules.load("routing")
        settings = config.routing
        self._pattern_agents = settings.patterns
        self._paths = [
            (matcher(p), tuple(a)) for p, a in (*settings.paths.items(), *base["paths"].items())
        ]
        self._categories: Mapping[str, Collection[str]] = {
            **base["categories"],
            **settings.categories,
        }
        self._default = settings.default or tuple(base["default"])
        self.reviewers = frozenset(base["reviewers"])
        self._tools = _tools(config) | set(base["tools"])
        self._by_path: dict[str, tuple[str, ...]] = {}

    @property
    def named(self) -> set[str]:
        """Every agent that a table names."""
        tables = (
            self._pattern_agents.values(),
            self._categories.values(),
            dict(self._paths).values(),
        )
        listed = (agents for table in tables for agents in table)
        return self._tools.union(self.reviewers, self._default, *listed)

    def by_path(self, file: str) -> tuple[str, ...]:
        """Agents of the first path rule that matches ``file`` (as recorded, ``:line`` allowed)."""
        agents = self._by_path.get(file)
        if agents is None:
            path = file.split(":", 1)[0].removeprefix("./")
            agents = next((listed for matches, listed in self._paths if matches(path)), ())
            self._by_path[file] = agents
        return agents

    def route(
        self,
        name: str,
        *,
        category: str,
        affected: Collection[str],
        authors: Collection[str],
        by_path: Collection[str],
        recorded: Collection[str],
        learned: Collection[str] = (),
    ) -> Route:
        """Decide for one pattern; the first source that names anybody wins.

        Where records know an agent by its tool only, the pattern is for everyone.

        Args:
            affected: agents that records name themselves (``affected_agents``, ``applicable_to``).
            authors: agents known to have written what was wrong (corrected agents).
            by_path: agents of the path rules that match the records' files.
            recorded: every agent that wrote a record.
            learned: every agent that logged a learning.
        """
        steps = (
            (self._pattern_agents.get(name, ()), "errata.toml names them for this pattern"),
            self._learners(affected, "the records name them"),
            self._learners(authors, "they wrote what was corrected"),
            self._learners(self._tools & set(learned), "they learnt it themselves"),
            (by_path, "a path rule matches the files"),
            (self._categories.get(category, ()), f"category rule for {category}"),
            self._learners(set(recorded) - self.reviewers, "they recorded it themselves"),
            (self._default, "default rule; set [routing] in errata.toml to change it"),
        )
        for agents, why in steps:
            if agents:
                return Route(tuple(sorted(set(agents))), why)
        return Route((), "no rule names an agent")

    def _learners(self, recorded: Collection[str], why: str) -> tuple[set[str], str]:
        """The agents that records name, and why; everyone in place of a tool without a role."""
        tools = sorted(self._tools.intersection(recorded))
        if not tools:
            return set(recorded), why
        return {EVERYONE, *recorded}.difference(
            tools
        ), f"{why}; the role of {tools[0]} is not known"


def _tools(config: Config) -> set[str]:
    """Names of tools: of coding agents, and of programs that only record their sessions."""
    recorders = rules.load("recorders")["tools"]
    known = (load_rules(config).tools, rules.load("agents")["tools"], recorders, recorders.values())
    return set().union(*known) - {""}
