"""``errata help``: the help of a command."""

from __future__ import annotations

import click

from errata.commands import complete


@click.command(name="help")
@click.argument("words", nargs=-1, metavar="[COMMAND]...", shell_complete=complete.commands)
@click.pass_context
def command(ctx: click.Context, words: tuple[str, ...]) -> None:
    """Show the help of a command, as its option --help does."""
    shown = ctx.find_root()
    for word in words:
        group = shown.command
        if not isinstance(group, click.Group):
            raise click.UsageError(f"{shown.command_path} has no commands", ctx)
        _, below, _ = group.resolve_command(shown, [word])
        assert below is not None
        shown = click.Context(below, info_name=word, parent=shown)
    click.echo(shown.get_help(), color=shown.color)
