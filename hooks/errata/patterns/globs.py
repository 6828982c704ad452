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
_TOKENS = re.compile(r"\*\*/|\*\*|[*?{},]|[^*?{},]+")
_AS_REGEX = {"": "", "**": ".*?", "**/": "(?:[^/]*/)*?"}

Tokens = tuple[str, ...]


@lru_cache(maxsize=1024)
def matcher(pattern: str) -> Callable[[str], bool]:
    """A function that says whether a whole path matches the glob."""
    alternatives = _directories_at_starts(_expand_braces(_TOKENS.findall(pattern)))
    # A path that matches holds the longest literal of an alternative. Most paths do not, and are
    # told apart without compiling.
    literals = [
        max((token for token in tokens if token[0] not in "*?"), key=len, default="")
        for tokens in alternatives
    ]
    compiled = cache(lambda: re.compile(rf"(?s:{'|'.join(map(_translate, alternatives))})\Z"))

    def matches(path: str) -> bool:
        if len(path) > MAX_PATH or not any(map(path.__contains__, literals)):
            return False
        return compiled().match(path) is not None

    return matches


def _expand_braces(tokens: list[str]) -> list[Tokens]:
    """The globs that result from expanding braces; none if there are too many."""
    # Of each open group: its finished alternatives, and the beginnings of the one being read.
    groups: list[tuple[list[Tokens], list[Tokens]]] = [([], [()])]
    # An empty token at the end closes a group that is still open.
    for token in [*tokens, *[""] * tokens.count("{")]:
        finished, current = groups[-1]
        if token == "{":
            groups.append(([], [()]))
        elif token == "," and len(groups) > 1:
            groups[-1] = ([*finished, *current], [()])
        elif token in ("}", "") and len(groups) > 1:
            groups.pop()
            outer_finished, outer = groups[-1]
            inner = dict.fromkeys([*finished, *current])
            if len(outer) * len(inner) > MAX_ALTERNATIVES:
                return []
            joined = dict.fromkeys(start + end for start in outer for end in inner)
            groups[-1] = (outer_finished, list(joined))
        elif token:
            groups[-1] = (finished, [(*start, token) for start in current])
    return groups[0][1]


def _directories_at_starts(patterns: list[Tokens]) -> list[Tokens]:
    """The same globs with ``**/`` only where the name of a directory begins.

    Elsewhere ``**/`` is either empty, or the rest of a name and then whole directories. (Only where
    a name begins is the first place that fits always as good as a later one.)
    """
    unread = list(patterns)
    expanded: list[Tokens] = []
    while unread and len(unread) + len(expanded) <= MAX_ALTERNATIVES:
        pattern = unread.pop()
        for at, token in enumerate(pattern):
            if token == "**/" and at > 0 and not pattern[at - 1].endswith("/"):
                before, after = pattern[:at], pattern[at + 1 :]
                unread += [(*before, *after), (*before, "*", "/", "**/", *after)]
                break
        else:
            expanded.append(pattern)
    return [] if unread else expanded


def _translate(tokens: Tokens) -> str:
    """The regular expression of a glob without braces."""
    # A part begins with a wildcard that matches slashes, except for the first one.
    parts = [("", "")]
    for token in tokens:
        if token in ("**", "**/"):
            parts.append((token, ""))
        else:
            wildcard, text = parts[-1]
            parts[-1] = (wildcard, text + token)
    *others, (last_wildcard, last_text) = parts
    regex = "".join(f"(?>{_AS_REGEX[wildcard]}{_translate_part(t)})" for wildcard, t in others)
    return regex + _AS_REGEX[last_wildcard] + _translate_part(last_text, to_end=True)


def _translate_part(text: str, to_end: bool = False) -> str:
    """The regular expression of a text with ``*`` and ``?``, perhaps up to the end of the path."""
    first, *others = ("[^/]".join(map(re.escape, t.split("?"))) for t in text.split("*"))
    end = f"[^/]*{others.pop()}" if to_end and others else ""
    return first + "".join(f"(?>[^/]*?{literal})" for literal in others) + end
