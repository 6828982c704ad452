"""What people decided about a pattern, and what agents propose, in short phrases."""

from __future__ import annotations

from collections.abc import Iterator

from errata.commands.screen import safe
from errata.commands.view import View
from errata.patterns.analysis import Pattern
from errata.patterns.curated_pattern import signature
from errata.records.instants import day


def notes(pattern: Pattern, view: View) -> Iterator[str]:
    """``pinned by Ann on 2026-03-02: why``, and the like."""
    curated, curation = pattern.curated, view.corpus.curation
    if former := curation.former_names(pattern.name):
        yield f"formerly {safe(', '.join(former))}"
    if curated.pinned and curated.pinned.action == "pin":
        yield f"pinned {safe(signature(curated.pinned))}"
    elif curated.pinned and (text := curated.text):
        yield f"{text.source} by {safe(text.by)} on {day(text.when)}"
    if curated.dismissed:
        yield f"dismissed {safe(signature(curated.dismissed))}"
    if curated.proposals:
        from errata.curation import effects
        from errata.curation.lookup import Known

        known = Known(view.corpus, view.standings)
        for decision in curated.proposals:
            proposal = effects.of_decision(decision, known)
            yield f"{safe(decision.by.name)} proposes: {proposal} (see `errata review`)"
