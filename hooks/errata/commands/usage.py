"""What to say about a command line that cannot be understood."""

from __future__ import annotations

from collections.abc import Iterable

import click

from errata.core.near_names import did_you_mean


class NamedGroup(click.Group):
    """A group of commands that suggests names near to an unknown one."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        unknown = self.get_command(ctx, name) is None
        if unknown and not ctx.resilient_parsing and not name.startswith("-"):
            raise click.UsageError(_unknown("command", name, self.list_commands(ctx)), ctx)
        return super().resolve_command(ctx, args)


def message(error: click.ClickException) -> str:
    """One line about a usage error, without its final full stop."""
    if isinstance(error, click.NoSuchOption) and error.ctx:
        root, name = error.ctx.find_root(), error.option_name
        if error.ctx is not root and name in _options(root):
            return f"{root.info_name} {name} goes before the command"
        return _unknown("option", name, _options(error.ctx))
    # click lists the choices of a missing argument one a line.
    return " ".join(error.format_message().split()).rstrip(".")


def _options(context: click.Context) -> list[str]:
    params = context.command.get_params(context)
    names = (name for param in params for name in (*param.opts, *param.secondary_opts))
    return [name for name in names if name.startswith("--")]


def _unknown(kind: str, name: str, names: Iterable[str]) -> str:
    suggestion = did_you_mean(name, names)
    return f"No such {kind} {name!r}" + (f"; {suggestion}" if suggestion else "")
