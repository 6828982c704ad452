"""Whose commit is it? The author decides first, then every line of the message."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, takewhile
from typing import Literal

from errata.core.config import AGENT_NAME
from errata.provenance.environment import agent_name, fallback_name
from errata.provenance.message_parts import read_parts
from errata.provenance.rules import CO_AUTHOR, OURS, Hit, Rules, load_rules

__all__ = ["CommitIdent", "Provenance", "Rules", "classify", "load_rules", "parse_identity"]

Kind = Literal["agent", "person", "bot", "unknown"]
_IDENTITY = re.compile(r"([^<>]*)<([^<>]*)>")
# Word by word, because any number of spaces may follow a name.
_ADDRESS = re.compile(r"(?<=[ \t])\S+@\S+")
_TOKEN = re.compile(r"[\w][\w./:@+-]{0,199}")
# A name in any script: one word, no sentence.
_NAME = re.compile(r"[\w][\w-]{0,63}")
_MAX_QUOTE = 80
_MAX_BLOCK = 50
"""How many lines below a trailer are looked at."""
_MARGIN = " \t*-+•"
_BULLET = re.compile(r"[ \t]*[*+•-][ \t]")
_TRAILER_LINE = re.compile(r"\W*[A-Za-z][\w-]*[ \t]*:|[ \t]|\(cherry picked from ")


@dataclass(frozen=True, slots=True)
class CommitIdent:
    """What a commit says about itself: names, addresses and the whole message."""

    author_name: str
    author_email: str
    committer_name: str
    committer_email: str
    message: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """Whose commit it is, and why.

    Attributes:
        kind: unknown if the evidence is insufficient or contradictory.
        tool: the agent's or bot's name ("claude-code"); "" if unknown, or for a person.
        role: from an ``Agent:`` trailer ("api-dev") or a repository's own rule, else "".
        model: as the evidence spells it, or "".
        session: the tool's or our session id, or "".
        feature: from a ``Feature:`` trailer, or "".
        evidence: one short line for each rule that matched.
        source: what decided: author, committer, co-author, trailer, subject, body, or another
            tool's record; "" if nothing tells of an agent.
    """

    kind: Kind
    tool: str = ""
    role: str = ""
    model: str = ""
    session: str = ""
    feature: str = ""
    evidence: tuple[str, ...] = ()
    source: str = ""

    @property
    def name(self) -> str:
        """The name to show: the role if there is one, else the tool."""
        return self.role or self.tool


_PERSON = Provenance("person")
_STAMP = Hit("unsure", "", 0, "our trailer", place="trailer")


@dataclass(slots=True)
class _MessageEvidence:
    """What the message says about its commit.

    Attributes:
        hits: rules that matched a trailer or a line, without those of kind "unsure".
        unsure: the latter.
        evidence: one line for each of them, in order.
        stamped: whether there is an ``Agent:`` trailer; the rest is from our trailers.
    """

    hits: list[Hit] = field(default_factory=list)
    unsure: list[Hit] = field(default_factory=list)
    evidence: dict[str, None] = field(default_factory=dict)
    stamped: bool = False
    role: str = ""
    session: str = ""
    feature: str = ""

    def add(self, hit: Hit, text: str) -> None:
        """Note a rule that matched, and the text that it matched."""
        (self.unsure if hit.kind == "unsure" else self.hits).append(hit)
        self.evidence[_evidence_line(text, hit)] = None

    @property
    def names_agent(self) -> bool:
        """Whether a trailer or a line names an agent."""
        return self.stamped or any(hit.kind == "agent" for hit in self.hits)

    def doubt(self, *, reviewers_only: bool = False) -> None:
        """Take what names an agent for no proof."""

        def is_doubtful(hit: Hit) -> bool:
            return hit.kind == "agent" and (hit.reviewer or not reviewers_only)

        self.unsure += filter(is_doubtful, self.hits)
        self.hits = [hit for hit in self.hits if not is_doubtful(hit)]
        if self.stamped and not reviewers_only:
            self.stamped, self.role = False, ""
            self.unsure.append(_STAMP)

    def merge(self, other: _MessageEvidence) -> None:
        """Add what another part of the message says."""
        self.hits += other.hits
        self.unsure += other.unsure
        self.evidence |= other.evidence
        self.stamped = self.stamped or other.stamped
        self.role = other.role or self.role
        self.session = other.session or self.session
        self.feature = other.feature or self.feature

    def add_stamp(self, value: str, rules: Rules) -> None:
        """Note an ``Agent:`` trailer, which holds a tool's name or a role."""
        is_tool = value in rules.tools
        self.stamped = True
        self.role = "" if is_tool else value
        tool = value if is_tool else ""
        hit = Hit("agent", tool, 0, "our trailer", role=self.role, place="trailer")
        if is_tool:
            self.hits.append(hit)
        self.evidence[_evidence_line(f"Agent: {value}", hit)] = None


def classify(commit: CommitIdent, rules: Rules) -> Provenance:
    """Say whose commit it is.

    The author decides if a rule knows it as an agent or a bot. Otherwise the message does: what
    names a tool outright goes before prose, prose before policy trailers, and among equals the tool
    named most often (a squash merge holds many trailers), then the one named first. A bot's commit
    that carries our own ``Agent:`` trailer is the agent's: somebody ran the bot's job with it.
    """
    author = rules.identity("author", commit.author_name, commit.author_email)
    committer = rules.identity("committer", commit.committer_name, commit.committer_email)
    if rules.may_match(commit.message.lower()):
        return _decide(author, committer, _read_message(commit.message, rules), commit)
    if author is None and committer is None:
        return _PERSON
    return _decide(author, committer, _MessageEvidence(), commit)


def _decide(
    author: Hit | None, committer: Hit | None, message: _MessageEvidence, commit: CommitIdent
) -> Provenance:
    evidence = list(message.evidence)
    if author:
        identity = f"author {commit.author_name} <{commit.author_email}>"
        evidence.insert(0, _evidence_line(identity, author))
    elif committer:
        identity = f"committer {commit.committer_name} <{commit.committer_email}>"
        evidence.insert(0, _evidence_line(identity, committer))
    agent = _choose_agent(author, committer, message)
    kind, tool = _kind_and_tool(author, agent, message)
    source = _source(kind, author, committer, agent, message)
    if kind != "agent":
        return Provenance(
            kind, tool, feature=message.feature, evidence=tuple(evidence), source=source
        )
    same_tool = [
        hit for hit in (author, *message.hits) if hit and hit.kind == "agent" and hit.tool == tool
    ]
    return Provenance(
        kind,
        tool,
        role=message.role or (agent.role if agent else ""),
        model=next((hit.model for hit in same_tool if hit.model), ""),
        session=message.session or next((hit.session for hit in same_tool if hit.session), ""),
        feature=message.feature,
        evidence=tuple(evidence),
        source=source,
    )


def _source(
    kind: Kind,
    author: Hit | None,
    committer: Hit | None,
    agent: Hit | None,
    message: _MessageEvidence,
) -> str:
    """What decided about the kind; "" if nothing told of anything else than a person."""
    if kind == "agent":
        is_author = agent is not None and agent is author
        return agent.place if agent and (is_author or not message.stamped) else "trailer"
    if author and author.kind in (kind, "unsure"):
        return author.place
    if kind == "unknown":
        return message.unsure[0].place
    return committer.place if kind == "person" and committer else ""


def _choose_agent(
    author: Hit | None, committer: Hit | None, message: _MessageEvidence
) -> Hit | None:
    """The rule that names the agent, if one does."""
    if author and author.kind == "agent":
        return author
    agents = [hit for hit in message.hits if hit.kind == "agent"]
    if agents:
        rank = min(hit.rank for hit in agents)
        best = [hit for hit in agents if hit.rank == rank]
        tool = Counter(hit.tool for hit in best).most_common(1)[0][0]
        return next(hit for hit in best if hit.tool == tool)
    # Only a repository's own rule makes a committer an agent.
    return committer if committer and committer.kind == "agent" and not author else None


def _kind_and_tool(
    author: Hit | None, agent: Hit | None, message: _MessageEvidence
) -> tuple[Kind, str]:
    if author and author.kind == "bot" and not message.stamped:
        return "bot", author.tool
    if agent:
        return "agent", agent.tool
    if message.stamped:
        return "agent", ""
    if author and author.kind == "person":
        return "person", ""
    if message.unsure or (author and author.kind == "unsure"):
        return "unknown", ""
    return "person", ""


# ------------------------------------------------------------------------------------- message


def _read_message(message: str, rules: Rules) -> _MessageEvidence:
    parts = read_parts(message)
    read = [_read_lines(part, rules) for part in parts.parts]
    evidence = _MessageEvidence()
    for part in read:
        evidence.merge(part)
    if len(read) > 1 and not _is_mostly_agents(read):
        # Who wrote most of the squash is not certain.
        evidence.doubt()
    elif parts.squashed and len(read) == 1:
        evidence.doubt(reviewers_only=True)
    # A forge lists every co-author at the end of a squash, whatever the share.
    shared = _read_lines((*parts.shared, *parts.uncertain), rules)
    shared.doubt()
    evidence.merge(shared)
    subject = parts.parts[0][0] if parts.parts and parts.parts[0] else ""
    for rule in rules.subject:
        if hit := rule.prose(subject):
            evidence.add(hit, subject)
    return evidence


def _is_mostly_agents(parts: Sequence[_MessageEvidence]) -> bool:
    agents = sum(part.names_agent for part in parts)
    return 2 * agents > len(parts)


def _read_lines(lines: Sequence[str], rules: Rules) -> _MessageEvidence:
    """What lines say that are all of one commit's own."""
    evidence = _MessageEvidence()
    for number, line in enumerate(lines):
        key, colon, value = line.partition(":")
        # A squash merge may have indented the line, or made it an item of a list. A regular
        # expression would take three times as long, and a backfill reads every line of history.
        if not colon or (key := key.lstrip(_MARGIN).rstrip()).lower() not in rules.tokens:
            continue
        if key != "Agent" or _may_be_stamp(lines, number):
            _read_trailer(key, value.strip(), rules, evidence)
    for hit, line in _body_hits("\n".join(lines).lower(), lines, rules):
        evidence.add(hit, line)
    return evidence


def _may_be_stamp(lines: Sequence[str], number: int) -> bool:
    """Whether a line ``Agent: name`` may be a trailer, as errata-stamp writes it.

    A subject is none ("Agent: refactor" names a component), nor is an item of a list, a line below
    a heading, or one with prose right below it.
    """
    if _BULLET.match(lines[number]) or not any(map(str.strip, islice(lines, number))):
        return False
    if lines[number - 1].rstrip().endswith(":"):
        return False
    block = takewhile(str.strip, lines[number + 1 : number + 1 + _MAX_BLOCK])
    return all(_TRAILER_LINE.match(line) for line in block)


def _read_trailer(key: str, value: str, rules: Rules, evidence: _MessageEvidence) -> None:
    if not value:
        return
    if key in OURS:
        _read_our_trailer(key, value, rules, evidence)
        return
    hit = next(filter(None, _trailer_hits(key.lower(), value, rules)), None)
    if hit:
        evidence.add(hit, f"{key}: {value}")


def _read_our_trailer(key: str, value: str, rules: Rules, evidence: _MessageEvidence) -> None:
    if key == "Agent" and len(value) <= 64 and AGENT_NAME.match(value):
        evidence.add_stamp(value, rules)
    elif key == "Agent" and not value.isascii() and _NAME.fullmatch(value):
        evidence.add_stamp(agent_name(value) or fallback_name(value), rules)
    elif key == "Agent-Session" and _TOKEN.fullmatch(value):
        evidence.session = value
    elif key == "Feature" and _TOKEN.fullmatch(value):
        evidence.feature = value


def _trailer_hits(token: str, value: str, rules: Rules) -> Iterator[Hit | None]:
    """The rules for a trailer, tried in order; None for each that does not match."""
    for rule in rules.by_token.get(token, ()):
        yield rule.value(value)
    if token == CO_AUTHOR or token in rules.policies.tokens:
        name, email = parse_identity(value)
        hit = rules.identity("co-author", name, email)
        if token == CO_AUTHOR or (hit and hit.kind != "unsure"):
            yield hit
    if token in rules.policies.tokens:
        yield rules.policies.value(value)


def _body_hits(lowered: str, lines: Sequence[str], rules: Rules) -> Iterator[tuple[Hit, str]]:
    for rule in rules.body:
        if any(literal in lowered for literal in rule.literals):
            for line in lines:
                if hit := rule.prose(line.strip()):
                    yield hit, line.strip()


def _evidence_line(text: str, hit: Hit) -> str:
    short = text if len(text) <= _MAX_QUOTE else text[: _MAX_QUOTE - 1] + "…"
    return f"{short} ({hit.rule})"


def parse_identity(text: str) -> tuple[str, str]:
    """``Name <address>``, ``Name address`` or just a name -> (name, address)."""
    if identity := _IDENTITY.match(text):
        name, email = identity[1], identity[2]
    elif address := _ADDRESS.search(text):
        name, email = text[: address.start()], address[0]
    else:
        return text.strip(), ""
    return name.strip().strip('"'), email.strip()
