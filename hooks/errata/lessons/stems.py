"""What a text is about: its words without endings, and without words that say nothing.

A stem is a word that can be read, ``cache`` and not ``cach``, since groups are named after stems.
That is why no Snowball stemmer is used.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from errata import rules

LIMIT = 2_000
"""Characters of a text that are read."""
_MOST = 16
_LONGEST = 24
# Addresses, paths, names of files and numbers of issues say where, not what.
_NO_WORDS = re.compile(
    r"\w+://\S+|\S*[/\\@]\S*|\b[\w.-]+\.(?!\s)[a-z]\w*\b|\(?#\d+\)?|\b[\w-]*\d[\w-]*\b",
    re.IGNORECASE,
)
_TYPE = re.compile(r"^(\w+)(?:\([^)]*\))?!?:\s")
_WORD = re.compile(r"[^\W\d_]{3,}")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|_")
_VOWEL = re.compile(r"[aeiouy]")
_DOUBLED = re.compile(r"([^aeioulsz])\1$")
# What a verb that ends in "e" leaves without it.
_WITHOUT_E = re.compile(
    r"(?:[^aeioul]l|[cvuz]|[rdna]g|[^aeiou][aiou]d|[lnr]s|[aeiou]s|[aiu]r|[ou]r|am|let|at)$"
    r"|^[^aeiou]{1,3}[aiouy][^aeiouwxy]$"
)


def stems(text: str) -> frozenset[str]:
    """The stems of a text; none if it is the subject of a commit that adds a feature."""
    text = text[:LIMIT]
    prefix = _TYPE.match(text)
    if prefix and stem_of(prefix[1].lower()) in _adding():
        return frozenset()
    # The scope of a conventional commit says what was edited, not why.
    body = text[prefix.end() :] if prefix else text
    every = _WORD.findall(_CAMEL.sub(" ", _NO_WORDS.sub(" ", body)))
    words = [word.lower() for word in every if word.isalpha()]
    distinct = dict.fromkeys(stem_of(word) for word in words if word not in silent())
    kept = (stem for stem in distinct if stem not in silent() and 3 <= len(stem) <= _LONGEST)
    return frozenset(list(kept)[:_MOST])


@lru_cache(maxsize=65_536)
def stem_of(word: str) -> str:
    """A word in lower case without a regular ending of English."""
    word = _irregular().get(word, word)
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes", "zzes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        root = word.removesuffix(ending)
        if root != word and len(root) >= 3 and _VOWEL.search(root):
            return _irregular().get(root) or _completed(root)
    return word


def _completed(root: str) -> str:
    """A verb whose ending was cut off: ``stopp`` -> ``stop``, ``handl`` -> ``handle``."""
    if root.endswith("i"):
        return root[:-1] + "y"
    if _DOUBLED.search(root):
        return root[:-1]
    return root + "e" if _WITHOUT_E.search(root) else root


@cache
def silent() -> frozenset[str]:
    """Words that say nothing, and their stems."""
    words = f"{rules.load('words')['function']} {rules.load('topics')['generic']}".split()
    return frozenset(words) | frozenset(map(stem_of, words))


@cache
def _adding() -> frozenset[str]:
    return frozenset(map(stem_of, rules.load("topics")["adding"].split()))


@cache
def _irregular() -> dict[str, str]:
    return dict(pair.split("=") for pair in rules.load("topics")["irregular"].split())
