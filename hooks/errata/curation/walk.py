"""A walk through items that a person decides about, one at a time: the states and what follows.

It knows no screen and writes nothing: :func:`answer` takes a state and the line that was typed,
and gives the next state and what has to be done for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from errata.records.curation_log import Decision
from errata.records.pattern_names import PATTERN_NAME, normal_name

Content = Mapping[str, Any]


@dataclass(frozen=True)
class Item:
    """Something to decide about.

    Attributes:
        id: of a correction, or of the decision that an agent proposes.
        yes: what `y` decides.
        no: what `n` decides.
        wrong_pattern: what `w` decides; None if there is no pattern.
        corrections: ids of the corrections that it is about.
        question: in one line, for a proposal.
    """

    id: str
    yes: Content
    no: Content
    wrong_pattern: Content | None = None
    corrections: tuple[str, ...] = ()
    question: str = ""
    proposal: Decision | None = None


@dataclass(frozen=True)
class Answered:
    """An item that was answered.

    Attributes:
        at: its position.
        decided: whether a decision was written.
        described: the name of a pattern that it says what to do about; "" if none.
    """

    at: int
    decided: bool
    described: str = ""


@dataclass(frozen=True)
class Walk:
    """Where somebody is.

    Attributes:
        at: position of the item that is asked about; behind the last one, all are done.
        past: what was answered, in this order.
        naming: whether the next line is the name of a pattern.
        named: a new pattern; the next line says what to do instead.
        described: names of the patterns that say so already.
    """

    items: tuple[Item, ...]
    at: int = 0
    past: tuple[Answered, ...] = ()
    naming: bool = False
    named: str = ""
    stopped: bool = False
    described: frozenset[str] = frozenset()

    @property
    def item(self) -> Item | None:
        """The item that is asked about; None at the end."""
        return self.items[self.at] if self.at < len(self.items) and not self.stopped else None


@dataclass(frozen=True)
class Decide:
    """Write this decision. If that is refused, the walk stays where it was."""

    content: Content


@dataclass(frozen=True)
class TakeBack:
    """Undo the newest decision of this walk that is not undone yet."""


@dataclass(frozen=True)
class Say:
    """Tell the person this."""

    text: str


@dataclass(frozen=True)
class Show:
    """Show the whole difference of the item."""


Effect = Decide | TakeBack | Say | Show | None

HELP = {
    "y": "yes, it is right (of a proposal: confirm it)",
    "n [WHY]": "no: not a correction at all (of a proposal: it is wrong)",
    "w [WHY]": "a correction, but with the wrong pattern",
    "name NAME": "it belongs to the pattern NAME, an old one or a new one",
    "d": "show the whole diff",
    "s": "skip it",
    "u": "undo the last answer, and go back to it",
    "q": "quit; what is decided stays",
}
"""What can be typed, and what it means."""
KEYS = "y, n, w, name, d, s, u, q"

_WORDS = {
    **{"y": "y", "yes": "y", "n": "n", "no": "n", "w": "w", "wrong": "w"},
    **{"a": "name", "name": "name", "d": "d", "diff": "d", "s": "s", "skip": "s"},
    **{"u": "u", "undo": "u", "q": "q", "quit": "q", "exit": "q"},
}


def answer(walk: Walk, line: str) -> tuple[Walk, Effect]:
    """What follows from a typed line."""
    if walk.named:
        return _taught(replace(walk, named=""), walk.named, line.strip())
    if walk.naming:
        return _named(replace(walk, naming=False), line.strip())
    word, _, rest = line.strip().partition(" ")
    key, rest = _WORDS.get(word.lower(), ""), rest.strip()
    if key == "q":
        return replace(walk, stopped=True), None
    if key == "u":
        return _back(walk)
    item = walk.item
    return (walk, None) if item is None else _answer_about(walk, item, key, rest)


def refused(walk: Walk) -> Walk:
    """The state after a decision that is refused: the same item is asked about anew."""
    return replace(walk, naming=False, named="")


def _answer_about(walk: Walk, item: Item, key: str, rest: str) -> tuple[Walk, Effect]:
    if key == "d":
        return walk, Show()
    if key == "s":
        return _next(walk, decided=False), None
    if key == "name":
        return _named(walk, rest) if rest else _ask_name(walk, item)
    return _decided(walk, item, key, {"why": rest} if rest else {})


def _decided(walk: Walk, item: Item, key: str, why: Mapping[str, str]) -> tuple[Walk, Effect]:
    if chosen := {"y": item.yes, "n": item.no, "w": item.wrong_pattern}.get(key):
        described = _described_by(item) if key == "y" else ""
        return _next(walk, decided=True, described=described), Decide({**chosen, **why})
    if key == "w":
        return walk, Say("It has no pattern. `n` says that it is not a correction.")
    return walk, Say("\n".join(f"  {keys:<10} {text}" for keys, text in HELP.items()))


def _described_by(item: Item) -> str:
    """The pattern that a proposal says what to do about, once it is confirmed; "" if none."""
    proposal = item.proposal
    says = proposal and (proposal.description or proposal.instead)
    return normal_name(proposal.pattern) if proposal and says else ""


def _ask_name(walk: Walk, item: Item) -> tuple[Walk, Effect]:
    if not item.corrections:
        return walk, Say("There is nothing to name here.")
    return replace(walk, naming=True), None


def _named(walk: Walk, name: str) -> tuple[Walk, Effect]:
    item = walk.item
    if item is None or not name:
        return walk, Say("Not named.")
    if not item.corrections:
        return walk, Say("There is nothing to name here.")
    described = walk.described.union(each.described for each in walk.past)
    # What cannot be a name is refused at once, before somebody writes a sentence about it.
    if PATTERN_NAME.match(normal_name(name)) and normal_name(name) not in described:
        return replace(walk, named=name), None
    return _taught(walk, name, "")


def _taught(walk: Walk, name: str, instead: str) -> tuple[Walk, Effect]:
    item = walk.item
    corrections = list(item.corrections) if item else []
    content = {"action": "teach", "pattern": name, "corrections": corrections}
    if instead:
        content["instead"] = instead
    described = normal_name(name) if instead else ""
    return _next(walk, decided=True, described=described), Decide(content)


def _next(walk: Walk, *, decided: bool, described: str = "") -> Walk:
    past = (*walk.past, Answered(walk.at, decided, described))
    return replace(walk, at=walk.at + 1, past=past)


def _back(walk: Walk) -> tuple[Walk, Effect]:
    if not walk.past:
        return walk, Say("Nothing to undo yet.")
    last = walk.past[-1]
    back = replace(walk, at=last.at, past=walk.past[:-1])
    return back, TakeBack() if last.decided else None
