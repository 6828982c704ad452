"""How often something was seen independently: one session, or one minute, counts once.

Whoever can write one record can write a thousand. So what promotes a pattern is not the number of
its records but that of the *sessions* in which it was seen. A session begins in the minute of its
first record about the pattern; later records of it add nothing, however many and however late. A
record that names no session is one of its own. Sessions that begin in one minute count as one,
whatever names they claim. Severity, source and certainty are averaged alike, so that a flood
weighs in them as one session, too. Where no two records share a session or a minute, every figure
is that of the records.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress

from errata.patterns.facets import Weights

MINUTE = 60_000_000
"""Microseconds."""


@dataclass(frozen=True, slots=True)
class SessionWeights:
    """The weights of the occurrences of one window.

    Attributes:
        count: sessions; at least 1 where there is a record.
        shares: (n, severity, weight, certainty): sums of :data:`~errata.patterns.facets.Weights`
            over the records that share their minute with n - 1 others; each of them counts for
            1/n. Ordered by n.
    """

    count: int
    shares: tuple[tuple[int, int, int, int], ...]

    @property
    def severity(self) -> float:
        """Sum over the sessions of the severity score."""
        return math.fsum(severity / n for n, severity, _, _ in self.shares) / 10

    @property
    def weight(self) -> float:
        """Sum over the sessions of the source weight, each times its certainty."""
        # Divided as if certainty did not exist, so that without doubt the last bit is the same.
        return math.fsum(weight / (10 * n) for n, _, weight, _ in self.shares) / 10

    @property
    def expected(self) -> float:
        """Sum over the sessions of the certainty: exactly ``count`` where nothing is in doubt."""
        return math.fsum(certainty / n for n, _, _, certainty in self.shares) / 10


@lru_cache(maxsize=65_536)
def session_key(session: str | None) -> int:
    """A session's name as a number for a column; 0 without one.

    64 bits of a hash: names that collide count as one session, which promotes nothing.
    """
    if not session:
        return 0
    name = session.encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(name, digest_size=8).digest(), "little") or 1


def _opening(when: Sequence[int], session: Sequence[int]) -> tuple[list[int], list[bool] | None]:
    """The minute of each record, and which records are in the minute in which their session began.

    The second is None where all of them are.
    """
    minutes = [instant // MINUTE for instant in when]
    if not any(session):
        return minutes, None
    first: dict[int, int] = {}
    return minutes, [
        not key or first.setdefault(key, minute) == minute
        for key, minute in zip(session, minutes, strict=True)
    ]


def count_sessions(when: Sequence[int], session: Sequence[int]) -> int:
    """The sessions among occurrences, in ascending order of their instants."""
    minutes, opening = _opening(when, session)
    return len(set(minutes if opening is None else compress(minutes, opening)))


def session_weights(
    when: Sequence[int],
    session: Sequence[int],
    facets: Sequence[int],
    weights: Sequence[Weights],
) -> SessionWeights:
    """The weights of occurrences, in ascending order of their instants.

    Args:
        session: :func:`session_key` of each.
        facets: of each, the position in ``weights``.
    """
    minutes, opening = _opening(when, session)
    if opening is not None:
        minutes = list(compress(minutes, opening))
        facets = list(compress(facets, opening))
    crowd = Counter(minutes)
    crowds = map(crowd.__getitem__, minutes)
    sums: dict[int, Weights] = {}
    for (n, index), times in Counter(zip(crowds, facets, strict=True)).items():
        severity, weight, certainty = sums.get(n, (0, 0, 0))
        more = weights[index]
        sums[n] = (
            severity + times * more[0],
            weight + times * more[1],
            certainty + times * more[2],
        )
    return SessionWeights(len(crowd), tuple((n, *sums[n]) for n in sorted(sums)))
