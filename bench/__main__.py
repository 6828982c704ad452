"""``python -m bench [ROW ...]``: measures every performance claim beside a peer, in one run."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bench import charts, report, settings, workspace
from bench.figure import Figure
from bench.measure import BenchError, git
from bench.rows import ROWS, load


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print. A missed goal is shown in the table but is not a failure."""
    args = _arguments(argv)
    try:
        figures, failed = _measure(args)
        if args.write and not failed:
            report.write(args.write, report.markdown(figures, args.quick, args.cpu))
            if args.write == report.PAGE and not args.rows:
                charts.write()
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    if args.markdown:
        print(report.markdown(figures, args.quick, args.cpu))
    else:
        print(f"{report.machine()}\n{report.text(figures)}")
    return 2 if failed else 0


class _Arguments(argparse.Namespace):
    rows: list[str]
    quick: bool
    repo: Path | None
    runs: int | None
    cpu: bool
    markdown: bool
    write: Path | None


def _arguments(argv: Sequence[str] | None) -> _Arguments:
    rows = "\n".join(f"  {name:<10}{about}" for name, about in ROWS.items())
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Measure every performance claim beside a peer, in one run.",
        epilog=f"rows (default: all):\n{rows}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("rows", nargs="*", metavar="ROW", help="a row to measure, see below")
    parser.add_argument("--quick", action="store_true", help="small data, one run")
    parser.add_argument(
        "--repo", type=Path, metavar="PATH", help="use this clone instead of a synthetic history"
    )
    parser.add_argument("--runs", type=int, metavar="N", help="runs of each program (default: 5)")
    parser.add_argument(
        "--cpu",
        action="store_true",
        help="measure processor time instead of wall-clock time, for a busy machine",
    )
    parser.add_argument("--markdown", action="store_true", help="print a Markdown table")
    parser.add_argument(
        "--write",
        type=Path,
        nargs="?",
        const=report.PAGE,
        metavar="FILE",
        help="replace the table in this Markdown file (default: docs/performance.md)",
    )
    args = parser.parse_args(argv, namespace=_Arguments())
    if unknown := [name for name in args.rows if name not in ROWS]:
        parser.error(f"no row {unknown[0]!r}; rows: {', '.join(ROWS)}")
    if args.runs is not None and args.runs < 1:
        parser.error("--runs must be at least 1")
    return args


def _measure(args: _Arguments) -> tuple[list[Figure], bool]:
    """The figures, and whether any row failed."""
    if args.repo is not None:
        _check(args.repo)
    run_settings = (settings.quick if args.quick else settings.large)(args.repo)
    run_settings = replace(run_settings, cpu=args.cpu)
    if args.runs is not None:
        run_settings = replace(run_settings, runs=args.runs)
    workspace.remove_old(run_settings.cache)
    figures: list[Figure] = []
    failed = False
    for name in dict.fromkeys(args.rows or ROWS):
        print(f"measuring: {ROWS[name]}", file=sys.stderr)
        try:
            figures += load(name)(run_settings)
        except BenchError as error:
            print(f"bench: {name}: {error}", file=sys.stderr)
            failed = True
    return figures, failed


def _check(repo: Path) -> None:
    if not repo.is_dir():
        raise BenchError(f"{repo}: not a directory; --repo is a clone of a git repository")
    git(repo, "rev-parse", "--verify", "-q", "HEAD")


if __name__ == "__main__":
    raise SystemExit(main())
