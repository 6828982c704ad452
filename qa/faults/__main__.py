"""``python -m qa.faults``: runs every operation with every fault, and counts.

``--every N`` runs only each N-th fault, ``--only NAME`` only one operation (or several), and
``--short`` a small selection for the test suite.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import time

from qa.counts import Counts
from qa.faults import trace, world
from qa.faults.harness import Harness
from qa.faults.operations import OPERATIONS

_THOROUGH = 25
# The short form runs each N-th fault of these; it omits operations that start many processes.
_SHORT = {
    "log, after a torn line": 13,
    "flush": 17,
    "evolve": 60,
    "uninstall": 150,
    "stamp": 9,
    "event, written": 20,
}


def main() -> int:
    """Run the trials; return the exit status."""
    options = _options()
    if trace.UNABLE:
        print(f"faults: skipped: {trace.UNABLE}", file=sys.stderr)
        return 0
    counts = Counts("faults", {"faults": 0})
    with world.sealed() as folder:
        folder.chmod(0o755)
        world.stop_clock()
        for operation in OPERATIONS:
            if operation.name in (options.only or [operation.name]):
                if not options.short:
                    _run_all(Harness(operation, folder), counts, options.every)
                elif operation.name in _SHORT:
                    _run_all(Harness(operation, folder), counts, _SHORT[operation.name])
    print(f"{sum(os.times()[:4]):.0f} s of processor time", file=sys.stderr)
    return counts.close(write=options.write)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, metavar="N")
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--only", action="append", metavar="NAME")
    parser.add_argument("--write", action="store_true", help="write the counts to SECURITY.md")
    return parser.parse_args()


def _run_all(bench: Harness, counts: Counts, every: int) -> None:
    gc.freeze()
    start, before, failed = time.monotonic(), counts.tried["faults"], len(counts.failures)
    for number, trial in enumerate(bench.trials()):
        if number % every == 0:
            counts.add("faults")
            counts.add(trial.group)
            counts.failures += bench.check(trial, thorough=number % _THOROUGH == 0)
    name, tried = bench.operation.name, counts.tried["faults"] - before
    took = time.monotonic() - start
    failures = len(counts.failures) - failed
    print(f"{name}: {tried} faults, {failures} failures, {took:.0f} s", file=sys.stderr)
    for failure in counts.failures[failed : failed + 3]:
        print(f"  {failure}", file=sys.stderr)


if __name__ == "__main__":
    raise SystemExit(main())
