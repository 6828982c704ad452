"""The schemas, by example files: ``tests/schemas/<schema>/{valid,invalid}/<case>.json``.

A valid case is the value itself. An invalid one is ``{"error": ..., "instance": ...}``: the value,
and a part of the one line that says what is wrong. Adding a case is adding a file.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errata.core import config
from errata.core.errors import ConfigError
from errata.records import instants, schema

CASES = Path(__file__).parent.parent / "schemas"


def _files(verdict: str, name: str = "*") -> list[Any]:
    return [
        pytest.param(path, id=f"{path.parts[-3]}/{path.stem}")
        for path in sorted(CASES.glob(f"{name}/{verdict}/*.json"))
    ]


def _read(path: Path) -> tuple[str, Any]:
    return path.parts[-3], json.loads(path.read_bytes())


@pytest.mark.parametrize("path", _files("valid"))
def test_valid_example(path: Path) -> None:
    name, value = _read(path)
    assert schema.explain(name, value) == []
    assert schema.is_valid(name, value)


@pytest.mark.parametrize("path", _files("invalid"))
def test_invalid_example(path: Path) -> None:
    name, case = _read(path)
    assert not schema.is_valid(name, case["instance"])
    lines = [f"{where}: {what}" for where, what in schema.explain(name, case["instance"])]
    assert any(case["error"] in line for line in lines), lines
    assert all("\n" not in line and len(line) < 400 for line in lines), lines


@pytest.mark.parametrize("verdict", ["valid", "invalid"])
@pytest.mark.parametrize("name", schema.NAMES)
def test_every_schema_has_examples_of_both(name: str, verdict: str) -> None:
    assert list((CASES / name / verdict).glob("*.json"))


def test_every_folder_of_examples_has_a_schema() -> None:
    assert {path.name for path in CASES.iterdir()} == set(schema.NAMES)


@pytest.mark.parametrize(
    "path", [*_files("valid", "errata-toml"), *_files("invalid", "errata-toml")]
)
def test_settings_agree_with_their_schema(path: Path) -> None:
    name, case = _read(path)
    value = case.get("instance", case)
    try:
        config.parse(value)
        accepted = True
    except ConfigError:
        accepted = False
    assert accepted == schema.is_valid(name, value)


@pytest.mark.parametrize("name", schema.NAMES)
def test_schema_is_well_formed_and_described(name: str) -> None:
    one = schema.load(name)
    jsonschema.Draft202012Validator.check_schema(one)
    assert one["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert one["$id"] == f"urn:errata:schema:{name}"
    assert one["title"] and one["description"] and one["examples"]
    for example in one["examples"]:
        assert schema.is_valid(name, example)
    undescribed = [where for where, node in _properties(one, "") if not _described(node, one)]
    assert not undescribed


def _properties(node: Any, where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(node, list):
        for item in node:
            yield from _properties(item, where)
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "properties":
                yield from ((f"{where}/{name}", one) for name, one in value.items())
            if key != "examples":
                yield from _properties(value, f"{where}/{key}")


def _described(node: dict[str, Any], root: dict[str, Any]) -> bool:
    if "description" in node:
        return True
    return "description" in root["$defs"][node["$ref"].rsplit("/", 1)[1]]


def test_a_definition_reads_the_same_in_every_schema() -> None:
    seen: dict[str, Any] = {}
    for name in schema.NAMES:
        for key, value in schema.load(name)["$defs"].items():
            assert seen.setdefault(key, value) == value, key


@pytest.mark.parametrize("name", schema.NAMES)
def test_schema_stays_within_what_both_validators_share(name: str) -> None:
    text = json.dumps(schema.load(name))
    assert '"format"' not in text
    for pattern in _patterns(schema.load(name)):
        # The explainer reads `$` as the very end; a literal one would change its meaning.
        assert r"\$" not in pattern and "[$" not in pattern
        assert not any(
            part in pattern for part in (r"\d", r"\w", r"\s", r"\b", "(?=", "(?!", "(?<")
        )


def _patterns(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("pattern"), str):
            yield node["pattern"]
        for value in node.values():
            yield from _patterns(value)
    elif isinstance(node, list):
        for item in node:
            yield from _patterns(item)


def _with_time(text: str) -> dict[str, Any]:
    base = json.loads((CASES / "finding/valid/smallest.json").read_bytes())
    return {**base, "timestamp": text}


@given(st.datetimes(min_value=datetime(1000, 1, 1), timezones=st.none() | st.just(UTC)))
def test_every_instant_is_valid_and_can_be_read(moment: datetime) -> None:
    for text in (
        moment.isoformat(),
        moment.isoformat(" "),
        instants.iso(instants.from_datetime(moment)),
    ):
        assert schema.is_valid("finding", _with_time(text))
        assert instants.parse(text) == instants.from_datetime(moment)


@given(st.from_regex(schema.load("finding")["$defs"]["instant"]["pattern"].replace("$", r"\Z")))
def test_whatever_the_pattern_lets_through_can_be_read(text: str) -> None:
    instants.parse(text)


@given(
    st.integers(1000, 9999),
    st.integers(0, 14),
    st.integers(0, 33),
    st.sampled_from(["", "T00:00:00Z"]),
)
def test_the_calendar_of_the_pattern_is_the_calendar(
    year: int, month: int, day: int, time: str
) -> None:
    text = f"{year}-{month:02d}-{day:02d}"
    try:
        instants.parse(text)
        exists = True
    except ValueError:
        exists = False
    assert schema.is_valid("finding", _with_time(text + time)) == exists


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.sampled_from(
        ["high", "nit", "2025-01-15", "2025-01-15\n", "api-dev", "api-dev\n", "", "a" * 101]
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=5,
)


@st.composite
def _mutated(draw: st.DrawFn) -> tuple[str, Any]:
    """A valid example with some of its values, at any depth, replaced, added or taken away."""
    name = draw(st.sampled_from(schema.NAMES))
    path = draw(st.sampled_from(sorted((CASES / name / "valid").glob("*.json"))))
    value = copy.deepcopy(json.loads(path.read_bytes()))
    for _ in range(draw(st.integers(0, 3))):
        value = _mutate(draw, value, schema.load(name))
    return name, value


def _mutate(draw: st.DrawFn, value: Any, one: dict[str, Any]) -> Any:
    if isinstance(value, dict) and (value or draw(st.booleans())):
        keys = [*value, *one.get("properties", {}), "extra"]
        key = draw(st.sampled_from(keys))
        if key in value and draw(st.booleans()):
            del value[key]
        else:
            value[key] = _mutate(draw, value.get(key), {})
        return value
    return draw(_JSON)


@settings(max_examples=400, deadline=None)
@given(_mutated())
def test_both_validators_give_the_same_verdict(case: tuple[str, Any]) -> None:
    name, value = case
    explained = schema.explain(name, value)
    assert schema.is_valid(name, value) == (not explained), explained


def test_schema_of_the_settings_has_every_setting() -> None:
    sections = json.loads((CASES.parents[1] / "schemas/errata-toml.json").read_text("utf-8"))[
        "properties"
    ]
    defaults = config.Config()
    assert sections.keys() == set(defaults._fields)
    for name, default in defaults._asdict().items():
        if hasattr(default, "_fields"):
            assert sections[name]["properties"].keys() == set(default._fields), name
