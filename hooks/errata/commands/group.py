"""The command line in click. A subcommand is imported when it is called."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from errata import __version__
from errata.commands import usage
from errata.core.errors import ErrataError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_COLORS = {"auto": None, "always": True, "never": False}


class _PastClickError(Exception):
    """Ctrl-C or a closed pipe: click would print an empty line, or end with status 1."""

    def __init__(self, cause: BaseException) -> None:
        super().__init__()
        self.cause = cause


@contextlib.contextmanager
def _past_click() -> Iterator[None]:
    try:
        yield
    except (KeyboardInterrupt, BrokenPipeError) as error:
        raise _PastClickError(error) from None


class _LazyGroup(usage.NamedGroup):
    """The commands of this package by name, each with its one-line help."""

    about: Mapping[str, str] = {}

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(self.about)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in self.about:
            return None
        module = importlib.import_module(f"errata.commands.{cmd_name.replace('-', '_')}")
        command = module.command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(self.about.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        # Options only: the group of click would import every command for its help.
        options = click.Command.shell_complete(self, ctx, incomplete)
        names = (name for name in self.about if name.startswith(incomplete))
        return [*(CompletionItem(name, help=self.about[name]) for name in names), *options]

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        # --help and --version print here.
        with _past_click():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> object:
        with _past_click():
            return super().invoke(ctx)


def make(about: Mapping[str, str]) -> click.Group:
    """The group of these commands; ``about`` maps a name to its one-line help."""

    @click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
    @click.version_option(__version__, "-V", "--version", prog_name="errata")
    @click.option(
        "--color",
        type=click.Choice([*_COLORS]),
        default="auto",
        help="Colours and symbols; auto: on a terminal.",
    )
    @click.pass_context
    def group(ctx: click.Context, color: str) -> None:
        """Make a repository learn from how people correct coding agents."""
        ctx.color = _COLORS[color]

    group.about = about
    return group


def run(about: Mapping[str, str], argv: Sequence[str]) -> int:
    """Run a command line; returns the exit status and prints expected errors as one line.

    Raises:
        KeyboardInterrupt: Ctrl-C, or the end of input where it asks.
    """
    _open_streams()
    try:
        result = make(about).main(args=list(argv), prog_name="errata", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        path = context.command_path if context else "errata"
        print(f"errata: {usage.message(error)} (see `{path} --help`)", file=sys.stderr)
        return error.exit_code
    except click.Abort:
        raise KeyboardInterrupt from None
    except _PastClickError as error:
        if isinstance(error.cause, KeyboardInterrupt):
            raise KeyboardInterrupt from None
        # The reader closed the pipe (`| head`); without stdout, Python does not flush it at exit.
        sys.stdout = None
        return 0
    except (ErrataError, OSError) as error:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
        print(f"errata: {_message(error)}", file=sys.stderr)
        return error.exit_code if isinstance(error, ErrataError) else ErrataError.exit_code
    return result if isinstance(result, int) else 0


def _open_streams() -> None:
    """Write into nothing where the caller closed a stream (`>&-`)."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: PTH123, SIM115


def _message(error: ErrataError | OSError) -> str:
    """The message of an error; a full or failing disk can cause an OSError anywhere."""
    if isinstance(error, ErrataError) or not error.strerror:
        return str(error)
    return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
