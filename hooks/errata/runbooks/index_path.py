"""Where the index of lessons is; agents wait for this module."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

VERSION = 1


def path_of(git_dir: Path) -> Path:
    """The index for a work tree, given its git directory."""
    return git_dir / "errata" / "lessons.json"
