"""A fuzz target: one parser behind a function of bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random

Mutator = Callable[[bytes, Random], bytes]


@dataclass(frozen=True)
class Target:
    """One parser.

    Attributes:
        run: passes an input to the parser and handles its documented errors. Any other exception is
            a finding, including a failed assertion about the result.
        seeds: generates inputs in the real format.
        words: vocabulary of the format, for mutations.
        limit: maximum length of an input in bytes; slow parsers get short inputs.
        mutate: a mutation that knows the format, instead of one with words.
    """

    name: str
    run: Callable[[bytes], None]
    seeds: Callable[[], Iterable[bytes]]
    words: tuple[bytes, ...] = ()
    limit: int = 400
    mutate: Mutator | None = field(default=None)


def chosen(data: bytes, *options: object) -> tuple[list[object], bytes]:
    """One item of each option, chosen by the first bytes; and the remaining bytes."""
    picked = []
    for at, option in enumerate(options):
        assert isinstance(option, tuple)
        picked.append(option[data[at] % len(option)] if at < len(data) else option[0])
    return picked, data[len(options) :]


def text(data: bytes) -> str:
    """Bytes as text; invalid UTF-8 becomes lone surrogates, which JSON text may contain."""
    return data.decode("utf-8", "surrogateescape")
