"""The ``errata`` command. Only what an agent's event needs is imported at once."""

from __future__ import annotations

import gc
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

# Name -> one-line help. The command is `command` in errata.commands.<name>, with '_' for '-'. The
# help is here so that `errata --help` imports no command; a test compares it with the command.
COMMANDS = {
    "init": "Set errata up in this repository.",
    "uninstall": "Remove what `errata init` added to this repository.",
    "validate": "Check logs against their schemas and report every bad line.",
    "log": "Append one valid record to a log.",
    "import": "Log the findings of reviews and linters from their own output.",
    "evolve": "Analyse the logs and bring runbooks up to date.",
    "explain": "Show why a pattern has its confidence, or why a correction counts.",
    "patterns": "List patterns, or show one in detail.",
    "trends": "Show which patterns are getting worse, getting better, or are resolved.",
    "outcome": "Show whether agents repeat less of what they were taught.",
    "who": "Say whose commit each is: an agent's, a person's or a bot's.",
    "try": "Show what errata would learn from a repository, and change nothing.",
    "report": "Write a report for a lead: how agents do here, and what they were taught.",
    "export": "Write a bundle: the figures of this repository, for `errata fleet`.",
    "fleet": "Show what many repositories have in common.",
    "backfill": "Find the corrections in history that nobody logged.",
    "flush": "Move captured corrections from the outbox into their log.",
    "corrections": "Show the corrections that people made, by type and by agent.",
    "review": "Look at corrections and proposals one at a time, and decide.",
    "accept": "Accept corrections, and log those that errata missed.",
    "reject": "Say that corrections are not corrections; they never come back.",
    "teach": "Give corrections a pattern, or write a lesson in your own words.",
    "undo": "Take back a decision about corrections or patterns.",
    "checks": "List the checks of lessons, propose new ones, or accept them.",
    "skills": "List the skills of the repository, or check them.",
    "context": "Print what an agent should read: its runbooks, and the skills that fit.",
    "doctor": "Report what is wrong with errata here, and how to fix it.",
    "help": "Show the help of a command, as its option --help does.",
    "completion": "Print the script that makes a shell complete errata's arguments.",
    "merge-file": "Merge a runbook or the promotion log; git calls it.",
    "agent-hook": "Handle an event sent by an agent tool's hook.",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status and prints expected errors as one line."""
    args = list(sys.argv[1:] if argv is None else argv)
    if args[:1] == ["agent-hook"] and not {"-h", "--help"} & set(args):
        # The tool waits for its hook, and click takes too long to import.
        from errata.agenthooks import dispatch

        return dispatch.main(args[1:])
    # Records are many objects without cycles. Looking for cycles among them, the last time when the
    # process ends, took a fifth of an evolve.
    gc.set_threshold(100_000)
    try:
        from errata.commands import group

        status = group.run(COMMANDS, args)
    except KeyboardInterrupt:
        from errata.core import interrupt

        status = interrupt.report()
    gc.freeze()
    return status
