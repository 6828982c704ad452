"""What other programs write: exports of reviews and linters."""

from __future__ import annotations

import json
from collections.abc import Iterable

from qa.fuzz.target import Target, chosen

from errata.core.errors import RecordError
from errata.records import schema
from errata.records.model import Kind
from errata.reviews import export, to_record
from errata.reviews.export import Format
from errata.reviews.finding import ReviewFinding

_FORMATS = (None, *Format)
_NOW = 1_736_951_400_000_000
_WHERE = {
    "physicalLocation": {
        "artifactLocation": {"uri": "a.py", "uriBaseId": "R", "index": 0},
        "region": {"startLine": 2, "endLine": 3, "snippet": {"text": "x = 1"}},
    }
}
_RESULT = {
    "ruleId": "F401",
    "level": "error",
    "message": {"id": "m", "arguments": ["x"]},
    "locations": [_WHERE],
    "partialFingerprints": {"a/v1": "1"},
    "suppressions": [{"status": "rejected"}],
}
_RULE = {"id": "F401", "name": "unused", "messageStrings": {"m": {"text": "{0} is unused"}}}
_SARIF = {
    "version": "2.1.0",
    "runs": [
        {
            "tool": {"driver": {"name": "ruff", "rules": [_RULE]}},
            "results": [_RESULT],
            "originalUriBaseIds": {"R": {"uri": "file:///w/"}},
            "invocations": [{"endTimeUtc": "2025-01-15T14:30:00Z"}],
        }
    ],
}
_EVENT = {
    "type": "finding",
    "severity": "major",
    "fileName": "a.py",
    "codegenInstructions": "In `@a.py` around lines 2 - 3, close it.",
}
_COMMENT = {
    "id": 7,
    "path": "a.py",
    "body": "_⚠️ Potential issue_ | _🟠 Major_\n\n**Close it.**\n\n```suggestion\nx\n```",
    "user": {"login": "coderabbitai[bot]", "type": "Bot"},
    "created_at": "2025-01-15T14:30:00Z",
    "original_line": 3,
    "original_start_line": 2,
    "line": None,
    "diff_hunk": "@@ -1 +1,2 @@\n+a\n+b",
    "html_url": "https://github.com/o/r/pull/1#discussion_r7",
}
_THREAD = {"isResolved": True, "path": "a.py", "comments": {"nodes": [_COMMENT]}}
_NOTE = {"id": 1, "body": "nit: x", "position": {"new_path": "a.py", "new_line": 1}}
_WORDS = (
    *(b"runs", b"results", b"message", b"text", b"locations", b"type", b"finding", b"notes"),
    *(b"null", b"-1", b"[]", b"{}", b"9" * 20, b'"', b"**", b"<!--", b"-->", b"<details>"),
    *(b"![P1 Badge](x)", b"nit:", b"?", b"```", b"\\ud83d", b"\n", b"> ", b"#Resolved", b"../"),
)


def _export(data: bytes) -> None:
    (only,), content = chosen(data, _FORMATS)
    assert only is None or isinstance(only, Format)
    try:
        items = list(export.read(content, "x", only))
    except RecordError:
        return
    ids = to_record.Ids()
    for item in items:
        if isinstance(item, ReviewFinding):
            assert item.description and len(item.description) <= 400
            record = to_record.record(item, ids.of(item, "a.py"), "a.py", None, None, _NOW)
            assert schema.is_valid(Kind.FINDING, record), record


def _exports() -> Iterable[bytes]:
    values = (_SARIF, _EVENT, [_COMMENT], {"data": {"x": [_THREAD]}}, [{"notes": [_NOTE]}])
    for value in values:
        yield b"\0" + json.dumps(value, ensure_ascii=False).encode()
    yield b"\0" + json.dumps([_COMMENT]).encode() * 2


TARGETS = (Target("export", _export, _exports, _WORDS, limit=1500),)
