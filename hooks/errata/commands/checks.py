"""``errata checks``: list checks, propose them from lessons, and accept them."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from errata.commands import complete, options, place
from errata.commands import screen as ui
from errata.commands.layout import Cell, Column
from errata.commands.screen import Screen, plural, safe
from errata.commands.usage import NamedGroup
from errata.core.errors import ErrataError
from errata.core.near_names import did_you_mean

if TYPE_CHECKING:
    from errata.checks.measure import Read
    from errata.checks.proposals import Proposal
    from errata.checks.store import CheckFile
    from errata.patterns.corpus import Corpus
    from errata.patterns.lesson import Lesson

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_COLUMNS = (Column("Check", 24, gap=1), Column("State"), Column("Spoke in", 30, gap=1))


@click.group(name="checks", cls=NamedGroup, invoke_without_command=True)
@options.output
@click.pass_context
def command(ctx: click.Context, form: str) -> int:
    """List the checks of lessons, propose new ones, or accept them.

    A check looks in the lines that a commit adds for what a lesson is about. It is an ast-grep
    rule, or a pattern of words where no grammar fits. Accepted checks are run by the hook
    errata-check-lessons, and when an agent writes a file. To remove a check, delete its file.
    """
    if ctx.invoked_subcommand:
        if form == "json":
            raise click.UsageError("put --json after the command")
        return 0
    from errata.checks import store

    repo, config = place.with_logs()
    checks = store.list_checks(repo.root, config)
    if form == "json":
        ui.print_json([_file_fields(check) for check in checks])
        return 0
    screen = Screen()
    if not checks:
        screen.line("No checks yet. `errata checks propose` writes some from the lessons.")
        return 0
    rows = [
        (safe(check.name), _state(check), safe(check.error or _spoke_until(_figures(check))))
        for check in checks
    ]
    screen.table(_COLUMNS, rows, notes=[_message(check) for check in checks])
    return 0


def _lesson_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    return complete.patterns(ctx, param, incomplete)


def _proposed_names(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    from errata.checks import store

    try:
        repo, config = place.with_logs()
        checks = store.list_checks(repo.root, config)
    except (ErrataError, OSError):
        return []
    return [c.name for c in checks if not c.accepted and c.name.startswith(incomplete)]


@command.command(name="propose")
@click.argument("lessons", nargs=-1, metavar="[LESSON]...", shell_complete=_lesson_names)
@click.option("--dry-run", is_flag=True, help="Write nothing.")
@options.output
def propose(lessons: tuple[str, ...], dry_run: bool, form: str) -> int:
    """Write checks for lessons, with their tests; for all lessons if none is named.

    Each is measured on the history first: in how many of the agents' commits that were corrected
    for the lesson it would have spoken, and in how many others. One that would often have been
    wrong, or silent, is not written. Nothing runs a proposed check: `errata checks accept` is for
    a person.
    """
    from errata.checks import proposals, store
    from errata.lessons.load import load_corpus
    from errata.records import instants

    repo, config = place.with_logs()
    repo.require_git()
    corpus = load_corpus(repo, config)
    chosen = _chosen(corpus, lessons)
    proposed, read = proposals.propose(repo, config, corpus, chosen, instants.clock())
    written = [
        ("", "not proposed")
        if proposal.reason
        else ("", "dry run")
        if dry_run
        else store.write(repo.root, config, proposal)
        for proposal in proposed
    ]
    if form == "json":
        rows = zip(proposed, written, strict=True)
        ui.print_json([_fields(proposal, path, state) for proposal, (path, state) in rows])
        return 0
    screen = Screen()
    if not proposed:
        ui.print_no_data(screen, "lessons")
        return 0
    _print(screen, proposed, written)
    if read.commits:
        screen.line()
        screen.line(_measured(read))
    return 0


def _measured(read: Read) -> str:
    limit = "" if read.complete else ", the newest ones"
    # What is left out, a person may want to fetch.
    unread = f"; {read.unread} of them could not be read completely" if read.unread else ""
    return f"Measured on {plural(read.commits, 'commit')} of agents{limit}{unread}."


def _chosen(corpus: Corpus, names: Sequence[str]) -> list[Lesson]:
    """The lessons with these names, or all that were not dismissed, by name.

    Raises:
        ErrataError: there is no such lesson.
    """
    from errata.patterns.lesson import Lesson
    from errata.records.pattern_names import normal_name

    # Of a lesson in somebody's words, no edit is known that a rule could look for.
    known = {**{name: Lesson(name, ()) for name in corpus.curation.lesson_texts}, **corpus.lessons}
    if not names:
        return [known[name] for name in sorted(known) if not corpus.curation.is_dismissed(name)]
    chosen = dict.fromkeys(map(normal_name, names))
    for name in chosen:
        if name not in known:
            hint = did_you_mean(name, known, "`errata patterns --all` lists them")
            raise ErrataError(f"no lesson named {safe(name)!r}", hint)
    return [known[name] for name in chosen]


def _print(
    screen: Screen, proposed: Sequence[Proposal], written: Sequence[tuple[str, str]]
) -> None:
    for proposal, (path, state) in zip(proposed, written, strict=True):
        if proposal.reason:
            continue
        note = f" ({state})" if state not in ("", "dry run") else ""
        screen.line(f"{safe(proposal.name)}: {safe(proposal.instruction)}")
        screen.line(f"  would have spoken in {_spoke(proposal.figures.to_fields())}")
        if path:
            screen.line(f"  {safe(path)}{note}")
    refused = [proposal for proposal in proposed if proposal.reason]
    number = len(proposed) - len(refused)
    if number:
        screen.line()
    screen.line(_summary(number, len(proposed), [state for _, state in written]))
    if refused:
        screen.line("Not proposed:")
        screen.table(
            (Column(least=24, gap=1), Column()),
            [(safe(proposal.name), safe(proposal.reason)) for proposal in refused],
            indent=2,
        )


def _summary(number: int, lessons: int, states: Sequence[str]) -> str:
    """``2 checks proposed for 3 lessons; 1 of them already accepted.``"""
    would = "would be " if "dry run" in states else ""
    accepted = states.count("already accepted")
    already = f"; {accepted} of them already accepted" if accepted else ""
    return f"{plural(number, 'check')} {would}proposed for {plural(lessons, 'lesson')}{already}."


@command.command(name="accept")
@click.argument("name", shell_complete=_proposed_names)
def accept(name: str) -> int:
    """Run a proposed check from now on. A person decides this: an agent is refused."""
    from errata.checks import store
    from errata.provenance import environment

    repo, config = place.with_logs()
    agent = environment.at_keyboard(os.environ)
    if agent and config.curation.agents != "trusted":
        raise ErrataError(
            f"{safe(agent.name)} cannot accept a check", "a person must run `errata checks accept`"
        )
    path = store.accept(repo.root, config, name)
    screen = Screen()
    screen.line(f"Accepted: {safe(path)}. To remove it, delete the file.")
    screen.line("Commit the file, so that the check runs for everybody.")
    screen.line(
        "The hook errata-check-lessons runs it; `errata doctor` says if that hook is missing."
    )
    return 0


def _state(check: CheckFile) -> str | Cell:
    if check.error:
        return Cell("broken", {"fg": "red"})
    return Cell("accepted", {"fg": "green"}) if check.accepted else "proposed"


def _figures(check: CheckFile) -> Mapping[str, Any]:
    metadata = check.documents[0].get("metadata") if check.documents else None
    return metadata if isinstance(metadata, dict) else {}


def _message(check: CheckFile) -> str:
    return (
        safe(" ".join(str(check.documents[0].get("message", "")).split()))
        if check.documents
        else ""
    )


def _spoke(figures: Mapping[str, Any]) -> str:
    """``10 of 12 corrected commits, and 2 of 300 others``; "" if that is not known."""
    names = ("spoke-in-corrected", "corrected-commits", "spoke-in-others", "other-commits")
    numbers = [figures.get(name) for name in names]
    if not all(isinstance(number, int) for number in numbers):
        return ""
    spoke, corrected, others, rest = numbers
    least = "at least " if figures.get("sample") else ""
    return f"{spoke} of {corrected} corrected commits, and {least}{others} of {rest} others"


def _spoke_until(figures: Mapping[str, Any]) -> str:
    """The same, with the day up to which that was measured: a file keeps its figures."""
    spoke, until = _spoke(figures), _until(figures)
    return f"{spoke}, up to {until}" if spoke and until else spoke


def _until(figures: Mapping[str, Any]) -> str:
    # Whoever edits the file may leave out the quotes, which makes it a date.
    until = str(figures.get("measured-until", ""))
    return until if _DAY.fullmatch(until) else ""


def _file_fields(check: CheckFile) -> dict[str, Any]:
    figures = _figures(check)
    numbers = {key: value for key, value in figures.items() if isinstance(value, int | bool)}
    until = _until(figures)
    return {
        "name": check.name,
        "path": check.path,
        "accepted": check.accepted,
        "message": check.documents[0].get("message", "") if check.documents else "",
        "languages": [str(document["language"]) for document in check.documents],
        "edited": check.edited,
        "error": check.error,
        "figures": {**numbers, **({"measured-until": until} if until else {})},
    }


def _fields(proposal: Proposal, path: str, state: str) -> dict[str, Any]:
    return {
        "lesson": proposal.name,
        "instruction": proposal.instruction,
        "proposed": not proposal.reason,
        "reason": proposal.reason,
        "path": path,
        "state": state,
        "checkable": proposal.is_checkable,
        "figures": proposal.figures.to_fields(),
        "spoke_in_others": [f"{s.sha}:{s.path}:{s.line}" for s in proposal.samples[:10]],
    }
