"""``errata init``: set errata up in a repository."""

from __future__ import annotations

import sys

import click

from errata.commands.screen import Screen, safe
from errata.core.config import load
from errata.rules.agent_tools import with_setup
from errata.setup.file_change import diff
from errata.setup.init_plan import Options, plan_init
from errata.setup.install_plan import InstallPlan
from errata.setup.layout import Layout
from errata.setup.managers import MANAGERS


@click.command(name="init")
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation, even on a terminal.")
@click.option(
    "--agent",
    "tools",
    multiple=True,
    type=click.Choice(list(with_setup())),
    help="The agent tool to set up (repeatable). Default: the tools in use here.",
)
@click.option(
    "--manager",
    type=click.Choice(MANAGERS),
    help="The hook manager. Default: the one in use here, else pre-commit.",
)
@click.option(
    "--source",
    metavar="URL[@REV]",
    help="Where pre-commit or prek clone the hooks from. Default: where errata comes from.",
)
def command(
    dry_run: bool, yes: bool, tools: tuple[str, ...], manager: str | None, source: str | None
) -> int:
    """Set errata up in this repository.

    Shows every change as a diff and, on a terminal, asks before making it. Running it again adds
    whatever is missing.
    """
    layout = Layout.discover()
    plan = plan_init(layout, load(layout.root), Options(manager, source, tools))
    screen = Screen()
    if not carry_out(screen, plan, dry_run, yes):
        return 0
    assert plan.manager is not None
    screen.line(f"errata is set up ({plan.manager.name}: {safe(plan.manager.why)}).")
    if plan.to_commit:
        screen.line(f"To commit: {safe(' '.join(plan.to_commit))}")
    return 0


def carry_out(screen: Screen, plan: InstallPlan, dry_run: bool, yes: bool) -> bool:
    """Show a plan and carry it out. Returns whether anything was done.

    It asks only on a terminal.

    Raises:
        ErrataError: something cannot be done.
    """
    if plan.empty:
        screen.line("nothing to do")
        if not dry_run:
            plan.apply()
        return False
    show(screen, plan)
    if dry_run:
        return False
    asked = sys.stdin.isatty() and sys.stdout.isatty() and not yes
    if asked and not click.confirm("Make these changes?", default=True):
        screen.line("nothing was changed")
        return False
    plan.apply()
    return True


def show(screen: Screen, plan: InstallPlan) -> None:
    """Print the plan: one diff for all files, then a line for each action and each note."""
    colours = {"+": "green", "-": "red", "@": "cyan"}
    for line in diff(plan.changes).splitlines():
        screen.line(safe(line), fg=colours.get(line[:1]))
    for change in plan.changes:
        if change.executable:
            screen.line(safe(f"{change.path} is made executable"))
    for action in plan.actions:
        screen.line(safe(f"$ {action.description}"))
    for note in plan.notes:
        screen.line(safe(f"note: {note}"))
