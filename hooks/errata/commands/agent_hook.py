"""The help of ``errata agent-hook``.

``errata.agenthooks`` implements it, and ``errata.cli`` calls that without click.
"""

from __future__ import annotations

import click

from errata.rules.agent_tools import with_hooks

HELP = """Handle an event sent by an agent tool's hook.

EVENT is SessionStart, SubagentStart, UserPromptSubmit, PreToolUse, PostToolUse, PostToolBatch or
SessionEnd, or the tool's own name for it. The event is one JSON object on standard input. The exit
status is always 0. Only a response the tool understands is printed; errors are logged in the git
directory.
"""

command = click.Command(
    "agent-hook",
    help=HELP,
    params=[
        click.Argument(["event"], required=False),
        click.Option(
            ["--tool"],
            type=click.Choice(list(with_hooks())),
            help="The tool that sent the event (default: detected from the event).",
        ),
    ],
)
