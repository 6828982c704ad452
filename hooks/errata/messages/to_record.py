"""Converts a judgement to a record of the corrections log."""

from __future__ import annotations

from errata.messages.model import has_no_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from errata.core.config import Explicit
    from errata.messages.judge import Judgement

_LOOKAHEAD = 1_000
"""Characters beyond the limit that are redacted too: a secret may begin before the cut."""


def record(
    judgement: Judgement,
    text: str,
    *,
    agent: str,
    tool: str,
    session: str,
    action: Mapping[str, Any],
    now: int,
    settings: Explicit,
) -> dict[str, Any]:
    """The record of a message that was judged a correction.

    Args:
        agent: who is corrected; ``tool`` the program it runs in, ``session`` its session, or "".
        action: what the agent did: ``summary``, and ``file`` if it is known.
        now: microseconds since 1970 UTC.

    Raises:
        ValueError: the message was not judged a correction.
    """
    from errata.records import instants
    from errata.records.model import CorrectionType

    if not judgement.correction:
        raise ValueError("only a correction is recorded")
    kind = (judgement.type or CorrectionType.CODE_QUALITY).value
    result: dict[str, Any] = {
        "id": _id(agent, session, text, now),
        "date": instants.day(now),
        "timestamp": instants.iso(now),
        "agent": agent,
        "correction_type": kind,
        "source": "explicit",
        "ai_action": _agent_action(action, tool),
        "user_correction": user_correction(kind, text, settings),
        "severity": judgement.severity,
        "evidence": evidence(judgement.terms, settings),
        "score": round(judgement.score, 3),
    }
    if session:
        result["session_id"] = session
    if judgement.pattern:
        result["pattern_inferred"] = judgement.pattern
        result["pattern_confidence"] = judgement.confidence
    return result


def _agent_action(action: Mapping[str, Any], tool: str) -> dict[str, Any]:
    result = {"summary": str(action.get("summary") or "not known"), "tool_used": tool or None}
    if action.get("file"):
        result["file"] = str(action["file"])
    return result


def user_correction(kind: str, text: str, settings: Explicit) -> dict[str, Any]:
    """What a person said, of a type: the words only if the settings allow to store them."""
    result = {"summary": f"said in words: {kind}"}
    if settings.verbatim and (words := verbatim(text, settings.max_chars)):
        result["verbatim"] = words
    return result


def evidence(terms: Iterable[tuple[str, float]], settings: Explicit) -> dict[str, float]:
    """The terms; only those without words if words must not be stored."""
    return {term: weight for term, weight in terms if settings.verbatim or has_no_words(term)}


def _id(agent: str, session: str, text: str, now: int) -> str:
    """The same for equal words in one session, because a hook may run twice for a message."""
    # Loads OpenSSL, which takes longer than judging.
    import hashlib

    from errata.records import instants

    # Without a session, the day distinguishes repeated words.
    occasion = session or instants.day(now)
    content = "\0".join((agent, occasion, " ".join(text.split())))
    return f"cor-{hashlib.sha256(content.encode('utf-8', 'replace')).hexdigest()[:20]}"


def verbatim(text: str, limit: int) -> str:
    """At most ``limit`` characters of a person's words, printable and without secrets."""
    from errata.messages.redact import redact

    start = text[: limit + _LOOKAHEAD]
    printable = "".join(c if c.isprintable() or c == "\n" else " " for c in start)
    words = " ".join(redact(printable).split())
    return words if len(words) <= limit else words[: limit - 1] + "…"
