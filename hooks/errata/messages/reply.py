"""A prompt as a reply to the agent's turn before it: what the same words mean then.

"No, use Decimal" answers "Should I use int?", and corrects the agent that has just used int. "Use
Decimal, not int" is a request, unless the agent has just said that it used int.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from errata import rules

if TYPE_CHECKING:
    from errata.messages.turn import Turn

_END = 1_500
"""How many characters at the end of the agent's text are searched."""
_MAX_WORDS = 15
_MARKUP = " \n\t*_`)\"'"
_PICTURE = "[image #"
_MAX_REFERENCE = 20
_SENTENCE_END = re.compile(r"(?<=[.!?:])[\s*_]+|\n+")
_YES_OR_NO = re.compile(
    r"(?:(?:so|and|or|ok|also|then|now|but|before i \w+),? )?(?:should|shall|do|does|did|is|are|was"
    r"|can|could|would|will|may|want|have|has|need|ok|okay|any|ready|sounds?|right|anything)\b"
)
_NO = re.compile(
    r"\s*(?:no|nope|nah)(?:(?:\s*[,.:;!–—]+|\s+-+)\s*|\s*$"
    r"|\s+(?=(?:use|put|make|keep|call|leave|just|only|do|go|it|the|that|i|we)\b))",
    re.IGNORECASE,
)
_REPLACED = re.compile(
    r"(?:\bnot|\binstead of|\brather than)\s+(?:the |a |an )?[`'\"]?(\w{2,})", re.IGNORECASE
)
_NO_OBJECTION = re.compile(r"\s*(?:no|nope|nah|yes|yep|ok|okay|sure|right|correct|exactly)\b", re.I)


def as_reply(turn: Turn, text: str) -> str:
    """The prompt as it is judged after a turn.

    It loses the references to pictures at its beginning, and a "no" that answers a question of the
    agent. It begins with "no" if it replaces what the agent says that it did.
    """
    text = without_pictures(text)
    if asks_yes_or_no(turn):
        return _NO.sub("", text, count=1) if _NO.match(text) else text
    return f"no, {text}" if _replaces(turn, text) else text


def without_pictures(text: str) -> str:
    """A prompt without the references to pictures at its beginning, such as ``[Image #1]``."""
    while text[: len(_PICTURE)].lower() == _PICTURE:
        reference, bracket, rest = text.partition("]")
        if not bracket or len(reference) > _MAX_REFERENCE:
            break
        text = rest.lstrip()
    return text


def asks_yes_or_no(turn: Turn) -> bool:
    """Whether the turn ends with a question that yes or no answers."""
    end = turn.text[-_END:].rstrip(_MARKUP)
    if not turn.spoke_last or not end.endswith("?"):
        return False
    question = _SENTENCE_END.split(end)[-1].lstrip("-*_`#>• ").lower()
    return bool(_YES_OR_NO.match(question))


def _replaces(turn: Turn, text: str) -> bool:
    """Whether a short prompt wants something else than what the agent, having edited, speaks of."""
    if "?" in text or _NO_OBJECTION.match(text) or len(text.split()) > _MAX_WORDS:
        return False
    if "?" in turn.text[-_END:] or not _has_edited(turn):
        return False
    spoken = set(re.findall(r"\w+", turn.text[-_END:].lower()))
    return any(word.lower() in spoken for word in _REPLACED.findall(text))


def _has_edited(turn: Turn) -> bool:
    tools = rules.load("conversation")["calls"]["write"]
    return any(call.name in tools for call in turn.calls)
