"""``errata log``: append valid records to a log, from options or from JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

import click
from click.core import ParameterSource

from errata.commands import usage
from errata.commands.usage import NamedGroup
from errata.core.errors import ErrataError
from errata.records import instants
from errata.records.model import Kind
from errata.records.new_record import FIELDS, OWN_ID, Field, build, read_json, validate

_VARIABLES = {"agent": "ERRATA_AGENT", "session-id": "ERRATA_SESSION"}


def write(kind: Kind, records: Sequence[dict[str, Any]]) -> str:
    """Append valid records to their log; returns a line that reports the result."""
    from errata.commands import place
    from errata.records.append import append
    from errata.records.identity import record_id

    repo, config = place.with_logs()
    log = config.logs.by_kind()[kind]
    # A second record with the same id would make the log invalid.
    has_ids = any("id" in record for record in records)
    count = append(Path(log), records, root=repo.root, unique=has_ids)
    skipped = f"; {len(records) - count} already in it" if count < len(records) else ""
    if len(records) == 1:
        name = f"{kind} {record_id(records[0])}"
        return f"logged {name} to {log}" if count else f"not logged: {name} is already in {log}"
    return f"logged {count} {kind}{'' if count == 1 else 's'} to {log}{skipped}"


def _moment(form: Callable[[int], str]) -> Callable[..., str | None]:
    def convert(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:  # noqa: ARG001
        if value is None:
            return None
        try:
            return form(instants.parse(value))
        except (ValueError, OverflowError):
            raise ErrataError(
                f"not logged: {param.opts[0]}: {value!r} is not a date",
                "use 2025-01-31 or 2025-01-31T12:00:00Z",
            ) from None

    return convert


class _Command(click.Command):
    """A command that reports a wrong option in one line, like every other mistake."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            raise ErrataError(f"not logged: {usage.message(error)}", "see --help") from error


def _option(field: Field) -> click.Option:
    return click.Option(
        [f"--{field.option}", field.option.replace("-", "_")],
        type=click.Choice([str(word) for word in field.choices]) if field.choices else str,
        multiple=field.many,
        default=field.default,
        show_default=field.default is not None,
        envvar=_VARIABLES.get(field.option),
        help=field.help + (" Required." if field.required else ""),
    )


def _command(kind: Kind) -> click.Command:
    def run(json_from: IO[bytes] | None, extra: tuple[str, ...], **given: Any) -> None:
        now = instants.clock()
        options = {name.replace("_", "-"): value for name, value in given.items()}
        if json_from is None:
            records = [build(kind, options, extra, now)]
            validate(kind, records[0], "", now)
        else:
            _refuse_other_options()
            name = "stdin" if json_from.name == "<stdin>" else json_from.name
            records = read_json(kind, json_from.read(), name, options["agent"], now)
        click.echo(write(kind, records))

    times = (
        click.Option(["--timestamp"], callback=_moment(instants.iso), help="Default: now."),
        click.Option(
            ["--date"], callback=_moment(instants.day), help="Day, if the time is unknown."
        ),
    )
    extra = click.Option(["--extra"], multiple=True, metavar="KEY=VALUE", help="Another field.")
    source = click.Option(
        ["--json", "json_from"],
        type=click.File("rb"),
        help="Read one JSON object, or one a line, from this file (-: stdin) instead of options.",
    )
    fields = [_option(field) for field in (*FIELDS[kind], OWN_ID)]
    about = f"Append one {kind}, or many with --json."
    return _Command(str(kind), callback=run, params=[*fields, *times, extra, source], help=about)


def _refuse_other_options() -> None:
    """Refuse options next to --json, which would be ignored."""
    ctx = click.get_current_context()
    for param in ctx.command.params:
        from_line = ctx.get_parameter_source(param.name or "") is ParameterSource.COMMANDLINE
        if from_line and param.name not in ("json_from", "agent"):
            raise ErrataError(
                f"not logged: {param.opts[0]} together with --json", "put it in the JSON"
            )


command = NamedGroup(
    "log",
    help="Append one valid record to a log.",
    commands=[_command(kind) for kind in Kind],
)
