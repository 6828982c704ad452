"""Which kind of export something is, and how the parts of it are named."""

from __future__ import annotations

import codecs
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errata.core.errors import RecordError
from errata.reviews import export
from errata.reviews.export import Format
from errata.reviews.finding import Fault, Item, ReviewFinding

SARIF = {"version": "2.1.0", "runs": [{"results": [{"ruleId": "x", "message": {"text": "y"}}]}]}
EVENT = {"type": "finding", "severity": "minor", "fileName": "a.py", "comment": "Close it."}
COMMENT = {"id": 1, "path": "a.py", "body": "Close it.", "user": {"login": "x"}}
NOTE = {"id": 1, "body": "Close it.", "position": {"new_path": "a.py", "new_line": 1}}
THREAD = {"isResolved": False, "path": "a.py", "comments": {"nodes": [{"id": "x", **COMMENT}]}}
ANSWER = {"data": {"node": {"reviewThreads": {"nodes": [THREAD]}}}}


def encode(*values: Any) -> bytes:
    """JSON values, one a line."""
    return b"\n".join(json.dumps(value).encode() for value in values)


def read(data: bytes, only: Format | None = None) -> list[Item]:
    """Everything in an export."""
    return list(export.read(data, "x.json", only))


def formats(items: list[Item]) -> list[str]:
    """The formats of the findings."""
    return [item.format for item in items if isinstance(item, ReviewFinding)]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (encode(SARIF), ["sarif"]),
        (json.dumps(SARIF, indent=2).encode(), ["sarif"]),
        (encode({"type": "status"}, EVENT, {"type": "complete"}), ["coderabbit"]),
        (b"Notice: new version\n" + encode(EVENT), ["coderabbit"]),
        (encode([COMMENT]), ["github"]),
        (encode(COMMENT, COMMENT), ["github"] * 2),
        (encode([COMMENT]) + encode([COMMENT]), ["github"] * 2),
        (encode([[COMMENT], [COMMENT]]), ["github"] * 2),
        (json.dumps([COMMENT], indent=2).encode(), ["github"]),
        (encode(ANSWER), ["github"]),
        (encode(ANSWER) + encode(ANSWER), ["github"] * 2),
        (encode([THREAD]), ["github"]),
        (encode([{"notes": [NOTE]}]), ["gitlab"]),
        (encode([]), []),
        (encode({"data": {"node": {"reviewThreads": {"nodes": []}}}}), []),
    ],
)
def test_a_format_is_recognised(data: bytes, expected: list[str]) -> None:
    assert formats(read(data)) == expected


@pytest.mark.parametrize("value", [SARIF, EVENT, [COMMENT], ANSWER])
def test_windows_shells_write_utf_16_and_marks(value: Any) -> None:
    text = json.dumps(value)
    expected = formats(read(text.encode()))
    assert expected
    for data in (text.encode("utf-16"), codecs.BOM_UTF16_BE + text.encode("utf-16-be")):
        assert formats(read(data)) == expected
    assert formats(read(codecs.BOM_UTF8 + text.encode())) == expected


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "x.json: is empty"),
        (b" \n", "x.json: is empty"),
        (b"hello", "x.json:1: not JSON"),
        (b'[{"a": 1}]', "x.json: not a known format"),
        (b'{"type": "FeatureCollection"}', "x.json: not a known format"),
        (encode([{"issue_url": "x", "body": "y"}]), "which name no file (those on lines: gh api"),
        (encode(SARIF)[:-4], "x.json: not SARIF: Input data was truncated"),
        (codecs.BOM_UTF16_LE + b"a", "x.json: not UTF-16"),
        (b"[" * 100_000, "x.json"),
    ],
)
def test_what_cannot_be_read_at_all(data: bytes, message: str) -> None:
    with pytest.raises(RecordError) as error:
        read(data)
    assert message in str(error.value)
    assert error.value.exit_code == 1


def test_a_format_that_is_named_is_not_guessed() -> None:
    assert formats(read(encode([COMMENT]), Format.GITHUB)) == ["github"]
    with pytest.raises(RecordError):
        read(encode([COMMENT]), Format.GITLAB)
    with pytest.raises(RecordError):
        read(encode([COMMENT]), Format.SARIF)


def test_bad_parts_are_named_and_lose_nothing_else() -> None:
    items = read(encode(COMMENT) + b"\n{oops\n" + encode(COMMENT, {"a": 1}, COMMENT))
    faults = [item for item in items if isinstance(item, Fault)]
    assert [fault.place for fault in faults] == ["2", "4: $"]
    assert formats(items) == ["github"] * 3


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_anything_is_read_or_refused(data: bytes) -> None:
    try:
        items = read(data)
    except RecordError as error:
        assert str(error).startswith("x.json")
    else:
        assert all(isinstance(item, Item) for item in items)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["runs", "type", "notes", "body", "path", "isResolved", "comments"])
            | st.sampled_from(["results", "nodes", "version", "data", "id", "message", "user"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(_VALUES)
def test_any_json_is_read_or_refused(value: Any) -> None:
    try:
        read(json.dumps(value).encode())
    except RecordError as error:
        assert str(error).startswith("x.json")
