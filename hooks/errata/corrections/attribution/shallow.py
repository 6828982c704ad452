"""Where a shallow clone was cut off."""

from __future__ import annotations

from pathlib import Path


def shallow_commits(common_dir: Path) -> set[str]:
    """The oldest commits of a shallow clone; they seem to write all lines that they inherit."""
    try:
        return set((common_dir / "shallow").read_text().split())
    except OSError:
        return set()
