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
@click.option("--yes", is_flag=True, help="Do not ask for confirmation, even on a terminal.")
def command(dry_run: bool, yes: bool) -> int:
    """Remove what `errata init` added to this repository.

    Files not edited since are restored byte for byte. Logs, runbooks, exported lessons and
    `errata.toml` are yours: they are kept and named.
    """
    layout = Layout.discover()
    try:
        config, problem = load(layout.root), ""
    except ConfigError as error:
        # It only names the logs to keep; the installation does not depend on it.
        config, problem = Config(), Exception.__str__(error)
    plan = uninstall_plan.plan_uninstall(layout, config)
    plan.notes += [f"{problem}; its settings are ignored"] if problem else []
    screen = Screen()
    if not carry_out(screen, plan, dry_run, yes):
        return 0
    screen.line("errata has been removed.")
    if plan.to_commit:
        screen.line(f"To commit: {safe(' '.join(plan.to_commit))}")
    return 0
