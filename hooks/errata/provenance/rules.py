"""The rules of ``rules/identities.toml`` and of a repository's ``[[identities]]``, ready to match.

Everything that a match needs is compiled on first use: most commits carry no trailer at all, and
most repositories see a handful of the known agents.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from errata import rules
from errata.rules import expression
from errata.rules.expression import Expression

if TYPE_CHECKING:
    from errata.core.config import Config, Identity

OURS = ("Agent", "Agent-Session", "Feature")
"""The trailers of ours that say whose commit it is; read with exactly this spelling."""

CO_AUTHOR = "co-authored-by"
_MEMO_LIMIT = 8192
_DIGIT = re.compile(r"\d")
_VERSION = re.compile(r"^v?\d[\d.]*$|^[a-z]+-[\w./-]*\d", re.IGNORECASE)


class Hit(NamedTuple):
    """One rule that matched one identity, trailer value or line.

    ``kind`` is agent, bot, person or unsure; ``rank`` 0 names the tool, higher is weaker.
    """

    kind: str
    tool: str
    rank: int
    rule: str
    role: str = ""
    model: str = ""
    session: str = ""


class Rule:
    """One table of the rules file. Patterns are matched whole and ignore case."""

    def __init__(self, kind: str, table: Mapping[str, Any]) -> None:
        self.kind = kind
        self.table = table
        self.tool: str = table.get("tool", "")
        self.role: str = table.get("role", "")
        self.rank: int = table.get("rank", 0)
        self.on: tuple[str, ...] = tuple(table["on"])
        self.token: str = table.get("token", "").lower()
        self.hint: str = table.get("hint", "")
        self.label = f"{self.tool or kind} by {self._basis()}"
        self._expressions: dict[str, Expression] = {}

    def _basis(self) -> str:
        fields = [key for key in ("name", "email") if self.table.get(key)]
        return " and ".join(fields) or self.table.get("token") or "its text"

    def _expression(self, key: str) -> Expression:
        if key not in self._expressions:
            self._expressions[key] = expression.of(self.table, key, fold=True)
        return self._expressions[key]

    def _fits(self, key: str, text: str) -> bool:
        return key not in self.table or self._expression(key).whole(text)

    def _capture(self, key: str, text: str) -> str:
        if key not in self.table:
            return ""
        found = self._expression(key).search(text)
        return next((group for group in found.groups() if group), "") if found else ""

    def _hit(self, text: str) -> Hit:
        return Hit(
            self.kind,
            self.tool,
            self.rank,
            self.label,
            self.role,
            self._capture("model", text),
            self._capture("session", text),
        )

    def identity(self, name: str, email: str) -> Hit | None:
        """Match a name and an address."""
        if self._fits("name", name) and self._fits("email", email):
            return self._hit(f"{name} <{email}>" if email else name)
        return None

    def value(self, text: str) -> Hit | None:
        """Match the value of this rule's trailer."""
        return self._hit(text) if self._fits("value", text) else None

    def prose(self, line: str) -> Hit | None:
        """Match one line of the body."""
        return self._hit(line) if self._fits("line", line) else None


class Policies:
    """``Assisted-by: NAME:MODEL`` and its kin: which tool, if any, does the value name?"""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self.tokens = tuple(token.lower() for token in table.get("tokens", ()))
        self.tools = frozenset(table.get("names", ()))
        self._people = frozenset(table.get("people", ()))
        self._tools = {
            alias: tool for tool, aliases in table.get("names", {}).items() for alias in aliases
        }

    @cached_property
    def _names(self) -> str:
        # Longest first, so that "claude code" is not read as "claude" with a model "code".
        return "|".join(map(re.escape, sorted(self._tools, key=len, reverse=True)))

    @cached_property
    def _forms(self) -> tuple[re.Pattern[str], ...]:
        texts = (
            rf"(?P<model>[^<>()]*) via (?P<name>{self._names})$",
            rf"(?P<name>{self._names}):(?P<model>\S[^()\[\],;]*)",
            rf"(?P<name>{self._names})(?=$|[\s(\[,;])[\s(\[]*(?P<model>[^:()\[\],;]*)(?!:)",
        )
        return tuple(re.compile(text, re.IGNORECASE) for text in texts)

    def value(self, text: str) -> Hit | None:
        """The tool that ``text`` names, if it is one that the table knows."""
        if "@" in text:
            return None
        via, stated, loose = self._forms
        if found := via.match(text):
            return self._hit(found["name"], _model(found["model"], _DIGIT))
        if found := stated.match(text):
            words = found["model"].split()
            return self._hit(found["name"], _model(found["model"], _DIGIT) or words[0])
        if found := loose.match(text):
            model = _model(found["model"], _VERSION)
            if model or (not found["model"].strip() and found["name"].lower() not in self._people):
                return self._hit(found["name"], model)
        return None

    def _hit(self, name: str, model: str) -> Hit:
        tool = self._tools[name.lower()]
        return Hit("agent", tool, 2, f"{tool} by policy", model=model)


def _model(text: str, version: re.Pattern[str]) -> str:
    """The words up to the first that is a version, if it comes early: "Opus 4.6", "gpt-5"."""
    words = text.split()
    for n, word in enumerate(words[:4], 1):
        if version.search(word):
            return " ".join(words[:n])
    return ""


class Rules:
    """All rules, in the order in which they are tried, with what was already decided remembered."""

    def __init__(self, tables: Iterable[tuple[str, Mapping[str, Any]]], policies: Policies) -> None:
        self.rules = tuple(Rule(kind, table) for kind, table in tables)
        self.policies = policies
        self._identities: dict[tuple[str, str, str], Hit | None] = {}

    def _on(self, place: str) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.rules if place in rule.on)

    @cached_property
    def _by_place(self) -> dict[str, tuple[Rule, ...]]:
        return {place: self._on(place) for place in ("author", "committer", "co-author")}

    @cached_property
    def by_token(self) -> dict[str, tuple[Rule, ...]]:
        """Trailer key in lower case -> its rules."""
        found: dict[str, tuple[Rule, ...]] = {}
        for rule in self._on("trailer"):
            found[rule.token] = (*found.get(rule.token, ()), rule)
        return found

    @cached_property
    def body(self) -> tuple[Rule, ...]:
        """Rules for lines of prose."""
        return self._on("body")

    @cached_property
    def tools(self) -> frozenset[str]:
        """Every agent that a rule can name."""
        return self.policies.tools | {rule.tool for rule in self.rules if rule.kind == "agent"}

    @cached_property
    def tokens(self) -> frozenset[str]:
        """Keys, in lower case, of the trailers that can mean something."""
        ours = {token.lower() for token in OURS}
        return frozenset({CO_AUTHOR, *self.policies.tokens, *self.by_token, *ours})

    @cached_property
    def hints(self) -> tuple[str, ...]:
        """A message in lower case that contains none of these can match nothing.

        Most commits fail here, at the price of a few substring searches; the ends of the keys
        serve, because many keys share them ("d-by:", "sion:"). Blanks before the colon are allowed,
        as git allows them, and too rare to be told apart by key.
        """
        hints = {f"{token[-4:]}:" for token in self.tokens} | {rule.hint for rule in self.body}
        hints |= {" :", "\t:"}
        shortest = sorted(hints, key=len)
        return tuple(h for h in shortest if not any(o != h and o in h for o in shortest))

    def identity(self, place: str, name: str, email: str) -> Hit | None:
        """The first rule for ``place`` (author, committer, co-author) that matches."""
        key = (place, name, email)
        if key not in self._identities:
            if len(self._identities) >= _MEMO_LIMIT:
                self._identities.clear()
            hits = (rule.identity(name, email) for rule in self._by_place[place])
            self._identities[key] = next((hit for hit in hits if hit), None)
        return self._identities[key]


def load_rules(config: Config | None = None) -> Rules:
    """The built-in rules, after those that the repository adds. Read once per process."""
    return _load(config.identities if config else ())


@lru_cache(maxsize=8)
def _load(identities: tuple[Identity, ...]) -> Rules:
    data = rules.load("identities")
    own = [_own(identity) for identity in identities]
    kinds = ("agent", "bot", "unsure", "person")
    tables = [(kind, table) for kind in kinds for table in data.get(kind, ())]
    return Rules([*own, *tables], Policies(data["policies"]))


def _own(identity: Identity) -> tuple[str, dict[str, Any]]:
    table: dict[str, Any] = {"tool": identity.agent, "role": identity.role, "on": []}
    if identity.author_name or identity.author_email:
        table["on"] += ["author", "co-author"]
        table |= _patterns(name=identity.author_name, email=identity.author_email)
    elif identity.committer_name or identity.committer_email:
        table["on"] += ["committer"]
        table |= _patterns(name=identity.committer_name, email=identity.committer_email)
    elif identity.trailer:
        token, _, value = identity.trailer.partition(":")
        table["on"] += ["trailer"]
        table |= {"token": token.strip(), **_patterns(value=value.strip())}
    else:
        table["on"] += ["body"]
        table |= {"rank": 1, "hint": _hint(identity.body), **_patterns(line=identity.body)}
    return identity.kind, table


def _patterns(**globs: str) -> dict[str, str]:
    return {key: _glob(text) for key, text in globs.items() if text}


def _glob(text: str) -> str:
    """``*`` is anything, all else is itself.

    Each part is taken where it first comes and never tried elsewhere (an atomic group), which
    finds all that there is to find, and time cannot explode with the number of asterisks.
    """
    first, *parts = map(re.escape, re.split(r"\*+", text))
    if not parts:
        return first
    *inner, last = parts
    return first + "".join(f"(?>.*?{part})" for part in inner) + f".*{last}"


def _hint(glob: str) -> str:
    return max(glob.lower().split("*"), key=len)
