"""``errata doctor``: is errata in order in this repository, and what mends what is not?"""

from __future__ import annotations

import click

from errata.commands import screen as ui
from errata.core import config
from errata.core.errors import ConfigError, ErrataError
from errata.core.git import Repository
from errata.records import instants
from errata.runbooks.sanitise import terminal
from errata.setup.checks import Case, Found
from errata.state import error_log


@click.command(name="doctor")
@click.argument("log", required=False, metavar="[LOG]")
@ui.output
@click.option("--clear-errors", is_flag=True, help="Forget the errors of hooks written down.")
@click.option(
    "--propose-aliases",
    is_flag=True,
    help="Print the lines of errata.toml under which LOG, or the findings log, can be read.",
)
def command(log: str | None, form: str, clear_errors: bool, propose_aliases: bool) -> int:
    """Say what is wrong with errata here, and what mends it.

    Reads only. Exit status 1 if anything is wrong; notes alone do not count.
    """
    from errata.setup.checks import programs

    if log is not None and not propose_aliases:
        raise ErrataError("LOG is for --propose-aliases", "add it, or leave LOG out")
    if old := list(programs.git_version()):
        # Nothing else can be asked then.
        return _report(old, form)
    case = _case()
    if clear_errors:
        error_log.clear(case.repo.state_dir)
    if propose_aliases:
        return _propose(case, log)
    from errata.setup.checks import all_checks

    return _report(all_checks.examine(case), form)


def _case() -> Case:
    repo = Repository.discover()
    try:
        return Case(repo, config.load(repo.root), None, instants.clock())
    except ConfigError as error:
        return Case(repo, config.Config(), error, instants.clock())


def _propose(case: Case, log: str | None) -> int:
    from errata.setup.checks import dialects

    text, found = dialects.proposal(case, log)
    if text:
        # A blank line first: the file that this is appended to may lack its last line end.
        click.echo(f"\n{text}", nl=False)
    else:
        click.echo("nothing to propose: the log can be read as it is", err=True)
    for what in found.missing:
        click.echo(f"no field of the log holds {what}, which every record needs", err=True)
    if found.valid < found.total:
        left = found.total - found.valid
        click.echo(f"{left} of {found.total} records would still not be valid", err=True)
    return int(bool(found.missing) or not found.valid)


def _report(found: list[Found], form: str) -> int:
    problems = sum(one.level == "problem" for one in found)
    if form == "json":
        rows = [{"level": one.level, "what": one.what, "mend": one.mend} for one in found]
        ui.print_json({"healthy": not problems, "found": rows})
        return int(bool(problems))
    for one in sorted(found, key=lambda one: one.level == "note"):
        click.echo(f"{one.level}: {terminal(one.what)}")
        if one.mend:
            click.echo(f"  mend: {terminal(one.mend)}")
    notes = len(found) - problems
    if problems:
        click.echo(f"{ui.plural(problems, 'problem')}, {ui.plural(notes, 'note')}")
    else:
        click.echo(f"healthy, {ui.plural(notes, 'note')}" if notes else "healthy")
    return int(bool(problems))
