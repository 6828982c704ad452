"""``python -m qa.stress``: many processes at once; ``--short`` runs a small form."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable

from qa.counts import Counts
from qa.faults import world
from qa.stress import scenarios


def main() -> int:
    """Run the scenarios; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--only", action="append", metavar="NAME")
    parser.add_argument("--write", action="store_true", help="write the counts to SECURITY.md")
    options = parser.parse_args()
    short = options.short
    counts = Counts("stress")
    with world.sealed() as folder:
        runs: dict[str, tuple[str, Callable[[], tuple[int, list[str]]]]] = {
            "writers": (
                "writers of one log",
                lambda: scenarios.writers(folder, 64, 2 if short else 200),
            ),
            "evolves": (
                "evolves at once",
                lambda: scenarios.evolves(folder, *((2, 1) if short else (4, 12))),
            ),
            "worktrees": (
                "commands in 9 worktrees",
                lambda: scenarios.worktrees(folder, 8, *((1, 1) if short else (6, 20))),
            ),
            "stopped": (
                "waits for a stopped process",
                lambda: scenarios.stopped(folder, not short),
            ),
        }
        for name, (what, run) in runs.items():
            if not options.only or name in options.only:
                start = time.monotonic()
                count, failures = run()
                counts.add(what, count)
                counts.failures += failures
                print(f"{name}: {count} {what}, {time.monotonic() - start:.0f} s", file=sys.stderr)
    spent = sum(os.times()[:4])
    print(f"{spent:.0f} s of processor time", file=sys.stderr)
    return counts.close(write=options.write)


if __name__ == "__main__":
    raise SystemExit(main())
