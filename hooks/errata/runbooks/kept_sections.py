"""Generated blocks that are newer than the ones in the work tree, kept in the git directory.

After a pull, errata-refresh writes no runbook: a file that a hook changed would block the next
pull. It keeps the new text of the block here instead, and agents read that in place of the block
that it replaces. The file name holds a digest of that block, so a kept section no longer applies
once the runbook in the work tree has another block: after an evolve, a pull that brings one, or a
switch of branch.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from errata.core import atomic, safe_open
from errata.core.errors import GitError, LogError, RunbookError
from errata.runbooks import paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from errata.core.config import Config
    from errata.core.git import Repository
    from errata.runbooks.document import RunbookDocument
    from errata.runbooks.store import RunbookChange

_FOLDER = "runbooks"
_NO_BLOCK = "none"


def keep(repo: Repository, change: RunbookChange) -> bool:
    """Keep the block of a planned change; False if it was kept already.

    Raises:
        GitError, LogError: it cannot be written.
    """
    from errata.runbooks import document

    assert repo.state_dir is not None and change.new is not None
    agent = change.path.parent.name
    block = document.parse(change.new).block
    path = repo.state_dir / _FOLDER / f"{agent}.{_digest(change.old)}.md"
    new = block.text.encode() if block else b""
    if _read(path) == new:
        return False
    discard(repo, agent)
    try:
        atomic.write(path, new)
    except OSError as error:
        raise LogError(f"{path}: cannot be written: {error.strerror}") from error
    return True


def discard(repo: Repository, agent: str) -> None:
    """Remove what is kept for an agent, if there is anything."""
    for path in _files(repo.common_dir, agent):
        with contextlib.suppress(OSError):
            path.unlink()


def find(common_dir: Path | None, agent: str, runbook: bytes | None) -> Path | None:
    """The file of the section that is newer than the block of this runbook; None if none is.

    Args:
        runbook: the file in the work tree; None if there is none.
    """
    files = list(_files(common_dir, agent))
    wanted = f"{agent}.{_digest(runbook)}.md" if files else ""
    return next((file for file in files if file.name == wanted), None)


def read_runbook(root: Path, config: Config, agent: str, common_dir: Path | None) -> bytes | None:
    """The runbook of an agent with the section that is kept for it, if that is newer.

    None where there is neither a file nor a section.

    Raises:
        RunbookError: the file cannot be read, or a link leads out of the repository.
    """
    path = paths.path_for(root, config, agent)
    data = paths.read(path)
    kept = find(common_dir, agent, data)
    section = _read(kept) if kept else None
    if section is None:
        return data
    from errata.runbooks import document

    with contextlib.suppress(RunbookError, UnicodeDecodeError):
        runbook = document.parse(paths.template(agent) if data is None else data)
        return document.replace(runbook, section.decode())
    return data


def agents(common_dir: Path | None) -> set[str]:
    """The agents for which a section is kept, whether or not it still applies."""
    return {path.name.split(".", 1)[0] for path in _files(common_dir)}


def _files(common_dir: Path | None, agent: str = "") -> Iterator[Path]:
    """The kept sections, of one agent or of all."""
    if common_dir is None:
        return
    from errata.core.git import state_folder

    with contextlib.suppress(OSError, GitError):
        folder = state_folder(common_dir, _FOLDER)
        for path in sorted(folder.glob("*.md")):
            if agent in ("", path.name.split(".", 1)[0]):
                yield path


def _read(path: Path) -> bytes | None:
    with contextlib.suppress(OSError), open(path, "rb", opener=safe_open.open_nofollow) as file:
        return file.read()
    return None


def _digest(data: bytes | None) -> str:
    """What names the block of a runbook: 16 hex digits, or a word if there is no block."""
    from errata.runbooks import document

    runbook: RunbookDocument | None = None
    with contextlib.suppress(RunbookError):
        runbook = document.parse(data or b"")
    if runbook is None or runbook.block is None:
        return _NO_BLOCK
    import hashlib

    return hashlib.sha256(runbook.block.raw.replace(b"\r\n", b"\n")).hexdigest()[:16]
