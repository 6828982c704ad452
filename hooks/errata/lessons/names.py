"""Names of groups, made from what their members have in common: ``no-console-log``."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence

from errata.lessons import kinds
from errata.lessons.facts import Form, form_of
from errata.lessons.kinds import Fact
from errata.records.pattern_names import kebab

MAX_LENGTH = 60
_DIGEST_LENGTH = 4
_MOST_WORDS = 3
_OPERATORS = {
    "===": "is", "!==": "is not", "==": "is", "!=": "is not", "<=": "at most", ">=": "at least",
    "&&": "and", "||": "or", "<": "below", ">": "above", "!": "not", "%": "modulo",
}  # fmt: skip
_OPERATOR = re.compile("|".join(map(re.escape, _OPERATORS)))
_NO_WORD = re.compile(r"[^\W_]")


_Set = tuple[tuple[str, ...], tuple[str, ...]]
"""Facts, the most specific one first, and words."""


def name(facts: Sequence[str], words: Sequence[str] = ()) -> str:
    """The name of a group with these facts, the most specific one first, and words.

    It has at most 60 characters. Without words it is that of the first fact: two groups never have
    it in common.
    """
    fact = facts[0] if facts else ""
    readable = _with_words(fact, words) if words else _readable(fact)
    plain = kebab(_OPERATOR.sub(lambda match: f" {_OPERATORS[match[0]]} ", readable))
    if not plain.isascii() or len(plain) > MAX_LENGTH or not _is_readable(fact):
        return _with_digest(plain if plain.isascii() else "", facts, words)
    return plain


def distinct(
    sets: Sequence[_Set],
    taken: Collection[str] = (),
    rivals: Mapping[_Set, Callable[[], int]] | None = None,
) -> list[str]:
    """The names of several groups, in their order.

    Of sets whose names only differ in characters that no name has, the first that was frequent has
    the plain name, so that what is recorded later never takes it over. A name that is taken is not
    given.

    Args:
        rivals: all frequent sets, with ``sets`` -> the instant since when they are.
    """
    rivals = rivals or dict.fromkeys(sets, lambda: 0)
    wanted = [(item, name(*item)) for item in sets]
    shown_names = {shown for _, shown in wanted}
    by_name: defaultdict[str, list[_Set]] = defaultdict(list)
    for item in rivals:
        if (shown := name(*item)) in shown_names:
            by_name[shown].append(item)
    plain = {
        _first(same, rivals) if len(same) > 1 else same[0]
        for shown, same in by_name.items()
        if shown not in taken
    }
    return [shown if item in plain else _with_digest(shown, *item) for item, shown in wanted]


def _first(same: Sequence[_Set], since: Mapping[_Set, Callable[[], int]]) -> _Set:
    return min(same, key=lambda item: (since[item](), item))


def _readable(text: str) -> str:
    fact = Fact.parse(text)
    if form_of(text) is Form.SUBJECT:
        return kinds.slug(fact) or f"{fact.kind}-{fact.subject}"
    alone = kinds.slug_alone(fact.kind) or fact.kind
    return f"{alone}-{fact.subject}" if fact.subject else alone


def _with_words(fact: str, words: Sequence[str]) -> str:
    """The words, and where they were said."""
    spoken = "-".join(words[:_MOST_WORDS])
    if not fact:
        return spoken
    return f"{spoken}-{fact}" if form_of(fact) is Form.PLACE else f"{_readable(fact)}-{spoken}"


def _is_readable(text: str) -> bool:
    """Whether each part of the subject has a letter or a digit that a name can show."""
    parts = Fact.parse(text).subject.split(kinds.ARROW)
    return parts == [""] or all(kebab(_NO_WORD.sub("a", part)).isascii() for part in parts)


def _with_digest(plain: str, facts: Sequence[str], words: Sequence[str]) -> str:
    """The name, shortened, with characters that depend on all facts and words."""
    content = "\n".join((*facts, "", *words)).encode("utf-8", "surrogatepass")
    digest = hashlib.sha256(content).hexdigest()
    kept = kebab(plain, MAX_LENGTH - _DIGEST_LENGTH - 1) if plain else "edit"
    return f"{kept}-{digest[:_DIGEST_LENGTH]}"
