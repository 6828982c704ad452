"""From logs to runbooks: analyse, decide, write. What is written depends on the logs alone.

``now`` for every decision is the newest record's time, not the clock: two people with the same logs
get the same bytes, and a quiet week changes nothing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from errata.core import atomic
from errata.core.config import AGENT_NAME, Config, Evolve
from errata.core.errors import LogError, RunbookError
from errata.core.git import Repository
from errata.patterns import cache, registry
from errata.patterns.analysis import Analysis, Pattern, analyse
from errata.patterns.cache import Book
from errata.records import append
from errata.records.instants import day
from errata.records.model import FUTURE_TOLERANCE, Source
from errata.runbooks import promote, store
from errata.runbooks.entry import Entry
from errata.runbooks.sanitise import terminal

PROMOTION_LOG = "promotion-log.jsonl"
_EXAMPLES = 2
# The folder ignores what is derived, and this list with it: nothing to commit.
_IGNORED = ("patterns.json", "trends.json", "evolve.lock", ".gitignore")


@dataclass(frozen=True)
class Plan:
    """What evolving does, or would do.

    Attributes:
        book: all records.
        decided: every pattern as of the newest record; None without records.
        standing: of every pattern, after ``events``.
        events: new lines of the promotion log.
        changes: runbooks, also those that stay as they are.
        bad_events: numbers of the promotion log's lines that are not valid.
        rules: the thresholds that were applied.
        settled: the promotion log without the marks of a merge's conflicts, if it had any.
    """

    book: Book
    decided: Analysis | None
    standing: Mapping[str, promote.Standing]
    events: list[promote.Event]
    changes: list[store.Change]
    bad_events: list[int]
    rules: Evolve
    settled: bytes | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """What an evolve is limited to; everything by default.

    Attributes:
        since: promote only what the last so many days justify.
        agent: change only this agent's runbook.
        pattern: decide only about this pattern.
        rebuild: overwrite blocks that were edited by hand.
    """

    since: int | None = None
    agent: str | None = None
    pattern: str | None = None
    rebuild: bool = False


def plan(
    repo: Repository, config: Config, limit: int, scope: Scope | None = None, *, write: bool = True
) -> Plan:
    """Decide what to change; nothing is written but the cache (and not that unless ``write``).

    Args:
        limit: records later than this (microseconds UTC, plus the tolerance) are in the future.

    Raises:
        LogError, RunbookError: an input is damaged; nothing has been changed.
    """
    scope = scope or Scope()
    book = cache.load(repo, config, write=write)
    log = _promotion_log(repo.root, config)
    events, bad = promote.read(settled := promote.healed(log))
    newest = book.ledger.newest_until(limit + FUTURE_TOLERANCE)
    if newest is None:
        return Plan(book, None, promote.fold(events), [], [], bad, config.evolve)
    decided = analyse(book, config, newest, ahead=0)
    candidates = decided.patterns
    if scope.since is not None:
        candidates = analyse(book, config, newest, since=scope.since, ahead=0).patterns
    if scope.pattern is not None:
        candidates = {n: p for n, p in candidates.items() if n == scope.pattern}
    new = list(
        promote.decide(decided, candidates, promote.fold(events), config.evolve, scope.agent)
    )
    standing = promote.fold([*events, *new])
    changes = [
        store.plan(repo.root, config, agent, entries, rebuild=scope.rebuild)
        for agent, entries in _entries(repo.root, config, decided, standing).items()
        if scope.agent in (None, agent)
    ]
    left = settled if settled != log else None
    return Plan(book, decided, standing, new, changes, bad, config.evolve, left)


def apply(repo: Repository, config: Config, plan: Plan) -> None:
    """Write what was planned: promotion log first, then runbooks, then the derived files.

    A kill between any two of them is mended by the next run, which sees the log and renders again.

    Raises:
        LogError, RunbookError: a file cannot be written.
    """
    if plan.decided is None:
        return
    path = _file(repo.root, config, PROMOTION_LOG)
    if plan.settled is not None:
        store.write(path, plan.settled)
    if plan.events:
        append.append(path, [event.line() for event in plan.events], root=repo.root)
    for change in plan.changes:
        if change.changed and change.new is not None:
            store.write(change.path, change.new)
    states = {name: status(config, stand) for name, stand in plan.standing.items()}
    for name, value in (
        ("patterns.json", registry.patterns(plan.decided, states)),
        ("trends.json", registry.trends(plan.decided)),
    ):
        _write_json(_file(repo.root, config, name), value)
    plan.book.keep()
    ignore = _file(repo.root, config, ".gitignore")
    if not ignore.exists():
        store.write(ignore, "\n".join((*_IGNORED, "")).encode())


@contextlib.contextmanager
def exclusive(repo: Repository, config: Config, seconds: float = 60) -> Iterator[None]:
    """One evolve at a time in a repository, so that the promotion log holds each event once.

    Raises:
        LogError: another one did not end in time.
    """
    folder = repo.state_dir or _file(repo.root, config, "evolve.lock").parent
    with contextlib.ExitStack() as stack:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            stack.enter_context(atomic.exclusive_lock(folder / "evolve.lock", seconds))
        except TimeoutError as error:
            raise LogError(
                f"another errata evolve has been running for {seconds:.0f} s",
                "try again when it ended",
            ) from error
        except OSError as error:
            raise LogError(f"{folder}: {error.strerror}", "it must be a writable folder") from error
        yield


def stale(repo: Repository, config: Config, limit: int) -> list[tuple[str, str]]:
    """Runbooks whose block is behind the logs: (path, why)."""
    behind = []
    for change in plan(repo, config, limit).changes:
        if change.changed:
            names = {"+": change.added, "-": change.removed, "~": change.updated}
            what = ", ".join(f"{sign}{name}" for sign, found in names.items() for name in found)
            behind.append((str(change.path.relative_to(repo.root)), what or "formatting"))
    return behind


def standing(root: Path, config: Config) -> dict[str, promote.Standing]:
    """The standing of every pattern, as the promotion log has it."""
    return promote.fold(promote.read(_promotion_log(root, config))[0])


def status(config: Config, stand: promote.Standing | None) -> tuple[str, list[str]]:
    """``tracked``, ``promoted`` or ``archived``, and the runbooks that hold the pattern."""
    if stand is None:
        return "tracked", []
    if stand.archived:
        return "archived", []
    folder = PurePosixPath(config.paths.runbooks)
    return "promoted", [str(folder / agent / store.FILE_NAME) for agent in stand.agents]


def _file(root: Path, config: Config, name: str) -> Path:
    """A file in the patterns folder. Raises LogError: a link leads out of the work tree."""
    path = root / config.paths.patterns / name
    try:
        top, target = root.resolve(), path.resolve()
    except RuntimeError as error:  # A loop of links, before Python 3.13.
        raise LogError(f"{path}: symbolic links that lead nowhere", "remove them") from error
    if not target.is_relative_to(top) or ".git" in target.relative_to(top).parts:
        raise LogError(
            f"{config.paths.patterns}/{name}: a symbolic link leads out of the work tree",
            "errata does not follow it",
        )
    return path


def _promotion_log(root: Path, config: Config) -> bytes:
    return store.read(_file(root, config, PROMOTION_LOG)) or b""


def _entries(
    root: Path, config: Config, decided: Analysis, standing: Mapping[str, promote.Standing]
) -> dict[str, list[Entry]]:
    """The entries of every runbook that has, or had, any."""
    found: dict[str, list[Entry]] = {agent: [] for agent in _existing(root / config.paths.runbooks)}
    for name, stand in standing.items():
        pattern = decided.patterns.get(name)
        held = [] if pattern is None or stand.archived else [_entry(pattern, stand)]
        for agent in stand.agents:
            found.setdefault(agent, []).extend(held)
    return dict(sorted(found.items()))


def _existing(folder: Path) -> list[str]:
    try:
        names = [child.name for child in folder.iterdir()]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise RunbookError(f"{folder}: {error.strerror}") from error
    return [n for n in names if AGENT_NAME.match(n) and (folder / n / store.FILE_NAME).exists()]


def _entry(pattern: Pattern, standing: promote.Standing) -> Entry:
    sources = pattern.tally.sources()
    kind: Any = pattern.tip if pattern.tip in ("pattern", "tip") else "anti-pattern"
    return Entry(
        name=pattern.name,
        kind=kind,
        description=pattern.description,
        fix=pattern.fix,
        category=pattern.category,
        severity=pattern.severity.value,
        confidence=pattern.confidence.shown,
        occurrences=pattern.count,
        trend=pattern.trend.value,
        last_seen=day(pattern.last),
        services=tuple(pattern.services),
        sources=tuple((source.label, sources[source]) for source in Source if source in sources),
        regressed=standing.restored,
        examples=_examples(pattern),
        sessions=pattern.sessions if pattern.sessions != pattern.count else 0,
        shipped=pattern.shipped,
    )


def _examples(pattern: Pattern) -> tuple[str, ...]:
    """What the newest records said, where that is more than the description."""
    found: list[str] = []
    for one in pattern.told:
        if one.text != pattern.description and one.text not in found:
            found.append(one.text)
        if len(found) == _EXAMPLES:
            break
    return tuple(found)


def _write_json(path: Path, value: dict[str, Any]) -> None:
    import msgspec

    text = msgspec.json.format(msgspec.json.encode(_visible(value)), indent=1)
    store.write(path, text + b"\n")


def _visible(value: Any) -> Any:
    """The value with what cannot be seen taken out of its texts: agents read these files."""
    if isinstance(value, str):
        return terminal(value) or ("?" if value else "")
    if isinstance(value, dict):
        return {key: _visible(item) for key, item in value.items()}
    return [_visible(item) for item in value] if isinstance(value, list) else value
