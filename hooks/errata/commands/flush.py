"""``errata flush``: move captured corrections from the git directory into their log."""

from __future__ import annotations

import click

from errata.commands import place
from errata.commands.screen import plural, safe
from errata.core.config import Config
from errata.core.git import Repository
from errata.corrections.recorder import CorrectionRecorder
from errata.lessons.describe_correction import describe_correction
from errata.state import outbox

_SECONDS = 600


@click.command(name="flush")
@click.option(
    "--restore",
    is_flag=True,
    help="Also put records back that were removed from the logs (`errata doctor` lists them).",
)
def command(restore: bool) -> int:
    """Move captured corrections from the outbox into their log.

    Also finishes commits that a hook could not: they were too large for its time limit, or an error
    occurred.
    """
    repo, config = place.with_work_tree()
    recorder = CorrectionRecorder(repo, config, _SECONDS, describe=describe_correction)
    failures = recorder.drain_retry_queue()
    recorder.withdraw_recorded()
    moved = outbox.flush(repo, config)
    destination = f" to {config.logs.corrections}" if moved else ""
    if moved or not restore:
        click.echo(f"{plural(moved, 'correction')} moved{destination}.")
    if restore:
        _restore(repo, config)
    for line in failures:
        click.echo(f"not finished: {safe(line)}", err=True)
    return 1 if failures else 0


def _restore(repo: Repository, config: Config) -> None:
    from errata.state import removed_records

    restored = removed_records.restore(repo, removed_records.find_all(repo, config))
    for log, number in restored.items():
        click.echo(f"{plural(number, 'record')} put back into {log}.")
    if not restored:
        click.echo("No record was removed from a log.")
