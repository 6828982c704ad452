"""Features of a prompt together with the end of the agent's turn before it, and their weights.

A feature is a short name. ``agent NAME`` is about the turn, ``prompt NAME`` about the prompt (both
from ``rules/conversation.toml``), ``A + B`` holds if both do. ``words>=X`` means that the log-odds
of a correction, judged by the words alone, are at least X. ``class NAME`` is a class of words in
the prompt, ``rule NAME`` a phrase rule.
"""

from __future__ import annotations

import json
import math
import re
from functools import cache
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

_END = 1_500
"""How many characters at the end of the agent's text are searched."""
_LENGTHS = (1, 2, 4, 8, 16, 32, 64)
_PAIRED = frozenset({"words>=-2.0", "words>=-1.0", "words>=0.0", "words<=4", "words<=8"})
_MIN_LETTERS = 4
_WORD = re.compile(r"[^\W\d_]+")
_PLAN = re.compile(r"\A\s*implement the following plan\b", re.IGNORECASE)


class Weights(NamedTuple):
    """A linear function of features.

    Attributes:
        threshold: the lowest probability that counts as a correction.
    """

    threshold: float
    bias: float
    weights: Mapping[str, int]

    def probability(self, present: Sequence[str]) -> float:
        """The probability that a prompt with these features corrects the agent."""
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, self.bias + self._sum(present)))))

    def terms(self, present: Sequence[str], limit: int) -> tuple[tuple[str, float], ...]:
        """The strongest features with their contributions."""
        weighted = (name for name in present if self.weights.get(name))
        ranked = sorted(weighted, key=lambda name: (-abs(self.weights[name]), name))
        divisor = SCALE * math.sqrt(max(1, len(present)))
        return tuple((name, round(self.weights[name] / divisor, 2)) for name in ranked[:limit])

    def _sum(self, present: Sequence[str]) -> float:
        total = sum(self.weights.get(name, 0) for name in present)
        return total / (SCALE * math.sqrt(max(1, len(present))))


@cache
def load() -> Weights:
    """The weights of the package."""
    return build(json.loads(FILE.read_text("utf-8")))


def build(table: Mapping[str, Any]) -> Weights:
    """The weights of a table."""
    return Weights(table["threshold"], table["bias"], table["weights"])


def is_plan(text: str) -> bool:
    """Whether a prompt is a plan that is pasted to be carried out: a request."""
    return _PLAN.match(text) is not None


class Described(NamedTuple):
    """A prompt and the turn before it, as names of features.

    Attributes:
        agent: about the turn; prompt: about the prompt.
    """

    agent: tuple[str, ...]
    prompt: tuple[str, ...]

    def features(self) -> list[str]:
        """All features, with the pairs of an agent's and a prompt's, each once, sorted."""
        paired = [name for name in self.prompt if name.startswith("prompt ") or name in _PAIRED]
        pairs = (f"{first} + {second}" for first in self.agent for second in paired)
        return sorted({*self.agent, *self.prompt, *pairs})


def describe(
    turn: Turn, text: str, parsed: Message, words: Sequence[str], score: float, model: Model
) -> Described:
    """Describe a prompt after a turn.

    Args:
        text: the prompt; ``parsed`` is its parsed form, ``words`` its features by words alone.
        score: the probability of a correction by words alone.
    """
    odds = math.log(max(score, 1e-6) / max(1 - score, 1e-6))
    prompt = {f"prompt {name}" for name in _prompt(parsed)}
    prompt.update(_overlap(turn, text, parsed))
    prompt.update(_size(parsed))
    prompt.update(f"words>={bound}" for bound in LOG_ODDS if odds >= bound)
    prompt.update(_readable_words(words, model))
    agent = {f"agent {name}" for name in _agent(turn)}
    return Described(tuple(sorted(agent)), tuple(sorted(prompt)))


def _agent(turn: Turn) -> Iterator[str]:
    end = turn.said[-_END:].lower()
    if not turn.said and not turn.calls:
        yield "unknown"
    yield from (cue["name"] for cue in _table()["said"] if end and cue["pattern"].search(end))
    for name in ("rejected", "interrupted", "failed"):
        if getattr(turn, name):
            yield name
    if turn.calls and not turn.spoke_last:
        yield "called last"
    tools = _table()["calls"]
    for kind, names in tools.items():
        if any(call.name in names for call in turn.calls):
            yield f"did {kind}"
    if turn.calls:
        kinds = (kind for kind, names in tools.items() if turn.calls[0].name in names)
        yield f"did {next(kinds, 'other')} last"
    else:
        yield "only spoke"


def _prompt(parsed: Message) -> Iterator[str]:
    plain = parsed.plain[:700]
    return (cue["name"] for cue in _table()["prompt"] if cue["pattern"].search(plain))


def _size(parsed: Message) -> Iterator[str]:
    count = sum(len(sentence) for sentence in parsed.sentences)
    yield next((f"words<={limit}" for limit in _LENGTHS if count <= limit), "words>64")


def _overlap(turn: Turn, text: str, parsed: Message) -> Iterator[str]:
    """How much of the prompt was in what the agent said, and whether it names one of its files."""
    names = {call.file.replace("\\", "/").rsplit("/", 1)[-1] for call in turn.calls if call.file}
    if any(name and name in text for name in names):
        yield "prompt names a file of the agent"
    content = {w for w in _WORD.findall(parsed.plain) if len(w) >= _MIN_LETTERS}
    if content and turn.said:
        share = len(content & set(_WORD.findall(turn.said.lower()))) / len(content)
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
