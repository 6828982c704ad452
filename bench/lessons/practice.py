"""``python -m bench.lessons.practice --repos DIR OWNER/NAME...``: what real repositories learn.

Runs ``errata backfill`` and ``errata evolve`` in a copy of each clone, and prints what both say and
the generated blocks of the runbooks, as Markdown. docs/lessons-in-practice.md is written from it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.detector.clones import find
from bench.lessons import learn

_RUNBOOKS = ".claude/skills/runbooks"
_WIDTH = "100"


def main(argv: Sequence[str] | None = None) -> int:
    """Print a section for each repository; 1 if a clone is missing."""
    parser = argparse.ArgumentParser(prog="python -m bench.lessons.practice", description=__doc__)
    parser.add_argument(
        "--repos", type=Path, required=True, metavar="DIR", help="clones, as for bench.lessons"
    )
    parser.add_argument("names", nargs="+", metavar="OWNER/NAME")
    args = parser.parse_args(argv)
    missing = 0
    for name in args.names:
        clone = find(args.repos, name)
        if clone is None:
            print(f"{name}: no clone in {args.repos}", file=sys.stderr)
            missing += 1
            continue
        with tempfile.TemporaryDirectory() as folder:
            place = learn.copy(clone, Path(folder))
            _check_out(place)
            print("\n".join(section(name, place)), flush=True)
    return int(bool(missing))


def section(name: str, place: Path) -> Iterator[str]:
    """The lines about one repository; its copy is changed."""
    head = _run(place, "git", "rev-parse", "--short=12", "HEAD").strip()
    commits = _run(place, "git", "rev-list", "--count", "HEAD").strip()
    said = [_run(place, sys.executable, "-m", "errata", name) for name in ("backfill", "evolve")]
    yield f"## {name}"
    yield ""
    yield f"{head}, {commits} commits, {len(learn.records(place))} corrections"
    for text in said:
        yield from ("", "```text", text.rstrip(), "```")
    for file in sorted(place.glob(f"{_RUNBOOKS}/*/RUNBOOK.md")):
        yield from ("", f"### {file.relative_to(place)}", "", *_block(file), "")


def _check_out(place: Path) -> None:
    """Write the files; a clone may lack a few large ones."""
    _run(place, "git", "read-tree", "HEAD")
    subprocess.run(
        ["git", "checkout-index", "-aq"], cwd=place, stderr=subprocess.DEVNULL, check=False
    )


def _block(file: Path) -> Iterator[str]:
    """The lines between the marks."""
    lines = file.read_text("utf-8").splitlines()
    marks = [n for n, line in enumerate(lines) if line.startswith("<!-- errata:")]
    if len(marks) == 2:
        yield from lines[marks[0] + 1 : marks[1]]


def _run(place: Path, *command: str) -> str:
    env = {**os.environ, "COLUMNS": _WIDTH}
    done = subprocess.run(
        command, cwd=place, check=True, text=True, stdout=subprocess.PIPE, env=env
    )
    return done.stdout


if __name__ == "__main__":
    raise SystemExit(main())
