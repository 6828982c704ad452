"""The tools' packages: pinned versions, installed by npm into a folder that git ignores."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

PINS = Path(__file__).with_name("pins")
FOLDER = Path(__file__).parents[2] / ".agents"
# Scripts of packages do not run: the tools work without.
NPM = ("npm", "--no-audit", "--no-fund", "--no-update-notifier", "--ignore-scripts")


def pinned(name: str, package: str) -> str:
    """The version that the repository pins."""
    text = (PINS / name / "package.json").read_text("utf-8")
    return str(json.loads(text)["dependencies"][package])


def install(name: str, package: str, version: str) -> Path:
    """The folder with a version of a tool; installed if it is not there yet.

    The pinned version is installed as its package-lock.json says, with the hash of every file.
    """
    folder = FOLDER / f"{name}-{version}"
    done = folder / ".installed"
    if done.exists():
        return folder
    if shutil.which("npm") is None:
        raise SystemExit("npm is not installed: install Node.js, or name a folder with --packages")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if version == pinned(name, package):
        for file in (PINS / name).iterdir():
            shutil.copy(file, folder)
        command = [*NPM, "ci"]
    else:
        command = [*NPM, "install", "--save-exact", f"{package}@{version}"]
    if subprocess.run([*command, "--prefix", folder], cwd=folder, check=False).returncode:
        raise SystemExit(f"npm cannot install {package}@{version}; what it says is above")
    done.touch()
    return folder
