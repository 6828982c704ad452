"""``python -m bench.outcomes [--write]``: error rates and power of the verdicts on lessons.

Histories are simulated, so it is known what the lesson changed. Beside ours, in the same histories:
whether Wilson's intervals overlap, and Fisher's exact test. The results are the same in every run.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

from bench.outcomes import tables
from bench.outcomes.evaluate import Figures, run, scenarios
from bench.outcomes.histories import Scenario


def main(argv: Sequence[str] | None = None) -> int:
    """Print both tables, or write them into docs/outcome-statistics.md."""
    parser = argparse.ArgumentParser(prog="python -m bench.outcomes", description=__doc__)
    parser.add_argument("--histories", type=int, default=2000, metavar="N", help="for each row")
    parser.add_argument("--processes", type=int, default=None, metavar="N")
    parser.add_argument("--write", action="store_true", help=f"update {tables.PAGE.name}")
    args = parser.parse_args(argv)
    if args.histories < 1:
        parser.error("--histories must be at least 1")
    rows = [(label, scenario, args.histories) for label, scenario in scenarios()]
    with ProcessPoolExecutor(args.processes) as pool:
        figures = pool.map(run, *zip(*rows, strict=True))
        done: list[tuple[str, Scenario, Figures]] = []
        for (label, scenario, _), each in zip(rows, figures, strict=True):
            print(f"{len(done) + 1} of {len(rows)}: {label}", file=sys.stderr)
            done.append((label, scenario, each))
    simulation = tables.simulation(done)
    if args.write:
        tables.write("power", tables.power_table())
        tables.write("simulation", simulation)
    else:
        print(f"{tables.power_table()}\n\n{simulation}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
