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


def of_runbooks(root: Path, config: Config, agent: str, common_dir: Path | None) -> list[str]:
    """``name@digest`` of each runbook that an agent reads: its own and that for everyone.

    Args:
        agent: "" if it is unknown.
        common_dir: the git directory that all work trees share; None outside git.
    """
    from errata.runbooks import paths

    digests = (_digest(root, config, name, common_dir) for name in paths.read_by(agent))
    return [digest for digest in digests if digest]


def _digest(root: Path, config: Config, name: str, common_dir: Path | None) -> str:
    """``name@digest``; "" if there is no such runbook, or it cannot be read."""
    from errata.core.errors import RunbookError
    from errata.runbooks import kept_sections

    try:
        data = kept_sections.read_runbook(root, config, name, common_dir)
    except RunbookError:
        return ""
    return "" if data is None else f"{name}@{of_bytes(data)}"
