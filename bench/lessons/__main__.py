"""``python -m bench.lessons --repos DIR``: what errata learns from real histories.

The lessons of the held-back half were read before anything was tuned. Of that half, only totals are
printed.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.detector.clones import find
from bench.lessons import evaluate, labels, learn
from bench.lessons.evaluate import Foresight
from bench.lessons.labels import ReadLesson
from bench.lessons.learn import Learnt
from bench.score import row, share


@dataclass(frozen=True, slots=True)
class Result:
    """What errata learnt from one repository, and the people's commits that it captured there."""

    repo: str
    captured: tuple[str, ...]
    learnt: list[Learnt]
    foresight: Foresight


def main(argv: Sequence[str] | None = None) -> int:
    """Learn from each clone and print the tables; 1 without clones, 2 for a wrong directory."""
    parser = argparse.ArgumentParser(prog="python -m bench.lessons", description=__doc__)
    parser.add_argument(
        "--repos", type=Path, required=True, metavar="DIR", help="clones, as for bench.detector"
    )
    parser.add_argument("--only", metavar="OWNER/NAME", help="a single repository")
    parser.add_argument(
        "--patterns", type=Path, metavar="FILE", help="write the patterns to FILE, for readers"
    )
    args = parser.parse_args(argv)
    if not args.repos.is_dir():
        print(f"{args.repos}: not a directory; it must hold clones", file=sys.stderr)
        return 2
    lessons = labels.read_lessons()
    repos = [repo for repo in {lesson.repo: 0 for lesson in lessons} if args.only in (None, repo)]
    results = [run(repo, clone) for repo in repos if (clone := find(args.repos, repo))]
    if args.patterns:
        shown = {r.repo: [asdict(pattern) for pattern in r.learnt] for r in results}
        args.patterns.write_text(json.dumps(shown, indent=1), "utf-8")
    print("\n".join(report(results, lessons)))
    return int(not results)


def run(repo: str, clone: Path) -> Result:
    """Learn from a copy of a clone: from its whole history, and from the first 70%."""
    with tempfile.TemporaryDirectory() as folder:
        place = learn.copy(clone, Path(folder))
        records = learn.backfill(place)
        learnt = learn.learn(place)
        cut = evaluate.split(records)
        earlier, later = records[:cut], records[cut:]
        chances = learn.chances(place)
        learn.write(place, earlier)
        foresight = evaluate.foresee(learn.learn(place), earlier, later, chances)
    return Result(repo, learn.captured(records), learnt, foresight)


def report(results: Sequence[Result], lessons: Sequence[ReadLesson]) -> list[str]:
    """The tables as lines of Markdown."""
    half_of = {lesson.repo: lesson.half for lesson in lessons}
    lines = []
    for half in labels.HALVES:
        chosen = [result for result in results if half_of[result.repo] == half]
        if chosen:
            lines += [f"## {half} half", "", *_found(chosen, lessons), "", *_foresight(chosen), ""]
    return lines


def _found(results: Sequence[Result], lessons: Sequence[ReadLesson]) -> list[str]:
    judgements = labels.read_judgements()
    heads = ("Repository", "Corrections", "Lessons found", "Within reach", "Found of those")
    lines = [row(*heads, "Right", "Followable", "Unread"), "|---" * 8 + "|"]
    groups = [(result.repo, [result]) for result in results] + [("all", list(results))]
    for name, chosen in groups:
        pairs = [(lesson, r) for r in chosen for lesson in lessons if lesson.repo == r.repo]
        found = [evaluate.is_found(lesson, result.learnt) for lesson, result in pairs]
        near = [evaluate.is_within_reach(lesson, result.captured) for lesson, result in pairs]
        patterns = [(result.repo, pattern) for result in chosen for pattern in result.learnt]
        judged = evaluate.judge(patterns, judgements)
        figures = (
            sum(len(result.captured) for result in chosen),
            share(sum(found), len(found)),
            sum(near),
            share(sum(found), sum(near)),
            share(judged.right, judged.total),
            share(judged.followable, judged.total),
            judged.unread,
        )
        lines.append(row(name, *figures))
    return lines


def _foresight(results: Sequence[Result]) -> list[str]:
    lines = [row("Repository", "Lessons at 70%", "Later corrections covered", "Share before")]
    lines[0] += " Applied to agents' commits | Nobody corrected |"
    lines.append("|---" * 6 + "|")
    for result in results:
        view = result.foresight
        lines.append(
            row(
                result.repo,
                view.lessons,
                share(view.covered, view.later),
                f"{view.before:.2f}",
                view.spoke,
                share(view.uncorrected, view.spoke),
            )
        )
    return lines


if __name__ == "__main__":
    raise SystemExit(main())
