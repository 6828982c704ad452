"""``errata explain --message``: whether a message is a correction, and why."""

from __future__ import annotations

import sys

from errata.commands import screen as ui
from errata.commands.screen import Screen, safe
from errata.messages import Judgement, judge
from errata.messages.judge import least_probability
from errata.messages.message import LIMIT

_MAX_BYTES = LIMIT * 4


def show(text: str, form: str) -> None:
    """Judge a message, read from standard input if it is ``-``, and print why. Stores nothing."""
    if text == "-":
        # Bytes, because a pipe may carry something other than UTF-8.
        text = sys.stdin.buffer.read(_MAX_BYTES).decode("utf-8", "replace")
    judgement = judge(text)
    if form == "json":
        ui.print_json(_as_json(judgement))
    else:
        _print(Screen(), judgement)


def _as_json(judgement: Judgement) -> dict[str, object]:
    return {
        "correction": judgement.correction,
        "score": round(judgement.score, 4),
        "correction_type": judgement.type.value if judgement.type else None,
        "pattern": judgement.pattern or None,
        "severity": judgement.severity if judgement.correction else None,
        "confidence": judgement.confidence,
        "terms": [{"term": term, "weight": weight} for term, weight in judgement.terms],
    }


def _print(screen: Screen, judgement: Judgement) -> None:
    verdict = "a correction" if judgement.correction else "not a correction"
    screen.title(f"MESSAGE: {verdict}")
    certainty = f"{judgement.score:.2f} (confidence: {judgement.confidence})"
    screen.line(f"Probability: {certainty}. It counts from {least_probability():.2f} on.")
    if judgement.type:
        screen.line(f"Type: {judgement.type.value} ({judgement.severity})")
        screen.line(f"Pattern: {safe(judgement.pattern) or 'none recognised'}")
    screen.line()
    screen.line("EVIDENCE:", bold=True)
    for term, weight in judgement.terms:
        screen.line(f"  {weight:+5.2f}  {safe(term)}")
    if not judgement.terms:
        screen.line("  The message contains no English text written by a person.")
