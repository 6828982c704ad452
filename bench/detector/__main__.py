"""``python -m bench.detector --repos DIR``: precision and recall of the detector.

No single case is printed: rules may be tuned on the cases of the tuning half, but of the held-back
half only the totals may be seen.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from bench.detector import labels
from bench.detector.evaluate import Outcome, run, score, select
from bench.score import row


def main(argv: Sequence[str] | None = None) -> int:
    """Run all cases and print the tables; 1 if no case could be run, 2 for a wrong directory."""
    parser = argparse.ArgumentParser(prog="python -m bench.detector", description=__doc__)
    parser.add_argument(
        "--repos",
        type=Path,
        required=True,
        metavar="DIR",
        help="directory of clones: DIR/owner/name, DIR/name, DIR/owner+name or DIR/owner+name/repo",
    )
    folder = parser.parse_args(argv).repos
    if not folder.is_dir():
        print(f"{folder}: not a directory; it must hold clones", file=sys.stderr)
        return 2
    outcomes = [run(case, folder) for case in labels.read()]
    print("\n".join(report(outcomes)))
    return int(all(outcome.skipped for outcome in outcomes))


def report(outcomes: Sequence[Outcome]) -> list[str]:
    """The figures as lines of Markdown."""
    lines = [row("Cases", "Run", "Corrective", "Found", "Precision", "Recall", "Same type")]
    lines.append("|---" * 7 + "|")
    for half in (*labels.HALVES, None):
        for certain in (False, True):
            counts = score(select(outcomes, half, certain))
            name = f"{half or 'both halves'}, {'high and medium certainty' if certain else 'all'}"
            found, corrective = counts.tp + counts.fp, counts.tp + counts.fn
            lines.append(row(name, counts.total, corrective, found, *counts.shares()))
    for half in labels.HALVES:
        lines += ["", f"Types in the {half} half, true positives (rows labelled, columns found):"]
        lines += ["", *_confusion(score(select(outcomes, half, False)).types)]
    return lines + _skipped(outcomes)


def _confusion(types: Counter[tuple[str, str]]) -> list[str]:
    names = sorted({name for pair in types for name in pair})
    lines = [row("", *names), "|---" * (len(names) + 1) + "|"]
    return lines + [row(label, *(types[label, found] for found in names)) for label in names]


def _skipped(outcomes: Sequence[Outcome]) -> list[str]:
    reasons = Counter((o.case.repo, o.skipped) for o in outcomes if o.skipped)
    if not reasons:
        return ["", "No case was skipped."]
    lines = ["", f"Skipped: {sum(reasons.values())}"]
    return lines + [f"- {repo}: {n} ({reason})" for (repo, reason), n in sorted(reasons.items())]


if __name__ == "__main__":
    raise SystemExit(main())
