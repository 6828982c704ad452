"""What is fuzzed: one parser of the product behind one function of bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random

Mutator = Callable[[bytes, Random], bytes]


@dataclass(frozen=True)
class Target:
    """One parser.

    Attributes:
        run: gives it an input. What the parser promises to raise is dealt with here; whatever
            else is raised is a finding, and so is a law that does not hold (AssertionError).
        seeds: inputs of the real format, made by code.
        words: what stands in the format's files, for the mutators.
        limit: bytes of an input at most; what is slow by nature gets short ones.
        mutate: knows more of the format than words do.
    """

    name: str
    run: Callable[[bytes], None]
    seeds: Callable[[], Iterable[bytes]]
    words: tuple[bytes, ...] = ()
    limit: int = 400
    mutate: Mutator | None = field(default=None)


def chosen(data: bytes, *options: object) -> tuple[list[object], bytes]:
    """One item of each option (a sequence), by the first bytes; and the bytes that are left."""
    picked = []
    for at, option in enumerate(options):
        assert isinstance(option, tuple)
        picked.append(option[data[at] % len(option)] if at < len(data) else option[0])
    return picked, data[len(options) :]


def text(data: bytes) -> str:
    """Bytes as text that may hold what JSON can: lone surrogates too, where it is no UTF-8."""
    return data.decode("utf-8", "surrogateescape")
