"""``python -m bench.detector --repos DIR``: precision and recall of the detector.

Nothing here shows a single case: whoever tunes rules may look at the tuning half in the labels, and
at the held-back half only as the figures below.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from bench.detector import labels
from bench.detector.evaluate import Outcome, Score, interval, run, select


def main(argv: Sequence[str] | None = None) -> int:
    """Run all cases and print the tables; 1 if none could be run."""
    parser = argparse.ArgumentParser(prog="python -m bench.detector", description=__doc__)
    parser.add_argument(
        "--repos",
        type=Path,
        required=True,
        metavar="DIR",
        help="holds clones: DIR/owner/name, DIR/name, DIR/owner+name or DIR/owner+name/repo",
    )
    folder = parser.parse_args(argv).repos
    if not folder.is_dir():
        print(f"{folder}: not a directory; it must hold clones", file=sys.stderr)
        return 2
    outcomes = [run(case, folder) for case in labels.read()]
    print("\n".join(report(outcomes)))
    return int(all(one.skipped for one in outcomes))


def report(outcomes: Sequence[Outcome]) -> list[str]:
    """The figures as lines of Markdown."""
    lines = [
        "| Cases | Run | Corrective | Found | Precision | Recall | Same type |",
        "|---|---|---|---|---|---|---|",
    ]
    for half in (*labels.HALVES, None):
        for sure in (False, True):
            name = f"{half or 'both halves'}, {'high and medium certainty' if sure else 'all'}"
            lines.append(_row(name, Score.of(select(outcomes, half, sure))))
    for half in labels.HALVES:
        score = Score.of(select(outcomes, half, False))
        lines += ["", f"Types in the {half} half, true positives (rows labelled, columns found):"]
        lines += ["", *_confusion(score.types)]
    return lines + _skipped(outcomes)


def _row(name: str, score: Score) -> str:
    found, corrective = score.tp + score.fp, score.tp + score.fn
    cells = (
        name,
        score.total,
        corrective,
        found,
        _share(score.tp, found),
        _share(score.tp, corrective),
        _share(score.same_type, score.tp),
    )
    return f"| {' | '.join(map(str, cells))} |"


def _share(part: int, whole: int) -> str:
    if not whole:
        return "none"
    low, high = interval(part, whole)
    return f"{part}/{whole} = {part / whole:.2f} ({low:.2f} to {high:.2f})"


def _confusion(types: Counter[tuple[str, str]]) -> list[str]:
    names = sorted({name for pair in types for name in pair})
    lines = [f"| | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    for wanted in names:
        cells = " | ".join(str(types[wanted, found]) for found in names)
        lines.append(f"| {wanted} | {cells} |")
    return lines


def _skipped(outcomes: Sequence[Outcome]) -> list[str]:
    why = Counter((one.case.repo, one.skipped) for one in outcomes if one.skipped)
    if not why:
        return ["", "No case was skipped."]
    lines = ["", f"Skipped: {sum(why.values())}"]
    return lines + [f"- {repo}: {n} ({reason})" for (repo, reason), n in sorted(why.items())]


if __name__ == "__main__":
    raise SystemExit(main())
