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
    """Move captured corrections from the outbox into their log.

    Also finishes commits that a hook could not: they were too large for its time limit, or an error
    occurred.
    """
    repo = Repository.discover()
    if repo.git_dir is None:
        raise GitError("this is not a git repository", "run it inside one")
    config = load(repo.root)
    failures = CorrectionRecorder(repo, config, _SECONDS).drain_retry_queue()
    moved = outbox.flush(repo, config)
    destination = f" to {config.logs.corrections}" if moved else ""
    click.echo(f"{plural(moved, 'correction')} moved{destination}.")
    for line in failures:
        click.echo(f"not finished: {safe(line)}", err=True)
    return 1 if failures else 0
