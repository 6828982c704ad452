"""Which agents should learn a pattern, and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from errata import rules
from errata.core.config import Config
from errata.patterns.globs import matcher


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
        self._by_path: dict[str, tuple[str, ...]] = {}

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
    ) -> Route:
        """Decide for one pattern; the first source that names anybody wins.

        Args:
            affected: agents that records name themselves (``affected_agents``, ``applicable_to``).
            authors: agents known to have written what was wrong (corrected agents).
            by_path: agents of the path rules that match the records' files.
            recorded: every agent that wrote a record.
        """
        others = sorted(set(recorded) - self.reviewers)
        steps = (
            (self._pattern_agents.get(name, ()), "errata.toml names them for this pattern"),
            (affected, "the records name them"),
            (authors, "they wrote what was corrected"),
            (by_path, "a path rule matches the files"),
            (self._categories.get(category, ()), f"category rule for {category}"),
            (others, "they recorded it themselves"),
            (self._default, "default rule; set [routing] in errata.toml to change it"),
        )
        for agents, why in steps:
            if agents:
                return Route(tuple(sorted(set(agents))), why)
        return Route((), "no rule names an agent")
