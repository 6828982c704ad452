"""The core of validation: bytes in, problems out."""

from __future__ import annotations

import json
import sys
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errata.core.config import Alias
from errata.records import append_only, instants, validate
from errata.records.model import Kind

NOW = instants.parse("2025-02-01T12:00:00Z")
FINDING = {
    "timestamp": "2025-01-15T14:30:00Z",
    "severity": "nit",
    "file": "a.py",
    "description": "d",
}


def line(**changes: Any) -> bytes:
    return json.dumps({**FINDING, **changes}).encode() + b"\n"


def said(new: bytes, *olds: bytes | int, **options: Any) -> list[str]:
    kind = options.pop("kind", Kind.FINDING)
    report = validate.check(kind, new, olds, now=options.pop("now", NOW), **options)
    return [problem.at("log") for problem in report.problems]


GOOD = line()

# (what, new content, the only problem)
REFUSED: list[tuple[str, bytes, str]] = [
    ("value", line(severity="bad"), "log:1: $.severity: 'bad' is not allowed; allowed: blocking"),
    ("second line", GOOD + line(file=""), "log:2: $.file: '' is not allowed"),
    ("list", b"[1]\n", "log:1: $: [1] is not allowed; allowed: an object"),
    ("text", b"hello\n", "log:1: not JSON: invalid character (byte 0); a line is one whole JSON"),
    ("cut off", GOOD + GOOD[:20] + b"\n", "log:2: not JSON: the line ends too early"),
    ("two in one", GOOD[:-1] + GOOD, "log:1: not JSON: trailing characters"),
    ("latin 1", b'{"a": "\xe9"}\n', "log:1: not UTF-8: byte 0xe9 at column 8"),
    ("byte order mark", b"\xef\xbb\xbf" + GOOD, "log:1: byte order mark; save the file as UTF-8"),
    ("NaN", b'{"a": NaN}\n', "log:1: not JSON: NaN is not a JSON number"),
    ("infinity", b'{"a": -Infinity}\n', "log:1: not JSON: -Infinity is not a JSON number"),
    ("huge number", b'{"a": 1e999}\n', "log:1: not JSON: number out of range"),
    ("surrogate", b'{"a": "\\ud800"}\n', "log:1: not JSON: half a surrogate pair"),
    ("blank line", GOOD + b"\n" + GOOD, "log:2: blank line; remove it"),
    ("blank last line", GOOD + b"  \n", "log:2: blank line; remove it"),
    ("no final newline", GOOD + GOOD[:-1], "log:2: no newline at the end"),
    ("ours", b"<<<<<<< HEAD\n" + GOOD, "log:1: conflict marker; keep the lines of both sides"),
    ("middle", GOOD + b"=======\n", "log:2: conflict marker"),
    ("theirs", GOOD + b">>>>>>> topic\n", "log:2: conflict marker"),
    ("base", GOOD + b"||||||| 0123456\n", "log:2: conflict marker"),
    ("key twice", GOOD[:-2] + b', "file": "b"}\n', "log:1: $: duplicate key 'file'"),
    ("key twice, spaced", GOOD[:-2] + b', "file" : "b"}\n', "log:1: $: duplicate key 'file'"),
    ("key twice, escaped", GOOD[:-2] + b', "fil\\u0065": "b"}\n', "log:1: $: duplicate key 'file'"),
    ("key twice, inside", GOOD[:-2] + b',"x":[{"a":1,"a":2}]}\n', "log:1: $: duplicate key 'a'"),
    (
        "key twice, quotes in a text",
        line(description='say "no"')[:-2] + b',"pr":1,"pr":1}\n',
        "log:1: $: duplicate key 'pr'",
    ),
    (
        "key twice, backslash",
        line(description="\\")[:-2] + b',"pr":"\\\\","pr":1}\n',
        "log:1: $: duplicate key 'pr'",
    ),
    (
        "future",
        line(timestamp="2025-02-02T12:00:01Z"),
        "log:1: $.timestamp: '2025-02-02T12:00:01Z' "
        "is in the future; allowed: at most a day after now",
    ),
    ("future, by its zone", line(timestamp="2025-02-02T08:00:01-04:00"), "log:1: $.timestamp: "),
    ("future date", line(date="2025-02-03"), "log:1: $.date: '2025-02-03' is in the future"),
    (
        "id twice",
        line(id="a") + line(id="b") + line(id="a", severity="warning"),
        "log:3: $.id: 'a' is also the id of line 1",
    ),
    ("NUL", GOOD + b"\x89PNG\0\0\n", "log:2: NUL byte; a log is UTF-8 text"),
    ("UTF-16", GOOD.decode().encode("utf-16"), "log:1: NUL byte"),
    ("deep", b"[" * 100_000 + b"\n", "log:1: nested too deeply"),
    # Deeper than any version of Python reads; the limit grew in 3.12.
    (
        "deep and closed",
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"\n",
        "log:1: nested too deeply",
    ),
    ("long line", line(description="x" * (1 << 20)), "log:1: the line is 1,048,6"),
]
if sys.version_info < (3, 12):
    deep = b'{"a":' * 5_000 + b"1" + b"}" * 5_000 + b"\n"
    REFUSED.append(("deep and closed, before 3.12", deep, "log:1: nested too deeply"))


@pytest.mark.parametrize(("new", "problem"), [pytest.param(*row[1:], id=row[0]) for row in REFUSED])
def test_refused(new: bytes, problem: str) -> None:
    [only] = said(new)
    assert only.startswith(problem)
    assert "\n" not in only and len(only) < 300


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row[0])
def test_refused_the_same_when_appended(row: tuple[str, bytes, str]) -> None:
    if row[0] == "byte order mark":
        return
    old = line(file="old.py") * 3
    shifted = row[2].replace(f"log:{row[2][4]}:", f"log:{int(row[2][4]) + 3}:", 1)
    [only] = said(old + row[1], old)
    if "also the id" in shifted:
        assert only.startswith("log:6: $.id: 'a' is also the id of line 4")
    else:
        assert only.startswith(shifted)


ACCEPTED: list[tuple[str, bytes]] = [
    ("empty", b""),
    ("several", GOOD * 3),
    ("CRLF", GOOD.replace(b"\n", b"\r\n") * 2),
    ("other letters", line(description="größer 日本 \U0001f600")),
    (
        "letters as they are",
        json.dumps({**FINDING, "description": "größer"}, ensure_ascii=False).encode() + b"\n",
    ),
    ("quotes, colons and backslashes", line(description='"a": "\\" , "b" : C:\\x\\')),
    (
        "spaces everywhere",
        b' { "file" : "a" , "severity"\t:\t"nit", "date":"2025-01-15" , "finding" : "x" } \n',
    ),
    ("unknown nested fields", line(meta={"a": [{"b": 1}, {"b": 2}], "c": {"b": "x"}}, n=1, t=True)),
    ("tomorrow", line(timestamp="2025-02-02T12:00:00Z")),
    ("tomorrow, by its zone", line(timestamp="2025-02-03T01:00:00+13:00")),
    ("same id inside", line(id="a") + line(id="b", context={"id": "a"})),
    (
        "the longest line",
        line(description="")[:-3] + b"x" * ((1 << 20) - len(line(description="")) + 1) + b'"}\n',
    ),
]


@pytest.mark.parametrize("new", [pytest.param(row[1], id=row[0]) for row in ACCEPTED])
def test_accepted(new: bytes) -> None:
    assert said(new) == []
    assert said(GOOD + new, GOOD) == []


def test_the_longest_line_is_as_long_as_allowed() -> None:
    assert len(dict(ACCEPTED)["the longest line"]) == append_only.MAX_LINE + 1


def test_every_fault_of_every_line_is_reported() -> None:
    found = said(line(severity="x", file="") + GOOD + b"{}\n")
    assert [one.split(": ")[0:2] for one in found] == [
        ["log:1", "$.file"],
        ["log:1", "$.severity"],
        ["log:3", "$"],
        ["log:3", "$"],
        ["log:3", "$"],
        ["log:3", "$"],
    ]


def test_detail_limits_what_is_explained_not_what_is_found() -> None:
    found = said(line(severity="x") * 5, detail=2)
    assert len(found) == 5
    assert "allowed: blocking" in found[1]
    assert found[2] == "log:3: $: not a valid finding"


def test_checked_counts_the_new_lines() -> None:
    assert validate.check(Kind.FINDING, GOOD * 5, [GOOD * 2], now=NOW).checked == 3


# --- append-only ---

A, B, C = line(file="a"), line(file="b"), line(file="c")


@pytest.mark.parametrize(
    ("new", "problem"),
    [
        pytest.param(A + C, "log:2: this committed line was changed or removed", id="edited"),
        pytest.param(B, "log:1: this committed line was changed or removed", id="first removed"),
        pytest.param(A, "log:2: this committed line was removed", id="last removed"),
        pytest.param(B + A, "log:1: this committed line was moved", id="swapped"),
        pytest.param(C + A + B, "log:1: this committed line was moved", id="inserted before"),
        pytest.param(A + C + B, "log:2: this committed line was moved", id="inserted between"),
        pytest.param(b"", "log:1: this committed line was removed", id="emptied"),
        pytest.param(A + B[:-1] + b" \n", "log:2: this committed line was changed", id="spaces"),
    ],
)
def test_committed_lines_stay_as_they_are(new: bytes, problem: str) -> None:
    [only] = said(new, A + B)
    assert only.startswith(problem)
    assert "--allow-rewrite" in only
    assert said(new, A + B, allow_rewrite=True) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(A + B, A + B, id="nothing"),
        pytest.param(A, A + B, id="appended"),
        pytest.param(A[:-1], A, id="newline repaired"),
        pytest.param(A[:-1], A + B, id="newline repaired and appended"),
        pytest.param(A[:-1], (A + B).replace(b"\n", b"\r\n"), id="repaired with CRLF"),
        pytest.param(A + B, (A + B + C).replace(b"\n", b"\r\n"), id="to CRLF"),
        pytest.param((A + B).replace(b"\n", b"\r\n"), A + B + C, id="to LF"),
        pytest.param(
            (A + B).replace(b"\n", b"\r\n"), (A + B).replace(b"\n", b"\r\n") + C, id="mixed"
        ),
        pytest.param(b"not JSON\n", b"not JSON\n" + A, id="old lines are not judged"),
    ],
)
def test_what_appending_may_do(old: bytes, new: bytes) -> None:
    assert said(new, old) == []
    if new.startswith(old):
        assert said(new, len(old)) == []


def test_a_record_glued_to_a_line_without_newline_is_refused() -> None:
    found = said(A[:-1] + B, A[:-1])
    assert found[0].startswith("log:1: this committed line was changed")
    assert any("not JSON: trailing characters" in one for one in found)
    assert said(A[:-1] + B, len(A) - 1) == found


def test_a_rewrite_that_is_permitted_is_still_checked() -> None:
    assert said(A + line(severity="x"), A + B, allow_rewrite=True)[0].startswith(
        "log:2: $.severity"
    )


def test_lines_after_a_change_are_checked_too() -> None:
    found = said(B + line(severity="x"), A + B)
    assert [one.split(":")[1] for one in found] == ["1", "2"]


# --- ids ---


@pytest.mark.parametrize("spaced", [",", ", "])
def test_an_id_that_a_committed_record_has(spaced: str) -> None:
    old = json.dumps(
        {**FINDING, "id": "x-1"}, separators=(spaced, spaced.replace(",", ":"))
    ).encode()
    old = A + old + b"\n" + B
    assert said(old + line(id="x-1"), old) == []
    [only] = said(old + line(id="x-1", severity="warning"), old)
    assert only == "log:4: $.id: 'x-1' is already the id of a committed record"


def test_an_id_elsewhere_in_a_committed_record_is_no_id() -> None:
    old = line(context={"id": "x-1"}) + line(description='"id": "x-1"')
    assert said(old + line(id="x-1"), old) == []


def test_many_ids_against_a_committed_record() -> None:
    old = line(id="n-7")
    new = b"".join(line(id=f"n-{number}") for number in range(50))
    assert said(old + new, old) == []
    new = new.replace(b'"n-7"', b'"n-7","pr":1')
    assert said(old + new, old) == ["log:9: $.id: 'n-7' is already the id of a committed record"]


def test_a_line_may_repeat_a_record_to_describe_its_edit() -> None:
    plain, described = _correction(), _correction(edits=["call-removed print"])
    other = _correction(edits=["call-removed print"], area={"tests": True})
    for kept in (plain, described):
        for added in (plain, described, other):
            assert corrections(kept + added) == corrections(kept + added, kept) == []
    assert corrections(other + plain + described) == []


def test_a_description_is_added_but_not_replaced() -> None:
    old, new = (_correction(edits=[f"call-removed {name}"]) for name in ("print", "log"))
    for committed in (old, _correction() + old):
        (problem,) = corrections(committed + new, committed)
        assert problem.endswith("$.id: 'cor-1' is already the id of a committed record")
        assert corrections(committed + _correction() + old, committed) == []


def test_a_description_does_not_hide_another_change() -> None:
    plain, changed = _correction(), _correction(agent="ui-dev", edits=["call-removed print"])
    (problem,) = corrections(plain + changed)
    assert problem == "log:2: $.id: 'cor-1' is also the id of line 1"
    (problem,) = corrections(plain + changed, plain)
    assert problem == "log:2: $.id: 'cor-1' is already the id of a committed record"


def _correction(**more: object) -> bytes:
    record = {
        "id": "cor-1",
        "date": "2025-01-15",
        "agent": "api-dev",
        "correction_type": "code_quality",
        "source": "implicit",
        "ai_action": {"summary": "x"},
        "user_correction": {"summary": "y"},
    }
    return json.dumps(record | more).encode() + b"\n"


def corrections(new: bytes, *olds: bytes) -> list[str]:
    return said(new, *olds, kind=Kind.CORRECTION)


def test_a_permitted_edit_keeps_its_id() -> None:
    old = line(id="x") + line(id="y")
    assert said(line(id="x", file="new") + line(id="y"), old, allow_rewrite=True) == []


# --- merges ---

D = line(file="d")


@pytest.mark.parametrize("new", [A + B + C, A + C + B, C + B + A, A + B + C + D])
def test_a_merge_keeps_every_line_in_any_order(new: bytes) -> None:
    assert said(new, A + B, A + C) == []


def test_a_merge_that_loses_a_line() -> None:
    [only] = said(A + C, A + B, A + C)
    assert only.startswith("log: line 2 of the log in parent 1 of this merge is missing")
    [only] = said(A + B, A + B, A + C)
    assert only.startswith("log: line 2 of the log in parent 2 of this merge is missing")
    assert said(A + B, A + B, A + C, allow_rewrite=True) == []


def test_a_merge_checks_only_lines_that_no_parent_has() -> None:
    bad = line(severity="x")
    assert said(A + bad + B, A + bad, A + B) == []
    [only] = said(A + B + bad, A, A + B)
    assert only.startswith("log:3: $.severity")


def test_a_merge_with_a_side_that_has_no_log() -> None:
    assert said(A + B, b"", A) == []


# --- dialects ---

ALIAS = Alias(
    fields={"sev": "severity", "path": "file", "msg": "description", "uuid": "id"},
    values={"severity": {"P1": "blocking", "3": "nit"}},
)


def test_another_dialect_is_checked_after_translation() -> None:
    theirs = {"timestamp": "2025-01-15T14:30:00Z", "path": "a.py", "msg": "d", "uuid": "u1"}
    new = b"".join(
        json.dumps({**theirs, "sev": sev, "uuid": f"u{sev}"}).encode() + b"\n"
        for sev in ("P1", 3, "nit")
    )
    assert said(new, alias=ALIAS) == []
    assert said(new)[0].startswith("log:1: $:")
    bad = json.dumps({**theirs, "sev": "P9"}).encode() + b"\n"
    assert said(bad, alias=ALIAS) == [
        "log:1: $.severity: 'P9' is not allowed; allowed: blocking, warning, nit"
    ]
    again = json.dumps({**theirs, "sev": "3", "uuid": "uP1"}).encode() + b"\n"
    assert "already the id" in said(new + again, new, alias=ALIAS)[0]
    doubled = json.dumps({**theirs, "sev": "P1"}).encode()[:-1] + b', "sev": "P1"}\n'
    assert said(doubled, alias=ALIAS) == ["log:1: $: duplicate key 'sev'; a key may occur once"]


@pytest.mark.parametrize("text", [b"[1]\n", b"3\n", b"null\n", b'"x"\n'])
def test_a_dialect_of_something_else_than_objects(text: bytes) -> None:
    [only] = said(text, alias=ALIAS)
    assert "allowed: an object" in only


# --- laws ---

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.sampled_from('":\\ ,{}ab'), max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.sampled_from('":\\ ab'), max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)
_SEPARATORS = st.sampled_from([(",", ":"), (", ", ": "), (" , ", " : "), (",\t", "\t:")])


@given(_JSON, _SEPARATORS)
def test_no_good_line_is_refused_for_its_quotes(extra: Any, separators: tuple[str, str]) -> None:
    text = json.dumps({**FINDING, "extra": extra}, separators=separators).encode()
    assert said(text + b"\n") == []


@given(_JSON, _JSON, _SEPARATORS, st.sampled_from(["extra", 'a"', "\\", "file"]))
def test_a_key_twice_is_always_seen(
    one: Any, two: Any, separators: tuple[str, str], key: str
) -> None:
    comma, colon = separators
    text = json.dumps({**FINDING, key: one}, separators=separators)[:-1]
    text += comma + json.dumps(key) + colon + json.dumps(two, separators=separators) + "}\n"
    assert any("duplicate key" in found for found in said(text.encode()))


@given(
    st.lists(st.sampled_from([A, B, C, b"\n", b"x\n", line(id="i")]), max_size=8), st.integers(0, 8)
)
def test_appended_or_whole_the_new_lines_fare_the_same(lines: list[bytes], cut: int) -> None:
    old, new = b"".join(lines[:cut]), b"".join(lines[cut:])
    shift = len(lines[:cut])
    alone = validate.check(Kind.FINDING, new, now=NOW).problems
    together = validate.check(Kind.FINDING, old + new, [old], now=NOW).problems
    assert [(one.line, one.path) for one in together if "committed record" not in one.message] == [
        (one.line + shift, one.path) for one in alone
    ]


@given(st.binary(max_size=200))
def test_any_bytes_give_an_answer(junk: bytes) -> None:
    for problem in said(GOOD + junk, GOOD):
        assert problem.isprintable()


def test_one_enormous_line_costs_no_more_than_its_size() -> None:
    new = GOOD + b"x" * 100_000_000 + b"\n"
    tracemalloc.start()
    found = said(new, GOOD)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == ["log:2: the line is 100,000,000 bytes long; allowed: at most 1,048,576"]
    assert peak < 350_000_000
