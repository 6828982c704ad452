"""``errata uninstall``: remove errata from a repository."""

from __future__ import annotations

import click

from errata.commands.init import carry_out
from errata.commands.screen import Screen, safe
from errata.core.config import Config, load
from errata.core.errors import ConfigError
from errata.setup import uninstall_plan
from errata.setup.layout import Layout


@click.command(name="uninstall")
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation on a terminal.")
def command(dry_run: bool, yes: bool) -> int:
    """Remove from this repository what `errata init` added.

    Files that nobody edited since get their original bytes back. Logs, runbooks and the log of
    promotions are yours, and stay.
    """
    layout = Layout.discover()
    try:
        config, broken = load(layout.root), ""
    except ConfigError as error:
        # What was installed does not depend on it; only the names of logs that stay do.
        config, broken = Config(), Exception.__str__(error)
    plan = uninstall_plan.plan_uninstall(layout, config)
    plan.notes += [f"{broken}; done without it"] if broken else []
    screen = Screen()
    if not carry_out(screen, plan, dry_run, yes):
        return 0
    screen.line("errata is uninstalled.")
    if shared := [change.path for change in plan.changes if change.shared]:
        screen.line(f"To commit: {safe(' '.join(shared))}")
    return 0
