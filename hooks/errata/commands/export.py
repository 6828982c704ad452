"""``errata export``: what `errata fleet` reads from a repository, as a folder of Parquet files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from errata.commands import options, place
from errata.commands import screen as ui
from errata.commands.layout import Column
from errata.commands.screen import Screen, plural, safe

if TYPE_CHECKING:
    from errata.fleet.manifest import Manifest

_FOLDER = "errata-bundle"
_TABLE_COLUMNS = (Column("Table"), Column("Rows", right=True), Column("What it holds", gap=1))
_COLUMNS = (Column("Table"), Column("Column"), Column("What it holds", gap=1))


@click.command(name="export")
@click.option(
    "-o",
    "--output",
    metavar="DIR",
    default=_FOLDER,
    show_default=True,
    help="The folder to write.",
)
@click.option("--service", metavar="NAME", help="The name of the repository in the bundle.")
@click.option("--code", is_flag=True, help="Add the examples: lines of code, before and after.")
@click.option("--dry-run", is_flag=True, help="List what would be written, and write nothing.")
@click.option("--columns", is_flag=True, help="List the columns of every table, and write nothing.")
@options.output
def command(
    output: str, service: str | None, code: bool, dry_run: bool, columns: bool, form: str
) -> int:
    """Write a bundle: the figures of this repository, for `errata fleet`.

    A bundle is a folder of Parquet files with what --columns lists and nothing else: no code
    (unless --code asks for it), no text that people wrote, no names of people, no ids of commits,
    no names of files. It depends only on the tracked logs, the settings and the version of errata:
    the same logs give the same bytes, and an up-to-date bundle is not written again. The extra
    `fleet` must be installed.
    """
    if columns:
        _print_columns(form)
        return 0
    from errata.fleet import export, extra

    repo, config = place.with_logs()
    extra.check()
    name = export.default_name(repo) if service is None else export.checked_name(service)
    target = Path(output)
    if dry_run:
        _print(export.make(repo, config, name, with_code=code).manifest, form, target, None)
        return 0
    written = not export.is_current(repo, config, name, target, with_code=code)
    if written:
        bundle = export.make(repo, config, name, with_code=code)
        export.write(bundle, target)
        manifest = bundle.manifest
    else:
        from errata.fleet.manifest import read

        manifest = read(target)
    _print(manifest, form, target, written)
    return 0


def _print(manifest: Manifest, form: str, target: Path, written: bool | None) -> None:
    if form == "json":
        ui.print_json({"written": bool(written), **manifest.to_json()})
        return
    from errata.fleet.schema import WITH_CODE

    screen = Screen()
    if written is not None:
        state = "Bundle" if written else "Up to date"
        screen.line(f"{state}: {safe(str(target))} ({plural(manifest.records, 'record')})")
        return
    screen.title(f"WHAT WOULD LEAVE {safe(manifest.repository)}")
    rows = [
        (table.name, str(manifest.tables[table.name].rows), table.says)
        for table in WITH_CODE
        if table.name in manifest.tables
    ]
    screen.table(_TABLE_COLUMNS, rows)
    screen.line()
    screen.line("`errata export --columns` lists every column. Nothing was written.")


def _print_columns(form: str) -> None:
    from errata.fleet.schema import WITH_CODE

    if form == "json":
        columns: list[dict[str, Any]] = [
            {"table": table.name, "column": c.name, "type": c.type, "says": c.says}
            for table in WITH_CODE
            for c in table.columns
        ]
        ui.print_json(columns)
        return
    screen = Screen()
    rows = [(table.name, c.name, c.says) for table in WITH_CODE for c in table.columns]
    screen.table(_COLUMNS, rows)
