"""``errata outcome``: whether agents repeat less of what they were taught."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click
import msgspec

from errata.commands import complete, options, place
from errata.commands import screen as ui
from errata.commands.layout import Cell, Column
from errata.commands.screen import Screen, plural, safe
from errata.core.config import CHANCES_LOG
from errata.core.errors import ErrataError
from errata.core.near_names import did_you_mean
from errata.lessons.chances import Chances
from errata.lessons.outcome_counts import Tally
from errata.outcomes import effect
from errata.outcomes.effect import Effect, Verdict
from errata.outcomes.outcome import (
    Outcome,
    finite,
    judge_all,
    ranked,
    ratio_text,
    share_of,
    together_text,
)
from errata.records.curation import Curation
from errata.records.instants import day, iso
from errata.records.pattern_names import normal_name
from errata.runbooks import promotion_log
from errata.runbooks.promotion_log import Standing

_COLUMNS = (
    Column("Lesson", 28),
    Column("Since"),
    Column("Before"),
    Column("After"),
    Column("Change per 100"),
    Column("Verdict"),
)
_FIGURES = (Column(gap=3), Column(right=True), Column(right=True), Column())
_STYLES: dict[Verdict, dict[str, Any]] = {
    Verdict.WORKS: {"fg": "green"},
    Verdict.NO_EFFECT: {"fg": "yellow"},
    Verdict.GOT_WORSE: {"fg": "red", "bold": True},
}
_NOT_COUNTED = (
    "run `errata backfill`; it cannot count a lesson if none of its records match an agent's commit"
)
_RUN = "run `errata backfill`: it reads the history and counts what agents repeated"


@click.command(name="outcome")
@click.argument("lesson", required=False, shell_complete=complete.outcomes)
@options.look_back
@options.output
def command(lesson: str | None, as_of: int | None, form: str) -> int:
    """Show whether agents repeat less of what they were taught.

    For each lesson that is, or was, in a runbook: how many of the agents' commits that could have
    repeated it did so, before it came into force and after; the change per 100 such commits, with
    its 95% interval; and a verdict: works, no effect, got worse, or not enough data. The same for
    rules that people wrote into AGENTS.md, CLAUDE.md and similar files, where a machine can see in
    a commit whether it breaks the rule. Before and after are different periods: a verdict does not
    say why.

    With LESSON: every figure, agents that had read it against those that had not, what else changed
    at the same time, and how much more data a verdict needs.

    `errata backfill` counts; this command only shows its newest counts.
    """
    repo, config = place.with_logs()
    chances = Chances.read(repo.root, config, as_of)
    outcomes = ranked(chances.outcomes)
    curation = Curation.read(repo, config, as_of)
    standings = promotion_log.load(repo.root, config, as_of)
    taught = {curation.name_of(name): standing for name, standing in standings.items()}
    chosen = _find(lesson, outcomes, taught, curation) if lesson else None
    if form == "json":
        counted = {"as_of": iso(chances.as_of) if chances else None}
        commit = chances.line.commit if chances.line else None
        shown = _all_json(outcomes)
        ui.print_json({**counted, "commit": commit, **(_to_json(chosen) if chosen else shown)})
    elif chosen:
        _print_one(Screen(), chosen, chances)
    elif outcomes:
        _print_all(Screen(), outcomes, chances, taught)
    else:
        Screen().line(_nothing(chances, taught))
    if chances.invalid:
        numbers = ",".join(map(str, chances.invalid))
        where = f"{config.paths.patterns}/{CHANCES_LOG}:{numbers}"
        click.echo(f"{where}: left out: not valid", err=True)
    return 0


def _find(
    name: str,
    outcomes: list[Outcome],
    standings: dict[str, Standing],
    curation: Curation,
) -> Outcome:
    """The outcome with this name in any spelling, or of what is called so now.

    Raises:
        ErrataError: there is none.
    """
    by_name = {curation.name_of(outcome.name): outcome for outcome in outcomes}
    by_name |= {outcome.name.lower(): outcome for outcome in outcomes}
    wanted = normal_name(name)
    present = curation.name_of(wanted)
    for spelling in (name, name.lower(), wanted, present):
        if spelling in by_name:
            return by_name[spelling]
    # A rule is called FILE: name; the name will do if no other file has it.
    rules = [outcome for outcome in outcomes if outcome.name.endswith(f": {wanted}")]
    if len(rules) == 1:
        return rules[0]
    if wanted in standings or present in standings:
        raise ErrataError(
            f"{safe(name)!r} is not counted",
            "run `errata backfill`; it cannot be counted if none of its records match an agent's "
            "commit",
        )
    otherwise = "`errata outcome` lists them" if outcomes else _RUN
    hint = did_you_mean(wanted, {*standings, *(o.name for o in outcomes)}, otherwise)
    raise ErrataError(f"no lesson named {safe(name)!r}", hint)


def _nothing(chances: Chances, standings: dict[str, Standing]) -> str:
    """Why there is nothing to show, and what to do."""
    if not chances:
        return f"No outcomes yet: {_RUN}."
    if not standings:
        return "No outcomes yet: there is neither a lesson in a runbook nor a rule to count."
    return f"No outcomes yet: {_NOT_COUNTED}."


def _print_all(
    screen: Screen,
    outcomes: list[Outcome],
    chances: Chances,
    standings: dict[str, Standing],
) -> None:
    screen.title(f"OUTCOME OF LESSONS (history up to {day(chances.as_of)})")
    rows = [
        (
            safe(outcome.name),
            outcome.in_force.partition(" ")[2],
            _per_100(outcome.counts.before),
            _per_100(outcome.counts.after),
            _change(outcome.effect),
            Cell(outcome.verdict.value, _STYLES.get(outcome.verdict, {})),
        )
        for outcome in outcomes
    ]
    screen.table(_COLUMNS, rows, indent=2)
    screen.line()
    if together := together_text(outcomes):
        screen.line(f"TOGETHER, {together}", bold=True)
        screen.line()
    for line in _notes(outcomes, standings):
        screen.line(line)


def _notes(outcomes: list[Outcome], standings: dict[str, Standing]) -> Iterator[str]:
    yield (
        "Agents' commits that repeated it, of those that could have; in parentheses, the rate per "
        "100 and 95% intervals. Before and after are different periods: the figures do not show "
        "why."
    )
    yield "`errata outcome LESSON` shows what else changed, and how much more data is needed."
    counted = {outcome.name for outcome in outcomes}
    if lacking := len(promotion_log.taught(standings) - counted):
        yield f"Not counted: {plural(lacking, 'lesson')} in force; {_NOT_COUNTED}."


def _per_100(tally: Tally) -> str:
    """``12 of 80 (15.0)``."""
    if not tally.chances:
        return "no chances"
    return f"{share_of(tally)} ({100 * tally.repeated / tally.chances:.1f})"


def _change(change: Effect) -> str:
    """``-12.4 (-21.5 to -3.6)``, per 100 chances."""
    if change.difference is None:
        return "-"
    limits = f"{100 * change.low:+.1f} to {100 * change.high:+.1f}"
    return f"{100 * change.difference:+.1f} ({limits})"


def _print_one(screen: Screen, outcome: Outcome, chances: Chances) -> None:
    counts, style = outcome.counts, _STYLES.get(outcome.verdict, {})
    screen.title(f"OUTCOME: {safe(outcome.name)}")
    if counts.says:
        screen.line(f'{safe(counts.file)} says: "{safe(counts.says)}"')
    screen.line(f"VERDICT: {outcome.text}", **{"bold": True, **style})
    screen.line(f"  in force {outcome.in_force}; history counted up to {_second(chances.as_of)}")
    if counts.named_until:
        screen.line(
            f"  only people and agents can tell what repeats it; they last named corrections on "
            f"{counts.named_until[:10]}, and newer commits do not count until they do again",
        )
    screen.line()
    screen.line("AGENTS' COMMITS THAT REPEATED IT, OF THOSE THAT COULD HAVE:", bold=True)
    _print_rows(screen, {"before": counts.before, "after": counts.after}, outcome.effect)
    _print_reading(screen, outcome)
    same = "the same commits" + (", without the newest" if counts.source == "rule" else "")
    screen.line(f"EVERYTHING ELSE ({same}, corrected in any other way):", bold=True)
    others = {"before": counts.others_before, "after": counts.others_after}
    _print_rows(screen, others, effect.compare(counts.others_after, counts.others_before))
    screen.line("WHAT ELSE CHANGED AT THE SAME TIME:", bold=True)
    for shift in counts.shifts or ("nothing that commits show by 15 percentage points or more",):
        screen.line(f"  {safe(shift)}")
    screen.line()
    for line in _what_it_says(outcome):
        screen.line(line)


def _second(instant: int) -> str:
    """Without the microsecond by which a second line about the same history is newer."""
    return iso(instant - instant % 1_000_000)


def _print_reading(screen: Screen, outcome: Outcome) -> None:
    counts = outcome.counts
    if counts.source == "rule":
        return
    screen.line("AFTER IT, BY WHETHER THE AGENT HAD READ IT:", bold=True)
    rows = {"had read it": counts.read, "had not": counts.unread}
    if not (counts.read.chances or counts.unread.chances):
        screen.line("  unknown: no commit names a runbook in a `Runbook:` trailer")
        screen.line()
        return
    _print_rows(screen, rows, outcome.reading)
    unknown = counts.after.chances - counts.read.chances - counts.unread.chances
    if unknown:
        screen.line(f"  unknown for {plural(unknown, 'commit')}")
        screen.line()


def _print_rows(screen: Screen, rows: dict[str, Tally], change: Effect | None) -> None:
    table = [
        (
            f"  {title}",
            share_of(tally),
            f"{100 * tally.repeated / tally.chances:.1f} per 100" if tally.chances else "-",
            f"sessions: {tally.clusters}{_spread(tally)}" if tally.chances else "",
        )
        for title, tally in rows.items()
    ]
    screen.table(_FIGURES, table)
    if change and change.difference is not None:
        screen.line(f"  change per 100: {_change(change)}, 95% interval")
    screen.line()


def _spread(tally: Tally) -> str:
    return f", design effect {tally.design_effect:.2f}" if tally.design_effect > 1 else ""


def _what_it_says(outcome: Outcome) -> Iterator[str]:
    """What the design can say, and what it cannot."""
    change = outcome.effect
    if change.ratio is not None:
        ratio = ratio_text(change.ratio, change.ratio_low, change.ratio_high)
        # A fall by half is a ratio of 2.00 where everything else fell to a quarter.
        beside = "Compared with the change of everything else, it" if change.adjusted else "It"
        yield f"{beside} was {ratio}. This interval decides the verdict."
    if change.adjusted:
        yield (
            "The verdict compares this change with that of everything else in the same commits, "
            "so that a rise or fall of all corrections does not count."
        )
    elif outcome.counts.source == "rule":
        yield (
            "A rule is counted by what agents write, so only before and after are compared: a "
            "model that breaks it less often by itself looks like a rule that works."
        )
    elif change.difference is not None:
        yield (
            "There were too few other corrections to compare with: a rise or fall of all "
            "corrections would look the same."
        )
    yield (
        "Before and after are different periods. The figures show how often agents repeated it, "
        "not why: anything else that changed may be the reason."
    )


def _to_json(outcome: Outcome) -> dict[str, Any]:
    counts, change, reading = outcome.counts, outcome.effect, outcome.reading
    return {
        "name": outcome.name,
        **msgspec.to_builtins(counts),
        "verdict": outcome.verdict.value,
        **_effect_json(change),
        "others_ratio": change.others_ratio,
        "adjusted": change.adjusted,
        "needed": change.needed,
        "needed_if_gone": change.needed_if_gone,
        "reading": _effect_json(reading) if reading else None,
    }


def _all_json(outcomes: list[Outcome]) -> dict[str, Any]:
    common = judge_all(outcomes)
    return {
        "together": {
            "lessons": common.lessons,
            "verdict": common.verdict.value,
            "ratio": finite(common.ratio),
            "low": common.low,
            "high": finite(common.high),
        },
        "outcomes": [_to_json(outcome) for outcome in outcomes],
    }


def _effect_json(change: Effect) -> dict[str, Any]:
    return {
        "difference": change.difference,
        "low": change.low,
        "high": change.high,
        "ratio": change.ratio,
        "ratio_low": change.ratio_low,
        "ratio_high": finite(change.ratio_high),
    }
