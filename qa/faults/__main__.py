"""``python -m qa.faults``: disturb every operation in every way, and count.

``--every N`` takes each N-th disturbance only, ``--only NAME`` one operation (or several), and
``--short`` so few of some operations that a test run has the time.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import time

from qa.counts import Counts
from qa.faults import trace, world
from qa.faults.bench import Bench
from qa.faults.operations import OPERATIONS

_THOROUGH = 25
# In the short form: each how manieth disturbance is taken. What starts many processes is left out.
_SHORT = {
    "log, after a torn line": 13,
    "flush": 17,
    "evolve": 60,
    "uninstall": 150,
    "stamp": 9,
    "event, written": 20,
}


def main() -> int:
    """Run it; the exit status."""
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
                    _all_of(Bench(operation, folder), counts, options.every)
                elif operation.name in _SHORT:
                    _all_of(Bench(operation, folder), counts, _SHORT[operation.name])
    print(f"{sum(os.times()[:4]):.0f} s of processor time", file=sys.stderr)
    return counts.close(write=options.write)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, metavar="N")
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--only", action="append", metavar="NAME")
    parser.add_argument("--write", action="store_true", help="put the counts into SECURITY.md")
    return parser.parse_args()


def _all_of(bench: Bench, counts: Counts, every: int) -> None:
    gc.freeze()
    start, before, failed = time.monotonic(), counts.tried["faults"], len(counts.failures)
    for number, trial in enumerate(bench.trials()):
        if number % every == 0:
            counts.add("faults")
            counts.add(trial.group)
            counts.failures += bench.judge(trial, thorough=number % _THOROUGH == 0)
    name, tried = bench.operation.name, counts.tried["faults"] - before
    took = time.monotonic() - start
    failures = len(counts.failures) - failed
    print(f"{name}: {tried} faults, {failures} failures, {took:.0f} s", file=sys.stderr)
    for failure in counts.failures[failed : failed + 3]:
        print(f"  {failure}", file=sys.stderr)


if __name__ == "__main__":
    raise SystemExit(main())
