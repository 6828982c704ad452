"""``errata init``: set errata up in a repository."""

from __future__ import annotations

import sys

import click

from errata.commands.screen import Screen, safe
from errata.core.config import load
from errata.rules.agent_tools import with_setup
from errata.setup.file_change import diff
from errata.setup.layout import Layout
from errata.setup.managers import MANAGERS
from errata.setup.plan import Options, plan
from errata.setup.steps import Plan


@click.command(name="init")
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask, also on a terminal.")
@click.option(
    "--agent",
    "tools",
    multiple=True,
    type=click.Choice(list(with_setup())),
    help="The agent's tool to set up; can be repeated. Otherwise those that are in use here.",
)
@click.option(
    "--manager",
    type=click.Choice(MANAGERS),
    help="What runs git's hooks; otherwise what is in use here, else pre-commit.",
)
@click.option(
    "--source",
    metavar="URL[@REV]",
    help="Where pre-commit or prek clone the hooks from; otherwise where errata comes from.",
)
def command(
    dry_run: bool, yes: bool, tools: tuple[str, ...], manager: str | None, source: str | None
) -> int:
    """Set errata up in this repository.

    Shows every change as a diff first, and asks on a terminal. Run again, it does what is missing.
    """
    layout = Layout.discover()
    made = plan(layout, load(layout.root), Options(manager, source, tools))
    screen = Screen()
    if not carry_out(screen, made, dry_run, yes):
        return 0
    assert made.manager is not None
    screen.line(f"errata is set up ({made.manager.name}: {safe(made.manager.why)}).")
    if shared := [one.path for one in made.changes if one.shared]:
        screen.line(f"To commit: {safe(' '.join(shared))}")
    return 0


def carry_out(screen: Screen, made: Plan, dry_run: bool, yes: bool) -> bool:
    """Show a plan and carry it out; whether anything was done.

    In a pipe nobody can answer, so there it goes ahead.

    Raises:
        ErrataError: something cannot be done.
    """
    if made.empty:
        screen.line("nothing to do")
        if not dry_run:
            made.apply()
        return False
    show(screen, made)
    if dry_run:
        return False
    asked = sys.stdin.isatty() and sys.stdout.isatty() and not yes
    if asked and not click.confirm("Make these changes?", default=True):
        screen.line("nothing was changed")
        return False
    made.apply()
    return True


def show(screen: Screen, made: Plan) -> None:
    """The plan: one diff of all files, one line for each step, one for each note."""
    colours = {"+": "green", "-": "red", "@": "cyan"}
    for line in diff(made.changes).splitlines():
        colour = colours.get(line[:1])
        screen.line(safe(line), **({"fg": colour} if colour else {}))
    for one in made.changes:
        if one.executable:
            screen.line(safe(f"{one.path} is made executable"))
    for step in made.steps:
        screen.line(safe(f"$ {step.said}"))
    for note in made.notes:
        screen.line(safe(f"note: {note}"))
