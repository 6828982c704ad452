"""The digest that names a version of a runbook, in the ``Runbook:`` trailer and in exposures."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path


def of_bytes(data: bytes) -> str:
    """12 hex digits of the SHA-256; CRLF and LF checkouts of a runbook have the same digest."""
    import hashlib

    return hashlib.sha256(data.replace(b"\r\n", b"\n")).hexdigest()[:12]


def of_runbook(root: Path, runbooks: str, agent: str) -> str:
    """``agent@digest``, or "" if the agent has no runbook inside the repository.

    Args:
        runbooks: the folder of all runbooks, relative to ``root``.
    """
    path = (root / runbooks / agent / "RUNBOOK.md").resolve()
    if not path.is_relative_to(root.resolve()) or not path.is_file():
        return ""
    return f"{agent}@{of_bytes(path.read_bytes())}"
