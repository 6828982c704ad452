"""SARIF 2.1.0: what a result says, and what is wrong with a log."""

from __future__ import annotations

import json
from typing import Any

import pytest

from errata.reviews import sarif
from errata.reviews.finding import Fault, Item, Lines, ReviewFinding, Skipped

RULES = [
    {
        "id": "F401",
        "name": "unused-import",
        "shortDescription": {"text": "An import that nothing uses."},
        "defaultConfiguration": {"level": "error"},
        "messageStrings": {"default": {"text": "'{0}' is imported in {1}"}},
    },
    {"id": "no-eval", "name": "This rule says in many words that eval is bad"},
]


def log(*results: dict[str, Any], **run: Any) -> bytes:
    """A log of one run with these results."""
    tool = {"driver": {"name": "Lint Tool", "rules": RULES}}
    return json.dumps(
        {"version": "2.1.0", "runs": [{"tool": tool, "results": results, **run}]}
    ).encode()


def result(uri: str = "src/a.py", line: int | None = 3, **other: Any) -> dict[str, Any]:
    """A result in a line of a file."""
    region = {"region": {"startLine": line}} if line else {}
    place = {"physicalLocation": {"artifactLocation": {"uri": uri}, **region}}
    return {"ruleId": "F401", "message": {"text": "unused"}, "locations": [place], **other}


def read(data: bytes) -> list[Item]:
    """Everything in a log."""
    return list(sarif.read(data))


def only(data: bytes) -> ReviewFinding:
    """The one finding of a log."""
    [item] = read(data)
    assert isinstance(item, ReviewFinding)
    return item


def test_a_result_is_a_finding() -> None:
    finding = only(log(result(level="warning")))
    assert (finding.format, finding.by, finding.tool) == ("sarif", "bot", "lint-tool")
    assert (finding.rule, finding.name, finding.severity) == ("F401", "unused-import", "warning")
    assert (finding.file, finding.lines, finding.description) == ("src/a.py", Lines(3, 3), "unused")
    assert finding.place == "$.runs[0].results[0]"


@pytest.mark.parametrize(
    ("given", "severity"),
    [
        ({"level": "note"}, "note"),
        ({}, "error"),
        ({"ruleId": "no-eval"}, "warning"),
        ({"ruleId": None, "ruleIndex": 0}, "error"),
        ({"ruleId": None, "rule": {"index": 0}}, "error"),
        ({"ruleId": "F401/1"}, "error"),
    ],
)
def test_level_is_that_of_the_result_else_of_its_rule(given: dict[str, Any], severity: str) -> None:
    assert only(log(result(**given))).severity == severity


@pytest.mark.parametrize(
    ("rule_id", "rule", "name"),
    [
        ("F401", {"name": "unused-import"}, "unused-import"),
        ("B101", {"properties": {"name": "assert_used"}}, "assert_used"),
        ("CA1822", {}, "CA1822"),
        ("S125", {"name": "Sections of code should not be commented out"}, None),
        ("3-0-dead-code", {"name": "dead-code"}, "dead-code"),
        ("no-eval", {"name": "Ensure that nobody ever calls eval anywhere"}, "no-eval"),
        ("py/sql-injection", {"name": "py/sql-injection"}, "py/sql-injection"),
    ],
)
def test_a_pattern_is_named_for_its_rule(rule_id: str, rule: Any, name: str | None) -> None:
    driver = {"name": "x", "rules": [{"id": rule_id, **rule}]}
    finding = only(log(result(ruleId=rule_id), tool={"driver": driver}))
    assert finding.rule == rule_id
    assert finding.name == (name or rule["name"])


@pytest.mark.parametrize(
    ("tags", "category"),
    [(["external/cwe/cwe-89", "security"], "security"), (["style"], ""), (None, ""), ([{}], "")],
)
def test_a_tag_of_the_rule_may_be_its_category(tags: Any, category: str) -> None:
    driver = {"name": "x", "rules": [{"id": "F401", "properties": {"tags": tags}}]}
    assert only(log(result(), tool={"driver": driver})).category == category


def test_message_of_a_rule_with_its_arguments() -> None:
    message = {"id": "default", "arguments": ["os", "a.py"]}
    assert only(log(result(message=message))).description == "'os' is imported in a.py"


def test_links_in_a_message_are_text() -> None:
    message = {"text": "This [call](1) leaks.\n\nMore about it."}
    assert only(log(result(message=message))).description == "This call leaks."


@pytest.mark.parametrize("message", [None, {}, {"text": " "}])
def test_without_a_message_the_rule_describes_itself(message: Any) -> None:
    said = only(log(result(message=message))).description
    assert said == "An import that nothing uses."


def test_nesting_without_end_is_a_value_error() -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    with pytest.raises(ValueError, match="nested too deeply"):
        list(sarif.read(b'{"version": "2.1.0", "runs": [' + deep + b"]}"))
    one = b'{"message": {"text": "x"}, "properties": {"a": ' + deep + b"}}"
    run = b'{"tool": {"driver": {"name": "t"}}, "results": [' + one + b"]}"
    with pytest.raises(ValueError, match="nested too deeply"):
        list(sarif.read(b'{"version": "2.1.0", "runs": [' + run + b"]}"))


@pytest.mark.parametrize(
    ("location", "run", "file"),
    [
        ({"uri": "a%20b/c.py"}, {}, "a b/c.py"),
        ({"uri": "src\\a.py"}, {}, "src/a.py"),
        ({"uri": "file:///builds/a.py"}, {}, "/builds/a.py"),
        ({"uri": "file:///C:/builds/a.py"}, {}, "C:/builds/a.py"),
        ({"index": 0}, {"artifacts": [{"location": {"uri": "x.py"}}]}, "x.py"),
        (
            {"uri": "a.py", "uriBaseId": "SRC"},
            {
                "originalUriBaseIds": {
                    "SRC": {"uri": "src/", "uriBaseId": "ROOT"},
                    "ROOT": {"uri": "file:///builds/"},
                }
            },
            "/builds/src/a.py",
        ),
        ({"uri": "a.py", "uriBaseId": "%SRCROOT%"}, {}, "a.py"),
        (
            {"uri": "a.py", "uriBaseId": "X"},
            {"originalUriBaseIds": {"X": {"uri": "x", "uriBaseId": "X"}}},
            "x/" * 10 + "a.py",
        ),
    ],
)
def test_path(location: dict[str, Any], run: dict[str, Any], file: str) -> None:
    place = {"physicalLocation": {"artifactLocation": location}}
    assert only(log(result(locations=[place]), **run)).file == file


def test_commit_time_and_fingerprints() -> None:
    finding = only(
        log(
            result(partialFingerprints={"b": "2", "a": "1"}, fingerprints={"c": "3"}),
            versionControlProvenance=[{"revisionId": "abc"}],
            invocations=[{"endTimeUtc": "2025-01-15T14:30:00.123456789Z"}],
        )
    )
    assert (finding.commit, finding.key) == ("abc", ("a=1", "b=2", "c=3"))
    assert finding.when == 1_736_951_400_123_456


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"kind": "pass"}, "of kind pass"),
        ({"suppressions": [{"kind": "inSource"}]}, "suppressed"),
        ({"suppressions": [{"kind": "external", "status": "accepted"}]}, "suppressed"),
    ],
)
def test_not_a_finding(given: dict[str, Any], why: str) -> None:
    assert read(log(result(**given))) == [Skipped(why)]


def test_a_suppression_that_was_rejected_suppresses_nothing() -> None:
    assert only(log(result(suppressions=[{"kind": "external", "status": "rejected"}])))


def test_what_is_gone_from_the_baseline_is_resolved() -> None:
    assert only(log(result(baselineState="absent"))).resolved is True


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (result(level=7), "level: Expected `str | null`, got `int`"),
        ({"ruleId": "x", "message": {}}, "no message"),
        ({"ruleId": "x", "locations": [{"physicalLocation": 5}]}, "locations[0].physicalLocation"),
    ],
)
def test_a_bad_result_is_named_and_loses_no_other(bad: dict[str, Any], message: str) -> None:
    first, fault, last = read(log(result(), bad, result(line=9)))
    assert isinstance(first, ReviewFinding) and isinstance(last, ReviewFinding)
    assert isinstance(fault, Fault)
    assert fault.place == "$.runs[0].results[1]"
    assert message in fault.message


def test_a_bad_run_loses_no_other() -> None:
    good = json.loads(log(result()))["runs"][0]
    both = {"version": "2.1.0", "runs": [{"tool": 3}, good]}
    fault, finding = read(json.dumps(both).encode())
    assert isinstance(fault, Fault) and fault.place == "$.runs[0]"
    assert isinstance(finding, ReviewFinding)


@pytest.mark.parametrize("data", [b'{"version": "1.0.0", "runs": []}', b'{"runs": 5}', log()[:-3]])
def test_a_log_that_cannot_be_read(data: bytes) -> None:
    with pytest.raises(ValueError):
        read(data)
