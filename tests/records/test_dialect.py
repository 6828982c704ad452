"""A log in another dialect is read as ours: names, values, and forms that say the same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errata.core.config import Alias
from errata.records import reader, validate
from errata.records.dialect import moment, place, translate
from errata.records.instants import parse
from errata.records.model import Kind
from errata.records.pattern_names import PATTERN_NAME, kebab

NOW = parse("2025-03-01")


def read(raw: dict[str, Any], kind: Kind = Kind.FINDING, **alias: Any) -> dict[str, Any]:
    return translate(kind, raw, Alias(**alias))


def test_without_an_alias_nothing_is_looked_at() -> None:
    raw = {"timestamp": 1_736_942_400, "line": 3, "file": "a.py", "pattern": "Not Kebab"}
    assert translate(Kind.FINDING, raw, None) is raw


def test_names_lead_into_objects_and_lists() -> None:
    raw = {"loc": {"spots": [{"uri": "a.py"}, {"uri": "b.py"}]}, "flat.name": "text"}
    fields = {"loc.spots.0.uri": "file", "flat.name": "description", "loc.none.x": "service"}
    found = read(raw, fields=fields)
    assert (found["file"], found["description"]) == ("a.py", "text")
    assert found["loc"] == raw["loc"]
    assert "service" not in found


@pytest.mark.parametrize("where", ["loc.5.uri", "loc.x.uri", "loc.0.uri.more", "loc.-1.uri"])
def test_a_name_that_leads_nowhere_is_no_field(where: str) -> None:
    assert "file" not in read({"loc": [{"uri": "a.py"}]}, fields={where: "file"})


def test_our_own_field_wins_unless_it_is_null() -> None:
    fields = {"rule": "pattern"}
    kept = read({"pattern": "own-name", "rule": "theirs"}, fields=fields)
    assert (kept["pattern"], kept["rule"]) == ("own-name", "theirs")
    assert read({"rule": "theirs", "pattern": None}, fields=fields)["pattern"] == "theirs"


def test_of_two_names_for_one_field_the_first_of_the_table_wins() -> None:
    fields = {"title": "description", "body": "description"}
    found = read({"body": "long", "title": "short"}, fields=fields)
    assert (found["description"], found["body"]) == ("short", "long")
    assert read({"body": "long"}, fields=fields)["description"] == "long"


def test_a_field_of_ours_that_means_something_else_moves_away() -> None:
    fields = {"id": "external_id", "category": "pattern"}
    found = read({"id": "not an id", "category": "Null Check"}, fields=fields)
    assert found == {"external_id": "not an id", "pattern": "null-check"}


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ("P1", "blocking"),
        (" p1 ", "blocking"),
        ("MUST FIX", "blocking"),
        ("Must Fix", "blocking"),
        (3, "nit"),
        (True, "blocking"),
        (False, "nit"),
        (None, "warning"),
        ("", "warning"),
        ("else", "else"),
        (3.5, 3.5),
    ],
)
def test_values_are_looked_up_as_json_writes_them_without_case(value: Any, word: Any) -> None:
    words = {"P1": "blocking", "must fix": "blocking", "3": "nit", "": "warning"}
    words |= {"true": "blocking", "false": "nit"}
    assert read({"severity": value}, values={"severity": words})["severity"] == word


def test_an_exact_spelling_goes_before_a_folded_one() -> None:
    words = {"P": "blocking", "p": "nit"}
    assert read({"severity": "p"}, values={"severity": words})["severity"] == "nit"


def test_what_is_absent_can_have_a_value() -> None:
    found = read({}, values={"severity": {"": "warning"}, "file": {"": "."}})
    assert (found["severity"], found["file"]) == ("warning", ".")


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (1_736_942_400, "2025-01-15T12:00:00Z"),
        (1_736_942_400.5, "2025-01-15T12:00:00.500000Z"),
        (1_736_942_400_000, "2025-01-15T12:00:00Z"),
        (1_736_942_400_123_456, "2025-01-15T12:00:00.123456Z"),
        (1_736_942_400_123_456_789, "2025-01-15T12:00:00.123457Z"),
        ("1736942400", "2025-01-15T12:00:00Z"),
        ("1736942400.25", "2025-01-15T12:00:00.250000Z"),
        ("2025-01-15 12:00:00 +0100", "2025-01-15T11:00:00Z"),
        ("2025-01-15T12:00:00+0000", "2025-01-15T12:00:00Z"),
        ("2025-01-15T12:00", "2025-01-15T12:00:00Z"),
        ("2025-01-15 12:00:00 UTC", "2025-01-15T12:00:00Z"),
        ("2025/01/15 12:00:00", "2025-01-15T12:00:00Z"),
        ("20250115T120000Z", "2025-01-15T12:00:00Z"),
        ("2025-01-15T12:00:00z", "2025-01-15T12:00:00Z"),
        (" 2025-01-15 ", "2025-01-15"),
        # Ours already, or nothing that can be told.
        ("2025-01-15", None),
        ("2025-01-15T12:00:00+01:00", None),
        ("yesterday", None),
        ("14:30:00", None),
        (True, None),
        (1e30, None),
        (float("inf"), None),
        (float("nan"), None),
    ],
)
def test_times_in_other_forms(theirs: Any, ours: str | None) -> None:
    assert moment(theirs) == ours


@given(st.text(max_size=30) | st.floats() | st.integers())
def test_a_time_that_was_brought_into_form_is_valid_and_stays(value: Any) -> None:
    found = moment(value)
    if found is not None:
        record = {"timestamp": found, "severity": "nit", "description": "d", "file": "f"}
        checked = validate.check(
            Kind.FINDING, json.dumps(record).encode() + b"\n", now=parse("9999-12-31")
        )
        assert checked.problems == []
        assert moment(found) is None


@pytest.mark.parametrize(
    ("file", "line", "found"),
    [
        ("a.py", 12, "a.py:12"),
        ("a.py", "12", "a.py:12"),
        ("a.py", "12-20", "a.py:12"),
        ("a.py", "L7", "a.py:7"),
        ("a.py:3", 12, "a.py:3"),
        ("a.py:3:9", 12, "a.py:3:9"),
        ("./a.py", None, "a.py"),
        ("file://a.py", 1, "a.py:1"),
        ("a.py", 0, "a.py"),
        ("a.py", True, "a.py"),
        ("a.py", [12], "a.py"),
        ("", 12, ""),
    ],
)
def test_a_line_beside_a_file(file: str, line: Any, found: str) -> None:
    assert place(file, line) == found
    assert read({"file": file, "line": line})["file"] == found


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("missing-check", "missing-check"),
        ("Missing Check", "missing-check"),
        ("missing_check", "missing-check"),
        ("MissingErrorHandling", "missing-error-handling"),
        ("SQLInjection", "sql-injection"),
        ("B101", "b101"),
        ("CWE-79: XSS", "cwe-79-xss"),
        ("@typescript-eslint/no-explicit-any", "typescript-eslint-no-explicit-any"),
        ("python.lang.security.audit.evalUse", "python-lang-security-audit-eval-use"),
        ("Überlauf", "uberlauf"),
        ("検証", "検証"),
        ("a " * 80, "-".join("a" * 50)),
        ("x" * 200, "x" * 100),
    ],
)
def test_names_of_patterns(text: str, name: str) -> None:
    assert kebab(text) == name


@given(st.text())
def test_a_kebab_name_is_a_pattern_name_or_the_text_itself(text: str) -> None:
    name = kebab(text)
    assert name == text or PATTERN_NAME.match(name)
    assert kebab(name) == name or name == text


def test_agents_and_ids() -> None:
    found = read({"agent": "CodeRabbit AI[bot]", "affected_agents": "API Dev", "id": 17})
    assert found["agent"] == "code-rabbit-ai-bot"
    assert found["affected_agents"] == ["api-dev"]
    assert found["id"] == "17"
    assert read({"agent": " ", "pattern": ""}) == {"agent": None, "pattern": None}


def test_each_kind_has_its_own_name_for_patterns() -> None:
    raw = {"name": "A B", "pattern": "C D", "pattern_inferred": "E F"}
    assert read(raw, Kind.LEARNING)["name"] == "a-b"
    assert read(raw, Kind.INCIDENT)["pattern"] == "c-d"
    assert read(raw, Kind.CORRECTION)["pattern_inferred"] == "e-f"


NESTED = Alias(
    fields={"level": "severity", "at": "timestamp", "message.text": "description"}
    | {"where.path": "file", "where.line": "line", "ruleId": "pattern", "meta.key": "id"},
    values={"severity": {"error": "blocking"}},
)
THEIRS = {
    "level": "ERROR",
    "at": 1_736_942_400,
    "message": {"text": "No check"},
    "where": {"path": "a.py", "line": 7},
    "ruleId": "MissingCheck",
    "meta": {"key": 41},
}


def line(record: dict[str, Any]) -> bytes:
    return json.dumps(record).encode() + b"\n"


def test_validation_and_reading_translate_alike() -> None:
    assert validate.check(Kind.FINDING, line(THEIRS), now=NOW, alias=NESTED).problems == []
    record = reader.decoder(Kind.FINDING, NESTED)(line(THEIRS)).record()
    assert (record.pattern, record.file, record.text) == ("missing-check", "a.py:7", "No check")
    assert record.when == parse("2025-01-15T12:00:00Z")


def test_a_number_as_id_may_not_come_twice() -> None:
    old, again = line(THEIRS), line({**THEIRS, "level": "error"})
    within = validate.check(Kind.FINDING, old + again, now=NOW, alias=NESTED)
    assert "also the id of line 1" in within.problems[0].message
    after = validate.check(Kind.FINDING, old + again, [old], now=NOW, alias=NESTED)
    assert "already the id of a committed record" in after.problems[0].message


def test_an_alias_is_prepared_for_each_table_anew() -> None:
    for number in range(100):
        alias = Alias(fields={f"name{number}": "file"})
        assert translate(Kind.FINDING, {f"name{number}": "a.py"}, alias) == {"file": "a.py"}
