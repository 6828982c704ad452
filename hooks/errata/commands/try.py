"""``errata try``: what errata would learn from a repository, on one screen, without a set-up."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from errata.commands import options, place, taught
from errata.commands import screen as ui
from errata.commands.history import History, plan_lessons, read_history
from errata.commands.layout import cut
from errata.commands.preview import preview
from errata.commands.screen import Screen, plural, safe
from errata.corrections.backfill import CommitRange
from errata.corrections.correction import Correction
from errata.lessons import hot_spots
from errata.lessons.chances import Chances
from errata.lessons.hot_spots import HotSpot
from errata.patterns.analysis import Pattern
from errata.runbooks.plan_evolve import EvolvePlan
from errata.runbooks.sanitise import code_line

_LESSON_LINES = 20
_EXAMPLES = 3
_SPOTS = 3
_CODE_WIDTH = 90


@click.command(name="try")
@click.argument("repository", metavar="[REPO]", required=False, type=click.Path())
@options.output
def command(repository: str | None, form: str) -> int:
    """Show what errata would learn from a repository, and change nothing.

    REPO is the path of a clone; default: the repository here. Nothing needs to be set up. The
    lessons and corrections are those that `errata backfill` and `errata evolve` would find.
    """
    repo, config = place.with_commits(Path(repository) if repository else None)
    history = read_history(repo, config, CommitRange.resolve(repo, ()))
    records = [correction.to_record() for correction in history.corrections]
    with preview(repo, config, records, history.chances) as logs:
        plan = plan_lessons(repo, logs, config)
    spots = hot_spots.find(Chances(history.chances)) if history.chances else []
    if form == "json":
        ui.print_json(_to_json(history, plan, spots))
    else:
        _print(Screen(), history, plan, spots, repo.root.name)
    return 0


def _examples(corrections: Sequence[Correction]) -> list[Correction]:
    """The newest corrections that have an example, of different commits."""
    newest = sorted(corrections, key=lambda c: (-c.person.author_time, c.id))
    chosen: dict[str, Correction] = {}
    for correction in newest:
        if _example(correction):
            chosen.setdefault(correction.person.sha, correction)
    return [*chosen.values()][:_EXAMPLES]


def _example(correction: Correction) -> dict[str, Any]:
    """The first lines that it changed, as in its record; empty if there are none."""
    examples: Sequence[dict[str, Any]] = correction.to_record().get("examples", ())
    return next((each for each in examples if each.get("before") or each.get("after")), {})


def _print(
    screen: Screen, history: History, plan: EvolvePlan, spots: Sequence[HotSpot], name: str
) -> None:
    screen.title(f"WHAT ERRATA LEARNS FROM {safe(name)}")
    for line in _counts(history):
        screen.line(line)
    if history.corrections:
        screen.line()
        taught.show(screen, plan, _LESSON_LINES)
        ui.print_hot_spots(screen, spots[:_SPOTS])
        _print_examples(screen, _examples(history.corrections))
    screen.line()
    screen.line("NEXT:", bold=True)
    for line in _next(history):
        screen.line(f"  {line}")


def _counts(history: History) -> Iterator[str]:
    search, by = history.search, history.search.commits_by
    unknown = f", {by['unknown']} unknown" if by["unknown"] else ""
    yield (
        f"{plural(search.done, 'commit')}: {by['agent']} by agents, {by['person']} by people, "
        f"{by['bot']} by bots{unknown}."
    )
    if search.is_shallow:
        yield "This clone is shallow: its older commits are missing. `git fetch --unshallow` helps."
    if search.missing:
        yield f"{plural(len(search.missing), 'path')} left out: the content is not in this clone."
    count = len(history.corrections)
    if not by["agent"]:
        yield "No commit shows that an agent made it, so there is nothing to learn from."
    elif count:
        yield f"{plural(count, 'correction')}: a person soon changed what an agent had committed."
    else:
        yield "No correction: nobody soon changed what an agent had committed."


def _print_examples(screen: Screen, corrections: Sequence[Correction]) -> None:
    if not corrections:
        return
    screen.line()
    screen.line("NEWEST CORRECTIONS (are they right?):", bold=True)
    for correction in corrections:
        subject = correction.person.ident.message.strip().partition("\n")[0]
        corrected = f"{correction.agent.sha[:12]} ({safe(correction.provenance.name)})"
        subject = safe(cut(subject, 60))
        probable = f", probability {correction.to_record()['probability']:.2f}"
        screen.line(f"  {correction.person.sha[:12]} corrects {corrected}{probable}: {subject}")
        example = _example(correction)
        for sign, side in (("-", "before"), ("+", "after")):
            if code := _first_line(example.get(side, "")):
                screen.change(sign, code, 4)


def _first_line(lines: str | Sequence[str]) -> str:
    split = lines.splitlines() if isinstance(lines, str) else lines
    shown = (code_line(line, _CODE_WIDTH) for line in split)
    return next((line for line in shown if line.strip()), "")


def _next(history: History) -> Iterator[str]:
    if "UV" in os.environ and "archive-v" in sys.prefix:
        # `uvx` runs a copy in its cache, which is not on PATH afterwards.
        yield "First install errata, with `uv tool install` or `pip install`, as the README says."
    if history.corrections:
        commit = (_examples(history.corrections) or history.corrections)[0].person.sha[:12]
        yield f"`git show {commit}` shows a correction, `errata explain {commit}` why it counts."
        yield "`errata init` sets errata up: hooks, and what your agents read."
        yield "`errata backfill`, then `errata evolve`, put this into the logs and runbooks."
        yield "`/corrections --analyze` has your agent propose more lessons, for you to confirm."
    else:
        yield "`errata who` shows whose commit each is, and why."
        yield "`errata init` sets errata up: from then on, commits of agents say so."


def _to_json(history: History, plan: EvolvePlan, spots: Sequence[HotSpot]) -> dict[str, Any]:
    search = history.search
    kinds = ("agent", "person", "bot", "unknown")
    return {
        "commits": {"total": search.done, **{kind: search.commits_by[kind] for kind in kinds}},
        "shallow": search.is_shallow,
        "missing_paths": len(search.missing),
        "corrections": len(history.corrections),
        "lessons": [_lesson(pattern, plan) for pattern in taught.lessons(plan)],
        "nearest": [
            {**_pattern(pattern), "why_not": verdict.text}
            for verdict, pattern in taught.nearest(plan)
        ],
        "hot_spots": [
            {
                "place": spot.place,
                "corrected": spot.rate.corrected,
                "agent_commits": spot.rate.chances,
                "elsewhere": round(spot.rate.base, 4),
            }
            for spot in spots
        ],
        "examples": [_correction(correction) for correction in _examples(history.corrections)],
    }


def _pattern(pattern: Pattern) -> dict[str, Any]:
    return {
        "pattern": pattern.name,
        "description": pattern.description,
        "occurrences": pattern.count,
        "confidence": pattern.confidence.shown,
    }


def _lesson(pattern: Pattern, plan: EvolvePlan) -> dict[str, Any]:
    example = pattern.lesson.example if pattern.lesson else None
    return {
        **_pattern(pattern),
        "agents": list(plan.standings[pattern.name].agents),
        "example": asdict(example) if example else None,
    }


def _correction(correction: Correction) -> dict[str, Any]:
    return {
        "commit": correction.person.sha,
        "agent_commit": correction.agent.sha,
        "agent": correction.provenance.name,
        "type": correction.type.value,
        **_example(correction),
    }
