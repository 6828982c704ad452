"""``errata backfill``: find corrections in the history."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import nullcontext
from pathlib import Path

import click

from errata.commands import complete, options, place, taught
from errata.commands import screen as ui
from errata.commands.history import count_outcomes, plan_lessons, read_history, read_lessons
from errata.commands.layout import Column, cut
from errata.commands.preview import preview
from errata.commands.screen import Screen, plural, safe
from errata.core.config import Config
from errata.core.errors import ErrataError
from errata.core.git import Repository
from errata.corrections.backfill import Backfill, CommitRange
from errata.corrections.correction import Correction
from errata.lessons import chances_log, hot_spots
from errata.lessons.chances import Chances
from errata.lessons.chances_log import ChancesLine
from errata.records import instants
from errata.records.model import DAY
from errata.state import outbox

_BATCH = 200
_ROWS = 20
_NEWEST = 5


@click.command(name="backfill")
@click.argument("revisions", nargs=-1, metavar="[RANGE]", shell_complete=complete.revisions)
@options.days("--since", "Only commits of the last DAYS days.")
@click.option(
    "--path", "prefix", type=click.Path(), metavar="PATH", help="Only corrections below this path."
)
@click.option(
    "--describe",
    is_flag=True,
    help="Also describe the edits of corrections that are logged already.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be logged, and log nothing.")
@click.option(
    "--doubtful",
    is_flag=True,
    help="List commits that may correct an agent, on too little evidence to count; log nothing.",
)
@options.output
def command(
    revisions: tuple[str, ...],
    since: int | None,
    prefix: str | None,
    describe: bool,
    dry_run: bool,
    doubtful: bool,
    form: str,
) -> int:
    """Find the corrections in history that nobody logged.

    Reads the history of HEAD, or of RANGE (main, v1.0..main), once. Each correction is logged when
    it is found, and never twice: you can stop the command and run it again.

    Earlier versions of errata logged corrections without a description of the edit. With --describe
    such a correction gets one: a further line in the log, with the same id.

    Also counts how many of the agents' commits could have called for each recurring correction, and
    how many did, in chances.jsonl in the patterns folder: not with --since, --path or a range, and
    not in a clone that lacks commits, or some contents of more than 5% of the commits.

    Some commits are likely, but not likely enough, to correct an agent. --doubtful shows them; who
    understands one can log it with `errata accept COMMIT`.
    """
    if doubtful and (describe or dry_run):
        raise click.UsageError("--doubtful logs nothing: leave out --describe and --dry-run")
    repo, config = place.with_commits() if dry_run or doubtful else place.with_work_tree()
    after = instants.clock() - since * DAY if since else 0
    commits = CommitRange.resolve(repo, revisions, after)
    folder = _folder(repo, prefix)
    wanted = (lambda correction: _is_below(correction, folder)) if folder else None
    if doubtful:
        from errata.commands import doubtful as doubtful_corrections

        _report_missing(doubtful_corrections.show(repo, config, commits, wanted, form))
        return 0
    log = _Log(repo, config, describe, dry_run)
    history = read_history(repo, config, commits, wanted, log.add, with_rules=not dry_run)
    log.write()
    search, line = history.search, history.chances
    corpus = None
    if line and not dry_run:
        if corpus := read_lessons(repo, config, line):
            outcomes = count_outcomes(repo, repo, config, history, corpus)
            line = line.with_outcomes(outcomes)
        chances_log.append(repo.root, config, line)
    if form == "json":
        ui.print_json({"corrections": [c.to_record() for c in history.corrections]})
    else:
        screen = Screen()
        _print_summary(screen, search, history.corrections, log, line)
        records = [correction.to_record() for correction in history.corrections]
        with preview(repo, config, records, line) if dry_run else nullcontext(repo) as logs:
            plan = plan_lessons(repo, logs, config, corpus)
        screen.line()
        taught.show(screen, plan)
    _report_missing(search)
    return 0


def _report_missing(search: Backfill) -> None:
    """Say how much of this clone could not be looked at."""
    if search.missing:
        paths = plural(len(search.missing), "path")
        click.echo(f"{paths} left out: their content is not in this clone", err=True)


class _Log:
    """Writes corrections into the log, some at a time.

    Attributes:
        new: how many were not in the log.
        undescribed: how many were in the log without a description.
        described: how many of these have one now, or could have one.
        describe: whether to describe them.
    """

    def __init__(self, repo: Repository, config: Config, describe: bool, dry_run: bool) -> None:
        self.new = 0
        self.undescribed = 0
        self.described = 0
        self.describe = describe
        self.dry_run = dry_run
        self._repo = repo
        self._config = config
        self._batch: list[Correction] = []

    def add(self, correction: Correction) -> None:
        self._batch.append(correction)
        if len(self._batch) >= _BATCH:
            self.write()

    def write(self) -> None:
        records = [correction.to_record() for correction in self._batch]
        self._batch.clear()
        if not self.dry_run:
            self.new += len(outbox.add(self._repo, self._config, records, direct=True))
        write = self.describe and not self.dry_run
        lacking, described = outbox.describe(self._repo, self._config, records, write=write)
        self.undescribed = max(self.undescribed, lacking)
        self.described += described


def _folder(repo: Repository, path: str | None) -> bytes:
    """A path that a person typed, from the top of the work tree; empty for all of it.

    Raises:
        ErrataError: it is outside.
    """
    if path is None:
        return b""
    full = os.path.normpath(Path.cwd() / path)
    relative = os.path.relpath(full, repo.root)
    if relative == os.pardir or relative.startswith(os.pardir + os.sep):
        raise ErrataError(f"--path: {path!r} is outside this repository", "give a path inside it")
    return b"" if relative == os.curdir else os.fsencode(relative)


def _is_below(correction: Correction, folder: bytes) -> bool:
    if not folder:
        return True
    paths = [hunk.diff.new_path or hunk.diff.old_path or b"" for hunk in correction.hunks]
    return any(path == folder or path.startswith(folder + b"/") for path in paths)


def _print_summary(
    screen: Screen,
    search: Backfill,
    corrections: list[Correction],
    log: _Log,
    line: ChancesLine | None,
) -> None:
    screen.title("BACKFILL (dry run)" if log.dry_run else "BACKFILL")
    screen.line(f"Commits read: {search.done}")
    screen.line(f"Corrections found: {len(corrections)}")
    if not log.dry_run:
        screen.line(f"New in the log: {log.new}")
    _print_described(screen, log)
    _print_counts(screen, "BY TYPE:", Counter(c.type.value for c in corrections))
    _print_counts(screen, "BY AGENT:", Counter(c.provenance.name for c in corrections))
    _print_counts(screen, "BY PATTERN:", Counter(c.pattern for c in corrections if c.pattern))
    if line:
        ui.print_hot_spots(screen, hot_spots.find(Chances(line)))
    if corrections:
        _print_newest(screen, corrections)


def _print_described(screen: Screen, log: _Log) -> None:
    """What happened to corrections that were logged without a description."""
    lacking = log.undescribed - log.described
    if log.describe:
        screen.line(f"{'Would be described' if log.dry_run else 'Described'}: {log.described}")
        if lacking:
            screen.line(f"Not described: {lacking}; the history does not contain these corrections")
    elif log.described:
        screen.line(
            f"Logged without a description: {log.described}; `errata backfill --describe` adds it"
        )


def _print_counts(screen: Screen, title: str, counts: Counter[str]) -> None:
    if counts:
        screen.line()
        screen.line(title, bold=True)
        most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_ROWS]
        columns = Column(least=28, gap=1), Column()
        screen.table(columns, [(safe(name), str(count)) for name, count in most], indent=2)


def _print_newest(screen: Screen, corrections: list[Correction]) -> None:
    screen.line()
    screen.line("NEWEST:", bold=True)
    oldest_first = sorted(corrections, key=lambda c: (c.person.author_time, c.id))
    for correction in reversed(oldest_first[-_NEWEST:]):
        person, agent = correction.person, correction.agent
        subject = cut(person.ident.message.strip().partition("\n")[0], 60)
        corrected = agent.sha[:12] or correction.provenance.name
        screen.line(f"  {person.sha[:12]} corrects {corrected}: {safe(subject)}")
    screen.line()
    screen.line(
        "`errata explain COMMIT` says why each was counted; `errata evolve` updates the runbooks."
    )
