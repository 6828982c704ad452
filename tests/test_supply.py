"""What is installed for tests is pinned by hash, at both ends of what pyproject.toml allows."""

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
FILES = ("newest", "lowest", "runtime")
RENEW = "make pins"


def pinned(name: str) -> dict[str, licences.Pin]:
    return {pin.name: pin for pin in licences.pins(ROOT / f"constraints/{name}.txt")}


def wanted(*extras: str) -> list[Requirement]:
    """What pyproject.toml asks for, errata's own extras left out."""
    words = list(PROJECT["dependencies"])
    for extra in extras:
        words += PROJECT["optional-dependencies"][extra]
    return [one for one in map(Requirement, words) if one.name != PROJECT["name"]]


@pytest.mark.parametrize(
    ("name", "extras"),
    [("newest", ("unit", "test", "bench")), ("lowest", ("unit",)), ("runtime", ())],
)
def test_everything_that_is_asked_for_is_pinned_within_its_bounds(
    name: str, extras: tuple[str, ...]
) -> None:
    found = pinned(name)
    for one in wanted(*extras):
        pin = found.get(canonicalize_name(one.name))
        assert pin is not None, f"{one.name}: not in constraints/{name}.txt; {RENEW}"
        assert one.specifier.contains(pin.version), f"{one}, but {pin.version}; {RENEW}"


@pytest.mark.parametrize("one", wanted("unit"), ids=str)
def test_the_oldest_version_that_is_allowed_is_the_one_that_is_tested(one: Requirement) -> None:
    (bound,) = one.specifier
    assert bound.operator == ">="
    assert Version(bound.version) == Version(pinned("lowest")[canonicalize_name(one.name)].version)


def test_errata_runs_on_what_is_tested() -> None:
    newest = pinned("newest")
    for name, pin in pinned("runtime").items():
        assert newest[name].version == pin.version
        assert newest[name].hashes == pin.hashes


@pytest.mark.parametrize("name", FILES)
def test_every_pin_has_its_hashes_and_no_file_names_an_index(name: str) -> None:
    text = (ROOT / f"constraints/{name}.txt").read_text("utf-8")
    assert [pin.name for pin in pinned(name).values() if not pin.hashes] == []
    assert len(pinned(name)) == len(re.findall(r"^[^\s#]", text, re.MULTILINE))
    assert re.findall(r"://|^-|index-url|find-links", text, re.MULTILINE) == []


def test_licences_are_those_of_what_is_installed() -> None:
    rows = [row for row in licences.DOCUMENT.read_text("utf-8").splitlines() if "| " in row][1:]
    named = {row.split("|")[1].strip(): row for row in rows}
    assert list(named) == [pin.name for pin in licences.wanted()], RENEW
    assert set(licences.WHAT_FOR) == {canonicalize_name(one.name) for one in wanted()}
    installed = 0
    for pin in licences.wanted():
        said = named[pin.name].split("|")[2].strip()
        try:
            assert licences.licence(pin.name) == said, RENEW
            installed += 1
        except licences.metadata.PackageNotFoundError:
            # Another version of Python needs it.
            assert pin.marker, f"{pin.name}: {RENEW}"
            continue
        assert licences.row(pin, said) == named[pin.name]
    assert installed > 20


def test_every_licence_lets_errata_be_used_as_its_own_does() -> None:
    """Nothing whose terms reach the code that uses it; MPL-2.0 covers its own files alone."""
    allowed = {"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "MIT", "MPL-2.0", "PSF-2.0"}
    rows = [row for row in licences.DOCUMENT.read_text("utf-8").splitlines() if "| " in row][1:]
    for row in rows:
        # Of "one OR another" anybody may take either.
        assert allowed & set(row.split("|")[2].strip().split(" OR ")), row


def test_a_file_of_pins_is_read(tmp_path: Path) -> None:
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
