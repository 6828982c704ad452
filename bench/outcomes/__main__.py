"""``python -m bench.outcomes [--write]``: error rates and power of the verdicts on lessons.

Histories are simulated, so it is known what the lesson changed. Beside ours, in the same histories:
whether Wilson's intervals overlap, and Fisher's exact test. The results are the same in every run.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from typing import Any

from bench.outcomes import evaluate, evaluate_together, tables
from bench.outcomes.histories import Scenario


def main(argv: Sequence[str] | None = None) -> int:
    """Print the tables, or write them into docs/outcome-statistics.md."""
    parser = argparse.ArgumentParser(prog="python -m bench.outcomes", description=__doc__)
    parser.add_argument("--histories", type=int, default=2000, metavar="N", help="for each row")
    parser.add_argument("--processes", type=int, default=None, metavar="N")
    parser.add_argument("--write", action="store_true", help=f"update {tables.PAGE.name}")
    args = parser.parse_args(argv)
    if args.histories < 1:
        parser.error("--histories must be at least 1")
    with ProcessPoolExecutor(args.processes) as pool:
        found = {
            "power": tables.power_table(),
            "simulation": tables.simulation(_run(pool, evaluate, args.histories)),
            "together": tables.together(_run(pool, evaluate_together, -(-args.histories // 4))),
        }
    for name, table in found.items():
        if args.write:
            tables.write(name, table)
        else:
            print(table, end="\n\n")
    return 0


def _run(pool: Executor, module: Any, histories: int) -> Iterator[tuple[str, Scenario, Any]]:
    """The figures of each scenario of a module."""
    rows = list(module.scenarios())
    figures = pool.map(module.run, *zip(*rows, strict=True), [histories] * len(rows))
    for number, ((label, scenario), each) in enumerate(zip(rows, figures, strict=True), 1):
        print(f"{number} of {len(rows)}: {label}", file=sys.stderr)
        yield label, scenario, each


if __name__ == "__main__":
    raise SystemExit(main())
