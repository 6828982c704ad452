"""``errata init``: set errata up in a repository."""

from __future__ import annotations

import sys
from itertools import takewhile

import click

from errata.commands.screen import Screen, plural, safe
from errata.core.config import load
from errata.rules.agent_tools import AUTO, with_setup
from errata.setup.file_change import diff
from errata.setup.init_plan import Options, plan_init
from errata.setup.install_plan import InstallPlan
from errata.setup.layout import Layout
from errata.setup.managers import MANAGERS

_SUMMARY = 10
"""Lines that say what a plan does."""


@click.command(name="init")
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@click.option(
    "--diff",
    "with_diff",
    is_flag=True,
    help="Show every line, also of new files; on a terminal, before asking.",
)
@click.option("--yes", is_flag=True, help="Do not ask for confirmation, even on a terminal.")
@click.option(
    "--agent",
    "tools",
    multiple=True,
    type=click.Choice([*with_setup(), AUTO]),
    help="The agent tool to set up (repeatable); `auto`: those that the repository, its history or "
    "this machine shows. Default: the tools with files here.",
)
@click.option(
    "--manager",
    type=click.Choice(MANAGERS),
    help="The hook manager. Default: the one in use here, else pre-commit.",
)
@click.option(
    "--source",
    metavar="URL[@REV]",
    help="Where pre-commit or prek clone the hooks from. Default: where errata comes from.",
)
def command(
    dry_run: bool,
    with_diff: bool,
    yes: bool,
    tools: tuple[str, ...],
    manager: str | None,
    source: str | None,
) -> int:
    """Set errata up in this repository.

    On a terminal it says in at most ten lines what it will do, and asks; `d` shows every change as
    a diff. Elsewhere, and with --yes or --dry-run, it prints a diff of the files that there are,
    and one line for each new file; --diff shows their lines, too. Running it again adds whatever is
    missing.
    """
    layout = Layout.discover()
    plan = plan_init(layout, load(layout.root), Options(manager, source, tools))
    screen = Screen()
    if not carry_out(screen, plan, dry_run, yes, with_diff):
        return 0
    assert plan.manager is not None
    screen.line(f"errata is set up ({plan.manager.name}: {safe(plan.manager.why)}).")
    if plan.to_commit:
        screen.line(f"To commit: {safe(' '.join(plan.to_commit))}")
    screen.line("Next: `errata backfill` and `errata evolve` learn from your history,")
    screen.line("and `errata doctor --try` checks that the hooks work.")
    return 0


def carry_out(
    screen: Screen, plan: InstallPlan, dry_run: bool, yes: bool, with_diff: bool = False
) -> bool:
    """Show a plan and carry it out. Returns whether anything was done.

    It asks only on a terminal, where it shows a summary; elsewhere it shows the diff, and new files
    by name.

    Args:
        with_diff: show the diff on a terminal, too, and everywhere the lines of new files.

    Raises:
        ErrataError: something cannot be done.
    """
    if plan.empty:
        for line in plan.undone:
            screen.line(safe(f"note: {line}"))
        screen.line("nothing else to do" if plan.undone else "nothing to do")
        if not dry_run:
            plan.apply()
        return False
    asks = sys.stdin.isatty() and sys.stdout.isatty() and not yes and not dry_run
    if asks and not with_diff:
        summarise(screen, plan)
    else:
        show(screen, plan, with_new=with_diff)
    if dry_run:
        hidden = sum(change.line_count for change in plan.changes if change.is_new)
        if hidden and not with_diff:
            count = plural(hidden, "line")
            screen.line(f"Nothing was changed. `--diff` also shows the {count} of the new files.")
        return False
    if asks and not _confirm(screen, plan):
        screen.line("nothing was changed")
        return False
    plan.apply()
    return True


def _confirm(screen: Screen, plan: InstallPlan) -> bool:
    """Ask whether to carry a plan out; the answer ``d`` shows the diff and asks again."""
    while True:
        answer = click.prompt("Make these changes? [Y/n/d=diff]", "y", show_default=False)
        match answer.strip().lower():
            case "y" | "yes":
                return True
            case "n" | "no":
                return False
            case "d" | "diff":
                show(screen, plan, with_new=True)


def summarise(screen: Screen, plan: InstallPlan) -> None:
    """Print what a plan does, in at most ten lines."""
    by_reason: dict[str, list[str]] = {}
    for change in plan.changes:
        by_reason.setdefault(change.why, []).append(change.path)
    lines = [f"note: {line}" for line in plan.undone]
    lines += [f"{why}: {', '.join(paths)}" for why, paths in by_reason.items()]
    commands = dict.fromkeys(_begin(action.description) for action in plan.actions)
    lines += [f"run: {'; '.join(commands)}"] if commands else []
    lines += [f"note: {note}" for note in plan.notes]
    if len(lines) > _SUMMARY:
        more = len(lines) - _SUMMARY + 1
        lines[_SUMMARY - 1 :] = [f"and {more} more; `d` shows everything"]
    for line in lines:
        screen.code(safe(line))


def _begin(command: str) -> str:
    """The words of a command before its options."""
    words = takewhile(lambda word: not word.startswith("-"), command.split(" "))
    return " ".join(list(words)[:2]).removesuffix(":")


def show(screen: Screen, plan: InstallPlan, *, with_new: bool = False) -> None:
    """Print the plan: one diff for all files, then a line for each action and each note.

    Args:
        with_new: show the lines of new files, too, which otherwise take one line each.
    """
    colours = {"+": "green", "-": "red", "@": "cyan"}
    new = [change for change in plan.changes if change.is_new and not with_new]
    shown = [change for change in plan.changes if with_new or not change.is_new]
    for line in diff(shown).splitlines():
        screen.line(safe(line), fg=colours.get(line[:1]))
    for change in shown:
        if change.executable:
            screen.line(safe(f"{change.path} is made executable"))
    for change in new:
        size = plural(change.line_count, "line") + (", executable" if change.executable else "")
        screen.line(safe(f"new file {change.path}: {size}"), fg="green")
    for action in plan.actions:
        screen.line(safe(f"$ {action.description}"))
    for note in (*plan.undone, *plan.notes):
        screen.line(safe(f"note: {note}"))
