"""Which skills are relevant to an agent and its files: shared words, weighted by rarity.

The words of a skill's name, description and path patterns are compared with those of the
agent's name and the paths. A shared word counts by its inverse document frequency,
``log(1 + skills / skills with it)``, in the name twice. A matching path pattern outweighs words.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

from errata.records.significant_words import words
from errata.skills.find import Skill

_PATH_MATCH = 10.0


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
