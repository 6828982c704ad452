"""``errata explain``: how a confidence is computed, and the reasons for a decision."""

from __future__ import annotations

from typing import Any

import click

from errata.commands import complete, explain_decisions, explain_lesson, nameless, options
from errata.commands import screen as ui
from errata.commands.layout import Cell, Column
from errata.commands.screen import Screen, safe
from errata.commands.view import View, open_view
from errata.patterns.analysis import Pattern
from errata.records.instants import day, iso
from errata.records.model import CERTAIN
from errata.runbooks.promote import Reason
from errata.runbooks.promotions import Verdict

_TERMS = Column(least=15, gap=1), Column(gap=3), Column()
_CRITERIA = Column(least=15, gap=1), Column(least=4, gap=1), Column()
_MARKS: dict[bool, tuple[str, dict[str, Any]]] = {
    True: ("yes", {}),
    False: ("no", {"fg": "red", "bold": True}),
}


@click.command(name="explain")
@click.argument("name", required=False, shell_complete=complete.explainable)
@click.option(
    "--message",
    metavar="TEXT",
    help="Judge a message to an agent instead: is it a correction, and why. `-` reads it from "
    "standard input.",
)
@options.look_back
@options.output
def command(name: str | None, message: str | None, as_of: int | None, form: str) -> int:
    """Show why a pattern has its confidence, or why a correction counts.

    NAME is a pattern, the id of a correction, or a commit. Of a correction: the evidence
    with its weights, and what would have prevented it. Of a pattern: each term of the
    confidence with its inputs, the promotion decision criterion by criterion, and who should learn
    the pattern. Of a lesson also: what it was grouped by, how often of how many chances, its
    example, and every member. Of a commit: the corrections that it makes, or that correct it;
    without any, why not, what was looked at, and how probable one is.
    """
    if (name is None) == (message is None):
        raise click.UsageError("give either NAME or --message")
    if message is not None:
        from errata.commands import explain_message

        explain_message.show(message, form)
        return 0
    assert name is not None
    if name.startswith(("cor-", "sha256:")):
        from errata.commands import explain_correction

        explain_correction.show(name, as_of, form)
        return 0
    view = open_view(as_of)
    if not view.knows(name):
        from errata.commands import explain_commit

        if commit := explain_commit.resolve(view, name):
            explain_commit.show(view, commit, form)
            return 0
    corpus, pattern = view.corpus, view.find(name)
    verdict = view.verdict(pattern.name)
    if form == "json":
        answer = _json(pattern, verdict, view)
        if pattern.lesson:
            answer["lesson"] = explain_lesson.to_json(pattern.lesson, corpus)
        ui.print_json(answer)
        return 0
    screen = Screen()
    screen.title(f"PATTERN: {safe(pattern.name)}")
    explain_lesson.show(screen, pattern, corpus)
    nameless.show_command(screen, pattern, corpus)
    _figures(screen, pattern, view.now)
    _promotion(screen, verdict, view.now)
    _outcome(screen, pattern, view)
    _check(screen, pattern, view)
    explain_decisions.show(screen, view.corpus.curation.history_of_pattern(pattern.name), view)
    screen.line("WHO SHOULD LEARN IT:", bold=True)
    screen.line(f"  {', '.join(pattern.route.agents)}: {pattern.route.why}")
    if pattern.lesson:
        explain_lesson.show_members(screen, corpus, pattern.name)
    return 0


def _figures(screen: Screen, pattern: Pattern, now: int) -> None:
    if pattern.count:
        _confidence(screen, pattern, now)
        _trend(screen, pattern)
    else:
        screen.line("CONFIDENCE AND TREND: none, because nothing was seen of it", bold=True)
        screen.line()


def _confidence(screen: Screen, pattern: Pattern, now: int) -> None:
    screen.line(
        f"CONFIDENCE: {pattern.confidence.shown:.2f} (as of {iso(now)}, the newest record)",
        bold=True,
    )
    rows = [
        (term.name, f"{term.share:.2f} x {term.value:.4f} = {term.points:.4f}", term.inputs)
        for term in pattern.confidence.terms
    ]
    screen.table(_TERMS, rows, indent=2)
    screen.line(f"  {'sum':<15} {pattern.confidence.value:.4f}")
    if pattern.sessions != pattern.count:
        screen.line(f"  {ui.seen(pattern)}; a session, or a minute, counts once")
    counts = [
        f"{source.label} {n} x {source.weight}" for source, n in pattern.counts.sources.items()
    ]
    screen.line(f"  sources: {', '.join(sorted(counts))}")
    _certainties(screen, pattern)
    counts = [
        f"{severity} {n} x {severity.score}" for severity, n in pattern.counts.severities.items()
    ]
    screen.line(f"  severities: {', '.join(sorted(counts))}")
    screen.line()


def _certainties(screen: Screen, pattern: Pattern) -> None:
    """How certain the implicit corrections are, where some are in doubt."""
    certainties = pattern.counts.certainties
    if set(certainties) - {CERTAIN}:
        counts = [f"{n} x {tenths / CERTAIN}" for tenths, n in sorted(certainties.items())]
        screen.line(f"  certainty of implicit corrections: {', '.join(counts)}")


def _trend(screen: Screen, pattern: Pattern) -> None:
    screen.line(f"TREND: {pattern.trend}", bold=True)
    screen.line(
        f"  this window {pattern.current}, the one before {pattern.previous}, "
        f"earlier {pattern.before}"
    )
    screen.line(f"  first seen {day(pattern.first)}, last seen {day(pattern.last)}")
    screen.line()


def _promotion(screen: Screen, verdict: Verdict, now: int) -> None:
    colour = "green" if verdict.decision.promoted else "yellow"
    screen.line(f"PROMOTION: {safe(verdict.text)}", bold=True, fg=colour)
    screen.line(f"  decided as of the newest record, {iso(now)}")
    rows = [
        (reason.name, _mark(reason), safe(reason.detail)) for reason in verdict.decision.reasons
    ]
    screen.table(_CRITERIA, rows, indent=2)
    screen.line()


def _outcome(screen: Screen, pattern: Pattern, view: View) -> None:
    if outcome := view.outcomes.get(pattern.name):
        screen.line(f"OUTCOME: {outcome.text}", bold=True)
        screen.line(f"  `errata outcome {pattern.name}` shows every figure")
        screen.line()


def _check(screen: Screen, pattern: Pattern, view: View) -> None:
    """The check of a lesson, if it has one."""
    from errata.checks import store

    for check in store.list_checks(view.repo.root, view.config):
        if check.name == pattern.name:
            state = "accepted" if check.accepted else "proposed"
            screen.line(f"CHECK: {'broken' if check.error else state}", bold=True)
            screen.line(f"  {safe(check.path)}; `errata checks` shows its figures")
            screen.line()


def _mark(reason: Reason) -> Cell:
    """Whether a criterion is met; of a dismissal, whether there is one."""
    answer, style = _MARKS[reason.met]
    return Cell("yes" if reason.name == "dismissed" else answer, style)


def _json(pattern: Pattern, verdict: Verdict, view: View) -> dict[str, Any]:
    curation = view.corpus.curation
    decisions = curation.history_of_pattern(pattern.name)
    outcome = view.outcomes.get(pattern.name)
    return {
        "pattern": pattern.name,
        "as_of": iso(view.now),
        "occurrences": pattern.count,
        "sessions": pattern.sessions,
        "confidence": pattern.confidence.value,
        "confidence_shown": pattern.confidence.shown,
        "terms": [
            {
                "name": term.name,
                "share": term.share,
                "value": term.value,
                "points": term.points,
                "inputs": term.inputs,
            }
            for term in pattern.confidence.terms
        ],
        "trend": pattern.trend.value,
        "windows": {
            "current": pattern.current,
            "previous": pattern.previous,
            "before": pattern.before,
        },
        "promotion": {"as_of": iso(view.now), **verdict.to_json()},
        "outcome": outcome.verdict.value if outcome else None,
        "decisions": explain_decisions.to_json(decisions, curation),
        "learners": {"agents": list(pattern.route.agents), "why": pattern.route.why},
    }
