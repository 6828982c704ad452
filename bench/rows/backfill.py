"""A long history read for corrections, and for a report: against git log -p, and against blame."""

from __future__ import annotations

import random
import re
import shutil
import statistics
from collections.abc import Iterator, Mapping
from pathlib import Path

from bench import installed
from bench.figure import Figure
from bench.measure import BenchError, Sample, git, peak, process, take_turns
from bench.rows import commits
from bench.settings import Settings
from bench.workspace import scratch_dir

_LOG, _PEAK = 3, 400
_SAMPLE, _SHARE = 60, 100
_HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? ", re.MULTILINE)


def run(settings: Settings) -> Iterator[Figure]:
    """The command as a process, and blame for each hunk on a sample of commits."""
    with scratch_dir() as root:
        commits.clone(root, settings.history())
        git(root, "checkout", "-q", git(root, "rev-parse", "HEAD"))
        command, log = [installed.script("errata"), "backfill"], ["git", "log", "-p", "HEAD"]

        def ours() -> Sample:
            shutil.rmtree(root / ".git/errata", ignore_errors=True)
            shutil.rmtree(root / ".claude", ignore_errors=True)
            return process(command, root)

        if "?" in git(root, "rev-list", "--objects", "--missing=print", "--quiet", "HEAD"):
            raise BenchError("git log -p needs objects that this clone lacks; use a complete clone")
        report = [installed.script("errata"), "report", "-o", str(root / ".git/report.html")]
        contestants = {
            "ours": ours,
            "log": lambda: process(log, root),
            "report": lambda: process(report, root),
        }
        samples = take_turns(contestants, min(settings.runs, 3), warm=0)
        if not (root / ".claude/user-corrections.jsonl").is_file():
            raise BenchError("backfill found no correction")
        naive, blamed, total = _naive(
            root, max(5, min(_SAMPLE, settings.commits // _SHARE)), settings.cpu
        )
    title = f"backfill ({settings.where()})"
    took = settings.median(samples["ours"])
    note = "git log -p with its defaults, output discarded"
    yield Figure(title, took, "s", _LOG, "git log -p", settings.median(samples["log"]), note=note)
    yield from _report(settings, settings.median(samples["report"]), samples)
    yield Figure(
        title,
        took,
        "s",
        None,
        "blame for each hunk",
        naive,
        at_least=True,
        note=f"extrapolated from {blamed:,} of {total:,} commits without merges",
    )
    memory = peak(samples["ours"])
    yield Figure(f"{title}: memory", memory, "MB", _PEAK, "git log -p", peak(samples["log"]), True)


def _report(
    settings: Settings, took: float, samples: Mapping[str, list[Sample]]
) -> Iterator[Figure]:
    """What a report costs, which reads the same history."""
    title, log = f"errata report ({settings.where()})", settings.median(samples["log"])
    yield Figure(title, took, "s", _LOG, "git log -p", log)
    yield Figure(title, took, "s", None, "backfill", settings.median(samples["ours"]))


def _naive(root: Path, sample: int, cpu: bool) -> tuple[float, int, int]:
    """Seconds that blaming every hunk would take, commits tried, and commits in total."""
    shas = git(root, "rev-list", "--no-merges", "--min-parents=1", "HEAD").split()
    chosen = random.Random(5).sample(shas, min(sample, len(shas)))
    samples = [_blame(root, sha) for sha in chosen]
    times = [sample.cpu if cpu else sample.wall for sample in samples]
    return statistics.mean(times) * len(shas), len(chosen), len(shas)


def _blame(root: Path, sha: str) -> Sample:
    """What it costs to show a commit and to blame its parent for each hunk."""
    took = process(["git", "show", "-U0", "--format=", "-M", sha], root)
    diff = git(root, "-c", "core.quotePath=false", "show", "-U0", "--format=", "-M", sha)
    for part in diff.split("\ndiff --git "):
        path = re.search(r"^--- a/(.*?)\t?$", part, re.MULTILINE)
        for start, count in _HUNK.findall(part) if path else ():
            first, length = max(1, int(start)), int(count or 1)
            lines = f"-L{first},+{max(1, length)}"
            assert path
            blame = ["git", "blame", "-s", lines, f"{sha}^", "--", path[1]]
            took += process(blame, root, (0, 128))
    return took
