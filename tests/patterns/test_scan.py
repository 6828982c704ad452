"""Reading a log by blocks: the same as line by line, whatever the lines hold."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from errata.core.config import Config, parse
from errata.patterns import scan
from errata.patterns.route import Router
from errata.patterns.scan import Log, Scan
from errata.records.model import Kind
from errata.records.pattern_names import known, name_of, names_of
from record_builders import correction, finding, incident, learning, lines

ALIASED = parse({"aliases": {"finding": {"fields": {"what": "description"}}}})


def read(data: bytes, kind: Kind, config: Config, start: int = 0, stop: int | None = None) -> Any:
    """Everything that reading gives."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "log.jsonl")
        path.write_bytes(data)
        end = len(data) if stop is None else stop
        part = Scan(Log(3, kind, path), config, Router(config)).read(start, end)
    ledger = part.ledger
    groups = {name: tuple(map(list, group.own())) for name, group in ledger.groups.items()}
    told = list(part.words), list(part.wheres), part.ids
    return groups, ledger.combos, ledger.rejected, ledger.withdrawn, told


def singly(*args: Any) -> Any:
    """The same by the loop over lines alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Scan, "_whole", lambda *_: False)
        return read(*args)


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
_TURNS = [
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
    """A log of any kind: most of its lines are whole."""
    kind = draw(st.sampled_from(list(ROWS)))
    row = st.sampled_from(ROWS[kind]).map(_line)
    turned = st.builds(lambda line, turn: turn(line), row, st.sampled_from(_TURNS))
    piece = st.one_of(row, row, row, turned, st.sampled_from(DAMAGE))
    config = draw(st.sampled_from([Config(), Config(), ALIASED]))
    return b"".join(draw(st.lists(piece, max_size=30))), kind, config


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(logs(), st.sampled_from([1, 200, 900, 1 << 18]), st.data())
def test_by_blocks_is_line_by_line(
    log: tuple[bytes, Kind, Config], size: int, data: st.DataObject
) -> None:
    content = log[0]
    starts = [0, *(n + 1 for n, byte in enumerate(content) if byte == 10)]
    start, stop = sorted(data.draw(st.lists(st.sampled_from(starts), min_size=2, max_size=2)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scan, "_BLOCK", size)
        for cut in ((0, len(content)), (start, stop)):
            assert read(*log, *cut) == singly(*log, *cut)


@pytest.mark.parametrize("kind", list(ROWS))
def test_plain_lines_are_read_at_once(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    data = _line(ROWS[kind][0]) * 3 + _line(ROWS[kind][1])[:-1] + b"\r\n"
    expected = singly(data, kind, Config())
    monkeypatch.setattr(Scan, "_each", None)
    assert read(data, kind, Config()) == expected
    assert len(expected[-1][1]) == 4


@pytest.mark.parametrize(
    "block",
    [
        b'{"a":1}%s\n\n' % _line(ROWS[Kind.FINDING][0])[:-1],
        _line(ROWS[Kind.FINDING][0])[:-1] + b" \t" + _line(ROWS[Kind.FINDING][0]) + b"\n",
        _line(ROWS[Kind.FINDING][0]).replace(b", ", b",\n", 1)[:-1] + _line(ROWS[Kind.FINDING][0]),
        _line(ROWS[Kind.FINDING][0])[:-1] + b"\r" + _line(ROWS[Kind.FINDING][0]) + b"\n",
    ],
)
def test_as_many_values_as_lines_is_not_one_on_each(block: bytes) -> None:
    found = read(block, Kind.FINDING, Config())
    assert found == singly(block, Kind.FINDING, Config())
    assert found[2]


def test_a_long_line_in_a_block_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "MAX_LINE", 2000)
    data = lines(finding(1), finding(2, description="x" * 3000), finding(3))
    found = read(data, Kind.FINDING, Config())
    assert found == singly(data, Kind.FINDING, Config())
    assert [bad.why for bad in found[2]] == ["the line is longer than 1 MiB"]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from([*(r.description for r in known().values()), "none", "An Error"])))
def test_names_of_many_texts(texts: list[str]) -> None:
    assert names_of(texts) == [name_of(text) for text in texts]
