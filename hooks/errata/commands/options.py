"""Options that several commands have. Imports little, for commands that import the rest late."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from errata.commands import complete
from errata.core.errors import ErrataError
from errata.records import instants
from errata.records.model import CorrectionType

_JSON = "errata.json"
F = TypeVar("F", bound=Callable[..., Any])


def not_empty(_ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """A callback that refuses an empty name: an unset variable must not turn a filter off."""
    if value == "":
        raise ErrataError(f"{param.opts[0]} is empty", "give a name, or leave the option out")
    return value


def as_of(help: str) -> Callable[[F], F]:
    """The option ``--as-of``: an instant, or None."""
    return click.option(
        "--as-of",
        metavar="DATE",
        help=help,
        callback=lambda _ctx, _param, value: None if value is None else instants.as_of(value),
    )


look_back = as_of("Show what was known at the end of this day, or at this instant (UTC).")


def output(function: F) -> F:
    """The options ``--format`` and ``--json``, which give the parameter ``form``."""
    choice = click.option(
        "--format",
        "form",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        callback=lambda ctx, _param, value: "json" if ctx.meta.get(_JSON) else value,
        help="Text for people, JSON for programs.",
    )
    # Eager options are handled first, so that --format sees it.
    flag = click.option(
        "--json",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=lambda ctx, _param, value: ctx.meta.update({_JSON: value}),
        help="The same as `--format json`.",
    )
    return choice(flag(function))


def corrections_of(function: F) -> F:
    """The options ``--agent`` and ``--type``, which give the parameters ``agent`` and ``kind``."""
    agent = click.option(
        "--agent",
        metavar="NAME",
        shell_complete=complete.agents,
        callback=not_empty,
        help="Only corrections of this agent.",
    )
    kind = click.option(
        "--type",
        "kind",
        type=click.Choice([kind.value for kind in CorrectionType]),
        help="Only corrections of this type.",
    )
    return agent(kind(function))


def days(name: str, help: str, default: int | None = None) -> Callable[[F], F]:
    """An option whose value is a number of days."""
    return click.option(
        name, type=click.IntRange(1, 36_500), metavar="DAYS", default=default, help=help
    )
