"""Logs: one line, one file, and logs in other dialects."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from qa.fuzz import mutation
from qa.fuzz.target import Target, chosen

from dialect_samples import SAMPLES
from errata.core.config import Alias, Config
from errata.core.errors import RecordError
from errata.patterns.columns import Occurrences
from errata.patterns.ingest import Ingest, Stretch
from errata.patterns.log_files import LogFile, LogLines
from errata.records import aliases_toml, identity, validate
from errata.records.alias_proposal import propose as proposed
from errata.records.dialect import moment, translate
from errata.records.model import Kind
from errata.records.reader import decoders
from record_builders import correction, finding, incident, learning

_NOW = 1_740_787_200_000_000
_KINDS = tuple(Kind)
_BUILDERS = (finding, learning, correction, incident)
ALIASES = (
    None,
    Alias(),
    Alias({"ts": "timestamp", "msg": "description"}, {"severity": {"P1": "blocking", "": "nit"}}),
    Alias({"where.path": "file", "spots.0.line": "line", "n": "id", "who": "agent"}, {}),
    Alias({"description": "timestamp", "timestamp": "description"}, {"agent": {"true": "x"}}),
)
_NAMES = tuple(
    f'"{name}":'.encode()
    for name in (
        *("timestamp", "date", "severity", "description", "finding", "file", "pattern", "id"),
        *("agent", "insight", "type", "confidence", "correction_type", "source", "ai_action"),
        *("user_correction", "summary", "withdraws", "context", "service", "line", "ts", "msg"),
        *("where", "path", "spots", "n", "who", "applicable_to", "affected_agents"),
    )
)
_WORDS = (
    *_NAMES,
    *(b'"blocking"', b'"explicit"', b'"code_quality"', b'"2025-01-15"', b"null", b"true", b"[]"),
    *(b"{}", b"\n", b'"2025-01-15T14:30:00Z"', b'"1736951400"', b"1736951400123", b"1e5", b"[" * 9),
)


def _record(data: bytes) -> None:
    """One line: decoding, its canonical form, its identity, and that form read again."""
    try:
        value = identity.decode(data)
    except RecordError:
        return
    try:
        form = identity.canonical(value)
    except RecordError:
        return
    again = identity.decode(form)
    assert identity.canonical(again) == form
    assert identity.line_id(form) == identity.line_id(data) == identity.record_id(value)


def _reader(data: bytes) -> None:
    """One line: both decoders, and what is made of it."""
    (kind, alias), line = chosen(data, _KINDS, ALIASES)
    read = []
    for decode in decoders(kind, alias):  # type: ignore[arg-type]
        try:
            raw = decode(line)
            read.append(raw)
            hash(raw.facet_values())
            raw.when()
            raw.record()
        except (ValueError, RecursionError):
            continue
    if len(read) == 2:
        assert read[0] == read[1]


def _validate(data: bytes) -> None:
    """A log: what is committed before a NUL, and what is new behind it."""
    (kind, alias), rest = chosen(data, _KINDS, ALIASES)
    old, mark, new = rest.rpartition(b"\x01")
    report = validate.check(
        kind,  # type: ignore[arg-type]
        old + new,
        [old] if mark else (),
        now=_NOW,
        alias=alias,  # type: ignore[arg-type]
        detail=2,
    )
    for problem in report.problems:
        assert "\n" not in problem.at("log.jsonl")


@cache
def _folder() -> Path:
    """In memory where that is possible: a disk would set the pace."""
    place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    return Path(tempfile.mkdtemp(prefix="errata-fuzz-", dir=place))


def _ingest(data: bytes) -> None:
    """A log, as evolve reads it: in two stretches and at once, with the same result."""
    (kind, alias), rest = chosen(data, _KINDS, ALIASES)
    path = _folder() / "log.jsonl"
    path.write_bytes(rest)
    config = Config(aliases={str(kind): alias} if alias else {})  # type: ignore[dict-item]
    cut = rest.find(b"\n", len(rest) // 2) + 1
    with (log := LogFile.open(0, kind, path)).file:  # type: ignore[arg-type]
        assert _places(config, [(log, 0, cut), (log, cut, len(rest))]) == _places(
            config, [(log, 0, len(rest))]
        )


def _places(config: Config, stretches: list[Stretch]) -> dict[str, list[int]]:
    occurrences = Occurrences()
    ingest = Ingest(LogLines([stretches[0][0]]), config, occurrences)
    for stretch in stretches:
        ingest.read([stretch])
    return {name: list(columns.place) for name, columns in occurrences.patterns.items()}


def _dialect(data: bytes) -> None:
    (kind, alias), line = chosen(data, _KINDS, ALIASES)
    try:
        raw = identity.decode(line)
    except RecordError:
        return
    for value in raw.values() if isinstance(raw, dict) else [raw]:
        if isinstance(value, str | int | float):
            moment(value)
    if isinstance(raw, dict):
        before = json.dumps(raw)
        translate(kind, raw, alias)  # type: ignore[arg-type]
        assert json.dumps(raw) == before


def _propose(data: bytes) -> None:
    records: list[dict[str, Any]] = []
    for line in data.split(b"\n")[:4]:
        try:
            value = identity.decode(line)
        except RecordError:
            continue
        if isinstance(value, dict):
            records.append(value)
    aliases_toml.text(proposed(Kind.FINDING, records))


def _lines(*records: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def _line_seeds() -> Iterable[bytes]:
    for at, build in enumerate(_BUILDERS):
        record = build(3, id="x-1") if build is not incident else build(3)
        yield _lines(record).rstrip()
        yield bytes([at, 0]) + _lines(record).rstrip()
        yield bytes([at, 2]) + _lines({"ts": 1736951400, "msg": "a b", "severity": "P1"}).rstrip()
    where = {"where": {"path": "./a.py"}, "spots": [{"line": 4}], "n": 7, "who": "Api Dev"}
    yield bytes([0, 3]) + _lines({**finding(1), **where}).rstrip()


def _log_seeds() -> Iterable[bytes]:
    for at, build in enumerate(_BUILDERS):
        yield bytes([at, 0]) + _lines(build(9)) + b"\x01" + _lines(build(3), build(9))
        yield bytes([at, 0]) + _lines(build(3, id="a"), build(3, id="a"), build(2, withdraws="a"))
    yield bytes([0, 2]) + _lines({"ts": 1736951400, "msg": "a b", "severity": "P1", "file": "x"})


def _sample_seeds() -> Iterable[bytes]:
    for sample in SAMPLES:
        yield _lines(*sample.records[:2])


def _of_lines(data: bytes, random: Any) -> bytes:
    head, rest = data[:2], data[2:]
    if random.randrange(6) == 0:
        head = bytes([random.randrange(4), random.randrange(len(ALIASES))])
    change = mutation.values if random.randrange(3) else _by_words
    return head + change(rest, random)


def _of_line(data: bytes, random: Any) -> bytes:
    return (mutation.values if random.randrange(3) else _by_words)(data, random)


def _by_words(data: bytes, random: Any) -> bytes:
    return mutation.words(data, random, _WORDS)


TARGETS = (
    Target("record", _record, _line_seeds, _WORDS, mutate=_of_line),
    Target("reader", _reader, _line_seeds, _WORDS, mutate=_of_lines),
    Target("validate", _validate, _log_seeds, _WORDS, limit=700, mutate=_of_lines),
    Target("ingest", _ingest, _log_seeds, _WORDS, limit=700, mutate=_of_lines),
    Target("dialect", _dialect, _line_seeds, _WORDS, mutate=_of_lines),
    Target("propose", _propose, _sample_seeds, _WORDS, limit=600, mutate=_of_line),
)
