"""``errata.toml``: what a repository may set, its defaults, and what is refused.

The file is optional and every key in it is too. A key that is not known is an error that suggests
the nearest one: a setting that is silently ignored is worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from errata.core.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

# Named tuples, for every hook imports this: to make as many dataclasses takes longer than the rest.

FILE_NAME = "errata.toml"
AGENT_NAME = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*\Z")
_TRAILER = re.compile(r"^[A-Za-z][A-Za-z0-9-]*(:.*)?\Z")
_QUOTED = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")
_MAX_DOTS = 500
T = TypeVar("T", bound=NamedTuple)
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
    """Where derived and generated files live, relative to the top of the repository."""

    runbooks: str = ".claude/skills/runbooks"
    patterns: str = ".claude/patterns"


class Evolve(NamedTuple):
    """Thresholds of promotion and retirement; windows in days.

    ``per_session``: what promotes is the number of sessions, not of records.
    """

    min_occurrences: int = 3
    min_confidence: float = 0.6
    window_days: int = 30
    retire_days: int = 90
    per_session: bool = True


class RunbookBudget(NamedTuple):
    """The most that one generated block may hold, and what errata-refresh does after a merge."""

    max_lines: int = 200
    max_chars: int = 10_000
    refresh: str = "write"


class Alias(NamedTuple):
    """One log dialect: their field name -> ours, and our field -> {their value -> ours}."""

    fields: Mapping[str, str] = {}
    values: Mapping[str, Mapping[str, str]] = {}


class Routing(NamedTuple):
    """Overrides for who should learn a pattern; see ``rules/routing.toml`` for the defaults."""

    default: tuple[str, ...] = ()
    paths: Mapping[str, tuple[str, ...]] = {}
    categories: Mapping[str, tuple[str, ...]] = {}
    patterns: Mapping[str, tuple[str, ...]] = {}


class Capture(NamedTuple):
    """Corrections found in commits: how far back an agent's line counts, and the time allowed.

    ``before_commit`` lets the agent's version of a file be kept in the git directory until it is
    committed, so that what a person changes before that is found too.
    """

    enabled: bool = True
    window_days: int = 14
    deadline_seconds: float = 5.0
    before_commit: bool = True


class Explicit(NamedTuple):
    """Corrections found in what a person types to an agent.

    ``verbatim`` keeps the person's words, at most ``max_chars`` of them and without secrets.
    """

    enabled: bool = True
    verbatim: bool = True
    max_chars: int = 400


class AgentContext(NamedTuple):
    """What an agent is given to read when it starts; characters."""

    max_chars: int = 10_000


class Identity(NamedTuple):
    """One ``[[identities]]`` table: whose commit it is when one place looks like this.

    ``kind`` is agent, bot or person. In the patterns ``*`` is anything, all else is itself, and
    case is ignored. A table names one place: the author (who counts as co-author too), the
    committer, a trailer (``Key`` or ``Key: value``), or a line of the body.
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
        """The places that this table looks at; a valid one looks at exactly one."""
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
    identities: tuple[Identity, ...] = ()


def load(root: Path) -> Config:
    """Read ``errata.toml`` at the top of the repository; the defaults if there is none.

    Raises:
        ConfigError: not TOML, an unknown key, a wrong type or a value that is not allowed.
    """
    from errata.core import safe_open

    try:
        raw = safe_open.read_settings(root / FILE_NAME)
    except FileNotFoundError:
        return Config()
    except OSError as error:
        raise ConfigError(f"{FILE_NAME}: {error.strerror}", "it must be a readable file") from error
    return decode(raw)


def decode(raw: bytes) -> Config:
    """The settings in a file's bytes. Raises ConfigError as :func:`load` does."""
    import tomllib

    try:
        text = raw.decode("utf-8")
        _short_keys(text)
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        # ValueError: not TOML, not UTF-8, or a number of thousands of digits.
        raise ConfigError(f"{FILE_NAME}: not TOML: {_line(str(error))}") from error
    return parse(data)


def _short_keys(text: str) -> None:
    """Refuse keys of very many parts: tomllib takes the square of their number."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") > _MAX_DOTS and _QUOTED.sub("", line).count(".") > _MAX_DOTS:
            raise ValueError(f"more than {_MAX_DOTS} dots outside of quotes (at line {number})")


def parse(data: Mapping[str, Any]) -> Config:
    """Build a :class:`Config` from the parsed file. Raises ConfigError as :func:`load` does."""
    _known(data, Config._fields, "")
    return Config(
        logs=_section(data, "logs", Logs),
        paths=_section(data, "paths", Paths),
        evolve=_evolve(_section(data, "evolve", Evolve)),
        runbook=_runbook(_section(data, "runbook", RunbookBudget)),
        routing=_routing(_table(data, "routing", "")),
        aliases=_aliases(_table(data, "aliases", "")),
        capture=_capture(_section(data, "capture", Capture)),
        explicit=_explicit(_section(data, "explicit", Explicit)),
        agent=_agent_context(_section(data, "agent", AgentContext)),
        identities=_identities(data.get("identities", [])),
    )


def _fail(where: str, what: str, hint: str = "") -> ConfigError:
    return ConfigError(f"{FILE_NAME}: {_line(where)}: {_line(what)}", hint)


def _line(text: str) -> str:
    """One line that a terminal can show, whatever a key or a value holds."""
    shown = "".join(char if char.isprintable() else "?" for char in text)
    return shown if len(shown) <= 300 else f"{shown[:299]}…"


def _known(data: Mapping[str, Any], names: Sequence[str], where: str) -> None:
    for key in data:
        if key not in names:
            import difflib

            near = difflib.get_close_matches(key, names, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(names)}"
            raise _fail(f"{where}.{key}".lstrip("."), "unknown key", hint)


def _table(data: Mapping[str, Any], key: str, where: str) -> Mapping[str, Any]:
    value = data.get(key, {})
    if not isinstance(value, dict):
        raise _fail(f"{where}.{key}".lstrip("."), "must be a table")
    return value


def _section(data: Mapping[str, Any], name: str, kind: type[T]) -> T:
    table = _table(data, name, "")
    known = kind._field_defaults
    _known(table, list(known), name)
    for key, value in table.items():
        default = known[key]
        allowed = (int, float) if isinstance(default, float) else type(default)
        # bool is an int to Python, never to the person who writes the file.
        if not isinstance(value, allowed) or isinstance(value, bool) != isinstance(default, bool):
            raise _fail(f"{name}.{key}", f"must be {_type_name(default)}, not {value!r}")
        if isinstance(value, str) and name in ("logs", "paths"):
            _inside(f"{name}.{key}", value)
    return kind(**table)  # type: ignore[call-overload,no-any-return]


def _type_name(value: object) -> str:
    if isinstance(value, str):
        return "a string"
    if isinstance(value, bool):
        return "true or false"
    return "a whole number" if isinstance(value, int) else "a number"


def _inside(where: str, value: str) -> None:
    from pathlib import PurePosixPath

    path = PurePosixPath(value)
    bad = not path.parts or path.is_absolute() or ".." in path.parts or "\\" in value
    if bad or any(ord(c) < 32 for c in value) or path.parts[0] == ".git":
        raise _fail(where, f"{value!r} is not a path inside the repository")


def _evolve(got: Evolve) -> Evolve:
    for name in ("min_occurrences", "window_days", "retire_days"):
        if not 1 <= getattr(got, name) <= 36_500:
            raise _fail(f"evolve.{name}", "must be from 1 to 36500")
    if not 0 <= got.min_confidence <= 1:
        raise _fail("evolve.min_confidence", "must be from 0 to 1")
    return got


def _runbook(got: RunbookBudget) -> RunbookBudget:
    if got.refresh not in ("write", "report"):
        raise _fail("runbook.refresh", f"{got.refresh!r} is not allowed", "allowed: write, report")
    if got.max_lines < 10 or got.max_chars < 500:
        raise _fail("runbook", "max_lines must be at least 10 and max_chars at least 500")
    return got


def _capture(got: Capture) -> Capture:
    if not 1 <= got.window_days <= 36_500:
        raise _fail("capture.window_days", "must be from 1 to 36500")
    if not 0.1 <= got.deadline_seconds <= 3600:
        raise _fail("capture.deadline_seconds", "must be from 0.1 to 3600")
    return got


def _explicit(got: Explicit) -> Explicit:
    if not 20 <= got.max_chars <= 10_000:
        raise _fail("explicit.max_chars", "must be from 20 to 10000")
    return got


def _agent_context(got: AgentContext) -> AgentContext:
    if not 500 <= got.max_chars <= 100_000:
        raise _fail("agent.max_chars", "must be from 500 to 100000")
    return got


def _identities(value: object) -> tuple[Identity, ...]:
    if not isinstance(value, list) or not all(isinstance(table, dict) for table in value):
        raise _fail("identities", "must be tables", "write [[identities]] above each")
    return tuple(_identity(f"identities[{n}]", table) for n, table in enumerate(value))


def _identity(where: str, table: Mapping[str, Any]) -> Identity:
    _known(table, Identity._fields, where)
    got = Identity(**_strings(table, where))
    if got.kind not in ("agent", "bot", "person"):
        raise _fail(f"{where}.kind", f"{got.kind!r} is not allowed", "agent, bot or person")
    if got.agent or got.kind == "agent":
        _agents([got.agent], f"{where}.agent")
    if got.role:
        _agents([got.role], f"{where}.role")
    if len(places := got.places()) != 1:
        named = " and ".join(places) or "nothing"
        hint = "set author_*, committer_*, trailer or body; one table for each"
        raise _fail(where, f"looks at {named}, must look at one place", hint)
    if got.trailer and not _TRAILER.match(got.trailer):
        raise _fail(f"{where}.trailer", f"{got.trailer!r} is not a trailer", "Key or Key: value")
    if any(not text.strip("*: ") for text in table.values()):
        raise _fail(where, "a pattern that matches everything is not allowed")
    return got


def _agents(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise _fail(where, "must be a list of agent names")
    for name in value:
        if not AGENT_NAME.match(name) or len(name) > 64:
            raise _fail(where, f"{name!r} is not an agent name", "lower-case words joined by '-'")
    return tuple(value)


def _routing(table: Mapping[str, Any]) -> Routing:
    _known(table, Routing._fields, "routing")
    maps = {
        name: {
            key: _agents(value, f"routing.{name}.{key}")
            for key, value in _table(table, name, "routing").items()
        }
        for name in ("paths", "categories", "patterns")
    }
    return Routing(default=_agents(table.get("default", []), "routing.default"), **maps)


def _aliases(table: Mapping[str, Any]) -> dict[str, Alias]:
    _known(table, list(KINDS), "aliases")
    result = {}
    for kind in table:
        where = f"aliases.{kind}"
        one = _table(table, kind, "aliases")
        _known(one, ["fields", "values"], where)
        names = _strings(_table(one, "fields", where), f"{where}.fields")
        values = {
            ours: _strings(_table(_table(one, "values", where), ours, where), f"{where}.{ours}")
            for ours in _table(one, "values", where)
        }
        result[kind] = Alias(fields=names, values=values)
    return result


def _strings(table: Mapping[str, Any], where: str) -> dict[str, str]:
    for key, value in table.items():
        if not isinstance(value, str):
            raise _fail(f"{where}.{key}", f"must be a string, not {value!r}")
    return dict(table)
