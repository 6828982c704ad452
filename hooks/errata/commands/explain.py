"""``errata explain``: how a confidence is computed, and the reasons for a decision."""

from __future__ import annotations

from typing import Any

import click

from errata.commands import complete, explain_lesson, options
from errata.commands import screen as ui
from errata.commands.screen import Screen, safe
from errata.patterns.analysis import Pattern, analyse
from errata.records.instants import clock, day, iso
from errata.runbooks import promote, promotion_log


@click.command(name="explain")
@click.argument("name", required=False, shell_complete=complete.explainable)
@click.option(
    "--message",
    metavar="TEXT",
    help="Judge a message to an agent instead: is it a correction, and why. `-` reads it from "
    "standard input.",
)
@options.as_of
@options.output
def command(name: str | None, message: str | None, as_of: int, form: str) -> int:
    """Show why a pattern has its confidence, or why a correction counts.

    NAME is a pattern, or the id of a correction (cor-...). Of a correction: the evidence with its
    weights, and what would have prevented it. Of a pattern: each term of the
    confidence with its inputs, the promotion decision criterion by criterion, and who should learn
    the pattern. Of a lesson also: what it was grouped by, how often of how many chances, its
    example, and every member.
    """
    if (name is None) == (message is None):
        raise click.UsageError("give either NAME or --message")
    if message is not None:
        from errata.commands import explain_message

        explain_message.show(message, form)
        return 0
    assert name is not None
    if name.startswith("cor-"):
        from errata.commands import explain_correction

        explain_correction.show(name, form)
        return 0
    repo, config, corpus = ui.open_corpus()
    as_of = ui.moment(corpus, as_of, config.evolve.window_days, form)
    pattern = ui.find(analyse(corpus, config, as_of), name)
    decision, newest = promote.decide_latest(corpus, config, pattern.name, max(as_of, clock()))
    standing = promotion_log.load(repo.root, config).get(pattern.name)
    if form == "json":
        answer = _json(pattern, decision, standing, as_of, newest)
        if pattern.lesson:
            answer["lesson"] = explain_lesson.to_json(pattern.lesson, corpus)
        ui.print_json(answer)
        return 0
    screen = Screen()
    screen.title(f"PATTERN: {safe(pattern.name)}")
    if pattern.lesson:
        explain_lesson.show(screen, pattern.lesson)
    _confidence(screen, pattern, as_of)
    _trend(screen, pattern)
    _promotion(screen, decision, standing, newest)
    screen.line("WHO SHOULD LEARN IT:", bold=True)
    screen.line(f"  {', '.join(pattern.route.agents)}: {pattern.route.why}")
    if pattern.lesson:
        explain_lesson.show_members(screen, corpus, pattern.name)
    return 0


def _confidence(screen: Screen, pattern: Pattern, now: int) -> None:
    screen.line(f"CONFIDENCE: {pattern.confidence.shown:.2f} (as of {iso(now)})", bold=True)
    for term in pattern.confidence.terms:
        product = f"{term.share:.2f} x {term.value:.4f} = {term.points:.4f}"
        screen.line(f"  {term.name:<15} {product}   {term.inputs}")
    screen.line(f"  {'sum':<15} {pattern.confidence.value:.4f}")
    if pattern.sessions != pattern.count:
        screen.line(f"  {ui.seen(pattern)}; a session, or a minute, counts once")
    counts = [
        f"{source.label} {n} x {source.weight}" for source, n in pattern.counts.sources.items()
    ]
    screen.line(f"  sources: {', '.join(sorted(counts))}")
    counts = [
        f"{severity} {n} x {severity.score}" for severity, n in pattern.counts.severities.items()
    ]
    screen.line(f"  severities: {', '.join(sorted(counts))}")
    screen.line()


def _trend(screen: Screen, pattern: Pattern) -> None:
    screen.line(f"TREND: {pattern.trend}", bold=True)
    screen.line(
        f"  this window {pattern.current}, the one before {pattern.previous}, "
        f"earlier {pattern.before}"
    )
    screen.line(f"  first seen {day(pattern.first)}, last seen {day(pattern.last)}")
    screen.line()


def _promotion(
    screen: Screen,
    decision: promote.Decision,
    standing: promotion_log.Standing | None,
    newest: int,
) -> None:
    screen.line(f"PROMOTION: {_verdict(decision, standing)}", bold=True)
    screen.line(f"  decided as of the newest record, {iso(newest)}")
    for reason in decision.reasons:
        mark = "yes" if reason.met else "no"
        screen.line(f"  {reason.name:<15} {mark:<4} {safe(reason.detail)}")
    screen.line()


def _verdict(decision: promote.Decision, standing: promotion_log.Standing | None) -> str:
    if standing is None:
        return "due; run `errata evolve`" if decision.promoted else "not promoted"
    if standing.archived:
        why = f": {safe(standing.reason)}" if standing.reason else ""
        return f"archived on {day(standing.changed)}{why}"
    return f"promoted to {', '.join(standing.agents)} on {day(standing.added)}"


def _json(
    pattern: Pattern,
    decision: promote.Decision,
    standing: promotion_log.Standing | None,
    now: int,
    newest: int,
) -> dict[str, Any]:
    return {
        "pattern": pattern.name,
        "as_of": iso(now),
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
        "promotion": {
            "as_of": iso(newest),
            "verdict": _verdict(decision, standing),
            "criteria": [
                {"name": reason.name, "met": reason.met, "detail": reason.detail}
                for reason in decision.reasons
            ],
        },
        "learners": {"agents": list(pattern.route.agents), "why": pattern.route.why},
    }
