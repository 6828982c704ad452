"""Dependencies are pinned by hash, at the newest and at the oldest allowed versions."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import licences

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
FILES = ("newest", "lowest", "runtime", "docs")
RENEW = "make pins"


def pinned(name: str) -> dict[str, licences.Pin]:
    return {pin.name: pin for pin in licences.pins(ROOT / f"constraints/{name}.txt")}


def wanted(*extras: str) -> list[Requirement]:
    """The dependencies in pyproject.toml, without extras of errata itself."""
    requirements = list(PROJECT["dependencies"])
    for extra in extras:
        requirements += PROJECT["optional-dependencies"][extra]
    return [item for item in map(Requirement, requirements) if item.name != PROJECT["name"]]


@pytest.mark.parametrize(
    ("name", "extras"),
    [
        ("newest", ("unit", "test", "bench")),
        ("lowest", ("unit",)),
        ("runtime", ()),
        ("docs", ("docs",)),
    ],
)
def test_every_dependency_is_pinned_within_its_bounds(name: str, extras: tuple[str, ...]) -> None:
    pins = pinned(name)
    for requirement in wanted(*extras):
        pin = pins.get(canonicalize_name(requirement.name))
        assert pin is not None, f"{requirement.name}: not in constraints/{name}.txt; {RENEW}"
        assert requirement.specifier.contains(pin.version), (
            f"{requirement}, but {pin.version}; {RENEW}"
        )


@pytest.mark.parametrize("requirement", wanted("unit"), ids=str)
def test_oldest_allowed_version_is_pinned_for_tests(requirement: Requirement) -> None:
    (bound,) = requirement.specifier
    assert bound.operator == ">="
    pin = pinned("lowest")[canonicalize_name(requirement.name)]
    assert Version(bound.version) == Version(pin.version)


def test_runtime_pins_match_the_tested_ones() -> None:
    newest = pinned("newest")
    for name, pin in pinned("runtime").items():
        assert newest[name].version == pin.version
        assert newest[name].hashes == pin.hashes


@pytest.mark.parametrize("name", FILES)
def test_pins_have_hashes_and_name_no_index(name: str) -> None:
    text = (ROOT / f"constraints/{name}.txt").read_text("utf-8")
    assert [pin.name for pin in pinned(name).values() if not pin.hashes] == []
    # A package may have another version for newer versions of Python.
    assert set(pinned(name)) == {*re.findall(r"^([^\s#=]+)==", text, re.MULTILINE)}
    assert text.count("--hash=") >= len(re.findall(r"^[^\s#]", text, re.MULTILINE))
    assert re.findall(r"://|^-|index-url|find-links", text, re.MULTILINE) == []


def test_listed_licences_match_installed_packages() -> None:
    rows = [row for row in licences.DOCUMENT.read_text("utf-8").splitlines() if "| " in row][1:]
    named = {row.split("|")[1].strip(): row for row in rows}
    assert list(named) == [pin.name for pin in licences.wanted()], RENEW
    assert set(licences.PURPOSES) == {
        canonicalize_name(requirement.name) for requirement in wanted()
    }
    installed = 0
    for pin in licences.wanted():
        listed = named[pin.name].split("|")[2].strip()
        try:
            assert licences.licence(pin.name) == listed, RENEW
            installed += 1
        except licences.metadata.PackageNotFoundError:
            # Needed by another version of Python.
            assert pin.marker, f"{pin.name}: {RENEW}"
            continue
        assert licences.row(pin, listed) == named[pin.name]
    assert installed > 20


def test_every_licence_is_permissive() -> None:
    """No licence applies to the code that uses the package; MPL-2.0 covers only its own files."""
    allowed = {"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "MIT", "MPL-2.0", "PSF-2.0"}
    rows = [row for row in licences.DOCUMENT.read_text("utf-8").splitlines() if "| " in row][1:]
    for row in rows:
        # "A OR B" allows a choice.
        assert allowed & set(row.split("|")[2].strip().split(" OR ")), row


def test_pins_are_parsed(tmp_path: Path) -> None:
    file = tmp_path / "some.txt"
    file.write_text(
        "# made by hand\n"
        "one==1.0 ; os_name == 'nt' \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n"
        "    # via two\n"
        "two==2.0 \\\n    --hash=sha256:cc\n    # via\n    #   errata-hooks (pyproject.toml)\n"
        "    #   three\n"
    )
    assert list(licences.pins(file)) == [
        licences.Pin("one", "1.0", "os_name == 'nt'", 2, ("two",)),
        licences.Pin("two", "2.0", "", 1, ("errata-hooks (pyproject.toml)", "three")),
    ]


def test_no_environment_of_the_makefile_can_be_committed() -> None:
    """Each has a line in .gitignore, and is removed by `make clean`."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    suffixes = set(re.findall(r"\$\(VENV\)(-\w+)?", makefile))
    assert {"", "-lowest", "-docs", "-spark"} <= suffixes
    ignored = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert [suffix for suffix in suffixes if f".venv{suffix}/" not in ignored] == []
    removed = makefile.partition("\nclean:\n")[2].split()
    assert [suffix for suffix in suffixes if f"$(VENV){suffix}" not in removed] == []
