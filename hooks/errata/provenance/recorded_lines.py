"""Who wrote the lines of a commit, as another tool recorded it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from errata import rules
from errata.provenance.environment import agent_name, token
from errata.provenance.identity import Provenance

PERSON = Provenance("person")


class Span(NamedTuple):
    """Lines ``start`` to ``stop`` of a file, counted from 1, both included, and their writer."""

    start: int
    stop: int
    writer: Provenance


@dataclass(frozen=True, slots=True)
class RecordedLines:
    """What a tool recorded about one commit.

    Attributes:
        source: the record, as in "git-ai note".
        files: path in the commit -> spans; where two overlap, the later one holds.
        exact: whether the line numbers are those of the commit.
    """

    source: str
    files: Mapping[bytes, Sequence[Span]]
    exact: bool = True

    @property
    def names_agent(self) -> bool:
        """Whether any line is an agent's."""
        return any(span.writer.kind == "agent" for spans in self.files.values() for span in spans)


@dataclass(frozen=True, slots=True)
class LineCounts:
    """How many of the lines that a commit added each wrote.

    Attributes:
        agents: lines by agent.
        person: lines known to be a person's.
        unrecorded: lines that the record does not mention.
    """

    agents: Mapping[Provenance, int]
    person: int
    unrecorded: int

    @property
    def total(self) -> int:
        """All lines that the commit added."""
        return sum(self.agents.values()) + self.person + self.unrecorded

    def by_name(self) -> dict[str, int]:
        """The lines of each agent by its name, then "person" and "unrecorded"."""
        names: Counter[str] = Counter()
        for agent, count in self.agents.items():
            names[agent.name] += count
        rest = {"person": self.person, "unrecorded": self.unrecorded}
        return dict(sorted(names.items())) | {name: n for name, n in rest.items() if n}


def count_lines(writers: Iterable[Provenance | None]) -> LineCounts:
    """The counts of the writers of all added lines; None for a line that is not recorded."""
    counts = Counter(writers)
    agents = {who: n for who, n in counts.items() if who is not None and who.kind == "agent"}
    return LineCounts(agents, counts[PERSON], counts[None])


def decide(base: Provenance, record: RecordedLines, counts: LineCounts) -> Provenance:
    """Whose commit it is, from a record of its lines and from what the commit says itself.

    Whoever wrote most of the lines made it. If the record does not tell, a commit that claims to be
    an agent's is unknown, and any other is what it seems.
    """
    by_agents = sum(counts.agents.values())
    reason = f"{by_agents} of {counts.total} added lines are an agent's ({record.source})"
    evidence = (reason, *base.evidence)
    if not counts.total:
        return base
    if 2 * by_agents > counts.total:
        writer = max(counts.agents, key=lambda agent: (counts.agents[agent], agent.name))
        return _with_role(writer, base, source=record.source, evidence=evidence)
    if 2 * counts.person > counts.total:
        return Provenance("person", feature=base.feature, evidence=evidence, source=record.source)
    if base.kind == "agent" or (by_agents and not record.exact):
        return Provenance("unknown", feature=base.feature, evidence=evidence, source=record.source)
    return replace(base, evidence=evidence) if by_agents else base


def _with_role(
    writer: Provenance, base: Provenance, source: str, evidence: tuple[str, ...]
) -> Provenance:
    """The agent of a record with the role and the feature that our trailers name."""
    same = base.kind == "agent" and base.tool in ("", writer.tool)
    return replace(
        writer,
        role=base.role if same else "",
        session=(base.session if same else "") or writer.session,
        feature=base.feature,
        evidence=evidence,
        source=source,
    )


def recorded_agent(tool: str, model: str = "", session: str = "") -> Provenance:
    """The agent that a record names; "agent" stands for a tool that it does not name."""
    name = agent_name(tool)
    known = rules.load("recorders")["tools"]
    return Provenance(
        "agent", known.get(name, name) or "agent", model=token(model), session=token(session)
    )
