"""Path globs: ``*``, ``?``, ``**``, ``**/`` and ``{a,b}``.

A glob with a wildcard or two is a regular expression. One with more would let a path make it try
all ways of sharing itself among them, which takes for ever; that one is followed in all ways at
once, a character at a time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache

MAX_PATH = 4096
"""No path of any system is longer; a longer text fits nothing."""
_TAME = 2


@lru_cache(maxsize=1024)
def matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a whole path fits the glob."""
    parts = list(_parts(pattern))
    kinds = [kind for kind, _ in parts]
    wild = sum(map(kinds.count, ("star", "all", "folders"))) > _TAME or kinds.count("open") > 1
    # Made when a path may fit: most never do, and making it takes longer than all else.
    made = cache(lambda: _automaton(pattern) if wild else _regular(pattern))
    needs = _needs(parts)

    def fits(path: str) -> bool:
        if len(path) > MAX_PATH:
            return False
        for texts in needs:
            if not any(map(path.__contains__, texts)):
                return False
        return made()(path)

    return fits


def _needs(parts: list[tuple[str, str]]) -> list[list[str]]:
    """A path that fits has one text of each list in it: the plain ones of the glob."""
    found, group, plain = [[""]], [""], True
    depth = 0
    for kind, char in parts:
        if kind == "open":
            depth, group, plain = depth + 1, [""], depth == 0
        elif depth == 0:
            found += [] if kind == "char" else [[""]]
            found[-1][0] += char
        elif kind == "char":
            group[-1] += char
        elif kind == "or":
            group.append("")
        else:
            depth -= kind == "close"
            plain = plain and kind == "close"
            found += [group, [""]] if plain else [[""]]
    return [texts for texts in found if all(texts)]


def _regular(pattern: str) -> Callable[[str], bool]:
    signs = {"star": "[^/]*", "any": "[^/]", "all": ".*", "folders": "(?:[^/]*/)*"}
    signs |= {"open": "(?:", "or": "|", "close": ")"}
    text = "".join(signs.get(kind) or re.escape(char) for kind, char in _parts(pattern))
    compiled = re.compile(text + r"\Z")
    return lambda path: compiled.match(path) is not None


def _parts(pattern: str) -> Iterator[tuple[str, str]]:
    """(kind, character) of each part; braces that are never closed end at the end."""
    depth = at = 0
    while at < len(pattern):
        char = pattern[at]
        if pattern.startswith("**/", at):
            yield "folders", ""
            at += 2
        elif pattern.startswith("**", at):
            yield "all", ""
            at += 1
        elif char in "*?":
            yield ("star" if char == "*" else "any"), ""
        elif char == "{" or (depth and char in ",}"):
            depth += {"{": 1, "}": -1}.get(char, 0)
            yield {"{": "open", ",": "or", "}": "close"}[char], ""
        else:
            yield "char", char
        at += 1
    yield from [("close", "")] * depth


@dataclass
class _States:
    """Steps that cost nothing, and those that take a character: one, any ("") or any but '/'."""

    free: list[list[int]] = field(default_factory=lambda: [[]])
    taking: list[list[tuple[str, int]]] = field(default_factory=lambda: [[]])

    def new(self) -> int:
        self.free.append([])
        self.taking.append([])
        return len(self.free) - 1

    def reach(self, states: set[int]) -> frozenset[int]:
        """These states and what they lead to for nothing."""
        found, rest = set(states), list(states)
        while rest:
            for state in self.free[rest.pop()]:
                if state not in found:
                    found.add(state)
                    rest.append(state)
        return frozenset(found)

    def step(self, states: frozenset[int], char: str) -> frozenset[int]:
        taken = {
            to
            for state in states
            for wanted, to in self.taking[state]
            if wanted == char
            or (wanted == "" and char != "\n")
            or (wanted == "no /" and char != "/")
        }
        return self.reach(taken)


def _automaton(pattern: str) -> Callable[[str], bool]:
    states = _States()
    last = _built(states, pattern)
    begin = states.reach({0})

    def fits(path: str) -> bool:
        here = begin
        for char in path:
            here = states.step(here, char)
            if not here:
                return False
        return last in here

    return fits


def _built(states: _States, pattern: str) -> int:
    """Add the steps of a glob; the last state."""
    here = 0
    groups: list[tuple[int, int]] = []
    for kind, char in _parts(pattern):
        if kind in ("star", "all"):
            states.taking[here].append(("no /" if kind == "star" else "", here))
        elif kind == "folders":
            inside, after = states.new(), states.new()
            states.free[here] += [inside, after]
            states.taking[inside] += [("no /", inside), ("/", here)]
        elif kind == "open":
            groups.append((here, states.new()))
        elif kind == "or" or kind == "close":
            states.free[here].append(groups[-1][1])
        # What comes next begins in a state of its own, or what repeats would repeat it too.
        here = _next(states, kind, char, here, groups)
    return here


def _next(states: _States, kind: str, char: str, here: int, groups: list[tuple[int, int]]) -> int:
    if kind == "close":
        return groups.pop()[1]
    to = len(states.free) - 1 if kind == "folders" else states.new()
    if kind == "or":
        states.free[groups[-1][0]].append(to)
    elif kind in ("char", "any"):
        states.taking[here].append((char or "no /", to))
    elif kind != "folders":
        states.free[here].append(to)
    return to
