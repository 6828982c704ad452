"""``python -m bench.fleet``: all views of a large fleet: time, processor time and memory.

Each view runs in a process of its own, with an empty cache and again with a full one. The same run
measures two peers that compute the same table of lessons: pandas over the same files, and errata
itself in one repository after the other.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.fleet import generate, peers
from bench.measure import Sample, process

_VIEWS = ("report", "patterns", "trends", "corrections", "outcome", "shared")
_CHANGED = 10


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.fleet", description=__doc__)
    parser.add_argument("--repositories", type=int, default=1_000)
    parser.add_argument(
        "--records", type=int, nargs="+", default=[1_000_000, 3_000_000, 10_000_000]
    )
    parser.add_argument("--memory", default="2GB", help="what DuckDB may use")
    parser.add_argument("--peers", type=int, default=20, help="repositories for the peers; 0: none")
    parser.add_argument("--keep", type=Path, help="keep the bundles here, and use them again")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as scratch:
        for records in args.records:
            base = (args.keep or Path(scratch)) / f"{records}-{args.repositories}"
            _measure(base, args.repositories, records, args.memory)
            if args.peers and records == max(args.records):
                peers.measure(base / "bundles", args.peers, Path(scratch) / "peers", _print)
            if not args.keep:
                shutil.rmtree(base)
    return 0


def _measure(base: Path, repositories: int, records: int, memory: str) -> None:
    bundles, cache = base / "bundles", base / "cache"
    counts = generate.sizes(repositories, records)
    if not bundles.is_dir():
        began = time.monotonic()
        generate.write(base / "new", counts)
        (base / "new").rename(bundles)
        print(f"made {records:,} records in {time.monotonic() - began:.0f} s", flush=True)
    print(f"{records:,} records, {repositories:,} repositories; largest {max(counts):,}")
    shutil.rmtree(cache, ignore_errors=True)
    for view in _VIEWS:
        state = "empty cache" if view == _VIEWS[0] else "full cache"
        _print(f"{view}, {state}", _fleet(view, bundles, cache, memory))
    for number in range(0, min(repositories, _CHANGED * 10), 10):
        name = f"repo-{number:05}"
        generate.bundle(bundles / name, name, counts[number], number + int(time.time()))
    _print(f"report, {_CHANGED} bundles changed", _fleet("report", bundles, cache, memory))


def _fleet(view: str, bundles: Path, cache: Path, memory: str) -> Sample:
    arguments = ["fleet", view, str(bundles), "--cache", str(cache), "--memory", memory]
    form = [] if view == "report" else ["--json"]
    errata = [sys.executable, "-m", "errata", *arguments, *form]
    return process(errata, Path.cwd())


def _print(about: str, sample: Sample) -> None:
    figures = f"{sample.wall:7.1f} s  {sample.cpu:7.1f} s CPU  {sample.peak / 1e6:7.0f} MB"
    print(f"  {about:<32}{figures}  load {os.getloadavg()[0]:.1f}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
