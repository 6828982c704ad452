"""Path globs, the one matcher of the product: ``*``, ``?``, ``**``, ``**/`` and ``{a,b}``.

``*`` and ``?`` do not match a slash, ``**`` matches anything, and ``**/`` matches any number of
directories, or none. All else is literal, including brackets. A brace that is not closed ends with
the glob.

A glob becomes one regular expression in which a wildcard is an atomic group: it takes the first
place where what follows it matches, and never tries another, as in :func:`fnmatch.translate`. The
time therefore does not explode with the number of wildcards. (pathspec and wcmatch compile to
expressions that backtrack: ``*a`` forty times takes them forever. They also read brackets as sets.)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache

MAX_PATH = 4096
"""No path of any system is longer; a longer text does not match."""
MAX_ALTERNATIVES = 256
"""A glob whose braces stand for more does not match."""
_BRACES = re.compile(r"[{},]|[^{},]+")
_ACROSS_DIRECTORIES = re.compile(r"(\*\*/|\*\*)")
_AS_REGEX = {"**": ".*?", "**/": "(?:[^/]*/)*?"}


@lru_cache(maxsize=1024)
def matcher(pattern: str) -> Callable[[str], bool]:
    """A function that says whether a whole path matches the glob."""
    alternatives = _directories_at_starts(_expand_braces(pattern))
    # A path that matches holds the longest literal of an alternative. Most paths do not, and are
    # told apart without compiling.
    literals = [max(re.split(r"\*\*/|[*?]", text), key=len) for text in alternatives]
    compiled = cache(lambda: re.compile(rf"(?s:{'|'.join(map(_translate, alternatives))})\Z"))

    def matches(path: str) -> bool:
        if len(path) > MAX_PATH or not any(map(path.__contains__, literals)):
            return False
        return compiled().match(path) is not None

    return matches


def _expand_braces(pattern: str) -> list[str]:
    """The globs without braces that a glob stands for; none if there are too many."""
    # Of each open group: its finished alternatives, and the texts of the one being read.
    groups: list[tuple[list[str], list[str]]] = [([], [""])]
    # An empty token at the end closes a group that is still open, and adds nothing otherwise.
    for token in [*_BRACES.findall(pattern), *[""] * pattern.count("{")]:
        finished, current = groups[-1]
        if token == "{":
            groups.append(([], [""]))
        elif token == "," and len(groups) > 1:
            groups[-1] = ([*finished, *current], [""])
        elif token in ("}", "") and len(groups) > 1:
            groups.pop()
            outer_finished, outer = groups[-1]
            inner = dict.fromkeys([*finished, *current])
            if len(outer) * len(inner) > MAX_ALTERNATIVES:
                return []
            joined = dict.fromkeys(start + end for start in outer for end in inner)
            groups[-1] = (outer_finished, list(joined))
        else:
            groups[-1] = (finished, [text + token for text in current])
    return groups[0][1]


def _directories_at_starts(patterns: list[str]) -> list[str]:
    """The same globs with ``**/`` only where the name of a directory begins.

    Elsewhere ``**/`` is either empty, or the rest of a name and then whole directories. (Only where
    a name begins is the first place that fits always as good as a later one.)
    """
    unread = list(patterns)
    done: list[str] = []
    while unread and len(unread) + len(done) <= MAX_ALTERNATIVES:
        pattern = unread.pop()
        for wildcard in _ACROSS_DIRECTORIES.finditer(pattern):
            before, after = pattern[: wildcard.start()], pattern[wildcard.end() :]
            if wildcard[0] == "**/" and before and not before.endswith("/"):
                unread += [before + after, f"{before}*/**/{after}"]
                break
        else:
            done.append(pattern)
    return [] if unread else done


def _translate(pattern: str) -> str:
    """The regular expression of a glob without braces."""
    first, *others = _ACROSS_DIRECTORIES.split(pattern)
    regex = _translate_part(first, last=not others)
    for number in range(0, len(others), 2):
        last = number + 2 == len(others)
        part = _AS_REGEX[others[number]] + _translate_part(others[number + 1], last)
        regex += part if last else f"(?>{part})"
    return regex


def _translate_part(text: str, last: bool) -> str:
    """The part between two wildcards that match slashes; the last one reaches the end."""
    first, *others = (_translate_literal(literal) for literal in text.split("*"))
    end = f"[^/]*{others.pop()}" if last and others else ""
    return first + "".join(f"(?>[^/]*?{literal})" for literal in others) + end


def _translate_literal(text: str) -> str:
    return "[^/]".join(map(re.escape, text.split("?")))
