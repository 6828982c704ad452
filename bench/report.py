"""Formats figures as text or Markdown, and updates the table in docs/performance.md."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from pathlib import Path

from bench.figure import Figure
from bench.measure import ROOT, BenchError, git

PAGE = ROOT / "docs/performance.md"
BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"
_HEADING = "## Figures"
_COLUMNS = ("What", "Ours", "Beside it", "Measured", "Goal", "")


def machine() -> str:
    """A description of this machine, without its name or its user."""
    version = git(Path.cwd(), "--version").removeprefix("git version ")
    cpus = os.cpu_count() or 1
    kind = ", ".join(filter(None, (_model(), platform.machine())))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{cpus} processor{'s' * (cpus != 1)} ({kind}), {memory:.0f} GiB, {platform.system()}, "
        f"{platform.python_implementation()} {platform.python_version()}, git {version}"
    )


def _model() -> str:
    """The model of the processor; "" if the system does not tell."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return ""
    return next((line.split(": ", 1)[1] for line in lines if line.startswith("model name")), "")


def text(figures: Sequence[Figure]) -> str:
    """One paragraph per figure, for a terminal."""
    lines = []
    for figure in figures:
        claim, ours, theirs, measured, goal, verdict = figure.cells()
        lines.append(f"{verdict.upper():4}  {claim}")
        lines.append(f"      {ours}; {theirs or 'no peer'}")
        lines.append(f"      {measured}, goal {goal}{f' ({figure.note})' if figure.note else ''}")
    return "\n".join(lines)


def markdown(figures: Sequence[Figure], quick: bool = False, cpu: bool = False) -> str:
    """A table, followed by a description of the machine."""
    lines = [f"| {' | '.join(_COLUMNS)} |", "|---" * len(_COLUMNS) + "|"]
    for figure in figures:
        claim, *rest = figure.cells()
        claim += f"; {figure.note}" if figure.note else ""
        lines.append(f"| {' | '.join((claim, *rest))} |")
    times = "in processor time of all cores" if cpu else "in wall-clock time"
    footer = f"Measured on {machine()}. Times are medians, {times}."
    if quick:
        footer += " Small data and few runs (`--quick`): the ratios mean little."
    return "\n".join([*lines, "", footer])


def write(path: Path, table: str) -> None:
    """Put a table between the markers; without markers, add them to the section Figures.

    Raises:
        BenchError: the file has neither a pair of markers nor the heading, or cannot be read.
    """
    try:
        old = path.read_text("utf-8")
    except OSError as error:
        raise BenchError(f"{path}: {error.strerror}; give a Markdown file") from error
    block = f"{BEGIN}\n{table}\n{END}"
    before, begin, rest = old.partition(BEGIN)
    _, end, after = rest.partition(END)
    if begin and end:
        new = f"{before}{block}{after}"
    elif begin or END in old:
        raise BenchError(f"{path}: has only one of {BEGIN} and {END}; add the other")
    else:
        new = _insert(path, old, block)
    if new != old:
        path.write_text(new, "utf-8")


def _insert(path: Path, old: str, block: str) -> str:
    before, heading, rest = old.partition(f"\n{_HEADING}\n")
    if not heading:
        raise BenchError(
            f"{path}: has neither the heading {_HEADING!r} nor {BEGIN}; add one of them"
        )
    section, next_heading, after = rest.partition("\n## ")
    return f"{before}{heading}{section.rstrip()}\n\n{block}\n{next_heading}{after}"
