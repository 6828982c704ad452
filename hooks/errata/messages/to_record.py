"""From a judgement to a record of the corrections log."""

from __future__ import annotations

from errata.messages.model import wordless

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from errata.core.config import Explicit
    from errata.messages.judge import Judgement

_TERMS = 8
_AHEAD = 1_000
"""Characters looked at behind the last one that is kept: a secret may begin before the cut."""


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
    """The line of the corrections log for a message that was judged a correction.

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
    kind = judgement.type or CorrectionType.CODE_QUALITY
    did = {"summary": str(action.get("summary") or "not known"), "tool_used": tool or None}
    if action.get("file"):
        did["file"] = str(action["file"])
    said: dict[str, Any] = {"summary": f"said in words: {kind.value}"}
    if settings.verbatim and (words := verbatim(text, settings.max_chars)):
        said["verbatim"] = words
    made: dict[str, Any] = {
        "id": _id(agent, session, text, now),
        "date": instants.day(now),
        "timestamp": instants.iso(now),
        "agent": agent,
        "correction_type": kind.value,
        "source": "explicit",
        "ai_action": did,
        "user_correction": said,
        "severity": judgement.severity,
        "evidence": _evidence(judgement, settings),
        "score": round(judgement.score, 3),
    }
    if session:
        made["session_id"] = session
    if judgement.pattern:
        made |= {
            "pattern_inferred": judgement.pattern,
            "pattern_confidence": judgement.confidence,
        }
    return made


def _evidence(judgement: Judgement, settings: Explicit) -> dict[str, float]:
    """The strongest terms; where words are not to be kept, only those that hold none."""
    terms = judgement.terms[:_TERMS]
    return {term: weight for term, weight in terms if settings.verbatim or wordless(term)}


def _id(agent: str, session: str, text: str, now: int) -> str:
    """The same words in the same session are one correction: a hook may be run twice for them."""
    # Loads OpenSSL, which costs more than judging: only where something is stored.
    import hashlib

    from errata.records import instants

    # Without a session the day tells occasions apart.
    occasion = session or instants.day(now)
    what = "\0".join((agent, occasion, " ".join(text.split())))
    return f"cor-{hashlib.sha256(what.encode('utf-8', 'replace')).hexdigest()[:20]}"


def verbatim(text: str, limit: int) -> str:
    """At most ``limit`` characters of a person's words, harmless and without secrets."""
    from errata.messages.redact import redact

    begun = text[: limit + _AHEAD]
    clean = "".join(c if c.isprintable() or c == "\n" else " " for c in begun)
    words = " ".join(redact(clean).split())
    return words if len(words) <= limit else words[: limit - 1] + "…"
