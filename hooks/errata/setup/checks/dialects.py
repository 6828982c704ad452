"""Logs in another dialect, or at another path: found, and the settings for them proposed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from errata.core.config import Alias
from errata.core.errors import LogError
from errata.records import aliases_toml, staged_logs, validate
from errata.records.alias_proposal import Proposal, propose
from errata.records.model import Kind
from errata.setup.checks import Case, Found, note, problem, shell
from errata.setup.checks.ends import FUTURE, read_end, records

_KINDS = (Kind.FINDING, Kind.INCIDENT)
_ROWS = 5_000
_SAMPLE = 200
_FILES = 50
_FOLDER = ".claude"
_DEPTH = 3


def foreign(case: Case, kind: Kind, data: bytes) -> bool:
    """Whether at least half of a log's objects are not as its schema has them."""
    if kind not in _KINDS:
        return False
    rows = _spread(data, _SAMPLE)
    text = b"".join(row + b"\n" for row in rows)
    alias = case.config.aliases.get(kind)
    report = validate.check(kind, text, now=case.now, alias=alias)
    # Only what is valid JSON may be of another dialect; the rest is damage.
    # A time in the future is damage too.
    late = {one.line for one in report.problems if FUTURE in one.message}
    bad = {one.line for one in report.problems if one.path.startswith("$")} - late
    return bool(rows) and len(bad) * 2 >= len(rows)


def _spread(data: bytes, most: int) -> list[bytes]:
    lines = [line for line in data.splitlines() if line.startswith(b"{")]
    step = max(1, -(-len(lines) // most))
    return lines[::step]


def dialect_of_logs(case: Case) -> Iterator[Found]:
    """A log that errata cannot read yet, and could with a few lines of settings."""
    for name, kind in staged_logs.kinds(case.config.logs).items():
        data = read_end(case.root / name)
        if not data or not foreign(case, kind, data):
            continue
        found = _propose(case, kind, data)
        what = f"{name}: in another dialect: "
        if found.missing:
            yield problem(f"{what}no field holds {' or '.join(found.missing)}", _show(name))
        elif not found.valid:
            yield problem(f"{what}{found.total} records that errata cannot read", _show(name))
        else:
            what += f"{found.valid} of {found.total} records can be read through aliases"
            yield problem(what, _paste(case, name, kind))


def logs_elsewhere(case: Case) -> Iterator[Found]:
    """Files of JSON lines under ``.claude`` that look like findings and that nothing reads."""
    if os.path.lexists(case.root / case.config.logs.findings):
        return
    for name in _candidates(case):
        data = read_end(case.root / name)
        rows = _spread(data, _SAMPLE) if data else []
        found = propose(Kind.FINDING, records_of(b"\n".join(rows)), lambda path: _there(case, path))
        if found.total >= 2 and found.valid * 10 >= found.total * 8 and _is_finding(found):
            what = f"{name}: looks like a log of {found.total} findings that nothing reads"
            yield note(what, _paste(case, name, Kind.FINDING))


def _is_finding(found: Proposal) -> bool:
    """More than any log has: it says where, or how bad."""
    return not found.alias.values.get("file") or not found.alias.values.get("severity", {}).get("")


def _candidates(case: Case) -> Iterator[str]:
    known = set(case.config.logs.by_kind().values())
    skip = (f"{case.config.paths.patterns}/", f"{case.config.paths.runbooks}/")
    top, seen = case.root / _FOLDER, 0
    for folder, below, names in os.walk(top):
        depth = len(Path(folder).relative_to(top).parts)
        below[:] = sorted(below) if depth < _DEPTH else []
        for name in sorted(names):
            path = Path(folder, name).relative_to(case.root).as_posix()
            if path.endswith((".jsonl", ".ndjson")) and path not in known:
                seen += 1
                if seen > _FILES:
                    return
                if not path.startswith(skip) and not (case.root / path).is_symlink():
                    yield path


def _there(case: Case, path: str) -> bool:
    return ".." not in path and "\0" not in path and os.path.lexists(case.root / path)


def records_of(data: bytes) -> list[dict[str, object]]:
    """The first objects among these lines."""
    return records(data)[:_ROWS]


def _propose(case: Case, kind: Kind, data: bytes) -> Proposal:
    rows = b"\n".join(_spread(data, _ROWS))
    return propose(kind, records_of(rows), lambda path: _there(case, path))


def proposal(case: Case, path: str | None) -> tuple[str, Proposal]:
    """The settings for a log as text, and how far they get; the findings log by default.

    ``path`` counts from the current directory, else from the top of the repository. A log outside
    cannot be configured, only looked at.

    Raises:
        LogError: there is no such log, or nothing can be read in it.
    """
    name = _named(case, path) if path else case.config.logs.findings
    kind = staged_logs.kinds(case.config.logs).get(name, Kind.FINDING)
    data = read_end(case.root / name)
    if data is None:
        raise LogError(f"{name}: cannot be read", "name a log: --propose-aliases LOG")
    found = _propose(case, kind if kind in _KINDS else Kind.FINDING, data)
    if not found.total:
        raise LogError(f"{name}: holds no JSON objects", "one record on each line")
    known = name in case.config.logs.by_kind().values()
    configure = not known and not Path(name).is_absolute()
    old = case.config.aliases.get(found.kind) if known else None
    return aliases_toml.text(found, name if configure else "", old), found


def _named(case: Case, path: str) -> str:
    """The log's path from the top of the repository; absolute if it is outside."""
    here = Path.cwd() / path
    file = (here if here.exists() else case.root / path).resolve()
    top = case.root.resolve()
    return file.relative_to(top).as_posix() if file.is_relative_to(top) else str(file)


def _show(name: str) -> str:
    return f"errata doctor --propose-aliases {shell(name)}"


def _paste(case: Case, name: str, kind: Kind) -> str:
    """The command that adds the settings, where adding is enough."""
    clash: Alias | None = case.config.aliases.get(kind)
    logs = name not in case.config.logs.by_kind().values() and _has_logs(case)
    if clash is not None or logs or case.broken:
        return f"{_show(name)}  # these replace the tables of errata.toml"
    return f"{_show(name)} >> errata.toml"


def _has_logs(case: Case) -> bool:
    import tomllib

    try:
        return "logs" in tomllib.loads((case.root / "errata.toml").read_text("utf-8"))
    except (OSError, ValueError):
        return False
