"""Ctrl-C ends a program with one line. Imports nothing, because hooks start often."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

STATUS = 130
"""Exit status after Ctrl-C, as shells have it."""


def report() -> int:
    """Print the line; returns the exit status."""
    # A terminal shows ^C at the end of its line.
    start = "\n" if sys.stderr.isatty() else ""
    print(f"{start}errata: interrupted", file=sys.stderr)
    return STATUS


def interruptible(main: Callable[..., int]) -> Callable[..., int]:
    """The same program, which Ctrl-C ends with one line."""

    def run(argv: Sequence[str] | None = None) -> int:
        try:
            return main(argv)
        except KeyboardInterrupt:
            return report()

    run.__doc__ = main.__doc__
    return run
