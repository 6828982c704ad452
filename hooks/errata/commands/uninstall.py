"""``errata uninstall``: take errata out of a repository again."""

from __future__ import annotations

import click

from errata.commands.init import carry_out
from errata.commands.screen import Screen, safe
from errata.core.config import Config, load
from errata.core.errors import ConfigError
from errata.setup import removal
from errata.setup.layout import Layout


@click.command(name="uninstall")
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask, also on a terminal.")
def command(dry_run: bool, yes: bool) -> int:
    """Take out of this repository what `errata init` put in.

    Files that nobody edited since come back to their very bytes. Logs, runbooks and the log of
    promotions are yours, and stay.
    """
    layout = Layout.discover()
    try:
        config, broken = load(layout.root), ""
    except ConfigError as error:
        # What was installed does not depend on it; only the names of logs that stay do.
        config, broken = Config(), Exception.__str__(error)
    made = removal.plan(layout, config)
    made.notes += [f"{broken}; done without it"] if broken else []
    screen = Screen()
    if not carry_out(screen, made, dry_run, yes):
        return 0
    screen.line("errata is taken out.")
    if shared := [one.path for one in made.changes if one.shared]:
        screen.line(f"To commit: {safe(' '.join(shared))}")
    return 0
