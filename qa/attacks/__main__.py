"""``make attacks``: runs every attack with all its variants, and prints the counts."""

from __future__ import annotations

import argparse
import contextlib
import sys
from pathlib import Path

import pytest
from qa.counts import Counts


class Tally:
    """Counts what pytest runs: a test function is one attack, each of its cases one variant.

    A case with several variants reports their number: ``record_property("variants", n)``.
    """

    def __init__(self, counts: Counts) -> None:
        self.counts = counts
        self.attacks: set[str] = set()
        counts.add("attacks", 0)
        counts.add("variants", 0)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count one phase of one case."""
        if report.failed:
            self.counts.failures.append(report.nodeid)
        if report.when != "call" or report.skipped:
            return
        attack = report.nodeid.partition("[")[0]
        if attack not in self.attacks:
            self.attacks.add(attack)
            self.counts.add("attacks")
        self.counts.add("variants", int(dict(report.user_properties).get("variants", 1)))


def main(argv: list[str] | None = None) -> int:
    """Run the attacks; return 1 on a failure."""
    parser = argparse.ArgumentParser(prog="python -m qa.attacks", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the counts to SECURITY.md")
    parser.add_argument("--short", action="store_true", help="run a few variants of each")
    args = parser.parse_args(argv)
    counts = Counts("attacks")
    words = [str(Path(__file__).parent), *([] if args.short else ["-m", ""])]
    with contextlib.redirect_stdout(sys.stderr):
        status = pytest.main(words, plugins=[Tally(counts)])
    if status not in (0, 1):
        counts.failures.append(f"pytest ended with {status}")
    return counts.close(write=args.write)


if __name__ == "__main__":
    raise SystemExit(main())
