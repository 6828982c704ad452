"""Hot spots: files and folders in which agents are corrected far more often than elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from errata.lessons import statistics
from errata.lessons.chances import Chances, totals
from errata.lessons.chances_log import ByMonth
from errata.patterns.corpus import Corpus
from errata.patterns.lesson import Rate
from errata.records.injection import sign_in

MAX_SPOTS = 5
_MIN_CHANGES, _MIN_CORRECTED = 5, 3
_SEPARATORS = re.compile(r"[\W_]+")
_LEVEL = 0.05
"""The share of the hot spots that may be there by chance."""


@dataclass(frozen=True, slots=True)
class HotSpot:
    """A place in which agents' commits are corrected far more often than elsewhere.

    Attributes:
        place: path of a file, or of a folder with a final slash; ``./`` is the top folder.
        rate: agents' commits that changed it, and those of them that were corrected there.
    """

    place: str
    rate: Rate

    @property
    def figures(self) -> str:
        """``12 of 26 agent commits corrected (46%; 29% elsewhere)``."""
        rate = self.rate
        share = rate.corrected / rate.chances
        return (
            f"{rate.corrected} of {rate.chances} agent commits corrected "
            f"({share:.0%}; {rate.base:.0%} elsewhere)"
        )


def of_corpus(corpus: Corpus) -> list[HotSpot]:
    """The hot spots that a corpus shows; none if nobody counted agents' commits."""
    return find(corpus.work) if isinstance(corpus.work, Chances) else []


def find(chances: Chances) -> list[HotSpot]:
    """The hot spots, those with the most corrections beyond the expected ones first.

    The interval of the rate is above the base rate, and the difference remains significant among
    as many comparisons as there are files or folders. A folder is left out where one of its files
    is a hot spot: the file says it more precisely.
    """
    files = [*_find(chances.files, chances.file_changes, chances.compared_files, "other files")]
    within = {str(PurePosixPath(spot.place).parent) for spot in files}
    folders = {name: by_month for name, by_month in chances.folders.items() if name not in within}
    others = _find(folders, chances.folder_changes, chances.compared_folders, "other folders")
    spots = [*files, *(HotSpot(f"{spot.place}/", spot.rate) for spot in others)]
    return sorted(spots, key=_rank)[:MAX_SPOTS]


def _find(
    places: Mapping[str, ByMonth], changes: ByMonth, compared: int, others: str
) -> Iterator[HotSpot]:
    whole, whole_corrected = totals(changes)
    tested = []
    for place, by_month in sorted(places.items()):
        count, corrected = totals(by_month)
        if count < _MIN_CHANGES or corrected < _MIN_CORRECTED or whole <= count:
            continue
        if any(sign_in(_SEPARATORS.sub(" ", name)) for name in (place, *place.split("/"))):
            # The name of a file can be an instruction to the reader.
            continue
        elsewhere = max(0, whole_corrected - corrected)
        rate = statistics.rate(corrected, count, elsewhere / (whole - count), others)
        # By Laplace's rule: that none of few was corrected does not show that none ever is.
        base = (elsewhere + 1) / (whole - count + 2)
        if rate.low > base:
            tested.append((HotSpot(place, rate), statistics.p_value(corrected, count, base)))
    # The places that are not listed are compared, too; their p-values are greater.
    p_values = [p for _, p in tested]
    p_values += [1.0] * (compared - len(p_values))
    for (spot, _), q in zip(tested, statistics.benjamini_hochberg(p_values), strict=False):
        if q <= _LEVEL:
            yield spot


def _rank(spot: HotSpot) -> tuple[float, str]:
    rate = spot.rate
    return -round(rate.corrected - rate.chances * rate.base, 6), spot.place
