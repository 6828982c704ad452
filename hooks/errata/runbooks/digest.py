"""Which runbook is in force: the digest that the ``Runbook:`` trailer and the exposures name."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path


def of(root: Path, runbooks: str, agent: str) -> str:
    """``agent@digest``, or "" if the agent has no runbook inside the repository.

    Args:
        runbooks: the folder of all runbooks, relative to ``root``.
    """
    import hashlib

    path = (root / runbooks / agent / "RUNBOOK.md").resolve()
    if not path.is_relative_to(root.resolve()) or not path.is_file():
        return ""
    return f"{agent}@{hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"
