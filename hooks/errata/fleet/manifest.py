"""The manifest of a bundle: which tables it has, and what they were made from.

A bundle is a folder with ``manifest.json`` and, in a folder that the manifest names, one Parquet
file for each table. The manifest takes its place last, so that a bundle is whole or is the old one.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from errata.core import safe_open
from errata.core.errors import ErrataError
from errata.fleet.schema import FORMAT, MANIFEST, TABLES, WITH_CODE
from errata.records import instants

NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]|/(?=[A-Za-z0-9])){0,99}\Z")
"""The name of a repository."""


class TableFile(msgspec.Struct, frozen=True, kw_only=True):
    """The file of a table.

    Attributes:
        file: its path in the bundle, with `/`.
        columns: names, in their order.
        sha256: of the file, which has so many bytes.
    """

    file: str
    rows: int
    bytes: int
    sha256: str
    columns: tuple[str, ...]


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What ``manifest.json`` says.

    Attributes:
        format: version of the format of bundles.
        repository: its name.
        digest: of everything that the bundle is a function of.
        newest: instant of the newest record, 0 without any.
        counted: instant up to which agents' commits were counted, 0 if nobody counted.
        code: whether it holds examples of code.
        tables: by name.
    """

    format: int
    repository: str
    digest: str
    newest: int
    counted: int
    code: bool
    tables: dict[str, TableFile]

    @property
    def records(self) -> int:
        """How many records there are."""
        return self.tables["records"].rows

    def to_json(self) -> dict[str, Any]:
        """The object of ``manifest.json``."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain


class BundleError(ErrataError):
    """A bundle cannot be read."""


def encode(manifest: Manifest) -> bytes:
    """The bytes of ``manifest.json``."""
    return json.dumps(manifest.to_json(), indent=1, sort_keys=True).encode() + b"\n"


def decode(data: bytes) -> Manifest:
    """The manifest that these bytes are. Raises ValueError: it is not one, or of another format."""
    manifest = msgspec.json.decode(data, type=Manifest)
    if manifest.format != FORMAT:
        raise ValueError(
            f"format {manifest.format}, and this errata reads {FORMAT}: export the repository "
            "again, or bring errata up to date"
        )
    needed = WITH_CODE if manifest.code else TABLES
    for table in needed:
        entry = manifest.tables.get(table.name)
        if entry is None or entry.columns != table.names:
            raise ValueError(f"the table {table.name} or a column of it is missing")
        if not _is_inside(entry.file):
            raise ValueError(f"{entry.file!r} is not a file of the bundle")
    if not NAME.match(manifest.repository):
        raise ValueError(f"{manifest.repository[:40]!r} cannot be the name of a repository")
    if not all(
        instants.FIRST <= when < instants.END for when in (manifest.newest, manifest.counted)
    ):
        raise ValueError("an instant is not one")
    return manifest


def _is_inside(path: str) -> bool:
    parts = path.split("/")
    return bool(path) and "\\" not in path and all(part not in ("", ".", "..") for part in parts)


def read(bundle: Path) -> Manifest:
    """The manifest of the bundle in a folder.

    Raises:
        BundleError: there is none, or it is damaged.
    """
    try:
        return decode(safe_open.read_settings(bundle / MANIFEST))
    except OSError as error:
        raise BundleError(f"{MANIFEST} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise BundleError(f"{MANIFEST}: {error}") from error


def check_files(bundle: Path, manifest: Manifest, tables: Sequence[str]) -> None:
    """Compare the files of a bundle with its manifest.

    Raises:
        BundleError: one of them is missing or damaged.
    """
    for name in tables:
        if entry := manifest.tables.get(name):
            read_table(bundle, entry)


def read_table(bundle: Path, entry: TableFile) -> bytes:
    """The file of a table. Raises BundleError: it is missing or damaged."""
    try:
        data = safe_open.read_regular(bundle / entry.file)
    except OSError as error:
        raise BundleError(f"{entry.file} cannot be read: {error.strerror}") from error
    if len(data) != entry.bytes or hashlib.sha256(data).hexdigest() != entry.sha256:
        raise BundleError(f"{entry.file} is damaged", "export the repository again")
    return data
