"""All versions of all runbooks in history: which lessons each held, by its digest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from errata.core.config import Config
from errata.core.errors import GitError, RunbookError
from errata.core.git import Repository
from errata.corrections.attribution.raw_log import changed_paths
from errata.runbooks import digest, paths
from errata.runbooks.entry_layout import NAME_MAX
from errata.runbooks.sanitise import markdown

_MAX_BYTES = 1_000_000
"""A longer version is left out."""
_ITEM = re.compile(r"(?m)^- \*\*((?:[^*\\\n]|\\.)+)\*\* \(")


class Versions(NamedTuple):
    """What all versions of all runbooks held.

    Attributes:
        lessons: digest of a version -> the names of its entries, as :func:`shown_name` makes them.
        first: such a name -> when the first commit was made that has it (microseconds UTC).
    """

    lessons: dict[str, frozenset[str]]
    first: dict[str, int]


def read(repo: Repository, config: Config) -> Versions:
    """The versions in the commits of HEAD's history, and those in the work tree."""
    lessons = {digest.of_bytes(data): names_in(data) for data in _present(repo.root, config)}
    first: dict[str, int] = {}
    blobs = _blobs(repo, config)
    contents = repo.small_blobs(blobs, _MAX_BYTES) if blobs else ()
    for when, data in zip(blobs.values(), contents, strict=False):
        names = names_in(data or b"")
        for name in names:
            first[name] = min(when, first.get(name, when))
        if data is not None:
            lessons[digest.of_bytes(data)] = names
    return Versions(lessons, first)


def names_in(data: bytes) -> frozenset[str]:
    """The names of the entries of a runbook."""
    text = data.decode("utf-8", "replace")
    return frozenset(re.sub(r"\\(.)", r"\1", name) for name in _ITEM.findall(text))


def shown_name(name: str) -> str:
    """The name of a pattern as an entry shows it."""
    return re.sub(r"\\(.)", r"\1", markdown(name, NAME_MAX))


def _blobs(repo: Repository, config: Config) -> dict[str, int]:
    """The object ids of all versions, of merges too, with the time of the first commit of each."""
    folder = config.paths.runbooks.rstrip("/")
    ending = f"/{paths.FILE_NAME}".encode()
    blobs: dict[str, int] = {}
    try:
        for change in changed_paths(str(repo.root), "-m", "HEAD", "--", folder):
            if change.blob and change.path.endswith(ending):
                blobs[change.blob] = min(change.committed, blobs.get(change.blob, change.committed))
    except GitError:
        return blobs  # without commits, or some of them
    return blobs


def _present(root: Path, config: Config) -> Iterator[bytes]:
    for path in sorted((root / config.paths.runbooks).glob(f"*/{paths.FILE_NAME}")):
        try:
            data = paths.read(path)
        except RunbookError:
            continue
        if data is not None:
            yield data
