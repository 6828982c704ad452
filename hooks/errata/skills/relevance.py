"""Which skills fit an agent and the files it works on: shared words, the rare ones first.

No model: the words of a skill's name, description and path patterns against those of the agent's
name, the paths and the task. A shared word counts by its inverse document frequency,
``log(1 + skills / skills with it)``, in the name twice. A path pattern that fits outweighs words.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence

from errata.skills.find import Skill

_WORD = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PATH_FITS = 10.0
# They stand in every name or description, and tell nothing.
_EMPTY = frozenset(
    _WORD.findall(
        "a after all also an and any are as at be before by can do each every for from has have "
        "how in into is it its more must new no not of on or other should so than that the their "
        "then these they this to up use used user users uses using was what when where which who "
        "will with without you your "
        "agent agents claude code codex cursor dev developer engineer file files gemini index init "
        "lib main md skill skills src task tasks work working"
    )
)
_ENDINGS = ("ers", "ing", "er", "es", "s")


def words(text: str) -> frozenset[str]:
    """The words of a text that tell something, in lower case, without plural and the like."""
    every = {word.lower() for word in _WORD.findall(_CAMEL.sub(" ", text))}
    stems = {_stem(word) for word in every - _EMPTY}
    return frozenset(word for word in stems - _EMPTY if len(word) > 1)


def rank(
    skills: Sequence[Skill], agent: str = "", files: Collection[str] = (), task: str = ""
) -> list[tuple[Skill, float]]:
    """Those that fit, with how well: best first, ties by name, then path."""
    asked = words(" ".join((agent, task, *files)))
    texts = {one.path: (words(one.folder), _all_words(one)) for one in skills}
    weight = {word: _idf(word, [every for _, every in texts.values()]) for word in asked}
    scored = []
    for one in skills:
        name, every = texts[one.path]
        # Sorted: the order of a sum of floats must not depend on the hashes of words.
        score = sum(weight[word] for word in sorted(asked & every))
        score += sum(weight[word] for word in sorted(asked & name))
        score += _PATH_FITS * fits(one.globs, files)
        if score > 0:
            scored.append((one, round(score, 3)))
    return sorted(scored, key=lambda pair: (-pair[1], pair[0].folder, pair[0].path))


def fits(globs: Collection[str], files: Collection[str]) -> bool:
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


def _idf(word: str, documents: Sequence[frozenset[str]]) -> float:
    count = sum(word in document for document in documents)
    return math.log(1 + len(documents) / count) if count else 0.0


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word.removesuffix(ending)
    return word
