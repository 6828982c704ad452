"""docs/formats.md is what the schemas say."""

from __future__ import annotations

from pathlib import Path

import pytest

import formats_page

ROOT = Path(__file__).parents[1]


def test_page_is_current() -> None:
    assert formats_page.PAGE.read_text("utf-8") == formats_page.page(), "run `make formats-page`"


def test_every_schema_of_records_is_on_the_page() -> None:
    # errata.toml has a page of its own, with the defaults.
    names = {path.stem for path in (ROOT / "schemas").glob("*.json")} - {"errata-toml"}
    assert names == set(formats_page.FILES)


@pytest.mark.parametrize("name", formats_page.FILES)
def test_every_field_has_a_meaning_or_a_value(name: str) -> None:
    root = formats_page.schema(name)
    found = list(formats_page.fields(root, root))
    assert {path for path, _, _ in found} >= set(root["properties"])
    assert {path for path, _, required in found if required} >= set(root.get("required", ()))
    assert [path for path, here, _ in found if not here.get("description")] == []


def test_fields_of_lists_and_of_any_key_are_listed() -> None:
    root = {
        "$defs": {"word": {"type": "string", "description": "A word."}},
        "properties": {
            "by": {"required": ["name"], "properties": {"name": {"$ref": "#/$defs/word"}}},
            "items": {"items": {"properties": {"size": {"type": "integer"}}}},
            "more": {"additionalProperties": {"$ref": "#/$defs/word"}},
        },
    }
    found = {path: required for path, _, required in formats_page.fields(root, root)}
    assert found == {
        **{"by": False, "by.name": True, "items": False, "items[]": False},
        **{"items[].size": False, "more": False, "more.*": False},
    }
