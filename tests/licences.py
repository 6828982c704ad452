"""What errata runs on, by whose leave, and what for: ``LICENSES.md``, written by ``make pins``.

Names and versions are those of ``constraints/runtime.txt``; licences are what the installed
packages say of themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "LICENSES.md"
_HEAD = """\
# Licences

errata is under the [MIT licence](LICENSE). It contains no code of others; this is what is installed
with it, also by way of other packages. `make pins` writes the list from what each says of itself.

| Package | Licence | What for |
|---|---|---|
"""
WHAT_FOR = {
    "click": "the `errata` command",
    "detect-secrets": "takes secrets out of what people typed",
    "gitpython": "reads the commits that commands show",
    "jsonschema": "explains what a schema refuses",
    "jsonschema-rs": "decides whether a record is valid",
    "markdown-it-py": "finds the generated block of a runbook",
    "msgspec": "reads and writes JSON",
    "pre-commit": "runs the hooks",
    "pygments": "tokens of what a person changed",
    "pyyaml": "reads the frontmatter of skills",
    "rich": "tables on a terminal",
    "ruamel-yaml": "edits `.pre-commit-config.yaml`, comments kept",
    "tomlkit": "edits TOML files, comments kept",
    "unidiff": "shows what a correction changed",
}
# What packages call one licence, by its SPDX name.
_SPDX = {
    "Apache Software License": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "MIT License": "MIT",
}


@dataclass(frozen=True)
class Pin:
    """One package of a file of constraints.

    Attributes:
        marker: where it is wanted; "" for everywhere.
        via: the packages that need it.
    """

    name: str
    version: str
    marker: str
    hashes: int
    via: tuple[str, ...]


def pins(path: Path) -> Iterator[Pin]:
    """The packages of a file that uv wrote."""
    text = path.read_text("utf-8")
    for block in re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]:
        first, *rest = block.splitlines()
        name, version, marker = re.fullmatch(r"(\S+)==(\S+)(?: ; (.*?))? \\", first).groups("")  # type: ignore[union-attr]
        notes = [line.lstrip("# ").removeprefix("via").strip() for line in rest if "#" in line]
        hashes = sum("--hash=sha256:" in line for line in rest)
        yield Pin(name, version, marker, hashes, tuple(filter(None, notes)))


def licence(name: str) -> str:
    """What an installed package says of its licence.

    Raises:
        metadata.PackageNotFoundError: it is not installed.
    """
    found = metadata.metadata(name)
    said = [found.get("License-Expression"), found.get("License")]
    said += [
        one.rpartition(" :: ")[2] for one in found.get_all("Classifier") or [] if "License" in one
    ]
    first = next(one for one in said if one and one != "UNKNOWN")
    return _SPDX.get(first, first)


def wanted() -> list[Pin]:
    """What is installed with errata on the systems that it is for."""
    found = pins(ROOT / "constraints/runtime.txt")
    return [pin for pin in found if "win32" not in pin.marker and "'nt'" not in pin.marker]


def row(pin: Pin, said: str) -> str:
    """One package's line of the table."""
    others = [name for name in pin.via if not name.startswith(("errata-hooks", "-c"))]
    return f"| {pin.name} | {said} | {WHAT_FOR.get(pin.name) or 'for ' + ', '.join(others)} |"


def document() -> str:
    """All of ``LICENSES.md``."""
    return _HEAD + "".join(f"{row(pin, licence(pin.name))}\n" for pin in wanted())


if __name__ == "__main__":
    DOCUMENT.write_text(document(), "utf-8")
