"""Reading a log: the same at once and in stretches, whatever the lines hold."""

from __future__ import annotations

import json
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from errata.core.config import Config, parse
from errata.patterns.facets import Facets
from errata.patterns.log_files import LogFile, unpack_place
from errata.patterns.log_reader import MAX_LINE, LogReader
from errata.records.model import Kind
from record_builders import correction, finding, incident, learning, lines

ALIASED = parse({"aliases": {"finding": {"fields": {"what": "description"}}}})


def read(data: bytes, kind: Kind, config: Config, *cuts: int) -> Any:
    """Everything that reading gives, cut into stretches at these offsets."""
    facets: list[Facets] = []
    reader = LogReader(config, facets)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "log.jsonl")
        path.write_bytes(data)
        with (log := LogFile.open(3, kind, path)).file:
            for start, stop in pairwise([0, *cuts, len(data)]):
                reader.read(log, start, stop)
    return dict(reader.rows), facets, reader.rejected, reader.withdrawn, reader.ids


def _line(row: Any) -> bytes:
    return json.dumps(row, ensure_ascii=False).encode() + b"\n"


ROWS: dict[Kind, list[Any]] = {
    Kind.FINDING: [
        finding(1),
        finding(2, None, description="the error is not handled anywhere"),
        finding(2, None, description="nothing that a rule knows"),
        finding(3, "Other_Name", agent="sre", service="web", file="services/web/a.py:3"),
        finding(3, id="f-1", session_id="s-1"),
        finding(4, timestamp="2025-02-20"),
        finding(4, timestamp="2025-02-20T10:00:00"),
        finding(4, timestamp="2025-02-20T10:00:00.25+02:00"),
        {**finding(4), "timestamp": None, "date": "2025-02-20"},
        finding(5, affected_agents=["sre", "api-dev"], description='a "}{" and a } { in "text"'),
        finding(5, description="caf\u00e9 \u2028 \u0085 line"),
        finding(6, withdraws="f-1"),
        finding(6, severity="P1"),
        finding(6, "no name!"),
        finding(6, description=""),
        finding(6, timestamp="0999-01-01T00:00:00Z"),
        {**finding(6), "timestamp": None},
        {**finding(7), "what": finding(7)["description"], "description": None},
        finding(8, session_id=7),
    ],
    Kind.INCIDENT: [incident(1), incident(2, "other"), incident(3, agent="Not A Name")],
    Kind.LEARNING: [
        learning(1),
        learning(2, applicable_to=["sre"], confidence="high"),
        learning(3, agent=None),
        learning(4, type="rule"),
    ],
    Kind.CORRECTION: [
        correction(1),
        correction(2, id="c-1", session_id="s-2", context={"service": "web"}),
        correction(3, context="free text"),
        correction(4, source="guessed"),
    ],
}
DAMAGE = [
    *(b"\n", b"  \r\n", b"\r", b"{damaged}\n", b"null\n", b"[]\n", b'"text"\n', b"}{\n", b"{\n"),
    *(b"\xef\xbb\xbf", b"\xff\xfe\n", b"\0\n", b'{"a":1}{"b":2}\n', b'{"a":1} {"b":2}\n'),
    *(b'{"a":\n', b"1}", b'{"description":"' + b"x" * 300, b"[" * 4000 + b"\n"),
    *(b"\x0b", b"\x0c\n", b"\xe2\x80\xa8\n"),
]
_CHANGES = [
    lambda line: line,
    lambda line: line[:-1] + b"\r\n",
    lambda line: line[:-1],
    lambda line: line[:-1] + b"\r",
    lambda line: b" " + line,
    lambda line: line[:-1] + b" \t\n",
    lambda line: line.replace(b", ", b",\n", 1),
    lambda line: line[: len(line) // 2],
]


@st.composite
def logs(draw: st.DrawFn) -> tuple[bytes, Kind, Config]:
    """A log of any kind, most of whose lines are valid."""
    kind = draw(st.sampled_from(list(ROWS)))
    row = st.sampled_from(ROWS[kind]).map(_line)
    changed = st.builds(lambda line, change: change(line), row, st.sampled_from(_CHANGES))
    piece = st.one_of(row, row, row, changed, st.sampled_from(DAMAGE))
    config = draw(st.sampled_from([Config(), Config(), ALIASED]))
    return b"".join(draw(st.lists(piece, max_size=30))), kind, config


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(logs(), st.data())
def test_reading_in_stretches_equals_reading_at_once(
    log: tuple[bytes, Kind, Config], data: st.DataObject
) -> None:
    content = log[0]
    starts = [0, *(n + 1 for n, byte in enumerate(content) if byte == 10)]
    cuts = sorted(data.draw(st.lists(st.sampled_from(starts), max_size=3)))
    whole = read(*log)
    assert read(*log, *cuts) == whole
    # Each line counts or is rejected at most once.
    places = [row[1] for rows in whole[0].values() for row in rows]
    places += [rejected.place for rejected in whole[2]]
    assert len(places) == len(set(places)) <= len(content.splitlines()) + content.count(b"\n")
    assert {unpack_place(place)[1] for place in places} <= set(starts)


@pytest.mark.parametrize("kind", list(ROWS))
def test_rows_of_every_kind(kind: Kind) -> None:
    data = _line(ROWS[kind][0]) * 3 + _line(ROWS[kind][1])[:-1] + b"\r\n"
    rows, facets, rejected, *_ = read(data, kind, Config())
    assert sum(map(len, rows.values())) == 4
    assert rejected == [] and {each.kind for each in facets} == {kind}


@pytest.mark.parametrize(
    ("block", "rejected"),
    [
        (b'{"a":1}%s\n\n' % _line(ROWS[Kind.FINDING][0])[:-1], 1),
        (_line(ROWS[Kind.FINDING][0])[:-1] + b" \t" + _line(ROWS[Kind.FINDING][0]) + b"\n", 1),
        (_line(ROWS[Kind.FINDING][0]).replace(b", ", b",\n", 1), 2),
        (_line(ROWS[Kind.FINDING][0])[:-1] + b"\r" + _line(ROWS[Kind.FINDING][0]) + b"\n", 1),
    ],
)
def test_a_line_holds_one_value(block: bytes, rejected: int) -> None:
    assert len(read(block, Kind.FINDING, Config())[2]) == rejected


def test_a_long_line_among_others() -> None:
    data = lines(finding(1), finding(2, description="x" * MAX_LINE), finding(3))
    rows, _, rejected, *_ = read(data, Kind.FINDING, Config())
    assert sum(map(len, rows.values())) == 2
    assert [bad.why for bad in rejected] == ["the line is longer than 1 MiB"]
