"""``make man`` writes docs/errata.1, the manual page, from the help of every command."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import click

from errata import __version__
from errata.cli import COMMANDS
from errata.commands.group import make

PAGE = Path(__file__).parents[1] / "docs/errata.1"
_CODE = re.compile(r"`([^`]+)`")
_HEAD = f"""\
.\\" Written by `make man` from the help of the commands.
.TH ERRATA 1 "" "errata {__version__}" "User Commands"
.SH NAME
errata \\- make a repository learn from how people correct coding agents
.SH SYNOPSIS
.B errata
.RI [ OPTIONS ]
.I COMMAND
.RI [ ARGUMENTS ]
.SH DESCRIPTION
errata validates the logs that agents and people write, finds the corrections that nobody logged,
turns both into patterns with a confidence and a trend, and keeps the runbooks that agents read up
to date. It works offline and sends nothing anywhere.
.PP
.B errata help
.I COMMAND
shows the help of one command.
"""
_TAIL = """\
.SH EXIT STATUS
.TP
.B 0
Nothing is wrong.
.TP
.B 1
Something that was checked is wrong.
.TP
.B 2
errata could not do it: options, errata.toml, git, or a file that cannot be read.
.TP
.B 130
Interrupted by Ctrl-C.
.SH ENVIRONMENT
.TP
.BR NO_COLOR ,\\  CLICOLOR=0
No colour.
.TP
.BR FORCE_COLOR ,\\  CLICOLOR_FORCE
Colour and symbols without a terminal, too.
.TP
.B COLUMNS
The width to fit, from 60 to 200.
.TP
.BR ERRATA_AGENT ,\\  ERRATA_SESSION
The agent at work and its session.
.SH FILES
.TP
.I errata.toml
Settings, at the top of the repository.
.TP
.I .claude/
Logs, patterns and runbooks.
.SH SEE ALSO
.BR git (1),
.BR githooks (5)
"""


def page() -> str:
    """The manual page."""
    return "".join(
        (_HEAD, ".SH OPTIONS\n", *_options(_root()), ".SH COMMANDS\n", *_commands(), _TAIL)
    )


def _root() -> click.Context:
    group = make(COMMANDS)
    return click.Context(group, info_name="errata", **group.context_settings)


def _commands() -> Iterator[str]:
    root = _root()
    group = root.command
    assert isinstance(group, click.Group)
    for name in group.list_commands(root):
        yield from _command(root, group, name)


def _command(parent: click.Context, group: click.Group, name: str) -> Iterator[str]:
    command = group.get_command(parent, name)
    assert command is not None
    context = click.Context(command, info_name=name, parent=parent)
    usage = " ".join((context.command_path, *command.collect_usage_pieces(context)))
    yield f'.SS "{_escaped(usage)}"\n'
    yield from _paragraphs(inspect.cleandoc(command.help or ""))
    yield from _options(context, without="--help")
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            yield from _command(context, command, below)


def _paragraphs(text: str) -> Iterator[str]:
    for number, paragraph in enumerate(text.split("\n\n")):
        yield ".PP\n" * bool(number)
        if paragraph.startswith("\b\n"):
            lines = paragraph.removeprefix("\b\n").splitlines()
            yield ".nf\n" + "".join(f"{_text(line)}\n" for line in lines) + ".fi\n"
        else:
            yield f"{_text(' '.join(paragraph.split()))}\n"


def _options(context: click.Context, without: str = "") -> Iterator[str]:
    for param in context.command.get_params(context):
        record = param.get_help_record(context)
        if record and isinstance(param, click.Option) and without not in param.opts:
            names, meaning = record
            yield f".TP\n\\fB{_escaped(names)}\\fR\n{_text(meaning)}\n"


def _text(text: str) -> str:
    """A line of text, with code in bold."""
    line = _CODE.sub(lambda match: f"\\fB{match[1]}\\fR", _escaped(text))
    # A line that starts so would be a request.
    return f"\\&{line}" if line.startswith((".", "'")) else line


def _escaped(text: str) -> str:
    escapes = {"\\": "\\e", "-": "\\-", '"': "\\(dq", "'": "\\(aq", "^": "\\(ha", "~": "\\(ti"}
    return "".join(escapes.get(char, char) for char in text)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
