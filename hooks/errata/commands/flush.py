"""``errata flush``: move captured corrections from the git directory into their log."""

from __future__ import annotations

import click

from errata.commands.screen import plural, safe
from errata.core.config import load
from errata.core.errors import GitError
from errata.core.git import Repository
from errata.corrections.recorder import CorrectionRecorder
from errata.state import outbox

_SECONDS = 600


@click.command(name="flush")
def command() -> int:
    """Move captured corrections that wait into their log.

    Also finishes commits that a hook had to leave: too large for its time limit, or something was
    in the way.
    """
    repo = Repository.discover()
    if repo.git_dir is None:
        raise GitError("this is not a git repository", "run it inside one")
    config = load(repo.root)
    trouble = CorrectionRecorder(repo, config, _SECONDS).left_over()
    moved = outbox.flush(repo, config)
    where = f" to {config.logs.corrections}" if moved else ""
    click.echo(f"{plural(moved, 'correction')} moved{where}.")
    for line in trouble:
        click.echo(f"not finished: {safe(line)}", err=True)
    return 1 if trouble else 0
