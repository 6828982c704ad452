"""One record, one identity, however its line is spelled."""

from __future__ import annotations

import hashlib
import json
import random
import subprocess
import sys
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from errata.core.errors import RecordError
from errata.records import identity
from errata.records.identity import canonical, decode, line_id, record_id

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NUMBER = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
VALUE = st.recursive(
    st.none() | st.booleans() | NUMBER | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
RECORD = st.dictionaries(TEXT.filter(lambda key: key != "id"), VALUE, max_size=6)


def _spell_number(value: int | float, rng: random.Random) -> str:
    text = repr(value)
    exact = Decimal(text)
    spellings = [text, f"{exact:f}", f"{exact:e}", f"{exact:E}"]
    if exact == exact.to_integral_value():
        spellings += [f"{exact:f}".split(".")[0] + ending for ending in ("", ".0", "e0", "E+0")]
    return rng.choice(spellings)


def _spell(value: object, rng: random.Random) -> str:
    """The value as JSON text, with every freedom that JSON leaves taken at random."""
    gap = rng.choice(["", " ", "\t", "\r\n", "\n  "])
    if isinstance(value, dict):
        items = list(value.items())
        rng.shuffle(items)
        body = f",{gap}".join(f"{_spell(k, rng)}{gap}:{gap}{_spell(v, rng)}" for k, v in items)
        return "{" + gap + body + gap + "}"
    if isinstance(value, list):
        return "[" + gap + f"{gap},".join(_spell(item, rng) for item in value) + gap + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=rng.random() < 0.5)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _spell_number(value, rng)
    return json.dumps(value)


@given(RECORD, st.integers(0, 2**32))
def test_spelling_never_changes_identity(record: dict[str, object], seed: int) -> None:
    rng = random.Random(seed)
    line = (_spell(record, rng) + rng.choice(["", "\n", "\r\n"])).encode()
    assert line_id(line) == record_id(record)
    assert canonical(decode(line)) == canonical(record)


@given(RECORD)
def test_canonical_form_is_a_fixed_point_and_plain_json(record: dict[str, object]) -> None:
    form = canonical(record)
    assert canonical(decode(form)) == form
    as_doubles = json.loads(json.dumps(record), parse_int=float)
    assert json.loads(form, parse_int=float) == as_doubles


@given(VALUE, VALUE)
def test_different_values_have_different_forms(one: object, other: object) -> None:
    def strict(value: object) -> str:
        # True is not 1 in JSON, though Python calls them equal; 1.0 is.
        return json.dumps(json.loads(canonical(value)), sort_keys=True)

    assert (canonical(one) == canonical(other)) == (strict(one) == strict(other))


def test_keys_sorted_no_spaces_utf8() -> None:
    assert canonical({"b": [1, 2.5], "a": {"é": None, "z": True}}) == (
        '{"a":{"z":true,"é":null},"b":[1,2.5]}'.encode()
    )


def test_text_is_not_normalised() -> None:
    assert canonical("é") != canonical("e\u0301")


@pytest.mark.parametrize(
    "group",
    [
        ["1", "1.0", "1e0", "10e-1", "1.000E+00", "0.1e1"],
        ["0", "-0", "0.0", "-0.0", "0e9", "0e999999999999999999999"],
        ["0.1", "1e-1", "0.10", "100e-3"],
        ["1e23", "100000000000000000000000", "1.0e23"],
        ["9007199254740993", "9007199254740993.0", "9.007199254740993e15"],
        ["1e400", "1" + "0" * 400],
    ],
    ids=lambda group: group[0],
)
def test_one_form_per_number(group: list[str]) -> None:
    assert len({line_id(b'{"n":' + text.encode() + b"}") for text in group}) == 1


def test_large_whole_numbers_stay_apart() -> None:
    # As doubles these two are one number, and two records would be counted as one.
    assert line_id(b'{"pr":9007199254740993}') != line_id(b'{"pr":9007199254740992}')


def test_own_id_wins() -> None:
    assert line_id(b'{"id": "corr-7", "x": 1}') == "corr-7"


@pytest.mark.parametrize("id_text", ['""', "7", "null", '["a"]'])
def test_an_id_that_is_no_text_is_content(id_text: str) -> None:
    line = b'{"id":' + id_text.encode() + b"}"
    assert line_id(line) == "sha256:" + hashlib.sha256(line).hexdigest()[:32]


def test_identity_is_stable_across_releases() -> None:
    """Identities are kept in caches and in promotion logs: this literal may never change."""
    line = b'{"severity": "nit", "pr": 7.0, "description": "caf\\u00e9"}\r\n'
    form = '{"description":"café","pr":7,"severity":"nit"}'.encode()
    assert canonical(decode(line)) == form
    assert line_id(line) == "sha256:" + hashlib.sha256(form).hexdigest()[:32]


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"{'a':1}",
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":1}{"a":2}',
        b'"\\ud800"',
        b'"\xff"',
        b"\xef\xbb\xbf{}",
        b"1e5000",
        b"1e99999999999999999999",
        b"1" * 5000,
        b"[" * 100_000 + b"]" * 100_000,
    ],
    ids=lambda line: repr(line[:16]),
)
def test_what_is_not_json_is_one_clear_error(line: bytes) -> None:
    with pytest.raises(RecordError) as caught:
        line_id(line)
    assert "JSON" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), "\udcff", {1: 2}, {"a": object()}, {"a": {("b",): 1}}]
)
def test_what_json_cannot_hold_is_refused(value: object) -> None:
    with pytest.raises(RecordError):
        canonical(value)


def test_a_value_that_contains_itself_is_refused() -> None:
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(RecordError):
        canonical(loop)
    with pytest.raises(RecordError):
        record_id({"loop": loop})


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(st.dictionaries(st.text(), JSON_VALUES, max_size=4))
def test_both_encoders_write_the_same_bytes(record: dict[str, object]) -> None:
    """What is plain is written by another encoder than the rest, and no one can tell."""
    try:
        expected = msgspec.json.encode(record)
        identity.canonical(record)
    except (RecordError, UnicodeEncodeError, OverflowError, TypeError, ValueError):
        with pytest.raises((RecordError, OverflowError)):
            identity.encode(record)
        return
    assert identity.encode(record) == expected


@pytest.mark.parametrize(
    "value", ["\x00\x1f\x7f\u2028", '\\"/\b\f\n\r\t', "é🤖", 1.5, -0.0, 2**63 - 1]
)
def test_plain_values_are_written_as_msgspec_does(value: object) -> None:
    assert identity.is_plain({"a": [value]})
    assert identity.encode({"a": [value]}) == msgspec.json.encode({"a": [value]})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800", {1: {1, 2}}, object()])
def test_what_is_not_json_is_refused(value: object) -> None:
    with pytest.raises(RecordError):
        identity.encode({"a": value})


def test_a_plain_record_is_written_without_a_parser() -> None:
    code = (
        "import sys\nfrom errata.records import identity\nidentity.encode({'a': [1, 'b', 2.5]})\n"
        "sys.exit(' '.join({'msgspec', 'decimal', 'filelock'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.strip()) == (0, "")
