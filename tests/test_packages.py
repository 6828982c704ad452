"""What an installation will hold: every package, every module of it, every file of data."""

from __future__ import annotations

import importlib
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
PACKAGES: list[str] = SETTINGS["packages"]


def folder(package: str) -> Path:
    """Where a package's files are, by the longest rule that fits."""
    places = SETTINGS["package-dir"]
    known = max((name for name in places if f"{package}.".startswith(f"{name}.")), key=len)
    rest = package.removeprefix(known).strip(".").split(".")
    return ROOT.joinpath(places[known], *filter(None, rest))


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_that_is_named_can_be_imported(package: str) -> None:
    place = folder(package)
    assert place.is_dir()
    importlib.import_module(package)
    for module in place.glob("*.py"):
        if module.stem not in ("__init__", "__main__"):
            importlib.import_module(f"{package}.{module.stem}")


def test_every_folder_with_modules_is_named() -> None:
    top = ROOT / "hooks"
    found = {".".join(path.parent.relative_to(top).parts) for path in top.rglob("*.py")}
    assert found <= set(PACKAGES)
    assert "errata.setup.checks" in found
    assert len(PACKAGES) == len(set(PACKAGES))


def test_every_file_of_data_is_named() -> None:
    data = {
        path
        for package, globs in SETTINGS["package-data"].items()
        for glob in globs
        for path in folder(package).glob(glob)
    }
    skipped = ("__pycache__", ".egg-info")
    for path in (ROOT / "hooks").rglob("*"):
        if path.is_file() and path.suffix != ".py" and not any(s in str(path) for s in skipped):
            assert path in data, path
