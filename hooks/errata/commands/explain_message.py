"""The part of ``errata explain`` that is about one message: is it a correction, and why."""

from __future__ import annotations

import sys

from errata.commands import screen as ui
from errata.commands.screen import Screen, safe
from errata.messages import Judgement, judge
from errata.messages.message import LIMIT


def show(text: str, form: str) -> None:
    """Judge a message; ``-`` is read from standard input. Nothing is stored."""
    if text == "-":
        # Bytes of a pipe need not be UTF-8; what is behind the limit is not looked at anyway.
        text = sys.stdin.buffer.read(LIMIT * 4).decode("utf-8", "replace")
    found = judge(text)
    if form == "json":
        ui.print_json(
            {
                "correction": found.correction,
                "score": round(found.score, 4),
                "correction_type": found.type.value if found.type else None,
                "pattern": found.pattern or None,
                "severity": found.severity if found.correction else None,
                "confidence": found.confidence,
                "terms": [{"term": term, "weight": weight} for term, weight in found.terms],
            }
        )
        return
    _text(Screen(), found)


def _text(screen: Screen, found: Judgement) -> None:
    verdict = "a correction" if found.correction else "not a correction"
    screen.title(f"MESSAGE: {verdict}")
    screen.line(f"Probability: {found.score:.2f} (sureness: {found.confidence})")
    if found.type:
        screen.line(f"Type: {found.type.value} ({found.severity})")
        screen.line(f"Pattern: {safe(found.pattern) or 'none recognised'}")
    screen.line()
    screen.line("WHAT DECIDED:", bold=True)
    for term, weight in found.terms:
        screen.line(f"  {weight:+5.2f}  {safe(term)}")
    if not found.terms:
        screen.line("  Nothing that a person said in English was found in it.")
