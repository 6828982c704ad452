"""``make formats-page`` writes docs/formats.md, the reference of formats, from ``schemas/``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/formats.md"
Schema = dict[str, Any]
FILES = {
    "finding": ".claude/review-findings.jsonl",
    "learning": ".claude/session-learnings.jsonl",
    "correction": ".claude/user-corrections.jsonl",
    "incident": ".claude/incidents.jsonl",
    "curation": ".claude/patterns/curation.jsonl",
    "promotion-log": ".claude/patterns/promotion-log.jsonl",
    "chances": ".claude/patterns/chances.jsonl",
    "patterns": ".claude/patterns/patterns.json",
    "trends": ".claude/patterns/trends.json",
}
"""Schema -> the file that it describes, with the default path, in the order of the page."""
_HEAD = """\
# File formats

Every file of records that errata reads or writes has a JSON Schema (2020-12). The schemas are
installed as the package `errata.schemas`, and `make formats-page` makes this page from them. The
paths are the defaults; [errata.toml](configuration.md) changes them. In a path of fields, `[]`
stands for the items of a list and `*` for any key. Logs may have further fields: they are kept.
"""


def page() -> str:
    """The whole page."""
    return "\n".join((_HEAD, *(part for name in FILES for part in _section(name))))


def schema(name: str) -> Schema:
    """A schema by the name of its file."""
    loaded: Schema = json.loads((ROOT / f"schemas/{name}.json").read_text("utf-8"))
    return loaded


def _section(name: str) -> Iterator[str]:
    root = schema(name)
    yield f"## {root['title']}\n"
    yield f"`{FILES[name]}` ([schema](../schemas/{name}.json)). {root['description']}\n"
    yield "| Field | Value | Meaning |"
    yield "|---|---|---|"
    yield from (_row(*field) for field in fields(root, root))
    yield "\nFields in bold are required."
    for part in _alternatives(root):
        yield f"One of {' or '.join(_either(part))} is required."
    for example in root.get("examples", [])[:1]:
        text = json.dumps(example, ensure_ascii=False, indent=2)
        yield f"\nExample{', here on several lines' if FILES[name].endswith('l') else ''}:\n"
        yield f"```json\n{text}\n```"
    yield ""


def _alternatives(root: Schema) -> list[Schema]:
    """The conditions that one of several fields must be there."""
    parts = [root, *root.get("allOf", [])]
    return [part for part in parts if all("required" in each for each in part.get("anyOf", [{}]))]


def _either(part: Schema) -> list[str]:
    return [" and ".join(f"`{name}`" for name in each["required"]) for each in part["anyOf"]]


def fields(
    here: Schema, root: Schema, path: str = "", required: bool = False
) -> Iterator[tuple[str, Schema, bool]]:
    """Every field below a schema, depth first: (path, schema, whether it is required)."""
    here = _resolve(here, root)
    if path:
        yield path, here, required
    dot = f"{path}." if path else ""
    for name, below in here.get("properties", {}).items():
        yield from fields(below, root, f"{dot}{name}", name in here.get("required", ()))
    if isinstance(here.get("additionalProperties"), dict):
        yield from fields(here["additionalProperties"], root, f"{dot}*")
    items = _resolve(here.get("items", {}), root)
    if items.get("properties"):
        yield from fields(items, root, f"{path}[]")


def _resolve(here: Schema, root: Schema) -> Schema:
    """A schema with what it refers to; what it says itself goes before."""
    if "$ref" not in here:
        return here
    target = root["$defs"][here["$ref"].removeprefix("#/$defs/")]
    return {**_resolve(target, root), **here, "$ref": ""}


def _row(path: str, here: Schema, required: bool) -> str:
    name = f"**`{path}`**" if required else f"`{path}`"
    return f"| {name} | {_cell(_value(here))} | {_cell(here.get('description', ''))} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _value(here: Schema) -> str:
    """What the field may hold, in words."""
    if "title" in here:
        return str(here["title"])
    if "const" in here:
        return f"`{json.dumps(here['const'])}`"
    if "enum" in here:
        return ", ".join(
            f"`{one}`" if isinstance(one, str) else json.dumps(one) for one in here["enum"]
        )
    kinds = here.get("type", "any")
    words = {"array": "list", "null": "null", "string": "text", "object": "table"}
    kinds = [kinds] if isinstance(kinds, str) else kinds
    return " or ".join(words.get(kind, kind) for kind in kinds)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
