"""Keeps the repository that errata looks at out of Python's import path.

Hooks and commands run at its top, and nobody may have reviewed its modules. ``PYTHONPATH``, often
set by an ``.envrc``, and ``python -m`` put its folders before the installed packages.
"""

from __future__ import annotations

import os
import sys


def leave_out_repository() -> None:
    """Remove the folders of the current work tree from ``sys.path`` and ``PYTHONPATH``.

    Only where errata is the program that runs. The folder that errata itself is in stays.
    """
    configured = os.environ.get("PYTHONPATH", "")
    suspects = configured.split(os.pathsep) if configured else []
    if sys.argv[:1] == ["-m"]:
        suspects += sys.path[: not sys.flags.safe_path]
    elif not os.path.basename(sys.argv[0]).startswith("errata"):  # noqa: PTH119
        return
    top = _work_tree() if suspects else ""
    own = os.path.realpath(f"{__file__}/../..")
    inside = {
        os.path.abspath(entry)  # noqa: PTH100
        for entry in suspects
        if top and _is_inside(os.path.realpath(entry), top) and os.path.realpath(entry) != own
    }
    if inside:
        sys.path[:] = _without(sys.path, inside)
        os.environ["PYTHONPATH"] = os.pathsep.join(_without(configured.split(os.pathsep), inside))


def _work_tree() -> str:
    """The top of the work tree around the current folder; "" outside of one."""
    folder = os.path.realpath(".")
    while not os.path.lexists(f"{folder}/.git"):
        folder, below = os.path.dirname(folder), folder  # noqa: PTH120
        if folder == below:
            return ""
    return folder


def _is_inside(path: str, folder: str) -> bool:
    return f"{path}{os.sep}".startswith(f"{folder}{os.sep}")


def _without(entries: list[str], folders: set[str]) -> list[str]:
    return [entry for entry in entries if os.path.abspath(entry) not in folders]  # noqa: PTH100
