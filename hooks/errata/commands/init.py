"""``errata init``: set errata up in a repository."""

from __future__ import annotations

import sys
from itertools import takewhile

import click

from errata.commands.screen import Screen, safe
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
@click.option("--diff", "with_diff", is_flag=True, help="Show the diff before asking.")
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
    a diff. Elsewhere, and with --yes or --dry-run, it prints the diff. Running it again adds
    whatever is missing.
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

    It asks only on a terminal, where it shows a summary; elsewhere it shows the diff.

    Args:
        with_diff: show the diff on a terminal, too.

    Raises:
        ErrataError: something cannot be done.
    """
    if plan.empty:
        screen.line("nothing to do")
        if not dry_run:
            plan.apply()
        return False
    asks = sys.stdin.isatty() and sys.stdout.isatty() and not yes and not dry_run
    if asks and not with_diff:
        summarise(screen, plan)
    else:
        show(screen, plan)
    if dry_run:
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
                show(screen, plan)


def summarise(screen: Screen, plan: InstallPlan) -> None:
    """Print what a plan does, in at most ten lines."""
    by_reason: dict[str, list[str]] = {}
    for change in plan.changes:
        by_reason.setdefault(change.why, []).append(change.path)
    lines = [f"{why}: {', '.join(paths)}" for why, paths in by_reason.items()]
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


def show(screen: Screen, plan: InstallPlan) -> None:
    """Print the plan: one diff for all files, then a line for each action and each note."""
    colours = {"+": "green", "-": "red", "@": "cyan"}
    for line in diff(plan.changes).splitlines():
        screen.line(safe(line), fg=colours.get(line[:1]))
    for change in plan.changes:
        if change.executable:
            screen.line(safe(f"{change.path} is made executable"))
    for action in plan.actions:
        screen.line(safe(f"$ {action.description}"))
    for note in plan.notes:
        screen.line(safe(f"note: {note}"))
