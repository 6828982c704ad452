"""The rules of ``rules/identities.toml`` and of a repository's ``[[identities]]``, ready to match.

Indexes are built on first use: most commits have no trailer, and most repositories see few of the
agents.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from errata import rules
from errata.rules.expression import Expression

if TYPE_CHECKING:
    from errata.core.config import Config, Identity

OURS = ("Agent", "Agent-Session", "Feature")
"""Our own trailers that say whose commit it is; the spelling must be exact."""

CO_AUTHOR = "co-authored-by"
_MAX_REMEMBERED = 8192
_DIGIT = re.compile(r"\d")
_VERSION = re.compile(r"^v?\d[\d.]*$|^[a-z]+-[\w./-]*\d", re.IGNORECASE)


class Hit(NamedTuple):
    """One rule that matched one identity, trailer value or line.

    ``kind`` is agent, bot, person or unsure; ``rank`` 0 names the tool, higher is weaker.
    ``place`` is where it matched: author, committer, co-author, trailer, subject or body.
    ``reviewer``: the account also reviews, and is a co-author where a suggestion was accepted.
    """

    kind: str
    tool: str
    rank: int
    rule: str
    role: str = ""
    model: str = ""
    session: str = ""
    reviewer: bool = False
    place: str = ""


class Rule:
    """One table of the rules file. Patterns match whole fields and ignore case."""

    def __init__(self, kind: str, table: Mapping[str, Any]) -> None:
        self.kind = kind
        self.table = table
        self.tool: str = table.get("tool", "")
        self.role: str = table.get("role", "")
        self.rank: int = table.get("rank", 0)
        self.on: tuple[str, ...] = tuple(table["on"])
        self.token: str = table.get("token", "").lower()
        self.label = f"{self.tool or kind} by {self._basis()}"

    def _basis(self) -> str:
        fields = [key for key in ("name", "email") if key in self.table and self.table[key].pattern]
        return " and ".join(fields) or self.table.get("token") or "its text"

    def _matches(self, key: str, text: str) -> bool:
        return key not in self.table or self.table[key].fullmatch(text) is not None

    def _capture(self, key: str, text: str) -> str:
        match = self.table[key].search(text) if key in self.table else None
        return next((group for group in match.groups() if group), "") if match else ""

    def _hit(self, text: str, place: str) -> Hit:
        return Hit(
            self.kind,
            self.tool,
            self.rank,
            self.label,
            self.role,
            self._capture("model", text),
            self._capture("session", text),
            self.table.get("reviewer", False),
            place,
        )

    def identity(self, place: str, name: str, email: str) -> Hit | None:
        """Match a name and an address, of the author for instance."""
        if self._matches("name", name) and self._matches("email", email):
            return self._hit(f"{name} <{email}>" if email else name, place)
        return None

    def value(self, text: str) -> Hit | None:
        """Match the value of this rule's trailer."""
        return self._hit(text, "trailer") if self._matches("value", text) else None

    @property
    def literals(self) -> Sequence[str]:
        """Lower-case texts of which one is in every message that this body rule matches."""
        return self.table["line"].literals or ("",)

    def prose(self, line: str) -> Hit | None:
        """Match the subject, or one line of the body."""
        return self._hit(line, self.on[0]) if self._matches("line", line) else None


class Policies:
    """Policy trailers such as ``Assisted-by: NAME:MODEL``: which tool does the value name?"""

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
        """The tool that ``text`` names, if it is in the table."""
        if "@" in text:
            return None
        model_via_name, name_colon_model, name_and_model = self._forms
        if match := model_via_name.match(text):
            return self._hit(match["name"], _model(match["model"], _DIGIT))
        if match := name_colon_model.match(text):
            model = _model(match["model"], _DIGIT) or match["model"].split()[0]
            return self._hit(match["name"], model)
        if match := name_and_model.match(text):
            model = _model(match["model"], _VERSION)
            is_person = match["name"].lower() in self._people
            if model or not (match["model"].strip() or is_person):
                return self._hit(match["name"], model)
        return None

    def _hit(self, name: str, model: str) -> Hit:
        tool = self._tools[name.lower()]
        return Hit("agent", tool, 2, f"{tool} by policy", model=model, place="trailer")


def _model(text: str, version: re.Pattern[str]) -> str:
    """The first words up to a version, "Opus 4.6" or "gpt-5"; "" without a version."""
    words = text.split()
    for n, word in enumerate(words[:4], 1):
        if version.search(word):
            return " ".join(words[:n])
    return ""


class Rules:
    """All rules in the order in which they are tried, with a cache of identities."""

    def __init__(self, tables: Iterable[tuple[str, Mapping[str, Any]]], policies: Policies) -> None:
        self.rules = tuple(Rule(kind, table) for kind, table in tables)
        self.policies = policies
        self._identities: dict[tuple[str, str, str], Hit | None] = {}

    def _rules_for(self, place: str) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.rules if place in rule.on)

    @cached_property
    def _by_place(self) -> dict[str, tuple[Rule, ...]]:
        return {place: self._rules_for(place) for place in ("author", "committer", "co-author")}

    @cached_property
    def by_token(self) -> dict[str, tuple[Rule, ...]]:
        """Trailer key in lower case -> its rules."""
        by_token: dict[str, tuple[Rule, ...]] = {}
        for rule in self._rules_for("trailer"):
            by_token[rule.token] = (*by_token.get(rule.token, ()), rule)
        return by_token

    @cached_property
    def body(self) -> tuple[Rule, ...]:
        """Rules for lines of prose."""
        return self._rules_for("body")

    @cached_property
    def subject(self) -> tuple[Rule, ...]:
        """Rules for the first line."""
        return self._rules_for("subject")

    @cached_property
    def tools(self) -> frozenset[str]:
        """The names of all agents."""
        return self.policies.tools | {rule.tool for rule in self.rules if rule.kind == "agent"}

    @cached_property
    def tokens(self) -> frozenset[str]:
        """Keys of all trailers that rules look at, in lower case."""
        ours = {token.lower() for token in OURS}
        return frozenset({CO_AUTHOR, *self.policies.tokens, *self.by_token, *ours})

    @cached_property
    def _literals(self) -> tuple[str, ...]:
        # Keys are cut to their last characters, which many share ("d-by:"). Like git, we allow
        # blanks before the colon.
        literals = {f"{token[-4:]}:" for token in self.tokens} | {" :", "\t:"}
        literals.update(*(rule.literals for rule in (*self.body, *self.subject)))
        return tuple(a for a in literals if not any(b != a and b in a for b in literals))

    def may_match(self, lowered: str) -> bool:
        """Whether a rule may match a line of a lower-case message; False is certain."""
        # Not any(): backfill calls this for every commit, and a generator doubles its cost.
        for literal in self._literals:  # noqa: SIM110
            if literal in lowered:
                return True
        return False

    def identity(self, place: str, name: str, email: str) -> Hit | None:
        """The first rule for ``place`` (author, committer, co-author) that matches."""
        key = (place, name, email)
        if key not in self._identities:
            if len(self._identities) >= _MAX_REMEMBERED:
                self._identities.clear()
            hits = (rule.identity(place, name, email) for rule in self._by_place[place])
            self._identities[key] = next(filter(None, hits), None)
        return self._identities[key]


def load_rules(config: Config | None = None) -> Rules:
    """The rules of the repository, then the built-in ones; read once per process."""
    return _load_rules(config.identities if config else ())


@lru_cache(maxsize=8)
def _load_rules(identities: tuple[Identity, ...]) -> Rules:
    data = rules.load("identities")
    own = [_configured(identity) for identity in identities]
    kinds = ("agent", "bot", "unsure", "person")
    tables = [(kind, table) for kind in kinds for table in data.get(kind, ())]
    return Rules([*own, *tables], Policies(data["policies"]))


def _configured(identity: Identity) -> tuple[str, dict[str, Any]]:
    table: dict[str, Any] = {"tool": identity.agent, "role": identity.role, "on": []}
    if identity.author_name or identity.author_email:
        table["on"] += ["author", "co-author"]
        table |= _expressions(name=identity.author_name, email=identity.author_email)
    elif identity.committer_name or identity.committer_email:
        table["on"] += ["committer"]
        table |= _expressions(name=identity.committer_name, email=identity.committer_email)
    elif identity.trailer:
        token, _, value = identity.trailer.partition(":")
        table["on"] += ["trailer"]
        table |= {"token": token.strip(), **_expressions(value=value.strip())}
    else:
        table["on"] += ["body"]
        table |= {"rank": 1, **_expressions(line=identity.body)}
    return identity.kind, table


def _expressions(**globs: str) -> dict[str, Expression]:
    return {key: _glob(glob) for key, glob in globs.items() if glob}


def _glob(glob: str) -> Expression:
    """``*`` matches anything, every other character itself.

    Each part is matched where it first occurs and is not retried (an atomic group): this finds
    the same matches, and the time does not explode with the number of asterisks.
    """
    first, *parts = map(re.escape, re.split(r"\*+", glob))
    pattern = first
    if parts:
        *inner, last = parts
        pattern += "".join(f"(?>.*?{part})" for part in inner) + f".*{last}"
    literal = max(glob.lower().split("*"), key=len)
    literals = (literal,) if literal and literal.isascii() else ()
    return Expression(f"(?i){pattern}", literals, ignore_case=True)
