"""Whose commit is it? The author decides first, then every line of the message."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from errata.core.config import AGENT_NAME
from errata.provenance.rules import CO_AUTHOR, Hit, Rules, load_rules

__all__ = ["CommitIdent", "Provenance", "Rules", "classify", "load_rules", "parse_identity"]

Kind = Literal["agent", "person", "bot", "unknown"]
_IDENTITY = re.compile(r"([^<>]*)<([^<>]*)>")
# A word at a time, for a name may be followed by any number of spaces.
_ADDRESS = re.compile(r"(?<=[ \t])\S+@\S+")
_TOKEN = re.compile(r"[\w][\w./:@+-]{0,199}")
_QUOTE = 80
_MARGIN = " \t*-+•"


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
        kind: unknown where the evidence is not enough, or contradicts itself.
        tool: the agent's or bot's name ("claude-code"); "" if not known, or a person.
        role: from an ``Agent:`` trailer ("api-dev") or a repository's own rule, else "".
        model: as the evidence spells it, or "".
        session: the tool's or our session id, or "".
        feature: from a ``Feature:`` trailer, or "".
        evidence: one short line for each thing that was recognised.
    """

    kind: Kind
    tool: str = ""
    role: str = ""
    model: str = ""
    session: str = ""
    feature: str = ""
    evidence: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Whom to address: the role if there is one, else the tool."""
        return self.role or self.tool


_PERSON = Provenance("person")


@dataclass(slots=True)
class _Found:
    """What the message holds, gathered line by line."""

    hits: list[Hit]
    unsure: list[Hit]
    evidence: dict[str, None]
    stamped: bool = False
    role: str = ""
    session: str = ""
    feature: str = ""


def classify(commit: CommitIdent, rules: Rules) -> Provenance:
    """Say whose commit it is.

    The author decides if a rule knows it as an agent or a bot. Otherwise the message does: what
    names a tool outright goes before prose, prose before policy trailers, and among equals the tool
    named most often (a squash merge holds many trailers), then the one named first. A bot's commit
    that carries our own ``Agent:`` trailer is the agent's: something ran it on purpose.
    """
    author = rules.identity("author", commit.author_name, commit.author_email)
    committer = rules.identity("committer", commit.committer_name, commit.committer_email)
    message = commit.message
    lowered = message.lower()
    found = _read(message, rules) if rules.may_match(lowered) else None
    if found is None and author is None and committer is None:
        return _PERSON
    return _decide(author, committer, found or _Found([], [], {}), commit)


def _decide(
    author: Hit | None, committer: Hit | None, found: _Found, commit: CommitIdent
) -> Provenance:
    evidence = list(found.evidence)
    if committer and not author:
        who = f"committer {commit.committer_name} <{commit.committer_email}>"
        evidence = [_because(who, committer), *evidence]
    if author:
        who = f"author {commit.author_name} <{commit.author_email}>"
        evidence = [_because(who, author), *evidence]
    chosen = _choose(author, committer, found)
    kind, tool = _verdict(author, chosen, found)
    is_agent = kind == "agent"
    same = [
        hit for hit in (author, *found.hits) if hit and hit.kind == "agent" and hit.tool == tool
    ]
    return Provenance(
        kind,
        tool,
        role=found.role or (chosen.role if chosen else "") if is_agent else "",
        model=next((hit.model for hit in same if hit.model), "") if is_agent else "",
        session=_session(found, same) if is_agent else "",
        feature=found.feature,
        evidence=tuple(evidence),
    )


def _session(found: _Found, same: list[Hit]) -> str:
    return found.session or next((hit.session for hit in same if hit.session), "")


def _choose(author: Hit | None, committer: Hit | None, found: _Found) -> Hit | None:
    if author and author.kind == "agent":
        return author
    agents = [hit for hit in found.hits if hit.kind == "agent"]
    if agents:
        rank = min(hit.rank for hit in agents)
        best = [hit for hit in agents if hit.rank == rank]
        tool = Counter(hit.tool for hit in best).most_common(1)[0][0]
        return next(hit for hit in best if hit.tool == tool)
    # Only a repository's own rule makes a committer an agent.
    return committer if committer and committer.kind == "agent" and not author else None


def _verdict(author: Hit | None, chosen: Hit | None, found: _Found) -> tuple[Kind, str]:
    if author and author.kind == "bot" and not found.stamped:
        return "bot", author.tool
    if chosen:
        return "agent", chosen.tool
    if found.stamped:
        return "agent", ""
    if author and author.kind == "person":
        return "person", ""
    if found.unsure or (author and author.kind == "unsure"):
        return "unknown", ""
    return "person", ""


def _read(message: str, rules: Rules) -> _Found:
    found = _Found([], [], {})
    # Some merge tools write the line breaks of a squashed message as the two characters "\n".
    text = message.replace("\\n", "\n") if "\\n" in message else message
    lines = text.split("\n")
    for line in lines:
        key, colon, value = line.partition(":")
        # A squash merge may have indented the line, or made it an item of a list. Not a regular
        # expression: three times as fast, and a backfill reads every line of every message.
        if colon and (key := key.lstrip(_MARGIN).rstrip()).lower() in rules.tokens:
            _trailer(key, value.strip(), rules, found)
    for hit, line in _prose(text.lower(), lines, rules):
        _note(hit, line, found)
    return found


def _trailer(key: str, value: str, rules: Rules, found: _Found) -> None:
    token = key.lower()
    if not value:
        return
    if key in ("Agent", "Agent-Session", "Feature"):
        _ours(key, value, rules, found)
        return
    for hit in _hits(token, value, rules):
        if hit:
            _note(hit, f"{key}: {value}", found)
            return


def _hits(token: str, value: str, rules: Rules) -> Iterator[Hit | None]:
    for rule in rules.by_token.get(token, ()):
        yield rule.value(value)
    if token == CO_AUTHOR or token in rules.policies.tokens:
        name, email = parse_identity(value)
        hit = rules.identity("co-author", name, email)
        if token == CO_AUTHOR or (hit and hit.kind != "unsure"):
            yield hit
    if token in rules.policies.tokens:
        yield rules.policies.value(value)


def _ours(key: str, value: str, rules: Rules, found: _Found) -> None:
    if key == "Agent" and len(value) <= 64 and AGENT_NAME.match(value):
        known = value in rules.tools
        found.stamped = True
        found.role = "" if known else value
        hit = Hit("agent", value if known else "", 0, "our trailer", role=found.role)
        if known:
            found.hits.append(hit)
        found.evidence[_because(f"Agent: {value}", hit)] = None
    elif key == "Agent-Session" and _TOKEN.fullmatch(value):
        found.session = value
    elif key == "Feature" and _TOKEN.fullmatch(value):
        found.feature = value


def _prose(lowered: str, lines: list[str], rules: Rules) -> Iterator[tuple[Hit, str]]:
    for rule in rules.body:
        if any(literal in lowered for literal in rule.literals):
            for line in lines:
                if hit := rule.prose(line.strip()):
                    yield hit, line.strip()


def _note(hit: Hit, text: str, found: _Found) -> None:
    (found.unsure if hit.kind == "unsure" else found.hits).append(hit)
    found.evidence[_because(text, hit)] = None


def _because(text: str, hit: Hit) -> str:
    short = text if len(text) <= _QUOTE else text[: _QUOTE - 1] + "…"
    return f"{short} ({hit.rule})"


def parse_identity(text: str) -> tuple[str, str]:
    """``Name <address>``, ``Name address`` or just a name -> (name, address)."""
    if found := _IDENTITY.match(text):
        name, email = found[1], found[2]
    elif bare := _ADDRESS.search(text):
        name, email = text[: bare.start()], bare[0]
    else:
        return text.strip(), ""
    return name.strip().strip('"'), email.strip()
