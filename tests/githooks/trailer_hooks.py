"""Plain hook scripts, as somebody without a framework would install them."""

from __future__ import annotations

import sys
from pathlib import Path


def install(hooks: Path, stage: str, module: str) -> None:
    """Write an executable hook that runs ``module`` with git's own arguments."""
    hooks.mkdir(exist_ok=True)
    script = hooks / stage
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m errata.githooks.{module} "$@"\n')
    script.chmod(0o755)


def editor(folder: Path, body: str) -> str:
    """A GIT_EDITOR that runs the Python statements ``body`` on ``text`` (bytes of the file)."""
    script = folder / "editor.py"
    script.write_text(
        "import pathlib, sys\n"
        "file = pathlib.Path(sys.argv[1])\n"
        "text = file.read_bytes()\n"
        f"{body}\n"
        "file.write_bytes(text)\n"
    )
    return f'"{sys.executable}" "{script}"'
