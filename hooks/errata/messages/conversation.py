"""Features of a prompt together with the end of the agent's turn before it, and their weights.

A feature is a short name. ``agent NAME`` is about the turn, ``prompt NAME`` about the prompt (both
from ``rules/conversation.toml``). ``words>=X`` means that the log-odds of a correction, judged by
the words alone, are at least X. ``class NAME`` is a class of words in the prompt, ``rule NAME`` a
phrase rule, ``says WORDS`` one word or two of the prompt.
"""

from __future__ import annotations

import json
import math
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from errata import rules
from errata.messages.model import SCALE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from errata.messages.message import Message
    from errata.messages.model import Model
    from errata.messages.turn import Turn

FILE = rules.folder() / "conversation.json"
LOG_ODDS = (-5.0, -4.0, -3.0, -2.5, -2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0)
"""Bounds of the log-odds by words."""

WORDS = "the words alone"
AFTER, ALONE = "after a turn", "alone"
"""The tables of weights: where the turn before the prompt is known, and where it is not."""

_END = 1_500
"""How many characters at the end of the agent's text are searched."""
_LENGTHS = ((1, 2), (3, 6), (7, 12), (13, 25), (26, 60))
_INTRODUCTIONS = frozenset(("ok", "so", "and", "but", "hm", "hey", "well", "now", "please", "also"))
_MIN_LETTERS = 4
_START = 700
"""How many characters of the prompt are searched."""
_FORM = 400
_PROSE = ".,:;?!'\"()-"
_ASKED = 160
_BULLETS = ("\n- ", "\n* ", "\n• ", "\n1. ", "\n2. ", "\n1) ")


class Weights(NamedTuple):
    """A linear function of features and of the log-odds by words.

    Attributes:
        threshold: the lowest probability that counts as a correction.
        weights: feature -> its weight, in units of ``factor``.
        slope: what a unit of log-odds by words counts.
    """

    threshold: float
    bias: float
    weights: Mapping[str, int]
    factor: float
    slope: float

    def probability(self, described: Described) -> float:
        """The probability of a correction."""
        value = self.bias + sum(self.summands(described).values())
        return 1 / (1 + math.exp(-value))

    def summands(self, described: Described) -> dict[str, float]:
        """What each feature adds to the log-odds, and what the words alone do, as WORDS."""
        step = self.factor / SCALE
        known = {
            name: self.weights[name] * step for name in described.features() if name in self.weights
        }
        return {**known, WORDS: self.slope * described.odds}


@cache
def load(name: str) -> Weights:
    """The weights of the package: :data:`AFTER` or :data:`ALONE`."""
    return build(json.loads(FILE.read_text("utf-8"))[name])


def build(table: Mapping[str, Any]) -> Weights:
    """The weights of a table."""
    return Weights(*(table[name] for name in Weights._fields))


class Described(NamedTuple):
    """A prompt and the turn before it, as names of features.

    Attributes:
        odds: log-odds of a correction, judged by the words alone.
        agent: about the turn; prompt: about the prompt.
        terms: words and pairs of words of the prompt.
    """

    odds: float
    agent: tuple[str, ...]
    prompt: tuple[str, ...]
    terms: tuple[str, ...]

    def features(self) -> list[str]:
        """All features, sorted."""
        return sorted({*self.agent, *self.prompt, *(f"says {term}" for term in self.terms)})


def describe(
    turn: Turn | None,
    text: str,
    parsed: Message,
    features: Sequence[str],
    score: float,
    model: Model,
) -> Described:
    """Describe a prompt after a turn.

    Args:
        turn: None if it is not known.
        text: the prompt; ``parsed`` is its parsed form, ``features`` those by words alone.
        score: the probability of a correction by words alone.
    """
    odds = math.log(max(score, 1e-6) / max(1 - score, 1e-6))
    prompt = {f"prompt {name}" for name in _prompt(parsed)}
    if turn is not None:
        prompt.update(_overlap(turn, text, parsed))
    prompt.update(_form(text))
    prompt.update(_size(parsed))
    prompt.update(_beginning(parsed, model))
    prompt.update(f"words>={bound}" for bound in LOG_ODDS if odds >= bound)
    prompt.update(_readable_words(features, model))
    agent = {f"agent {name}" for name in _agent(turn)} if turn is not None else ()
    words = parsed.plain[:_START].split(" ")
    terms = {*words, *map(" ".join, pairwise(words))}
    return Described(
        round(odds, 3), tuple(sorted(agent)), tuple(sorted(prompt)), tuple(sorted(terms))
    )


def _agent(turn: Turn) -> Iterator[str]:
    if not turn.text and not turn.calls:
        yield "unknown"
    end = turn.text[-_END:]
    plain = _plain(end)
    yield from (cue["name"] for cue in _table()["text"] if _has(cue["has"], plain))
    if "?" in end[-_ASKED:]:
        yield "asked"
    if any(bullet in end for bullet in _BULLETS):
        yield "listed"
    for name in ("rejected", "interrupted", "failed"):
        if getattr(turn, name):
            yield name
    yield from _calls(turn)


def _calls(turn: Turn) -> Iterator[str]:
    if not turn.calls:
        yield "only spoke"
        return
    if not turn.spoke_last:
        yield "called last"
    tools = _table()["calls"]
    for kind, names in tools.items():
        if any(call.name in names for call in turn.calls):
            yield f"did {kind}"
    last = next((kind for kind, names in tools.items() if turn.calls[0].name in names), "other")
    yield f"did {last} last"


def _plain(text: str) -> str:
    """The words of a text in lower case, with single spaces between and around them."""
    text = text.lower().replace("’", "'").replace("'", " '")
    words = "".join(char if char.isalnum() or char in "'✅✓" else " " for char in text).split()
    return f" {' '.join(words)} "


def _has(phrases: Sequence[str], plain: str) -> bool:
    """Whether a text with single spaces between and around its words contains a phrase."""
    return any(f" {phrase} " in plain for phrase in phrases)


def _prompt(parsed: Message) -> Iterator[str]:
    plain = f" {parsed.plain[:_START]} "
    for cue in _table()["prompt"]:
        starts = any(plain.startswith(f" {phrase} ") for phrase in cue.get("starts", ()))
        if starts or _has(cue.get("has", ()), plain):
            yield cue["name"]


def _form(text: str) -> Iterator[str]:
    """What a prompt looks like: pasted text has many lines and symbols."""
    start = text[:_FORM]
    symbols = sum(not (char.isalnum() or char.isspace() or char in _PROSE) for char in start)
    if symbols * 20 > len(start):
        yield "prompt has many symbols"
    lines = text.count("\n") + 1
    yield "1 line" if lines == 1 else "2-4 lines" if lines < 5 else "over 4 lines"
    letters = [char for char in start if char.isalpha()]
    if len(letters) > 20 and sum(map(str.isupper, letters)) * 2 > len(letters):
        yield "prompt is in capitals"


def _size(parsed: Message) -> Iterator[str]:
    count = sum(len(sentence) for sentence in parsed.sentences)
    yield next((f"{low}-{high} words" for low, high in _LENGTHS if count <= high), "over 60 words")


def _beginning(parsed: Message, model: Model) -> Iterator[str]:
    """The first word after words such as "ok": itself if it is a function word, else its class."""
    for word in (word for sentence in parsed.sentences for word in sentence if word.isalpha()):
        if word not in _INTRODUCTIONS:
            lexicon = model.lexicon
            name = model.class_names.get(lexicon.classes.get(word, ""), "other")
            yield f"begins {word if word in lexicon.function else name}"
            return


def _overlap(turn: Turn, text: str, parsed: Message) -> Iterator[str]:
    """How much of the prompt was in what the agent said, and whether it names one of its files."""
    names = {call.file.replace("\\", "/").rsplit("/", 1)[-1] for call in turn.calls if call.file}
    if any(name and name in text for name in names):
        yield "prompt names a file of the agent"
    words = {word for sentence in parsed.sentences for word in sentence}
    content = {word for word in words if len(word) >= _MIN_LETTERS and word.isalpha()}
    if content and turn.text:
        share = len(content.intersection(_plain(turn.text).split())) / len(content)
        yield f"prompt shares {'no' if not share else 'few' if share < 0.4 else 'many'} words"


def _readable_words(words: Sequence[str], model: Model) -> Iterator[str]:
    """Phrase rules and word classes among the features by words: nothing of the text itself."""
    for name in words:
        if name[0] == "#":
            yield f"rule {name[1:]}"
        elif name in model.class_names:
            yield f"class {model.class_names[name]}"


def _table() -> Mapping[str, Any]:
    return rules.load("conversation")
