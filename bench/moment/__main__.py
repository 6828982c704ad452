"""``python -m bench.moment --repos DIR OWNER/NAME...``: lessons given in sessions of 50 edits.

What agents committed in a clone, file by file in the order of history, stands for what they wrote;
each 50 files are a session. Three sets of lessons are tried: those that errata teaches by default,
every group that it finds, and those that people read in the history (bench/lessons/lessons.jsonl).
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.detector.clones import find
from bench.lessons import learn
from errata.core.config import Config
from errata.core.git import Repository
from errata.corrections.attribution.diff import FileDiff
from errata.corrections.attribution.git_log import NO_DIFFS, ORDER, PLAIN, GitLog
from errata.corrections.classify.generated_paths import is_generated
from errata.corrections.commit_classifier import CommitClassifier
from errata.lessons import triggers
from errata.skills.fitting import Edit, added_lines, load, of_edits

SESSION = 50
"""Edits of a session."""
_EVERY = "[evolve]\nmin_confidence = 0.05\nretire_days = 36500\n"
_READ = Path(__file__).parents[1] / "lessons/lessons.jsonl"
Index = Mapping[str, Mapping[str, Any]]


def main(argv: Sequence[str] | None = None) -> int:
    """Print a table, and a sample to read; 1 if a clone is missing."""
    parser = argparse.ArgumentParser(prog="python -m bench.moment", description=__doc__)
    parser.add_argument("--repos", type=Path, required=True, metavar="DIR", help="clones")
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="moments to show")
    parser.add_argument("names", nargs="+", metavar="OWNER/NAME")
    args = parser.parse_args(argv)
    missing = 0
    print(
        "| Repository | Lessons | In force, with a trigger | Sessions | Given in 50 edits | Most |"
    )
    print("|---|---|---|---|---|---|", flush=True)
    for name in args.names:
        clone = find(args.repos, name)
        if clone is None:
            print(f"{name}: no clone in {args.repos}", file=sys.stderr)
            missing += 1
            continue
        with tempfile.TemporaryDirectory() as folder:
            place = learn.copy(clone, Path(folder))
            edits = list(agents_edits(place))
            for label, lessons, index in _indexes(name, place):
                _report(name, label, lessons, index, edits, args.sample)
    return int(bool(missing))


def agents_edits(place: Path) -> Iterator[Edit]:
    """What agents' commits added, file by file, as far as the clone has their content."""
    classifier = CommitClassifier(Config())
    commits = (diff.commit for diff in GitLog(str(place), *ORDER, *NO_DIFFS, "--no-merges", "HEAD"))
    shas = [commit.sha for commit in commits if classifier.classify(commit).kind == "agent"]
    while shas:
        count = 0
        for diff in GitLog.of_commits(str(place), *PLAIN, shas=shas):
            count += 1
            yield from _edits(diff.files)
        del shas[: count + 1]


def _edits(files: Sequence[FileDiff]) -> Iterator[Edit]:
    for file in files:
        if file.new_path is None or file.binary or is_generated(file.new_path):
            continue
        old = b"\n".join(line for hunk in file.hunks for line in hunk.old)
        new = b"\n".join(line for hunk in file.hunks for line in hunk.new)
        added = added_lines(old.decode("utf-8", "replace"), new.decode("utf-8", "replace"))
        if added.strip():
            yield Edit(file.new_path.decode("utf-8", "replace"), added, file.old_path is None)


def _indexes(name: str, place: Path) -> Iterator[tuple[str, int, Index]]:
    """Label, number of lessons, and what to look for."""
    subprocess.run(["git", "read-tree", "HEAD"], cwd=place, check=True)
    learn.backfill(place)
    for label, settings in (("taught", ""), ("every group", _EVERY)):
        (place / "errata.toml").write_text(settings, "utf-8")
        command = [sys.executable, "-m", "errata", "evolve"]
        subprocess.run(command, cwd=place, check=True, stdout=subprocess.DEVNULL)
        log = place / ".claude/patterns/promotion-log.jsonl"
        promoted = (
            {json.loads(line)["pattern"] for line in log.read_text().splitlines()}
            if log.exists()
            else ()
        )
        yield label, len(promoted), load([Repository.discover(place).git_dir])
    read = [
        lesson
        for line in _READ.open(encoding="utf-8")
        if (lesson := json.loads(line))["repo"] == name
    ]
    index = {
        lesson["id"]: triggers.of_places(_files(place, lesson["commits"]), lesson["lesson"])
        for lesson in read
    }
    if read:
        yield "read by people", len(read), {key: value for key, value in index.items() if value}


def _files(place: Path, commits: Sequence[str]) -> list[list[str]]:
    command = ["git", "show", "--format=", "--name-only"]
    return [
        subprocess.run(
            [*command, sha], cwd=place, check=True, capture_output=True, text=True
        ).stdout.split("\n")
        for sha in commits
    ]


def _report(
    name: str, label: str, lessons: int, index: Index, edits: Sequence[Edit], sample: int
) -> None:
    """A row of the table, and some of the moments."""
    moments: list[tuple[str, Edit]] = []
    counts = []
    for start in range(0, len(edits) - SESSION + 1, SESSION):
        given = set[str]()
        for edit in edits[start : start + SESSION]:
            fitting = [lesson for lesson in of_edits(index, [edit]) if lesson not in given]
            given.update(fitting)
            moments += ((lesson, edit) for lesson in fitting)
        counts.append(len(given))
    mean = f"{statistics.mean(counts):.1f}" if counts else "-"
    most = max(counts, default=0)
    print(
        f"| {name} | {label}: {lessons} | {len(index)} | {len(counts)} | {mean} | {most} |",
        flush=True,
    )
    for lesson, edit in random.Random(1).sample(moments, min(sample, len(moments))):
        print(f"\n    {lesson}: {edit.path}{' (new)' if edit.new else ''}")
        for line in edit.added.splitlines()[:6]:
            print(f"        {line[:110]}")


if __name__ == "__main__":
    raise SystemExit(main())
