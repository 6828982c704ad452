"""What to say about a command line that cannot be understood."""

from __future__ import annotations

from collections.abc import Iterator

import click

from errata.core.near_names import ask, did_you_mean, near


class NamedGroup(click.Group):
    """A group of commands that suggests names near to an unknown one.

    Attributes:
        undo: what takes back what these commands did; "" if nothing does.
        hint: said of an unknown name to which none is near.
    """

    undo = hint = ""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        unknown = self.get_command(ctx, name) is None
        if unknown and not ctx.resilient_parsing and not name.startswith("-"):
            suggestion = self._suggestion(ctx, name)
            raise click.UsageError(_no_such("command", name, suggestion), ctx)
        return super().resolve_command(ctx, args)

    def _suggestion(self, ctx: click.Context, name: str) -> str:
        """What somebody may have meant: a command of this group, or of one below."""
        below = [*self._groups(ctx)]
        action = name.removeprefix("un")
        for group_path, group in ((ctx.command_path, self), *below):
            if group.undo and name != action in group.list_commands(ctx):
                return f"`{group.undo}` takes back what `{group_path} {action}` did"
        same = [f"`{path} {name}`" for path, group in below if name in group.list_commands(ctx)]
        if meant := [*same, *map(repr, near(name, self.list_commands(ctx)))]:
            return ask(meant)
        alike = [
            f"`{path} {action}`"
            for path, group in below
            for action in near(name, group.list_commands(ctx), most=1)
        ]
        return ask(alike) or self.hint

    def _groups(self, ctx: click.Context) -> Iterator[tuple[str, NamedGroup]]:
        """The groups below, each with what to type for it."""
        for name in self.list_commands(ctx):
            command = self.get_command(ctx, name)
            if isinstance(command, NamedGroup):
                yield f"{ctx.command_path} {name}", command


def message(error: click.ClickException) -> str:
    """One line about a usage error, without its final full stop."""
    if isinstance(error, click.NoSuchOption) and error.ctx:
        root, name = error.ctx.find_root(), error.option_name
        if error.ctx is not root and name in _options(root):
            return f"{root.info_name} {name} goes before the command"
        return _no_such("option", name, did_you_mean(name, _options(error.ctx)))
    # click lists the choices of a missing argument one a line.
    return " ".join(error.format_message().split()).rstrip(".")


def _options(context: click.Context) -> list[str]:
    params = context.command.get_params(context)
    names = (name for param in params for name in (*param.opts, *param.secondary_opts))
    return [name for name in names if name.startswith("--")]


def _no_such(kind: str, name: str, suggestion: str) -> str:
    return f"No such {kind} {name!r}" + (f"; {suggestion}" if suggestion else "")
