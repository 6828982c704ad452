"""Installs the package as a wheel would, in an environment of its own.

An editable install slows down every start of Python, even of a bare interpreter. With it, hooks
would look closer to their peers than they are in a normal installation.
"""

from __future__ import annotations

import compileall
import hashlib
import shutil
import sysconfig
import tomllib
import venv
from functools import cache
from pathlib import Path

from bench import workspace
from bench.measure import ROOT, BenchError

_SCRIPT = """#!{python}
import sys
from {module} import {function}
if __name__ == "__main__":
    sys.exit({function}())
"""


@cache
def home() -> Path:
    """The environment; created again after its sources or the folder of its dependencies change."""
    digest = hashlib.sha256("\0".join(_dependencies()).encode())
    for path in sorted(_sources()):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    folder = workspace.cache_dir() / f"installed-{digest.hexdigest()[:16]}-{workspace.today()}"
    return workspace.create_once(folder, lambda to: _install(to, folder))


def python() -> str:
    """The interpreter of the environment."""
    return str(home() / "bin/python")


def script(name: str) -> str:
    """A console script of the environment.

    Raises:
        BenchError: the package has no script of this name.
    """
    path = home() / "bin" / name
    if not path.exists():
        raise BenchError(f"the package has no script {name!r}")
    return str(path)


def code(text: str, *args: str) -> list[str]:
    """The command that runs some Python code, as a script of the environment would."""
    return [python(), "-c", text, *args]


def _sources() -> list[Path]:
    files = [ROOT / "pyproject.toml"]
    for folder in (ROOT / "hooks/errata", ROOT / "schemas"):
        files += [p for p in folder.rglob("*") if p.is_file() and p.suffix != ".pyc"]
    return files


def _dependencies() -> list[str]:
    """The folders from which the environment takes its dependencies: those of this one."""
    return list(dict.fromkeys((sysconfig.get_path("purelib"), sysconfig.get_path("platlib"))))


def _install(folder: Path, final: Path) -> None:
    """Install into ``folder``, which is moved to ``final`` later."""
    venv.create(folder, symlinks=True, with_pip=False)
    [site] = folder.glob("lib/python*/site-packages")
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "hooks/errata", site / "errata", ignore=ignore)
    shutil.copytree(ROOT / "schemas", site / "errata/schemas", ignore=ignore)
    compileall.compile_dir(site, quiet=2)
    # Dependencies come from this environment; a .pth file does not load .pth files there.
    (site / "dependencies.pth").write_text("".join(f"{path}\n" for path in _dependencies()))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for name, entry in project["scripts"].items():
        module, _, function = entry.partition(":")
        path = folder / "bin" / name
        path.write_text(
            _SCRIPT.format(python=final / "bin/python", module=module, function=function)
        )
        path.chmod(0o755)
