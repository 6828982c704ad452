"""The logs as they would be: a copy for what a dry run finds, in which evolve can be planned."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from errata.core.config import CHANCES_LOG, CURATION_LOG, Config
from errata.core.errors import LogError
from errata.core.git import Repository
from errata.core.safe_open import in_work_tree, read_regular
from errata.lessons import chances_log
from errata.lessons.chances_log import ChancesLine
from errata.records import append
from errata.runbooks.paths import PROMOTION_LOG
from errata.state import outbox


@contextmanager
def preview(
    repo: Repository,
    config: Config,
    corrections: Sequence[Mapping[str, Any]],
    line: ChancesLine | None,
) -> Iterator[Repository]:
    """A folder with the logs of a repository, and these corrections and chances in them.

    Args:
        corrections: records; those that are logged already, or were rejected, are left out.
    """
    new = outbox.unlogged(repo, config, outbox.sources(repo, config), corrections)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        logs = config.logs.by_kind().values()
        names = (PROMOTION_LOG, CHANCES_LOG, CURATION_LOG)
        for path in (*logs, *(f"{config.paths.patterns.rstrip('/')}/{name}" for name in names)):
            _write(root / path, _content(repo.root, path))
        waiting = outbox.read(outbox.file_path(repo)) if outbox.has_records(repo) else []
        added = b"".join(map(append.encode, [*waiting, *new]))
        _write(root / config.logs.corrections, added)
        if line:
            chances_log.append(root, config, line)
        yield Repository(root, None, None)


def _content(root: Path, path: str) -> bytes:
    """A file of the work tree, ending with a line end; empty if there is none."""
    with suppress(OSError):
        data = read_regular(in_work_tree(root, Path(path), LogError))
        return data if not data or data.endswith(b"\n") else data + b"\n"
    return b""


def _write(path: Path, data: bytes) -> None:
    """Add to a file, which need not be there."""
    if data:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(data)
