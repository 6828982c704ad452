"""Generates ``LICENSES.md``: the runtime dependencies with licence and purpose. See ``make pins``.

The packages come from ``constraints/runtime.txt``, the licences from the metadata of the installed
packages.
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

errata has the [MIT licence](LICENSE) and contains no code of other projects. These packages are
installed with it, directly or as dependencies. `make pins` generates this list from their metadata.
The extra `report` adds vl-convert-python (BSD-3-Clause), which draws plots.

| Package | Licence | Purpose |
|---|---|---|
"""
PURPOSES = {
    "ast-grep-py": "parses source code: tells what a formatter changed from the rest",
    "click": "the `errata` command",
    "detect-secrets": "finds secrets in messages to agents",
    "gitpython": "reads the commits that commands show",
    "jsonschema": "explains why a record is invalid",
    "jsonschema-rs": "validates records",
    "markdown-it-py": "finds the generated block of a runbook; parses Markdown",
    "msgspec": "reads and writes JSON",
    "pre-commit": "runs the hooks",
    "pygments": "tokenizes the changes of a correction",
    "pyyaml": "reads the frontmatter of skills; parses YAML",
    "rich": "progress bars, and the width of characters on a terminal",
    "ruamel-yaml": "edits `.pre-commit-config.yaml` and keeps its comments",
    "tomlkit": "edits TOML files and keeps their comments",
    "unidiff": "parses diffs",
}
# Names of licences in package metadata -> SPDX identifier.
_SPDX = {
    "Apache Software License": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "MIT License": "MIT",
}


@dataclass(frozen=True)
class Pin:
    """One package in a constraints file.

    Attributes:
        marker: environment marker; "" for all environments.
        via: the packages that require it.
    """

    name: str
    version: str
    marker: str
    hashes: int
    via: tuple[str, ...]


def pins(path: Path) -> Iterator[Pin]:
    """The packages in a constraints file written by uv."""
    text = path.read_text("utf-8")
    for block in re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]:
        first, *rest = block.splitlines()
        name, version, marker = re.fullmatch(r"(\S+)==(\S+)(?: ; (.*?))? \\", first).groups("")  # type: ignore[union-attr]
        notes = [line.lstrip("# ").removeprefix("via").strip() for line in rest if "#" in line]
        hashes = sum("--hash=sha256:" in line for line in rest)
        yield Pin(name, version, marker, hashes, tuple(filter(None, notes)))


def licence(name: str) -> str:
    """The licence of an installed package, from its metadata.

    Raises:
        metadata.PackageNotFoundError: the package is not installed.
    """
    fields = metadata.metadata(name)
    classifiers = [text for text in fields.get_all("Classifier") or [] if "License" in text]
    names = [fields.get("License-Expression"), fields.get("License")]
    names += [text.rpartition(" :: ")[2] for text in classifiers]
    first = next(text for text in names if text and text != "UNKNOWN")
    return _SPDX.get(first, first)


def wanted() -> list[Pin]:
    """The packages installed with errata on the supported systems."""
    packages = pins(ROOT / "constraints/runtime.txt")
    return [pin for pin in packages if "win32" not in pin.marker and "'nt'" not in pin.marker]


def row(pin: Pin, licence_name: str) -> str:
    """The row of a package."""
    others = [name for name in pin.via if not name.startswith(("errata-hooks", "-c"))]
    return (
        f"| {pin.name} | {licence_name} | {PURPOSES.get(pin.name) or 'for ' + ', '.join(others)} |"
    )


def document() -> str:
    """The text of ``LICENSES.md``."""
    return _HEAD + "".join(f"{row(pin, licence(pin.name))}\n" for pin in wanted())


if __name__ == "__main__":
    DOCUMENT.write_text(document(), "utf-8")
