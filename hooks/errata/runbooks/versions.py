"""All versions of all runbooks in history: which lessons each held, by its digest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from errata.core.config import Config
from errata.core.errors import GitError, RunbookError
from errata.core.git import Repository
from errata.runbooks import digest, paths
from errata.runbooks.entry_layout import NAME_MAX
from errata.runbooks.sanitise import markdown

_MAX_BYTES = 1_000_000
"""A longer version is left out."""
_ITEM = re.compile(r"(?m)^- \*\*((?:[^*\\\n]|\\.)+)\*\* \(")


def lessons_by_digest(repo: Repository, config: Config) -> dict[str, frozenset[str]]:
    """Digest of a version -> the names of its entries, as :func:`shown_name` makes them.

    Those that are in a commit of HEAD's history, and those in the work tree.
    """
    versions = {digest.of_bytes(data): names_in(data) for data in _present(repo.root, config)}
    for data in repo.small_blobs(_blobs(repo, config), _MAX_BYTES):
        if data is not None:
            versions[digest.of_bytes(data)] = names_in(data)
    return versions


def names_in(data: bytes) -> frozenset[str]:
    """The names of the entries of a runbook."""
    text = data.decode("utf-8", "replace")
    return frozenset(re.sub(r"\\(.)", r"\1", name) for name in _ITEM.findall(text))


def shown_name(name: str) -> str:
    """The name of a pattern as an entry shows it."""
    return re.sub(r"\\(.)", r"\1", markdown(name, NAME_MAX))


def _blobs(repo: Repository, config: Config) -> list[str]:
    """The object ids of all versions, of merges too."""
    spec = f":(top,glob){config.paths.runbooks.rstrip('/')}/*/{paths.FILE_NAME}"
    args = ("log", "-m", "--raw", "-z", "--no-abbrev", "--no-renames", "--format=", "HEAD", "--")
    try:
        out = repo.git(*args, spec)
    except GitError:
        return []  # without commits
    # `:old-mode new-mode old-id new-id status`, then the path.
    rows = (part.split(b" ") for part in out.split(b"\0") if part.lstrip(b"\n").startswith(b":"))
    shas = (row[3].decode() for row in rows if len(row) == 5)
    return [*dict.fromkeys(sha for sha in shas if sha.strip("0"))]


def _present(root: Path, config: Config) -> Iterator[bytes]:
    for path in sorted((root / config.paths.runbooks).glob(f"*/{paths.FILE_NAME}")):
        try:
            data = paths.read(path)
        except RunbookError:
            continue
        if data is not None:
            yield data
