"""``errata review``: corrections and proposals, one at a time, for a person to decide about."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any

import click

from errata.commands import complete, deciding, options
from errata.core.errors import ErrataError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from errata.commands.screen import Screen
    from errata.curation.corrections import CorrectionRow
    from errata.curation.walk import Item, Walk

_MOST_LINES = 24
"""Of a difference, unless somebody asks for all of it."""
_ALL = 1_000_000
_MOST_ROWS = 10


@click.command(name="review")
@click.option(
    "--pattern",
    metavar="NAME",
    shell_complete=complete.patterns,
    callback=options.not_empty,
    help="Only corrections of this pattern.",
)
@click.option("--unnamed", is_flag=True, help="Only corrections without a pattern.")
@options.corrections_of
def command(pattern: str | None, unnamed: bool, agent: str | None, kind: str | None) -> None:
    """Look at corrections and proposals one at a time, and decide.

    Proposals of agents come first, those with the most corrections behind them at the top; then
    corrections that nobody has decided about. Each is shown with its diff and with how errata
    understood it. Answer with y (right), n (not a correction), w (wrong pattern), name NAME (you
    are asked what to do instead), d (show the whole diff), s (skip), u (undo) or q (quit). Each
    decision is written at once.

    Without a terminal, the list is printed, and nothing is asked.
    """
    from errata.commands import agent_names
    from errata.commands.screen import Screen
    from errata.curation import queue
    from errata.curation.rows_filter import RowFilter
    from errata.curation.walk import Walk

    desk = deciding.open_desk()
    accept = RowFilter(desk.known, pattern=pattern, unnamed=unnamed, agent=agent, kind=kind)
    walk = Walk(tuple(queue.items(desk.known, accept)), described=deciding.described(desk))
    screen = Screen()
    nobody = agent_names.not_corrected(agent, (row.agent for row in desk.known.rows))
    if not walk.items:
        none = "Nothing to look at: no proposal, and no correction without a decision."
        screen.line(nobody or none)
    elif sys.stdin.isatty() and sys.stdout.isatty():
        _ask(screen, desk, walk)
    else:
        _list(screen, desk, walk)


def _list(screen: Screen, desk: deciding.Desk, walk: Walk) -> None:
    from errata.commands import corrections_list

    proposals = [item for item in walk.items if item.proposal]
    if proposals:
        screen.line("PROPOSALS:", bold=True)
        for item in proposals:
            screen.line(f"  {item.id}  {item.question}", hang=4)
            for text in _texts(item):
                screen.line(f"    {text}", hang=6)
        screen.line("  Agree: `errata patterns confirm ID`; refuse: `errata undo ID`.")
        screen.line()
    rows = [desk.known.by_id[i.id] for i in walk.items if not i.proposal]
    if rows:
        screen.line("CORRECTIONS:", bold=True)
        corrections_list.show_rows(screen, rows)
        screen.line("  `errata reject ID`, or `errata teach ID --pattern NAME`; see --help.")


def _ask(screen: Screen, desk: deciding.Desk, walk: Walk) -> None:
    from errata.curation.walk import answer, refused

    written: list[str] = []
    shown = -1
    screen.line(
        f"{len(walk.items)} to look at. What you decide is written at once; u takes it back."
    )
    while item := walk.item:
        if shown != walk.at:
            _show(screen, desk, item, f"[{walk.at + 1}/{len(walk.items)}]")
            shown = walk.at
        try:
            line = input(f"  {_prompt(walk)}: ")
        except EOFError:
            screen.line()
            break
        after, effect = answer(walk, line)
        try:
            _follow(screen, desk, item, effect, written)
        except ErrataError as error:
            screen.line(f"  {error}", fg="red")
            walk = refused(walk)
            continue
        walk = after
        if walk.at < shown:
            shown = -1
    count = sum(step.decided for step in walk.past)
    screen.line(
        f"Decided: {count}. `errata evolve` brings the runbooks up to date."
        if count
        else "Nothing was decided."
    )


def _prompt(walk: Walk) -> str:
    from errata.curation.walk import KEYS

    if walk.named:
        return "what to do instead, in one line (Enter: say it later)"
    return "name of the pattern" if walk.naming else f"Right? {KEYS} (? explains)"


def _follow(
    screen: Screen, desk: deciding.Desk, item: Item, effect: Any, written: list[str]
) -> None:
    """Do what an answer asks for. Raises ErrataError: it is refused, and nothing changes."""
    from errata.curation import contents
    from errata.curation.walk import Decide, Say, Show, TakeBack

    match effect:
        case Decide(content) if content["action"] == "undo":
            written.append(desk.write([content])[0].id)
        case Decide(content):
            given = {key: value for key, value in content.items() if key != "action"}
            checked = contents.content(desk.known, content["action"], given)
            written.append(desk.write([checked])[0].id)
            screen.line(f"  {desk.describe(checked)}", fg="green")
        case TakeBack():
            desk.write([{"action": "undo", "of": written.pop()}])
            screen.line("  Undone.")
        case Say(text):
            for line in text.splitlines():
                screen.line(line if line.startswith(" ") else f"  {line}")
        case Show():
            _difference(screen, desk, item, _ALL)


def _show(screen: Screen, desk: deciding.Desk, item: Item, number: str) -> None:
    """What there is to know about an item, on one screen."""
    from errata.commands.screen import safe
    from errata.records.instants import day

    screen.line()
    if item.proposal:
        screen.line(f"{number} {item.id}", bold=True)
        screen.line(f"  {item.question}")
        for text in _texts(item):
            screen.line(f"  {text}")
    rows = _rows(desk, item)
    if len(rows) > 1:
        for row in rows[:_MOST_ROWS]:
            screen.code(f"    {safe(row.commit[:12] or row.id)}  {safe(row.subject)}")
        if (more := _count(item) - len(rows[:_MOST_ROWS])) > 0:
            screen.line(f"    and {more} more")
    for row in rows[:1]:
        lead = number if not item.proposal else "  for example"
        screen.line(f"{lead} {safe(row.id)}", bold=not item.proposal)
        screen.line(f"  {safe(row.subject)}")
        facts = f"  {safe(row.agent)}, {day(row.when)}, {safe(row.type)}"
        screen.line(facts + (f", commit {safe(row.commit[:12])}" if row.commit else ""))
        pattern = safe(", ".join(row.patterns)) or "none"
        lesson = desk.known.corpus.lessons.get(row.pattern)
        instruction = f": {safe(lesson.instruction)}" if lesson and lesson.instruction else ""
        screen.line(f"  pattern: {pattern}{instruction}")
    _difference(screen, desk, item, _MOST_LINES)


def _count(item: Item) -> int:
    """How many corrections an item is about, also those that this clone cannot show."""
    proposal = item.proposal
    return len({*proposal.corrections, *proposal.also}) if proposal else len(item.corrections)


def _texts(item: Item) -> Iterator[str]:
    """What a proposal says, each part with its label."""
    from errata.commands.screen import safe

    for label in ("description", "instead", "agent", "why"):
        if text := getattr(item.proposal, label):
            yield f"{label}: {safe(text)}"


def _rows(desk: deciding.Desk, item: Item) -> list[CorrectionRow]:
    """The corrections that an item is about; of those in no log, the ones that this clone shows."""
    known = desk.known
    if item.proposal is None:
        return [known.by_id[id] for id in item.corrections]
    # Each takes a while to look at, and a proposal may name a thousand.
    for commit in item.proposal.commits[:_MOST_ROWS]:
        with contextlib.suppress(ErrataError):
            known.look_at(commit)
    return known.about(item.proposal)


def _difference(screen: Screen, desk: deciding.Desk, item: Item, most: int) -> None:
    """The difference of the item's first correction; else the lines that its record has."""
    from errata.commands import correction_diff

    for row in _rows(desk, item)[:1]:
        record = desk.known.fields(row)
        lines = correction_diff.lines(record, desk.repo)
        sha = correction_diff.commit(record)
        if not lines:
            lines = [*_recorded(record)]
        correction_diff.show(screen, lines, sha, most)


def _recorded(record: Any) -> list[str]:
    """The lines that a record has of its edits, for a commit that is not here any more."""
    from errata.lessons.members import Member

    return [
        line
        for example in Member.of(0, record).examples
        for line in (
            example.file,
            *(f"-{text}" for text in example.before),
            *(f"+{text}" for text in example.after),
        )
    ]
