"""The child processes of the test's own process."""

from __future__ import annotations

import os
from pathlib import Path


def children() -> set[str]:
    """The ids of all child processes, also of those that have ended and were not waited for."""
    tasks = Path(f"/proc/{os.getpid()}/task").iterdir()
    return {pid for task in tasks for pid in (task / "children").read_text().split()}
