"""The ``errata`` command. Subcommands are imported when called, so that start-up stays small."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

import click

from errata import __version__
from errata.errors import ErrataError

# name -> one-line help; the command is `command` in errata.commands.<name>. Kept here so that
# `errata --help` imports none of them; a test holds each line to its command's own help.
COMMANDS = {
    "validate": "Check logs against their schemas and report every bad line.",
    "log": "Append one valid record to a log.",
    "evolve": "Analyse the logs and bring runbooks up to date.",
    "explain": "Show why a pattern has its confidence, or why a correction counts.",
    "patterns": "List patterns, or show one in detail.",
    "trends": "Show what is getting worse, better, or is resolved.",
    "who": "Say whose commit each is: an agent's, a person's or a bot's.",
    "backfill": "Find the corrections in history that nobody logged.",
    "flush": "Move captured corrections that wait into their log.",
    "corrections": "Show what people corrected, by type and by agent.",
}


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"errata.commands.{cmd_name}")
        command = module.command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="errata")
def group() -> None:
    """Make a repository learn from how people correct coding agents."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status and prints expected errors as one line."""
    try:
        result = group.main(
            args=None if argv is None else list(argv), prog_name="errata", standalone_mode=False
        )
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        path = context.command_path if context else "errata"
        message = error.format_message().rstrip(".")
        print(f"errata: {message} (see `{path} --help`)", file=sys.stderr)
        return error.exit_code
    except click.Abort:
        return 130
    except ErrataError as error:
        sys.stdout.flush()
        print(f"errata: {error}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        # The reader went away (`| head`); point stdout elsewhere so that exit does not complain.
        sys.stdout = None
        return 0
    return result if isinstance(result, int) else 0
