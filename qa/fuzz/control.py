"""Naive parsers, in each of which the harness must find the defect."""

from __future__ import annotations

import re

from qa.fuzz.target import Target

_NESTED = re.compile(rb"(x+)+y")


def _traceback(data: bytes) -> None:
    key, sign, value = data.partition(b"=")
    if key == b"size" and sign:
        int(value)


def _hang(data: bytes) -> None:
    _NESTED.match(data)


def _memory(data: bytes) -> None:
    key, _, value = data.partition(b"=")
    if key == b"size" and value.isdigit():
        _ = b"x" * (min(int(value), 300) << 20)


TARGETS = (
    Target("control-traceback", _traceback, lambda: [b"size=3"], (b"=", b"size")),
    Target("control-hang", _hang, lambda: [b"xxxxy"], (b"x" * 40, b"y")),
    Target("control-memory", _memory, lambda: [b"size=3"], (b"99",)),
)
