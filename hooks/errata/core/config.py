"""Read ``errata.toml``, and refuse what is not a setting.

An unknown key is an error that suggests the nearest known one: a setting that is silently ignored
is worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from errata.core.errors import ConfigError
from errata.core.settings import (
    AGENT_NAME,
    CHANCES_LOG,
    CURATION_LOG,
    EVERYONE,
    FILE_NAME,
    KINDS,
    AgentContext,
    Alias,
    Capture,
    Config,
    Curation,
    Evolve,
    Explicit,
    Identity,
    Logs,
    Paths,
    Routing,
    RunbookBudget,
)

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "AGENT_NAME",
    "CHANCES_LOG",
    "CURATION_LOG",
    "EVERYONE",
    "FILE_NAME",
    "KINDS",
    "AgentContext",
    "Alias",
    "Capture",
    "Config",
    "Curation",
    "Evolve",
    "Explicit",
    "Identity",
    "Logs",
    "Paths",
    "Routing",
    "RunbookBudget",
    "decode",
    "load",
    "parse",
]

_TRAILER = re.compile(r"^[A-Za-z][A-Za-z0-9-]*(:.*)?\Z")
_QUOTED = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")
_MAX_DOTS = 500
_REFRESH = ("auto", "write", "context", "report")
_AGENTS_DECISIONS = ("proposed", "trusted")
_MAX_DAYS = 36_500
T = TypeVar("T", bound=NamedTuple)


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
    """The settings in the bytes of a file.

    Raises:
        ConfigError: not TOML, an unknown key, a wrong type or a value that is not allowed.
    """
    import tomllib

    try:
        text = raw.decode("utf-8")
        _check_key_lengths(text)
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        # ValueError: not TOML, not UTF-8, or a number of thousands of digits.
        raise ConfigError(f"{FILE_NAME}: not TOML: {_printable(str(error))}") from error
    return parse(data)


def _check_key_lengths(text: str) -> None:
    """Refuse keys of very many parts: the time of tomllib grows with the square of their number."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") > _MAX_DOTS and _QUOTED.sub("", line).count(".") > _MAX_DOTS:
            raise ValueError(f"more than {_MAX_DOTS} dots outside of quotes (at line {number})")


def parse(data: Mapping[str, Any]) -> Config:
    """The settings in a parsed file. Raises ConfigError as :func:`decode` does."""
    _check_keys(data, Config._fields, "")
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
        curation=_curation(_section(data, "curation", Curation)),
        identities=_identities(data.get("identities", [])),
    )


def _error(key: str, message: str, hint: str = "") -> ConfigError:
    return ConfigError(f"{FILE_NAME}: {_printable(key)}: {_printable(message)}", hint)


def _printable(text: str) -> str:
    """One line that is safe on a terminal, whatever a key or a value holds."""
    shown = "".join(char if char.isprintable() else "?" for char in text)
    return shown if len(shown) <= 300 else f"{shown[:299]}…"


def _check_keys(data: Mapping[str, Any], names: Sequence[str], where: str) -> None:
    for key in data:
        if key not in names:
            from errata.core.near_names import did_you_mean

            hint = did_you_mean(key, names, f"known keys: {', '.join(names)}")
            raise _error(f"{where}.{key}".lstrip("."), "unknown key", hint)


def _table(data: Mapping[str, Any], key: str, where: str) -> Mapping[str, Any]:
    value = data.get(key, {})
    if not isinstance(value, dict):
        raise _error(f"{where}.{key}".lstrip("."), "must be a table")
    return value


def _section(data: Mapping[str, Any], name: str, kind: type[T]) -> T:
    table = _table(data, name, "")
    known = kind._field_defaults
    _check_keys(table, list(known), name)
    for key, value in table.items():
        default = known[key]
        allowed = (int, float) if isinstance(default, float) else type(default)
        # bool is an int to Python, never to the person who writes the file.
        if not isinstance(value, allowed) or isinstance(value, bool) != isinstance(default, bool):
            raise _error(f"{name}.{key}", f"must be {_type_name(default)}, not {value!r}")
        if isinstance(value, str) and name in ("logs", "paths"):
            _check_path(f"{name}.{key}", value)
    return kind(**table)  # type: ignore[call-overload,no-any-return]


def _type_name(value: object) -> str:
    if isinstance(value, str):
        return "a string"
    if isinstance(value, bool):
        return "true or false"
    return "a whole number" if isinstance(value, int) else "a number"


def _check_path(where: str, value: str) -> None:
    from pathlib import PurePosixPath

    path = PurePosixPath(value)
    outside = not path.parts or path.is_absolute() or ".." in path.parts or path.parts[0] == ".git"
    if outside or "\\" in value or any(ord(char) < 32 for char in value):
        raise _error(where, f"{value!r} is not a path inside the repository")


def _check_range(section: str, settings: Any, key: str, low: float, high: float) -> None:
    if not low <= getattr(settings, key) <= high:
        raise _error(f"{section}.{key}", f"must be from {low:g} to {high}")


def _evolve(evolve: Evolve) -> Evolve:
    for key in ("min_occurrences", "window_days", "retire_days"):
        _check_range("evolve", evolve, key, 1, _MAX_DAYS)
    _check_range("evolve", evolve, "min_confidence", 0, 1)
    return evolve


def _runbook(budget: RunbookBudget) -> RunbookBudget:
    if budget.refresh not in _REFRESH:
        raise _error(
            "runbook.refresh",
            f"{budget.refresh!r} is not allowed",
            f"allowed: {', '.join(_REFRESH)}",
        )
    if budget.max_lines < 10 or budget.max_chars < 500:
        raise _error("runbook", "max_lines must be at least 10 and max_chars at least 500")
    return budget


def _capture(capture: Capture) -> Capture:
    _check_range("capture", capture, "window_days", 1, _MAX_DAYS)
    _check_range("capture", capture, "deadline_seconds", 0.1, 3600)
    return capture


def _explicit(explicit: Explicit) -> Explicit:
    _check_range("explicit", explicit, "max_chars", 20, 10_000)
    return explicit


def _agent_context(context: AgentContext) -> AgentContext:
    _check_range("agent", context, "max_chars", 500, 100_000)
    return context


def _curation(curation: Curation) -> Curation:
    if curation.agents not in _AGENTS_DECISIONS:
        raise _error(
            "curation.agents",
            f"{curation.agents!r} is not allowed",
            f"allowed: {', '.join(_AGENTS_DECISIONS)}",
        )
    return curation


def _identities(value: object) -> tuple[Identity, ...]:
    if not isinstance(value, list) or not all(isinstance(table, dict) for table in value):
        raise _error("identities", "must be tables", "write [[identities]] above each")
    return tuple(_identity(f"identities[{n}]", table) for n, table in enumerate(value))


def _identity(where: str, table: Mapping[str, Any]) -> Identity:
    _check_keys(table, Identity._fields, where)
    identity = Identity(**_strings(table, where))
    if identity.kind not in ("agent", "bot", "person"):
        raise _error(f"{where}.kind", f"{identity.kind!r} is not allowed", "agent, bot or person")
    if identity.agent or identity.kind == "agent":
        _agents([identity.agent], f"{where}.agent")
    if identity.role:
        _agents([identity.role], f"{where}.role")
    if len(places := identity.places()) != 1:
        named = " and ".join(places) or "nothing"
        hint = "set author_*, committer_*, trailer or body; one table for each"
        raise _error(where, f"looks at {named}, must look at one place", hint)
    if identity.trailer and not _TRAILER.match(identity.trailer):
        raise _error(
            f"{where}.trailer", f"{identity.trailer!r} is not a trailer", "Key or Key: value"
        )
    if any(not text.strip("*: ") for text in table.values()):
        raise _error(where, "a pattern that matches everything is not allowed")
    return identity


def _agents(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise _error(where, "must be a list of agent names")
    for name in value:
        if not AGENT_NAME.match(name) or len(name) > 64:
            raise _error(where, f"{name!r} is not an agent name", "lower-case words joined by '-'")
    return tuple(value)


def _routing(table: Mapping[str, Any]) -> Routing:
    _check_keys(table, Routing._fields, "routing")
    maps = {
        name: {
            key: _agents(value, f"routing.{name}.{key}")
            for key, value in _table(table, name, "routing").items()
        }
        for name in ("paths", "categories", "patterns")
    }
    return Routing(default=_agents(table.get("default", []), "routing.default"), **maps)


def _aliases(table: Mapping[str, Any]) -> dict[str, Alias]:
    _check_keys(table, list(KINDS), "aliases")
    return {kind: _alias(_table(table, kind, "aliases"), f"aliases.{kind}") for kind in table}


def _alias(table: Mapping[str, Any], where: str) -> Alias:
    _check_keys(table, ["fields", "values"], where)
    values = _table(table, "values", where)
    return Alias(
        fields=_strings(_table(table, "fields", where), f"{where}.fields"),
        values={ours: _strings(_table(values, ours, where), f"{where}.{ours}") for ours in values},
    )


def _strings(table: Mapping[str, Any], where: str) -> dict[str, str]:
    for key, value in table.items():
        if not isinstance(value, str):
            raise _error(f"{where}.{key}", f"must be a string, not {value!r}")
    return dict(table)
