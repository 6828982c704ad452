"""Which skills are relevant to an agent and its files: shared words, weighted by rarity.

The words of a skill's name, description and path patterns are compared with those of the
agent's name and the paths. A shared word counts by its inverse document frequency,
``log(1 + skills / skills with it)``, in the name twice. A matching path pattern outweighs words.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence

from errata.skills.find import Skill

_WORD = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PATH_MATCH = 10.0
# They are in every name or description.
_STOP_WORDS = frozenset(
    _WORD.findall(
        "a after all also an and any are as at be before by can do each every for from has have "
        "how in into is it its more must new no not of on or other should so than that the their "
        "then these they this to up use used user users uses using was what when where which who "
        "will with without you your "
        "agent agents claude code codex cursor dev developer engineer file files gemini index init "
        "lib main md skill skills src task tasks work working"
    )
)
_SUFFIXES = ("ers", "ing", "er", "es", "s")


def words(text: str) -> frozenset[str]:
    """The significant words of a text, in lower case, stemmed."""
    lower = {word.lower() for word in _WORD.findall(_CAMEL.sub(" ", text))}
    stems = {_stem(word) for word in lower - _STOP_WORDS}
    return frozenset(word for word in stems - _STOP_WORDS if len(word) > 1)


def rank(
    skills: Sequence[Skill], agent: str = "", files: Collection[str] = ()
) -> list[tuple[Skill, float]]:
    """The relevant skills with their scores: best first, ties by name, then path."""
    query = words(" ".join((agent, *files)))
    documents = {skill.path: _all_words(skill) for skill in skills}
    weight = {word: _idf(word, documents.values()) for word in query}
    scored = []
    for skill in skills:
        # Sorted: the order of a sum of floats must not depend on the hashes of words.
        score = sum(weight[word] for word in sorted(query & documents[skill.path]))
        score += sum(weight[word] for word in sorted(query & words(skill.folder)))
        score += _PATH_MATCH * matches_any(skill.globs, files)
        if score > 0:
            scored.append((skill, round(score, 3)))
    return sorted(scored, key=lambda pair: (-pair[1], pair[0].folder, pair[0].path))


def matches_any(globs: Collection[str], files: Collection[str]) -> bool:
    """Whether a pattern matches a file; a pattern without '/' applies to the name of the file."""
    if not (globs and files):
        return False
    from errata.patterns.globs import matcher

    for pattern in globs:
        matches = matcher(pattern.removeprefix("./").removeprefix("/"))
        for file in files:
            path = file.removeprefix("./")
            if matches(path) or ("/" not in pattern and matches(path.rsplit("/", 1)[-1])):
                return True
    return False


def _all_words(skill: Skill) -> frozenset[str]:
    return words(" ".join((skill.folder, skill.description, *skill.globs)))


def _idf(word: str, documents: Collection[frozenset[str]]) -> float:
    count = sum(word in document for document in documents)
    return math.log(1 + len(documents) / count) if count else 0.0


def _stem(word: str) -> str:
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 4:
            return word.removesuffix(suffix)
    return word
