"""``errata completion``: what makes a shell complete errata's commands, options and names."""

from __future__ import annotations

import click

SHELLS = ("bash", "zsh", "fish")


@click.command(name="completion")
@click.argument("shell", type=click.Choice(SHELLS), metavar="bash|zsh|fish")
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the script that makes a shell complete errata's arguments.

    Save it where the shell looks for completions, then start a new shell:

    \b
      bash  errata completion bash > ~/.local/share/bash-completion/completions/errata
      zsh   errata completion zsh > ~/.zfunc/_errata      (~/.zfunc is in fpath)
      fish  errata completion fish > ~/.config/fish/completions/errata.fish

    Or in the file that the shell reads when it starts: eval "$(errata completion bash)".
    """
    from click.shell_completion import get_completion_class

    script = get_completion_class(shell)
    assert script is not None
    root = ctx.find_root().command
    click.echo(script(root, {}, "errata", "_ERRATA_COMPLETE").source())
