"""Rules and their tests as YAML, and whether a file is still as errata wrote it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

_MARK = b"# errata digest: "


def dump(*documents: Mapping[str, Any]) -> bytes:
    """YAML documents, the keys in their order and texts of several lines as they are."""
    import yaml

    class Dumper(yaml.SafeDumper):  # type: ignore[misc]
        def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
            return True

    def text(dumper: Any, value: str) -> Any:
        style = "|" if "\n" in value else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Dumper.add_representer(str, text)
    parts = (
        yaml.dump(dict(document), Dumper=Dumper, sort_keys=False, allow_unicode=True, width=100)
        for document in documents
    )
    return "---\n".join(parts).encode()


def signed(comments: Iterable[str], body: bytes) -> bytes:
    """A file with comments above it, which tells whether somebody edits it."""
    head = "".join(f"# {line}\n" for line in comments).encode()
    return head + _MARK + _digest(head + body) + b"\n" + body


def is_as_written(data: bytes) -> bool:
    """Whether a file is as :func:`signed` made it."""
    head, mark, rest = data.partition(_MARK)
    digest, _, body = rest.partition(b"\n")
    return bool(mark) and digest == _digest(head + body)


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).hexdigest()[:16].encode()
