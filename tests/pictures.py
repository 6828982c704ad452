"""``make pictures`` draws the pictures of the README: screens of the demo's history, and charts.

The picture of the report needs a browser: ``python -m tests.pictures report``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs/pictures"
REPORT = FOLDER / "report.png"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
_COLUMNS = "84"

# Also run as a program, where pytest has not added the folders of helpers.
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests/e2e")]

import demo_history  # noqa: E402

import terminal_svg  # noqa: E402
from bench import charts  # noqa: E402


def errata(root: Path, *args: str) -> str:
    """What a command of errata prints in colour."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("ERRATA_")}
    env.pop("NO_COLOR", None)
    env |= {"FORCE_COLOR": "1", "COLUMNS": _COLUMNS, "LC_ALL": "C.UTF-8", "ERRATA_AGENT": "off"}
    command = [sys.executable, "-m", "errata", *args]
    return subprocess.run(
        command, cwd=root, env=env, capture_output=True, text=True, check=True
    ).stdout


def screen(folder: Path) -> str:
    """The picture of `errata try` on the demo's history, created in an empty folder."""
    root = folder / "parcels"
    root.mkdir()
    demo_history.create(root)
    shown = f"\x1b[32m$\x1b[0m \x1b[1merrata try\x1b[0m\n{errata(root, 'try')}"
    return terminal_svg.draw(shown, "errata try, on the history of the demo")


def report(folder: Path, picture: Path = REPORT) -> None:
    """Take a picture of the report on the demo's history. Exits without a browser."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.exit(f"pictures: none of {', '.join(BROWSERS)} is installed")
    root = folder / "parcels"
    page = folder / "report.html"
    errata(root, "backfill")
    errata(root, "evolve")
    errata(root, "report", "-o", str(page))
    options = ["--headless", "--no-sandbox", "--hide-scrollbars", "--window-size=1000,1720"]
    command = [browser, *options, f"--screenshot={picture}", page.as_uri()]
    subprocess.run(command, check=True, capture_output=True)


def main(argv: Sequence[str]) -> None:
    """Write the pictures; with ``report`` also that of the report."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        (FOLDER / "try.svg").write_text(screen(Path(folder)), "utf-8")
        charts.write()
        if "report" in argv:
            report(Path(folder))


if __name__ == "__main__":
    main(sys.argv[1:])
