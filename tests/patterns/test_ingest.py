"""Reading logs: what counts, what counts once, what is left out and why."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from errata.core.config import Config, parse
from errata.core.git import Repository
from errata.patterns.corpus import load_corpus
from errata.records.identity import record_id
from errata.records.model import CorrectionType, Kind, Severity, Source
from record_builders import (
    CORRECTIONS,
    FINDINGS,
    INCIDENTS,
    LEARNINGS,
    NOW,
    ago,
    correction,
    finding,
    incident,
    learning,
    lines,
    look,
    put,
)

NAME = "missing-widget-check"


def counts(root: Path, config: Config | None = None) -> dict[str, int]:
    return {name: pattern.count for name, pattern in look(root, config).patterns.items()}


def why(root: Path) -> list[str]:
    return [rejected.why for rejected in look(root).rejected]


def test_all_logs_count_towards_one_pattern(tmp_path: Path) -> None:
    put(tmp_path, FINDINGS, lines(finding(1), finding(2, severity="blocking")))
    put(tmp_path, LEARNINGS, lines(learning(3, confidence="high", type="pattern")))
    put(tmp_path, CORRECTIONS, lines(correction(4), correction(5, source="implicit")))
    put(tmp_path, INCIDENTS, lines(incident(6, severity="low")))
    pattern = look(tmp_path).patterns[NAME]
    assert pattern.counts.kinds == {
        Kind.FINDING: 2,
        Kind.LEARNING: 1,
        Kind.CORRECTION: 2,
        Kind.INCIDENT: 1,
    }
    assert pattern.counts.sources == {
        Source.WARNING: 1,
        Source.BLOCKING: 1,
        Source.LEARNING: 1,
        Source.EXPLICIT: 1,
        Source.IMPLICIT: 1,
        Source.INCIDENT: 1,
    }
    assert pattern.counts.severities == {
        Severity.WARNING: 3,
        Severity.BLOCKING: 2,
        Severity.NIT: 1,
    }
    assert pattern.counts.correction_types == {CorrectionType.CODE_COMPLETENESS: 2}


def test_both_vocabularies(tmp_path: Path) -> None:
    other = {"date": "2025-02-27", "severity": "nit", "finding": "No check", "pattern": NAME}
    put(tmp_path, FINDINGS, lines(finding(1), other))
    other_learning = {"date": "2025-02-27", "agent": "sre", "description": "Check", "pattern": NAME}
    put(tmp_path, LEARNINGS, lines(other_learning))
    assert counts(tmp_path) == {NAME: 3}


def test_names_are_normalised_and_inferred_where_missing(tmp_path: Path) -> None:
    put(
        tmp_path,
        FINDINGS,
        lines(
            finding(1, "Missing_Widget Check"),
            finding(2),
            finding(3, None, description="unhandled exception in worker"),  # type: ignore[arg-type]
            finding(4, "", description="Nothing that a rule knows"),
        ),
    )
    analysis = look(tmp_path)
    assert {name: p.count for name, p in analysis.patterns.items()} == {
        NAME: 2,
        "missing-error-handling": 1,
    }
    assert analysis.unnamed and analysis.unnamed.count == 1


@pytest.mark.parametrize(
    "again",
    [
        lambda record: json.dumps(record),
        lambda record: json.dumps(record, sort_keys=True, separators=(",", ":")),
        lambda record: json.dumps(dict(reversed(record.items()))),
        lambda record: "  " + json.dumps(record) + " \r",
        lambda record: json.dumps(record).replace("widget", "w\\u0069dget"),
        lambda record: json.dumps(record).replace("/", "\\/"),
    ],
)
def test_the_same_record_counts_once(tmp_path: Path, again: Any) -> None:
    record = finding(1, pr=7, extra={"é": [1.5, None]})
    put(tmp_path, FINDINGS, lines(record, finding(2)) + again(record).encode() + b"\n")
    assert counts(tmp_path) == {NAME: 2}


def test_numbers_are_compared_by_value(tmp_path: Path) -> None:
    record = json.dumps(finding(1, pr=7)).encode()
    same = record.replace(b'"pr": 7', b'"pr": 7.0')
    assert same != record
    put(tmp_path, FINDINGS, record + b"\n" + same + b"\n")
    assert counts(tmp_path) == {NAME: 1}


@pytest.mark.parametrize(
    "changed",
    [{"description": "Other"}, {"file": "b.go"}, {"extra": 1}, {"feature_id": "f"}, {"pr": "7"}],
)
def test_a_record_that_differs_in_any_field_counts(tmp_path: Path, changed: dict[str, Any]) -> None:
    put(tmp_path, FINDINGS, lines(finding(1, pr=7), finding(1, pr=7) | changed))
    assert counts(tmp_path) == {NAME: 2}


def test_an_incident_with_the_content_of_a_finding_counts_too(tmp_path: Path) -> None:
    both = finding(1, severity="warning")
    put(tmp_path, FINDINGS, lines(both))
    put(tmp_path, INCIDENTS, lines(both))
    assert counts(tmp_path) == {NAME: 2}


def test_of_records_with_one_id_the_newest_counts(tmp_path: Path) -> None:
    put(
        tmp_path,
        CORRECTIONS,
        lines(
            correction(5, id="c-1"),
            correction(3, "other-pattern", id="c-1"),
            correction(4, id="c-1"),
            correction(3, "other-pattern", id="c-1"),
        ),
    )
    assert counts(tmp_path) == {"other-pattern": 1}


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("order", [*itertools.permutations(range(3))])
def test_of_equally_new_records_with_one_id_the_described_one_counts(
    tmp_path: Path, order: tuple[int, ...], at_once: bool
) -> None:
    rows = [
        correction(4, id="c-1", agent="zzz-dev"),
        correction(4, "described-pattern", id="c-1", edits=["call-removed print"]),
        correction(5, "older-pattern", id="c-1", edits=["call-removed print", "try-added"]),
    ]
    rows = [rows[index] for index in order]
    for count in (3,) if at_once else (1, 2, 3):
        put(tmp_path, CORRECTIONS, lines(*rows[:count]))
        seen = counts(tmp_path)
    assert seen == {"described-pattern": 1}


def test_ids_are_scoped_to_their_log(tmp_path: Path) -> None:
    put(tmp_path, FINDINGS, lines(finding(1, id="1"), finding(2, id="2")))
    put(tmp_path, LEARNINGS, lines(learning(1, id="1"), learning(2, id="2")))
    assert counts(tmp_path) == {NAME: 4}


@pytest.mark.parametrize("is_reversed", [False, True])
def test_neither_withdrawn_records_nor_withdrawals_count(tmp_path: Path, is_reversed: bool) -> None:
    rows = [
        correction(5, id="c-1"),
        correction(4, id="c-2"),
        correction(3, withdraws="c-1"),
        correction(3, withdraws="never-was"),
    ]
    put(tmp_path, CORRECTIONS, lines(*(reversed(rows) if is_reversed else rows)))
    assert counts(tmp_path) == {NAME: 1}


@pytest.mark.parametrize("is_reversed", [False, True])
def test_a_record_without_an_id_is_withdrawn_by_its_content(
    tmp_path: Path, is_reversed: bool
) -> None:
    wrong = finding(5)
    rows = [wrong, finding(4), finding(3, withdraws=record_id(wrong))]
    put(tmp_path, FINDINGS, lines(*(reversed(rows) if is_reversed else rows)))
    assert counts(tmp_path) == {NAME: 1}
    # Only in its own log.
    put(tmp_path, LEARNINGS, lines(wrong | {"agent": "sre"}))
    assert counts(tmp_path) == {NAME: 2}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (finding(1, severity="P1"), "severity 'P1' is not allowed; allowed: blocking, warning"),
        (finding(1, timestamp="yesterday"), "'yesterday' is not a date; allowed: 2025-01-31"),
        (finding(1, timestamp="2025-02-30T00:00:00Z"), "is not a date"),
        (finding(1, timestamp=1740000000), "Expected `datetime | null`, got `int`"),
        ({"severity": "nit", "description": "x"}, "no timestamp and no date"),
        ({"date": "soon", "severity": "nit", "description": "x"}, "'soon' is not a date"),
        (finding(1, timestamp="0999-01-01T00:00:00Z"), "before the year 1000"),
        (finding(1, description=["x"]), "Expected `str | null`, got `array`"),
        (finding(1, description=""), "no description"),
        (finding(1, agent="../../x"), "'../../x' is not an agent name"),
        (finding(1, agent="x" * 65), "is not an agent name"),
        (finding(1, affected_agents=["ok", "Not OK"]), "'Not OK' is not an agent name"),
        (finding(1, "../../x"), "'../../x' is not a pattern name"),
        (finding(1, "x" * 101), "is not a pattern name"),
        ("text", "not a JSON object"),
        (["x"], "not a JSON object"),
    ],
)
def test_an_invalid_line_is_rejected_with_a_reason(tmp_path: Path, line: Any, message: str) -> None:
    put(tmp_path, FINDINGS, lines(finding(2), line, finding(3)))
    assert counts(tmp_path) == {NAME: 2}
    (reason,) = why(tmp_path)
    assert message in reason and "\n" not in reason


@pytest.mark.parametrize(
    ("log", "line", "message"),
    [
        (LEARNINGS, learning(1, agent=None), "no agent"),
        (LEARNINGS, learning(1, type="rumour"), "type 'rumour' is not allowed"),
        (LEARNINGS, learning(1, confidence="certain"), "severity 'certain' is not allowed"),
        (CORRECTIONS, correction(1, correction_type="x"), "correction_type 'x' is not allowed"),
        (CORRECTIONS, correction(1, source="rumour"), "source 'rumour' is not allowed"),
        (CORRECTIONS, correction(1, agent=""), "no agent"),
        (CORRECTIONS, correction(1, user_correction="x"), "Expected `object`, got `str`"),
        (INCIDENTS, incident(1, severity=None), "severity None is not allowed"),
    ],
)
def test_invalid_lines_of_the_other_logs(tmp_path: Path, log: str, line: Any, message: str) -> None:
    put(tmp_path, log, lines(line))
    assert counts(tmp_path) == {}
    (reason,) = why(tmp_path)
    assert message in reason


@pytest.mark.parametrize(
    "damage",
    [
        b"{",
        b"\xff\xfe",
        b'{"a": NaN}',
        b"<<<<<<< HEAD",
        b"[" * 200_000,
        b'{"x":' + b"[" * 5000 + b"]" * 5000 + b"}",
        b"\xef\xbb\xbf{}",
    ],
    ids=["cut", "not-utf-8", "nan", "conflict", "deep", "deep-whole", "bom"],
)
def test_a_damaged_line_does_not_affect_others(tmp_path: Path, damage: bytes) -> None:
    put(tmp_path, FINDINGS, lines(finding(2)) + damage + b"\n" + lines(finding(3)))
    assert counts(tmp_path) == {NAME: 2}
    assert len(why(tmp_path)) == 1


@pytest.mark.parametrize("extra", [b'"x": 1e999', b'"x": "\xff"'])
def test_fields_that_are_not_read_may_be_invalid(tmp_path: Path, extra: bytes) -> None:
    line = lines(finding(1))[:-2] + b", " + extra + b"}\n"
    put(tmp_path, FINDINGS, line + lines(finding(2)) + line)
    pattern = look(tmp_path).patterns[NAME]
    assert pattern.count == 2
    assert len(pattern.excerpts) == 2


def test_blank_lines_and_an_unfinished_last_line_are_ignored(tmp_path: Path) -> None:
    whole = lines(finding(1), finding(2))
    put(tmp_path, FINDINGS, b"\n  \r\n" + whole + lines(finding(3))[:-20])
    assert counts(tmp_path) == {NAME: 2}
    assert why(tmp_path) == []
    put(tmp_path, FINDINGS, whole + lines(finding(3))[:-1])
    assert counts(tmp_path) == {NAME: 2}  # whole, but its writer has not ended it


def test_a_line_that_is_too_long(tmp_path: Path) -> None:
    huge = finding(1, description="x" * (1 << 20))
    put(tmp_path, FINDINGS, lines(finding(2), huge, finding(3)))
    assert counts(tmp_path) == {NAME: 2}
    assert why(tmp_path) == ["the line is longer than 1 MiB"]


def test_aliases_of_another_dialect(tmp_path: Path) -> None:
    config = parse(
        {
            "aliases": {
                "finding": {
                    "fields": {"level": "severity", "what": "description", "at": "date"},
                    "values": {"severity": {"P1": "blocking", "2": "warning"}},
                }
            }
        }
    )
    theirs = {"at": "2025-02-20", "level": "P1", "what": "x", "pattern": NAME}
    put(tmp_path, FINDINGS, lines(theirs, theirs | {"level": 2}, finding(1)))
    assert look(tmp_path, config).patterns[NAME].counts.severities == {
        Severity.BLOCKING: 1,
        Severity.WARNING: 2,
    }


def test_dates_are_midnight_and_offsets_apply(tmp_path: Path) -> None:
    rows = [
        finding(1, timestamp="2025-02-28T01:00:00+02:00"),
        finding(1, timestamp="2025-02-27", description="b"),
        finding(1, timestamp="2025-02-27T23:00:00", description="c"),
    ]
    put(tmp_path, FINDINGS, lines(*rows))
    records = load_corpus(Repository(tmp_path, None, None), Config())
    when = records.occurrences.patterns[NAME].when
    noon = NOW - 2 * 86_400_000_000
    assert list(when) == [noon, noon + 82_800_000_000, noon + 82_800_000_000]
    assert ago(2) == "2025-02-27T00:00:00Z"
