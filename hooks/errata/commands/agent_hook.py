"""``errata agent-hook``, as ``--help`` and the README show it.

What it does is in ``errata.agenthooks``, and ``errata.cli`` calls that without click.
"""

from __future__ import annotations

import click

from errata.rules.agent_tools import with_hooks

HELP = """Take an event of an agent's tool, as its hooks send it.

EVENT is SessionStart, SubagentStart, UserPromptSubmit, PostToolUse or SessionEnd, or the tool's own
name for it. The event is one JSON object on standard input. Whatever it holds, the exit status is
0, and nothing is printed but an answer that the tool understands; what went wrong is written down
in the git directory.
"""

command = click.Command(
    "agent-hook",
    help=HELP,
    params=[
        click.Argument(["event"], required=False),
        click.Option(
            ["--tool"],
            type=click.Choice(list(with_hooks())),
            help="Whose event it is; otherwise the event itself tells.",
        ),
    ],
)
