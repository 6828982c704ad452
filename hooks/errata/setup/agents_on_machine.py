"""Which agents' tools this machine has, and in which version."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

from errata.rules.agent_tools import all_tools

_VERSION = re.compile(r"v?(\d+\.\d+\.\d+[\w.-]*)")
_ABOVE = 4
"""How far above an executable its package may begin."""


def on_machine() -> dict[str, str]:
    """Each tool that is installed or was used here -> how one sees that."""
    traces = {}
    for tool, form in all_tools().items():
        names = [name for name in form["program"]["names"] if shutil.which(name)]
        homes = [home for home in form["program"]["homes"] if _expanded(home).is_dir()]
        if reasons := [f"{name} is on PATH" for name in names] + [
            f"{home} exists" for home in homes
        ]:
            traces[tool] = reasons[0]
    return traces


def installed_version(tool: str) -> str:
    """The version of a tool's executable on PATH; "" if none is found without starting it.

    It is in the npm package around the executable, or in the path of the executable itself, as
    Homebrew and the tools' own installers have it.
    """
    program = all_tools()[tool]["program"]
    for name in program["names"]:
        if path := shutil.which(name):
            return _version(Path(os.path.realpath(path)), program["package"])
    return ""


def _version(file: Path, package: str) -> str:
    for folder in list(file.parents)[:_ABOVE]:
        try:
            data = json.loads((folder / "package.json").read_bytes())
        except (OSError, ValueError):
            continue
        if isinstance(data, dict) and package and data.get("name") == package:
            return str(data.get("version", ""))
    parts = (_VERSION.fullmatch(part) for part in reversed(file.parts))
    return next((match[1] for match in parts if match), "")


def _expanded(home: str) -> Path:
    # Path.expanduser fails without a home.
    return Path(os.path.expanduser(home))  # noqa: PTH111
