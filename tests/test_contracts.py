"""The import contracts that `make lint` checks refuse forbidden imports."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
Lint = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def lint(tmp_path: Path) -> Lint:
    """Check the contracts on a copy of the package, with lines added to some modules."""

    def run(**added: str) -> subprocess.CompletedProcess[str]:
        shutil.copytree(
            ROOT / "hooks/errata", tmp_path / "errata", ignore=shutil.ignore_patterns("__pycache__")
        )
        for module, line in added.items():
            path = tmp_path / "errata" / f"{module.replace('__', '/')}.py"
            with path.open("a", encoding="utf-8") as file:
                file.write(f"\n{line}\n")
        program = Path(sys.executable).with_name("lint-imports")
        return subprocess.run(
            [program, "--no-cache", ROOT / "pyproject.toml"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_package_keeps_the_contracts(lint: Lint) -> None:
    done = lint()
    assert "Contracts: 2 kept, 0 broken." in done.stdout
    assert done.returncode == 0


def test_imports_from_a_higher_layer_are_refused(lint: Lint) -> None:
    done = lint(
        corrections__attribution__attributed_hunks="from errata.patterns import cache",
        corrections__classify__generated_paths="from errata import runbooks",
        provenance__rules="import errata.records.model",
        githooks__stamp="def f():\n    from errata.commands import log",
        core__git="if False:\n    from errata.records.model import Kind",
        core__config="from errata.state import error_log",
        another="",
    )
    assert done.returncode == 1
    output = " ".join(done.stdout.split())
    for arrow in (
        "errata.corrections.attribution.attributed_hunks -> errata.patterns.cache",
        "errata.corrections.classify.generated_paths -> errata.runbooks",
        "errata.provenance.rules -> errata.records.model",
        "errata.githooks.stamp -> errata.commands.log",
        "errata.core.git -> errata.records.model",
        "errata.core.config -> errata.state.error_log",
    ):
        assert arrow in output
    # Every package must be in a layer.
    assert "not listed as layers: - errata.another" in output


def test_import_cycles_are_refused(lint: Lint) -> None:
    """Between modules of a package, and with an import inside a function."""
    done = lint(
        corrections__capture="from errata.corrections.attribution import mixed_commit_lines",
        corrections__attribution__mixed_commit_lines="from errata.corrections import capture",
        setup__checks__dialects="def f():\n    from errata.setup.checks import logs",
    )
    assert done.returncode == 1
    assert "1 kept, 1 broken" in done.stdout
    assert "capture" in done.stdout
    assert "dialects" in done.stdout
