"""Logs in another dialect, or at another path: proposal, and the settings for them proposed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from errata.core.config import Alias
from errata.core.errors import LogError
from errata.records import aliases_toml, staged_logs, validate
from errata.records.alias_proposal import Proposal, propose
from errata.records.model import Kind
from errata.setup.checks import Diagnostic, DoctorContext, note, problem, shell
from errata.setup.checks.log_tail import FUTURE, read_tail, records

_KINDS = (Kind.FINDING, Kind.INCIDENT)
_ROWS = 5_000
_SAMPLE = 200
_FILES = 50
_FOLDER = ".claude"
_DEPTH = 3


def foreign(context: DoctorContext, kind: Kind, data: bytes) -> bool:
    """Whether at least half of a log's objects are not as its schema has them."""
    if kind not in _KINDS:
        return False
    rows = _spread(data, _SAMPLE)
    text = b"".join(row + b"\n" for row in rows)
    alias = context.config.aliases.get(kind)
    report = validate.check(kind, text, now=context.now, alias=alias)
    # Only valid JSON can be another dialect; everything else is damage.
    # A time in the future is damage too.
    future = {p.line for p in report.problems if FUTURE in p.message}
    bad = {p.line for p in report.problems if p.path.startswith("$")} - future
    return bool(rows) and len(bad) * 2 >= len(rows)


def _spread(data: bytes, most: int) -> list[bytes]:
    lines = [line for line in data.splitlines() if line.startswith(b"{")]
    step = max(1, -(-len(lines) // most))
    return lines[::step]


def dialect_of_logs(context: DoctorContext) -> Iterator[Diagnostic]:
    """A log that errata cannot read yet, and could with a few lines of settings."""
    for name, kind in staged_logs.kinds(context.config.logs).items():
        data = read_tail(context.root / name)
        if not data or not foreign(context, kind, data):
            continue
        proposal = _propose(context, kind, data)
        message = f"{name}: in another dialect: "
        if proposal.missing:
            yield problem(f"{message}no field holds {' or '.join(proposal.missing)}", _show(name))
        elif not proposal.valid:
            yield problem(f"{message}{proposal.total} records that errata cannot read", _show(name))
        else:
            message += f"{proposal.valid} of {proposal.total} records can be read through aliases"
            yield problem(message, _paste(context, name, kind))


def logs_elsewhere(context: DoctorContext) -> Iterator[Diagnostic]:
    """Files of JSON lines under ``.claude`` that look like findings and that nothing reads."""
    if os.path.lexists(context.root / context.config.logs.findings):
        return
    for name in _candidates(context):
        data = read_tail(context.root / name)
        rows = _spread(data, _SAMPLE) if data else []
        proposal = propose(
            Kind.FINDING, records_of(b"\n".join(rows)), lambda path: _exists(context, path)
        )
        if (
            proposal.total >= 2
            and proposal.valid * 10 >= proposal.total * 8
            and _is_finding(proposal)
        ):
            message = f"{name}: looks like a log of {proposal.total} findings that nothing reads"
            yield note(message, _paste(context, name, Kind.FINDING))


def _is_finding(proposal: Proposal) -> bool:
    """More than any log has: it says where, or how bad."""
    return not proposal.alias.values.get("file") or not proposal.alias.values.get(
        "severity", {}
    ).get("")


def _candidates(context: DoctorContext) -> Iterator[str]:
    known = set(context.config.logs.by_kind().values())
    skip = (f"{context.config.paths.patterns}/", f"{context.config.paths.runbooks}/")
    top, seen = context.root / _FOLDER, 0
    for folder, below, names in os.walk(top):
        depth = len(Path(folder).relative_to(top).parts)
        below[:] = sorted(below) if depth < _DEPTH else []
        for name in sorted(names):
            path = Path(folder, name).relative_to(context.root).as_posix()
            if path.endswith((".jsonl", ".ndjson")) and path not in known:
                seen += 1
                if seen > _FILES:
                    return
                if not path.startswith(skip) and not (context.root / path).is_symlink():
                    yield path


def _exists(context: DoctorContext, path: str) -> bool:
    return ".." not in path and "\0" not in path and os.path.lexists(context.root / path)


def records_of(data: bytes) -> list[dict[str, object]]:
    """The first objects among these lines."""
    return records(data)[:_ROWS]


def _propose(context: DoctorContext, kind: Kind, data: bytes) -> Proposal:
    rows = b"\n".join(_spread(data, _ROWS))
    return propose(kind, records_of(rows), lambda path: _exists(context, path))


def proposal(context: DoctorContext, path: str | None) -> tuple[str, Proposal]:
    """The settings for a log as text, and how far they get; the findings log by default.

    ``path`` counts from the current directory, else from the top of the repository. A log outside
    cannot be configured, only looked at.

    Raises:
        LogError: there is no such log, or nothing can be read in it.
    """
    name = _named(context, path) if path else context.config.logs.findings
    kind = staged_logs.kinds(context.config.logs).get(name, Kind.FINDING)
    data = read_tail(context.root / name)
    if data is None:
        raise LogError(f"{name}: cannot be read", "name a log: --propose-aliases LOG")
    proposal = _propose(context, kind if kind in _KINDS else Kind.FINDING, data)
    if not proposal.total:
        raise LogError(f"{name}: holds no JSON objects", "one record on each line")
    known = name in context.config.logs.by_kind().values()
    configure = not known and not Path(name).is_absolute()
    old = context.config.aliases.get(proposal.kind) if known else None
    return aliases_toml.text(proposal, name if configure else "", old), proposal


def _named(context: DoctorContext, path: str) -> str:
    """The log's path from the top of the repository; absolute if it is outside."""
    here = Path.cwd() / path
    file = (here if here.exists() else context.root / path).resolve()
    top = context.root.resolve()
    return file.relative_to(top).as_posix() if file.is_relative_to(top) else str(file)


def _show(name: str) -> str:
    return f"errata doctor --propose-aliases {shell(name)}"


def _paste(context: DoctorContext, name: str, kind: Kind) -> str:
    """The command that adds the settings, where adding is enough."""
    existing: Alias | None = context.config.aliases.get(kind)
    logs = name not in context.config.logs.by_kind().values() and _has_logs(context)
    if existing is not None or logs or context.config_error:
        return f"{_show(name)}  # these replace the tables of errata.toml"
    return f"{_show(name)} >> errata.toml"


def _has_logs(context: DoctorContext) -> bool:
    import tomllib

    try:
        return "logs" in tomllib.loads((context.root / "errata.toml").read_text("utf-8"))
    except (OSError, ValueError):
        return False
