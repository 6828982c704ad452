"""The packaging settings include every package, module and data file."""

from __future__ import annotations

import importlib
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
PACKAGES: list[str] = SETTINGS["packages"]


def folder(package: str) -> Path:
    """The folder of a package, by the longest entry of ``package-dir`` that matches."""
    places = SETTINGS["package-dir"]
    prefix = max((name for name in places if f"{package}.".startswith(f"{name}.")), key=len)
    rest = package.removeprefix(prefix).strip(".").split(".")
    return ROOT.joinpath(places[prefix], *filter(None, rest))


OF_AN_EXTRA = {"errata.fleet": "ibis"}
"""Packages that need an extra, and what it installs; `make test-lowest` has no extras."""


@pytest.mark.parametrize("package", PACKAGES)
def test_listed_package_can_be_imported(package: str) -> None:
    path = folder(package)
    if package in OF_AN_EXTRA:
        pytest.importorskip(OF_AN_EXTRA[package])
    assert path.is_dir()
    importlib.import_module(package)
    for module in path.glob("*.py"):
        if module.stem not in ("__init__", "__main__"):
            importlib.import_module(f"{package}.{module.stem}")


def test_every_package_is_listed() -> None:
    top = ROOT / "hooks"
    packages = {".".join(path.parent.relative_to(top).parts) for path in top.rglob("*.py")}
    assert packages <= set(PACKAGES)
    assert "errata.setup.checks" in packages
    assert len(PACKAGES) == len(set(PACKAGES))


def test_every_data_file_is_listed() -> None:
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
