"""Measures the detector of corrections in commits, and trains its weights.

sample    draw new cases to label from a clone
measure   see what errata measures in the labelled cases, in clones
train     learn the weights of the evidence
figures   print the figures of docs/accuracy.md, or write them there
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from bench.detector import clones, decided, figures, labels, measure, sample, weights_file
from errata.core.errors import ErrataError
from errata.core.git import Repository


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 2 for wrong arguments."""
    options = _parser().parse_args(argv)
    try:
        if options.own is not None:
            print("\n".join(decided.report(options.own)))
            return 0
        if options.repos is not None and not options.repos.is_dir():
            raise ErrataError(f"{options.repos}: not a directory; it must hold clones")
        return _run(options)
    except ErrataError as error:
        print(str(error), file=sys.stderr)
        return 2


def _run(options: argparse.Namespace) -> int:
    needs_clones = options.command in ("sample", "measure")
    if needs_clones and options.repos is None:
        raise ErrataError(f"{options.command} needs --repos DIR, a directory of clones")
    if options.command == "sample":
        return _sample(options.repos, options.repo, options.number)
    if options.command == "measure":
        with ProcessPoolExecutor() as pool:
            one = partial(measure.measure, folder=options.repos)
            rows = [*pool.map(one, labels.read(), chunksize=16)]
        measure.write(rows)
        print(f"{sum(not row.skipped for row in rows)} of {len(rows)} cases measured")
        return int(all(row.skipped for row in rows))
    if options.command == "train":
        print(weights_file.train())
    else:
        figures.write() if options.write else print("\n".join(figures.lines()))
    return 0


def _sample(folder: Path, name: str | None, number: int) -> int:
    clone = clones.find(folder, name or "")
    if not name or clone is None:
        raise ErrataError("sample needs --repo OWNER/NAME of a clone in that directory")
    for case in sample.draw(Repository.discover(clone), name, number):
        print(json.dumps(case))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.detector",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "command", nargs="?", choices=("sample", "measure", "train", "figures"), default="figures"
    )
    parser.add_argument(
        "--repos",
        type=Path,
        metavar="DIR",
        help="directory of clones: DIR/owner/name, DIR/name, DIR/owner+name or DIR/owner+name/repo",
    )
    parser.add_argument("--repo", metavar="OWNER/NAME", help="whose commits to sample")
    parser.add_argument("--number", type=int, default=32, help="how many cases to sample")
    parser.add_argument("--write", action="store_true", help="write the figures to the docs")
    parser.add_argument(
        "--own",
        type=Path,
        nargs="?",
        const=Path(),
        metavar="DIR",
        help="how often errata was right in your repository (default: that you are in), by your "
        "decisions",
    )
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
