"""``errata flush``: move captured corrections from the git directory into their log."""

from __future__ import annotations

import time

import click

from errata.commands.screen import plural
from errata.config import load
from errata.corrections import capture, waiting
from errata.git import Repository

_SECONDS = 120


@click.command(name="flush")
def command() -> int:
    """Move captured corrections that wait into their log.

    Also finishes commits that a hook had to leave because they were too large for its time limit.
    """
    repo = Repository.discover()
    config = load(repo.root)
    whose = capture.Whose(config)
    for sha in waiting.take_deferred(repo):
        found = capture.gate(repo.root, config, whose, sha)
        if found is not None:
            done = capture.detect(repo, config, found, whose, time.monotonic() + _SECONDS)
            waiting.save(repo, config, [correction.record() for correction in done])
    moved = waiting.flush(repo, config)
    where = f" to {config.logs.corrections}" if moved else ""
    click.echo(f"{plural(moved, 'correction')} moved{where}.")
    return 0
