"""Agents in history that no rule knows.

A person must never be reported as an agent, so the evidence has to be strong.
"""

from __future__ import annotations

import re
import shlex
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from errata import rules
from errata.provenance.commits import Commit
from errata.provenance.identity import Rules, load_rules, parse_identity
from errata.setup.checks import Diagnostic, DoctorContext, note

_CO_AUTHOR = re.compile(r"^\W*co-authored-by:\s*(.+)$", re.IGNORECASE | re.MULTILINE)
_TRAILER = re.compile(r"^([A-Za-z][A-Za-z0-9-]{1,60}):[ \t]*(\S.*)$", re.MULTILINE)
_RECURS = 3
_PEOPLE = 2
_SHOWN = 5


@dataclass(slots=True)
class Occurrences:
    """How often an identity or a trailer occurs, and with how many authors."""

    commits: int = 0
    people: set[str] = field(default_factory=set)
    authored: int = 0


@cache
def _table() -> dict[str, list[str]]:
    table: dict[str, list[str]] = rules.load("unknown_agents")
    return table


def looks_like_agent(name: str, email: str, occurrences: Occurrences) -> bool:
    """Whether name and address together say that this is a program that writes code.

    One of: an application of GitHub (``name[bot]``) that keeps co-authoring commits; a program's
    name with a program's mailbox; a mailbox that nobody reads, beside several people's commits.
    """
    if _is_person(email):
        return False
    words = set(re.split(r"[\W_]+", name.lower()))
    local = email.lower().partition("@")[0].partition("+")[0]
    if name.endswith("[bot]"):
        return occurrences.commits - occurrences.authored >= _RECURS or bool(
            words & set(_table()["names"])
        )
    named = bool(words & set(_table()["names"])) or any(
        re.search(rf"\b{word}\b", name) for word in _table()["capitals"]
    )
    mailbox = local in _table()["mailboxes"]
    if named and mailbox:
        return True
    silent = local in _table()["silent"]
    recurs = (
        occurrences.commits >= _RECURS
        and len(occurrences.people) >= _PEOPLE
        and not occurrences.authored
    )
    return silent and recurs


def _is_person(email: str) -> bool:
    """Addresses that forges give to people identity hide theirs."""
    return bool(re.search(r"^(\d+[+-])?(?!.*\[bot\])[^@]+@users\.noreply\.", email, re.IGNORECASE))


def unknown_agents(context: DoctorContext) -> Iterator[Diagnostic]:
    """Recurring identities and trailers that look like an agent's and that no rule knows."""
    known = load_rules(context.config)
    people, trailers = _gather(context.recent_commits, known)
    suspects = [
        (entry.commits, f"{name} <{email}>", _identity(name, email))
        for (name, email), entry in people.items()
        if looks_like_agent(name, email, entry)
    ]
    suspects += [
        (entry.commits, f"{key}: {value}", _trailer(key, value))
        for (key, value), entry in trailers.items()
        if entry.commits >= _RECURS
    ]
    for count, identity, fix in sorted(suspects, key=lambda row: (-row[0], row[1]))[:_SHOWN]:
        times = f"{count} commit{'s' if count > 1 else ''}"
        yield note(f"{identity} in {times} looks like an agent's, and no rule knows it", fix)


_Key = tuple[str, str]


def _gather(
    commits: list[Commit], known: Rules
) -> tuple[dict[_Key, Occurrences], dict[_Key, Occurrences]]:
    people: dict[_Key, Occurrences] = defaultdict(Occurrences)
    trailers: dict[_Key, Occurrences] = defaultdict(Occurrences)
    for commit in commits:
        ident = commit.ident
        author = (ident.author_name, ident.author_email)
        co_authors = {parse_identity(text) for text in _CO_AUTHOR.findall(ident.message)}
        for key in {author, *co_authors}:
            if _unknown(known, "author", key) and (
                key == author or _unknown(known, "co-author", key)
            ):
                entry = people[key]
                entry.commits += 1
                entry.authored += key == author
                entry.people.add(ident.author_email.lower())
        for token, value in set(_TRAILER.findall(ident.message)):
            if _is_sign(token, known):
                trailers[token, value.split(":")[0].split("(")[0].strip()[:60]].commits += 1
    return people, trailers


def _unknown(known: Rules, place: str, key: _Key) -> bool:
    """Whether no rule identifies the key: none fits, or one that is unsure or says only `bot`."""
    hit = known.identity(place, *key)
    return hit is None or hit.kind == "unsure" or hit.tool == "bot"


def _is_sign(token: str, known: Rules) -> bool:
    words = token.lower().split("-")
    if token.lower() in known.tokens or token.lower() in _table()["not_trailers"]:
        return False
    return bool(set(words) & set(_table()["trailers"]))


def _identity(name: str, email: str) -> str:
    bot = name.endswith("[bot]")
    place = f"author_name = {_quoted(name)}" if bot else f"author_email = {_quoted(email)}"
    return _paste(_agent_name(name), place)


def _trailer(key: str, value: str) -> str:
    return _paste(_agent_name(value), f"trailer = {_quoted(f'{key}: {value}*')}")


def _agent_name(text: str) -> str:
    from errata.provenance.environment import agent_name

    return agent_name(text.removesuffix("[bot]")) or "agent"


def _paste(agent: str, place: str) -> str:
    text = f'\n[[identities]]\nagent = "{agent}"\n{place}\n'
    escaped = text.replace("\\", "\\\\").replace("%", "%%").replace("\n", "\\n")
    return f"printf {shlex.quote(escaped)} >> errata.toml"


def _quoted(text: str) -> str:
    from errata.records.aliases_toml import quoted

    return quoted(text)
