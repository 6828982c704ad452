"""``python -m bench.checks``: are proposed checks right on the later part of a history?

Histories with planted mistakes are built; with ``--repos``, clones of real ones are read, too.
Checks are proposed from the first 70% of the corrections, and tried on the later agents' commits.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.checks import cut, judgements, planted
from bench.checks.cut import Outcome
from bench.detector.clones import find
from bench.lessons import learn

_COLUMNS = (
    *("History", "Corrections", "Lessons", "A machine can check", "Proposed"),
    *("Later commits of agents", "Spoke in", "Right"),
)
_COMMITS, _SEEDS = 300, (1, 2, 3)
PAGE = Path(__file__).parents[2] / "docs/checks.md"
_BEGIN, _END = "<!-- bench.checks: begin -->", "<!-- bench.checks: end -->"


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print the table, and write it to the page if asked; 1 if a clone is missing."""
    parser = argparse.ArgumentParser(prog="python -m bench.checks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="OWNER/NAME", help="clones to read")
    parser.add_argument("--repos", type=Path, metavar="DIR", help="clones, as for bench.lessons")
    parser.add_argument("--hits", type=Path, metavar="FILE", help="write the hits, for readers")
    parser.add_argument("--write", action="store_true", help=f"write the table to {PAGE.name}")
    parser.add_argument("--no-planted", action="store_true", help="only the clones")
    args = parser.parse_args(argv)
    rows: list[list[str]] = []
    hits: list[dict[str, object]] = []
    missing = 0
    for seed in () if args.no_planted else _SEEDS:
        with tempfile.TemporaryDirectory() as folder:
            rows.append(_planted(Path(folder), seed))
    for name in args.names:
        clone = find(args.repos, name) if args.repos else None
        if clone is None:
            print(f"{name}: no clone in {args.repos}", file=sys.stderr)
            missing += 1
            continue
        with tempfile.TemporaryDirectory() as folder:
            place = learn.copy(clone, Path(folder))
            if (clone / learn.LOG).exists():
                # It was backfilled already, which takes longer than all else.
                (place / learn.LOG).parent.mkdir(parents=True)
                learn.write(place, learn.records(clone))
            outcome = cut.run(place)
        rows.append(_real(name, outcome))
        hits += _hits(name, outcome)
    if args.hits:
        args.hits.write_text("".join(f"{json.dumps(hit)}\n" for hit in hits), "utf-8")
    table = "\n".join(_table(rows))
    print(table)
    if args.write:
        _write(table)
    return int(bool(missing))


def _planted(folder: Path, seed: int) -> list[str]:
    truth = planted.build(folder / "repo", _COMMITS, seed)
    outcome = cut.run(folder / "repo")
    subjects = {path: wrong for (_, path), wrong in truth.items()}
    right = every = 0
    for later in outcome.later:
        for hit in later.hits:
            every += 1
            right += any(
                mistake.name in subjects.get(hit.path, ())
                for mistake in planted.MISTAKES
                if mistake.shows(hit.text)
            )
    return _row(f"planted mistakes, seed {seed}", outcome, every, f"{right} of {every}")


def _real(name: str, outcome: Outcome) -> list[str]:
    known = judgements.read()
    every = right = unread = 0
    for later in outcome.later:
        for hit in later.hits:
            every += 1
            verdict = known.get((name, later.proposal.name, hit.sha, hit.path, hit.line))
            is_corrected = hit.sha in later.corrected
            right += is_corrected or verdict is True
            unread += not is_corrected and verdict is None
    note = f"{right} of {every}" + (f", {unread} unread" if unread else "") if every else ""
    return _row(name, outcome, every, note)


def _row(name: str, outcome: Outcome, spoke: int, right: str) -> list[str]:
    proposed = len(outcome.later)
    numbers = (outcome.corrections, outcome.lessons, outcome.checkable, proposed)
    return [name, *map(str, numbers), str(outcome.later_commits or ""), str(spoke), right]


def _hits(name: str, outcome: Outcome) -> Iterator[dict[str, object]]:
    for later in outcome.later:
        for hit in later.hits:
            yield {
                "repo": name,
                "check": later.proposal.name,
                **hit._asdict(),
                "corrected": hit.sha in later.corrected,
            }


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(_COLUMNS)} |"
    yield f"|{'---|' * len(_COLUMNS)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _write(table: str) -> None:
    text = PAGE.read_text("utf-8")
    head, _, rest = text.partition(_BEGIN)
    _, _, tail = rest.partition(_END)
    PAGE.write_text(f"{head}{_BEGIN}\n\n{table}\n\n{_END}{tail}", "utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
