"""The figures as text, as a Markdown table, and inside README's Performance section."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from pathlib import Path

from bench.figure import Figure
from bench.measure import BenchError, git

BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"
_HEADING = "## Performance"
_COLUMNS = ("What", "Ours", "Beside it", "Measured", "Goal", "")


def machine() -> str:
    """What the figures were measured on; nothing that tells whose it is."""
    version = git(Path.cwd(), "--version").removeprefix("git version ")
    cpus = os.cpu_count() or 1
    kind = ", ".join(filter(None, (_model(), platform.machine())))
    room = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{cpus} processor{'s' * (cpus != 1)} ({kind}), {room:.0f} GiB, {platform.system()}, "
        f"{platform.python_implementation()} {platform.python_version()}, git {version}"
    )


def _model() -> str:
    """What the processor is, where the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return ""
    return next((line.split(": ", 1)[1] for line in lines if line.startswith("model name")), "")


def text(figures: Sequence[Figure]) -> str:
    """For a terminal: one paragraph for each figure."""
    lines = []
    for figure in figures:
        what, ours, theirs, measured, goal, verdict = figure.cells()
        lines.append(f"{verdict.upper():4}  {what}")
        lines.append(f"      {ours}; {theirs or 'no peer'}")
        lines.append(f"      {measured}, goal {goal}{f' ({figure.note})' if figure.note else ''}")
    return "\n".join(lines)


def markdown(figures: Sequence[Figure], quick: bool = False, cpu: bool = False) -> str:
    """A table, with what it was measured on below it."""
    lines = [f"| {' | '.join(_COLUMNS)} |", "|---" * len(_COLUMNS) + "|"]
    for figure in figures:
        what, *rest = figure.cells()
        what += f"; {figure.note}" if figure.note else ""
        lines.append(f"| {' | '.join((what, *rest))} |")
    times = "processor time, of all cores" if cpu else "by the clock"
    below = f"Measured on {machine()}. Times are medians, {times}."
    if quick:
        below += " Small data and few runs (`--quick`): the ratios mean little."
    return "\n".join([*lines, "", below])


def write(path: Path, table: str) -> None:
    """Replace what stands between the markers, or put both below the heading's other text.

    Raises:
        BenchError: there is neither a pair of markers nor the heading, or the file is not there.
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
        raise BenchError(f"{path}: only one of {BEGIN} and {END} is there; put in the other")
    else:
        new = _insert(path, old, block)
    if new != old:
        path.write_text(new, "utf-8")


def _insert(path: Path, old: str, block: str) -> str:
    before, heading, rest = old.partition(f"\n{_HEADING}\n")
    if not heading:
        raise BenchError(f"{path}: no heading {_HEADING!r} and no {BEGIN}; put in one of them")
    section, next_heading, after = rest.partition("\n## ")
    return f"{before}{heading}{section.rstrip()}\n\n{block}\n{next_heading}{after}"
