"""A runbook as an agent is told it: whole, or as much as fits, what concerns it first."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from errata.runbooks.paths import QUOTED
from errata.runbooks.sanitise import plain
from errata.skills.runbook_sections import Piece, concerns

_BOLD = re.compile(r"(?:[-*+]|\d+[.)]) \*\*((?:[^*\\]|\\.)+)\*\*")
_LIST = re.compile(r"[-*+] |\d+[.)] ")
# The line of figures of an entry that errata wrote, with words of a log above it.
_GENERATED = re.compile(r'"\S.*\n  Seen \d', re.DOTALL)
_TITLE, _TITLES, _FILES = 48, 130, 3
# A document of very many pieces of which none fits any more is not tried to its end.
_PATIENCE = 20
_TRIED = 200


class Told(NamedTuple):
    """What is told of one runbook.

    Attributes:
        agent: whose it is.
        path: where the whole is, from the top of the repository.
        pieces: all of it, in order.
        files: the files at work, from the top of the repository.
    """

    agent: str
    path: str
    pieces: Sequence[Piece]
    files: Sequence[str] = ()

    def text(self, limit: int) -> str:
        """At most ``limit`` characters, cut between pieces; what is left out is said."""
        scores = [concerns(piece, self.files) for piece in self.pieces]
        first = {at for at, score in enumerate(scores) if score}
        everything = set(range(len(self.pieces)))
        if sum(len(piece.text) for piece in self.pieces) <= limit:
            whole = self._laid_out(everything, first)
            if len(whole) <= limit:
                return whole
        order = sorted(everything, key=lambda at: (-scores[at], at))
        count = self._prefix(order, first, limit)
        chosen = set(order[:count])
        best, misses = self._laid_out(chosen, first) if chosen else "", 0
        for at in order[count : count + _TRIED]:
            trial = self._laid_out(chosen | {at}, first)
            if len(trial) <= limit:
                chosen.add(at)
                best = trial
            elif (misses := misses + 1) > _PATIENCE:
                break
        return best or self._beginning(order[0], limit)

    def _prefix(self, order: Sequence[int], first: Collection[int], limit: int) -> int:
        """How many of the pieces fit, taken in their order until one does not."""
        low, high = 0, min(len(order), limit)
        while low < high:
            count = (low + high + 1) // 2
            if len(self._laid_out(set(order[:count]), first)) <= limit:
                low = count
            else:
                high = count - 1
        return low

    def _laid_out(self, chosen: Collection[int], first: Collection[int]) -> str:
        parts = [f"This repository's runbook for {self.agent} ({self.path}) says:"]
        if any(_GENERATED.search(self.pieces[at].text) for at in chosen):
            parts.append(QUOTED)
        matched = [self.pieces[at] for at in sorted(chosen) if at in first]
        rest = [self.pieces[at] for at in sorted(chosen) if at not in first]
        if matched:
            parts += [f"About {_some(self.files)}:", *_under_headings(matched)]
            parts += ["The rest:"] if rest else []
        parts += _under_headings(rest)
        if count := len(self.pieces) - len(chosen):
            missing = (piece for at, piece in enumerate(self.pieces) if at not in chosen)
            parts.append(self._left_out(list(islice(missing, _PATIENCE)), count))
        return "\n\n".join(parts)

    def _left_out(self, missing: Sequence[Piece], total: int) -> str:
        """``missing`` holds the first of all that are missing."""
        named = ""
        for piece in missing:
            longer = f"{named}, {_title(piece)}" if named else _title(piece)
            if len(longer) > _TITLES:
                break
            named = longer
        more = "" if named.count(", ") + 1 >= total else ", …"
        count = f"{total} of {len(self.pieces)} entries"
        return f"Left out for want of room: {count} ({named}{more}). The whole is in {self.path}."

    def _beginning(self, at: int, limit: int) -> str:
        """The first lines of a piece that is too long by itself; "" if not even one fits."""
        piece = self.pieces[at]
        lines = piece.text.split("\n")
        low, high = 0, len(lines)
        best = ""
        intro = [f"This repository's runbook for {self.agent} ({self.path}) begins:"]
        # What is quoted is never without the sentence that says so.
        intro += [QUOTED] if _GENERATED.search(piece.text) else []
        while low < high:
            count = (low + high + 1) // 2
            shorter = Piece(piece.headings, "\n".join(lines[:count]))
            end = f"Left out for want of room: the rest. The whole is in {self.path}."
            trial = "\n\n".join([*intro, *_under_headings([shorter]), end])
            if len(trial) <= limit:
                low, best = count, trial
            else:
                high = count - 1
        return best


def _under_headings(pieces: Sequence[Piece]) -> Iterator[str]:
    """Headings and pieces, each heading once; items of one list stay together."""
    above: tuple[str, ...] = ()
    run: list[str] = []
    for piece in pieces:
        in_list = bool(_LIST.match(piece.text))
        if run and (piece.headings != above or not in_list or not _LIST.match(run[-1])):
            yield "\n".join(run)
            run = []
        for depth, heading in enumerate(piece.headings):
            if above[: depth + 1] != piece.headings[: depth + 1]:
                yield heading
        above = piece.headings
        run.append(piece.text)
    if run:
        yield "\n".join(run)


def _title(piece: Piece) -> str:
    line = piece.text.split("\n", 1)[0]
    bold = _BOLD.match(line)
    return plain(re.sub(r"\\(.)", r"\1", bold[1]) if bold else line.lstrip("#-*+> "), _TITLE)


def _some(files: Sequence[str]) -> str:
    shown = ", ".join(plain(file, 80) for file in files[:_FILES])
    return f"{shown} and {len(files) - _FILES} more" if len(files) > _FILES else shown
