"""The package as a wheel would install it, in an environment of its own.

An editable install makes every start of Python slower, that of a bare interpreter too: measured
with it, a hook would look nearer to its peers than it is for those who install it.
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

from bench import place
from bench.measure import ROOT, BenchError

_SCRIPT = """#!{python}
import sys
from {module} import {function}
if __name__ == "__main__":
    sys.exit({function}())
"""


@cache
def home() -> Path:
    """The environment, made anew when a source file has changed."""
    digest = hashlib.sha256()
    for path in sorted(_sources()):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    folder = place.cache() / f"installed-{digest.hexdigest()[:16]}-{place.today()}"
    return place.once(folder, lambda to: _install(to, folder))


def python() -> str:
    """The interpreter of the environment."""
    return str(home() / "bin/python")


def script(name: str) -> str:
    """A console script of the environment.

    Raises:
        BenchError: the package has none of that name.
    """
    path = home() / "bin" / name
    if not path.exists():
        raise BenchError(f"the package has no script {name!r}")
    return str(path)


def code(text: str, *args: str) -> list[str]:
    """The command that runs some code, as a peer that is a script would be run."""
    return [python(), "-c", text, *args]


def _sources() -> list[Path]:
    found = [ROOT / "pyproject.toml"]
    for folder in (ROOT / "hooks/errata", ROOT / "schemas"):
        found += [p for p in folder.rglob("*") if p.is_file() and p.suffix != ".pyc"]
    return found


def _install(folder: Path, final: Path) -> None:
    """Install into ``folder``, which will be moved to ``final``."""
    venv.create(folder, symlinks=True, with_pip=False)
    [site] = folder.glob("lib/python*/site-packages")
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "hooks/errata", site / "errata", ignore=ignore)
    shutil.copytree(ROOT / "schemas", site / "errata/schemas", ignore=ignore)
    compileall.compile_dir(site, quiet=2)
    # What the package needs, from here; files named .pth over there are not read.
    here = dict.fromkeys((sysconfig.get_path("purelib"), sysconfig.get_path("platlib")))
    (site / "needs.pth").write_text("".join(f"{path}\n" for path in here))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for name, entry in project["scripts"].items():
        module, _, function = entry.partition(":")
        path = folder / "bin" / name
        path.write_text(
            _SCRIPT.format(python=final / "bin/python", module=module, function=function)
        )
        path.chmod(0o755)
