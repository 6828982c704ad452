"""How often something was seen independently: what one session, or one minute, says counts once.

Whoever can write one record can write a thousand. So what promotes a pattern is not the number of
its records but that of the *sessions* in which it was seen. A session begins in the minute of its
first record about the pattern; later records of it add nothing, however many and however late. A
record that names no session is one of its own. Sessions that begin in one minute count as one,
whatever names they claim. Severity and source are averaged alike, so that a flood weighs in them as
one session, too. Where no two records share a session or a minute, every figure is that of the
records.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress, repeat
from operator import floordiv

MINUTE = 60_000_000
"""Microseconds."""

Worth = tuple[int, int]
"""Severity score and source weight of a record, in tenths: sums of whole numbers are exact."""

Minute = tuple[int, int, int]
"""Of the records in one minute that count in it: how many, and the sums of their worth."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a stretch of occurrences comes to.

    Attributes:
        count: sessions; at least 1 where there is a record.
        shares: (n, severity, weight): sums in tenths over the records that share their minute with
            n - 1 others; each of them counts for 1/n. Ordered by n.
    """

    count: int
    shares: tuple[Minute, ...]

    def moved(self, old: Sequence[Minute], new: Sequence[Minute]) -> Weighed:
        """What it comes to when some minutes hold what they hold now, and not what they held."""
        sums = {n: [severity, weight] for n, severity, weight in self.shares}
        count = self.count
        for sign, minutes in ((-1, old), (1, new)):
            for n, severity, weight in minutes:
                if n:
                    count += sign
                    share = sums.setdefault(n, [0, 0])
                    share[0] += sign * severity
                    share[1] += sign * weight
        return Weighed(
            count, tuple((n, sums[n][0], sums[n][1]) for n in sorted(sums) if sums[n][1])
        )

    @property
    def severity(self) -> float:
        """Sum over the sessions of the severity score."""
        return math.fsum(severity / n for n, severity, _ in self.shares) / 10

    @property
    def weight(self) -> float:
        """Sum over the sessions of the source weight."""
        return math.fsum(weight / n for n, _, weight in self.shares) / 10


def key(session: str | None) -> int:
    """A session's name as a number for a column; 0 without one.

    64 bits of a hash: names that collide are taken for one session, which promotes nothing.
    """
    if not session:
        return 0
    name = session.encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(name, digest_size=8).digest(), "little") or 1


class Keys(dict[str | None, int]):
    """:func:`key` of each session, made once."""

    def __missing__(self, name: str | None) -> int:
        self[name] = made = key(name)
        return made


def beginnings(when: Sequence[int], session: Sequence[int]) -> tuple[list[int], bytes | None]:
    """The minute of each record, and which records lie in the minute in which their session begins.

    Args:
        when: instants in ascending order.
        session: :func:`key` of each.

    Returns:
        The minutes, and one byte for each record, 1 or 0; None where all of them do.
    """
    minutes = list(map(floordiv, when, repeat(MINUTE)))
    if not any(session):
        return minutes, None
    begin: dict[int, int] = {}
    first = list(map(begin.setdefault, session, minutes))
    # A record without a session is one of its own.
    return minutes, bytes(map(lambda s, a, b: not s or a == b, session, first, minutes))


def count(when: Sequence[int], session: Sequence[int]) -> int:
    """The sessions of a stretch of occurrences in ascending order of their instants."""
    minutes, opening = beginnings(when, session)
    return len(set(minutes if opening is None else compress(minutes, opening)))


def weigh(
    when: Sequence[int], session: Sequence[int], code: Sequence[int], worth: Sequence[Worth]
) -> Weighed:
    """What a stretch of occurrences comes to.

    Args:
        code: of each occurrence, the position in ``worth``.
    """
    minutes, opening = beginnings(when, session)
    codes: Sequence[int] = code
    if opening is not None:
        minutes = list(compress(minutes, opening))
        codes = list(compress(code, opening))
    crowd = Counter(minutes)
    sums: dict[int, list[int]] = {}
    for (n, one), times in Counter(
        zip(map(crowd.__getitem__, minutes), codes, strict=True)
    ).items():
        share = sums.setdefault(n, [0, 0])
        share[0] += times * worth[one][0]
        share[1] += times * worth[one][1]
    return Weighed(len(crowd), tuple((n, sums[n][0], sums[n][1]) for n in sorted(sums)))
