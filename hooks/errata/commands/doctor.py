"""``errata doctor``: report problems with errata in this repository, and how to fix them."""

from __future__ import annotations

import click

from errata.commands import options
from errata.commands import screen as ui
from errata.core import config
from errata.core.errors import ConfigError, ErrataError
from errata.core.git import Repository
from errata.records import instants
from errata.runbooks.sanitise import terminal
from errata.setup.checks import Diagnostic, DoctorContext
from errata.state import error_log


@click.command(name="doctor")
@click.argument("log", required=False, metavar="[LOG]")
@options.output
@click.option("--clear-errors", is_flag=True, help="Clear the recorded errors of hooks.")
@click.option(
    "--propose-aliases",
    is_flag=True,
    help="Print the lines for errata.toml that make LOG (default: the findings log) readable.",
)
@click.option(
    "--try",
    "try_hooks",
    is_flag=True,
    help="Run the hooks in a scratch repository: commits, a correction, a pull.",
)
def command(
    log: str | None, form: str, clear_errors: bool, propose_aliases: bool, try_hooks: bool
) -> int:
    """Report what is wrong with errata here, and how to fix it.

    Changes nothing. The exit status is 1 if there is a problem; notes do not count.

    With --try, the hooks run as this clone has them, without those of other programs, in a
    repository in a temporary folder. Nothing is downloaded. The exit status is 1 if something does
    not work.
    """
    from errata.setup.checks import programs

    if log is not None and not propose_aliases:
        raise ErrataError("LOG is for --propose-aliases", "add it, or leave LOG out")
    if outdated := list(programs.git_version()):
        # No other check can run with it.
        return _report(outdated, form)
    context = _context()
    if clear_errors:
        error_log.clear(context.repo.state_dir)
    if propose_aliases:
        return _propose(context, log)
    if try_hooks:
        return _try(context, form)
    from errata.setup.checks import all_checks

    return _report(all_checks.examine(context), form)


def _context() -> DoctorContext:
    repo = Repository.discover()
    try:
        return DoctorContext(repo, config.load(repo.root), None, instants.clock())
    except ConfigError as error:
        return DoctorContext(repo, config.Config(), error, instants.clock())


def _try(context: DoctorContext, form: str) -> int:
    from errata.setup import trial
    from errata.setup.checks import hooks

    context.repo.require_work_tree()
    if context.config_error:
        raise context.config_error
    manager = hooks.manager_of(context)
    if context.layout is None or manager is None or not hooks.set_up(context):
        raise ErrataError("errata is not set up in this clone", "errata init")
    screen, steps = ui.Screen(), []
    for step in trial.run(context.layout, context.config, manager):
        steps.append(step)
        if form == "text":
            reason = f": {terminal(step.detail)}" if step.detail else ""
            colour = {"works": "green", "fails": "red"}.get(step.state)
            screen.line(f"{step.state}: {step.name}{reason}", fg=colour)
    failed = sum(step.state == "fails" for step in steps)
    if form == "json":
        rows = [{"name": s.name, "state": s.state, "detail": s.detail} for s in steps]
        ui.print_json({"works": not failed, "steps": rows})
    else:
        screen.line("everything that was tried works" if not failed else f"{failed} of them failed")
    return int(bool(failed))


def _propose(context: DoctorContext, log: str | None) -> int:
    from errata.setup.checks import dialects

    text, proposal = dialects.proposal(context, log)
    if text:
        # A blank line first: the file that this is appended to may lack its last line end.
        click.echo(f"\n{text}", nl=False)
    else:
        click.echo("nothing to propose: the log can be read as it is", err=True)
    for field in proposal.missing:
        click.echo(f"no field of the log holds {field}, which every record needs", err=True)
    if proposal.valid < proposal.total:
        left = proposal.total - proposal.valid
        click.echo(f"{left} of {proposal.total} records would still not be valid", err=True)
    return int(bool(proposal.missing) or not proposal.valid)


def _report(diagnostics: list[Diagnostic], form: str) -> int:
    problems = sum(diagnostic.level == "problem" for diagnostic in diagnostics)
    if form == "json":
        rows = [{"level": d.level, "what": d.message, "fix": d.fix} for d in diagnostics]
        ui.print_json({"healthy": not problems, "found": rows})
        return int(bool(problems))
    screen = ui.Screen()
    for diagnostic in sorted(diagnostics, key=lambda diagnostic: diagnostic.level == "note"):
        colour = "yellow" if diagnostic.level == "note" else "red"
        screen.line(f"{diagnostic.level}: {terminal(diagnostic.message)}", fg=colour)
        if diagnostic.fix:
            screen.command(f"  fix: {terminal(diagnostic.fix)}")
    notes = len(diagnostics) - problems
    if problems:
        screen.line(f"{ui.plural(problems, 'problem')}, {ui.plural(notes, 'note')}", bold=True)
    else:
        healthy = f"healthy, {ui.plural(notes, 'note')}" if notes else "healthy"
        screen.line(healthy, fg="green", bold=True)
    return int(bool(problems))
