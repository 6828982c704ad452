"""The subcommands of ``errata patterns``, by which somebody decides about a pattern."""

from __future__ import annotations

from typing import IO, Any

import click

from errata.commands import complete, deciding
from errata.commands.usage import NamedGroup

SEVERAL = "..."
"""What the metavar of an argument ends with that may be given several times."""


def _pattern(name: str, metavar: str) -> click.Argument:
    """An argument: a known pattern, or several."""
    return click.Argument(
        [name],
        required=False,
        nargs=-1 if metavar.endswith(SEVERAL) else 1,
        metavar=metavar,
        shell_complete=complete.patterns,
    )


def _command(action: str, arguments: dict[str, str], help: str) -> click.Command:
    """A subcommand; ``arguments`` maps the field of each argument to its metavar."""

    def run(
        why: str | None, source: IO[bytes] | None, **given: str | tuple[str, ...] | None
    ) -> None:
        if source is None:
            for field, metavar in arguments.items():
                if given[field] in (None, ()):
                    raise click.UsageError(f"Missing argument '{metavar}'")
        names = given["pattern"]
        each = dict.fromkeys(names) if isinstance(names, tuple) and names else (names,)
        deciding.decide(
            action, *({**given, "pattern": name, "why": why} for name in each), source=source
        )

    fields = ", ".join(arguments)
    command = click.Command(
        action,
        callback=run,
        params=[_pattern(field, metavar) for field, metavar in arguments.items()],
        help=f"{help}\n\nWith --json, an object has the fields {fields} and why.",
    )
    deciding.why(command)
    deciding.json_from(command)
    command.params.sort(key=lambda param: isinstance(param, click.Option))
    return command


COMMANDS = {
    command.name or "": command
    for command in (
        _command(
            "rename",
            {"pattern": "OLD", "to": "NEW"},
            "Call a pattern something else, in every view and in runbooks.",
        ),
        _command(
            "merge",
            {"pattern": "NAME", "into": "INTO"},
            "Count what one pattern has for another one.",
        ),
        _command(
            "dismiss", {"pattern": "NAME..."}, "Never teach a pattern; `--dismissed` lists it."
        ),
        _command("pin", {"pattern": "NAME..."}, "Teach a pattern whatever its confidence."),
        _command(
            "confirm",
            {"pattern": "NAME..."},
            "Accept what agents propose: all of it about a pattern, or one proposal (cur-...).",
        ),
    )
}


class View(click.Command):
    """The views of patterns, whose help also lists the commands that decide."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_options(ctx, formatter)
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, command.get_short_help_str(limit=90)) for name, command in COMMANDS.items()]
            )


class _Deciding(NamedGroup):
    """The commands that decide. The first of several words is taken for one of them."""

    undo = "errata undo"
    hint = (
        "to show a pattern, give one name, with '-' between its words; `errata patterns --all` "
        "lists them"
    )


class Patterns(_Deciding):
    """``errata patterns``: the commands that decide, or the view where none of them is named."""

    hint = ""

    def __init__(self, view: click.Command) -> None:
        super().__init__(view.name, commands=COMMANDS, params=view.params, help=view.help)
        self._view = view
        self._deciding = _Deciding(view.name, commands=COMMANDS)

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """The context of a command that decides, or of the view."""
        words = [word for word in args[:2] if not word.startswith("-")]
        # A pattern is one word: what follows several is a command, known or not.
        decides = args[:1] and (args[0] in COMMANDS or len(words) == 2)
        command = self._deciding if decides else self._view
        return command.make_context(info_name, args, parent, **extra)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        # The view's argument would be in the usage of the commands below.
        return [param for param in super().get_params(ctx) if isinstance(param, click.Option)]

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return self._view.collect_usage_pieces(ctx)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self._view.format_help(ctx, formatter)
