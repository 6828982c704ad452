"""The digest that names a version of a runbook, in the ``Runbook:`` trailer and in exposures."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from errata.core.config import Config


def of_bytes(data: bytes) -> str:
    """12 hex digits of the SHA-256; CRLF and LF checkouts of a runbook have the same digest."""
    import hashlib

    return hashlib.sha256(data.replace(b"\r\n", b"\n")).hexdigest()[:12]


def of_runbook(root: Path, config: Config, agent: str, common_dir: Path | None) -> str:
    """``agent@digest`` of the runbook that the agent reads; "" if it has none in the repository.

    Args:
        common_dir: the git directory that all work trees share; None outside git.
    """
    from errata.core.errors import RunbookError
    from errata.runbooks import kept_sections

    try:
        data = kept_sections.read_runbook(root, config, agent, common_dir)
    except RunbookError:
        return ""
    return "" if data is None else f"{agent}@{of_bytes(data)}"
