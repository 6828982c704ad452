"""What is computed of the tables of many bundles: Ibis expressions, the same on every engine.

They count and add whole numbers only. So the rows are the same on every engine, in whatever order
the sources come and however the records are divided among files; confidences and trends are made
of the sums by the same functions as in one repository (:mod:`errata.fleet.figures`).

Two steps lie between records and figures. A *partial* is what one repository adds, whatever the
time is: :func:`totals`, :func:`shares`, :func:`named` and :func:`recent`. It is kept until its
bundle changes. The functions after them add up the partials as of one moment.
"""

from __future__ import annotations

from typing import Any

import ibis
from ibis import _

from errata.patterns.sessions import MINUTE
from errata.records.model import CorrectionType, Kind, Severity, Source

Table = Any
"""A table of Ibis, which has no types of its own."""

_REPOSITORY, _LESSON = "repository", "lesson"
_BOTH = [_REPOSITORY, _LESSON]
COUNTED = {
    "source": tuple(source.value for source in Source),
    "severity": tuple(severity.value for severity in Severity),
    "kind": tuple(kind.value for kind in Kind),
    "correction_type": tuple(kind.value for kind in CorrectionType),
}
"""The columns whose values are counted each: column -> values."""


def counter(column: str, value: str) -> str:
    """The name of the column that counts a value."""
    return f"{column}_{value}"


def _counts(table: Table) -> dict[str, Any]:
    return {
        counter(column, value): (table[column] == value).cast("int64").sum()
        for column, values in COUNTED.items()
        for value in values
    }


def _choose(column: Any, values: dict[str, int]) -> Any:
    branches = [
        (column == value, ibis.literal(number, "int64")) for value, number in values.items()
    ]
    return ibis.cases(*branches, else_=ibis.literal(0, "int64"))


def _with_weights(records: Table) -> Table:
    """Records with the start of their minute and :data:`errata.patterns.facets.Weights`."""
    # Remainders are exact in every engine; a division may go through floats.
    return records.mutate(
        minute=_.instant - (_.instant % MINUTE + MINUTE) % MINUTE,
        severity_points=_choose(_.severity, {s.value: round(s.score * 10) for s in Severity}),
        weight_points=_choose(_.source, {s.value: round(s.weight * 10) for s in Source})
        * _.certainty,
    )


def _opening(records: Table, values: dict[str, Any]) -> Table:
    """Sums over the records that open a session, by minute.

    Records without a session are sessions of their own; of one, those in its first minute count.
    See :mod:`errata.patterns.sessions`.
    """
    free = records.filter(_.session == 0)
    bound = records.filter(_.session != 0)
    by_minute = bound.group_by([*_BOTH, "session", "minute"]).aggregate(**values)
    first = by_minute.group_by([*_BOTH, "session"]).aggregate(minute=_.minute.min())
    opening = by_minute.join(first, [*_BOTH, "session", "minute"], how="semi")
    sums = {name: opening[name].sum() for name in values}
    parts = (
        free.group_by([*_BOTH, "minute"])
        .aggregate(**values)
        .union(opening.group_by([*_BOTH, "minute"]).aggregate(**sums))
    )
    return parts.group_by([*_BOTH, "minute"]).aggregate(
        **{name: parts[name].sum() for name in values}
    )


def until(records: Table, limit: int) -> Table:
    """The records that are not later than an instant."""
    return records.filter(_.instant <= limit)


def newest(records: Table) -> Table:
    """The newest instant, in one row."""
    return records.aggregate(newest=_.instant.max())


def of_service(records: Table, name: str) -> Table:
    """The records of a repository, whoever owns it, and those that name a service so."""
    is_named = (_.repository == name) | _.repository.endswith(f"/{name}")
    return records.filter(is_named | (_.service == name))


def of_repository(rows: Table, name: str) -> Table:
    """The rows of a repository, whoever owns it."""
    return rows.filter((_.repository == name) | _.repository.endswith(f"/{name}"))


def seen(rows: Table, totals: Table) -> Table:
    """The rows about lessons that have a record in their repository."""
    return rows.semi_join(totals, _BOTH)


def totals(records: Table) -> Table:
    """All records of each lesson, counted by source, severity, kind and type."""
    return records.group_by(_BOTH).aggregate(
        records=_.count(),
        first=_.instant.min(),
        last=_.instant.max(),
        **_counts(records),
    )


def shares(records: Table) -> Table:
    """The parts of :class:`errata.patterns.sessions.SessionWeights` of each lesson.

    Columns: ``n`` records share a minute; ``minutes`` such minutes; the sums of their weights.
    """
    named = _with_weights(records.filter(_.lesson != ""))
    by_minute = _opening(
        named,
        {
            "n": ibis._.count(),
            "severity_points": _.severity_points.sum(),
            "weight_points": _.weight_points.sum(),
            "certainty": _.certainty.sum(),
        },
    )
    return by_minute.group_by([*_BOTH, "n"]).aggregate(
        minutes=_.count(),
        severity_points=_.severity_points.sum(),
        weight_points=_.weight_points.sum(),
        certainty=_.certainty.sum(),
    )


def named(records: Table) -> Table:
    """The names in the records of each lesson: ``role``, ``value`` and how many records.

    Roles: ``agent`` recorded it or was corrected; ``corrected`` was corrected; ``named`` should
    learn it; ``service``.
    """
    lists = records.group_by([*_BOTH, "named_agents"]).aggregate(records=_.count())
    single = lists.mutate(value=lists.named_agents.split(",").unnest())
    corrections = records.filter(_.kind == Kind.CORRECTION.value)
    return ibis.union(
        _role(records, "agent", records.agent),
        _role(corrections, "corrected", corrections.agent),
        _role(records, "service", records.service),
        _summed(single.mutate(role=ibis.literal("named"))),
    )


def _role(records: Table, role: str, column: Any) -> Table:
    rows = records.mutate(role=ibis.literal(role), value=column, records=ibis.literal(1, "int64"))
    return _summed(rows)


def _summed(rows: Table) -> Table:
    return (
        rows.filter(_.value != "")
        .group_by([*_BOTH, "role", "value"])
        .aggregate(records=_.records.sum())
    )


RECENT = (
    *("repository", "lesson", "instant", "session", "kind", "source", "severity"),
    *("correction_type", "agent", "named_agents", "service", "certainty"),
)
"""The columns of records that the figures of a window need."""


def recent(records: Table, span: int) -> Table:
    """The records of each repository in the last ``span`` microseconds before its newest one."""
    newest = records.group_by(_REPOSITORY).aggregate(newest=_.instant.max())
    joined = records.join(newest, _REPOSITORY)
    return joined.filter(_.instant > _.newest - span).select(*RECENT)


def in_window(column: Any, since: int, now: int) -> Any:
    """Whether an instant is in ``(since, now]``."""
    return (column > since) & (column <= now)


def lessons(totals: Table, idle: list[str]) -> Table:
    """The sums of :func:`totals` over the repositories of each lesson.

    Args:
        idle: repositories whose agents did nothing in the current window, as far as is known.
    """
    counted = [counter(column, value) for column, values in COUNTED.items() for value in values]
    # Ibis has no empty list of values.
    is_active = ~_.repository.isin(idle) if idle else _.repository == _.repository
    return totals.group_by(_LESSON).aggregate(
        repositories=_.count(),
        active=is_active.cast("int64").sum(),
        records=_.records.sum(),
        first=_["first"].min(),
        last=_["last"].max(),
        **{name: totals[name].sum() for name in counted},
    )


def lesson_shares(shares: Table) -> Table:
    """The sums of :func:`shares` over the repositories of each lesson."""
    return shares.group_by([_LESSON, "n"]).aggregate(
        minutes=_.minutes.sum(),
        severity_points=_.severity_points.sum(),
        weight_points=_.weight_points.sum(),
        certainty=_.certainty.sum(),
    )


def lesson_roles(named: Table) -> Table:
    """The sums of :func:`named` over the repositories of each lesson."""
    return named.group_by([_LESSON, "role", "value"]).aggregate(records=_.records.sum())


def services(named: Table) -> Table:
    """The services that records name."""
    return named.filter(_.role == "service").select("value").distinct()


def movement(recent: Table, now: int, window: int) -> Table:
    """Records of each lesson in the current window and in the one before it."""
    start, earlier = now - window, now - 2 * window
    current = in_window(recent.instant, start, now).cast("int64").sum()
    previous = in_window(recent.instant, earlier, start).cast("int64").sum()
    return recent.group_by(_LESSON).aggregate(current=current, previous=previous)


def sessions(recent: Table, since: int, now: int) -> Table:
    """Sessions of each lesson in a window; a session counts once in each repository."""
    within = _with_weights(recent.filter(in_window(_.instant, since, now) & (_.lesson != "")))
    by_minute = _opening(within, {"n": _.count()})
    return by_minute.group_by(_LESSON).aggregate(sessions=_.count())


def lesson_names(lessons: Table) -> Table:
    """The names of each lesson, with in how many repositories it has them, and its category."""
    return lessons.group_by([_LESSON, "name", "category", "instruction", "grouped"]).aggregate(
        repositories=_.count(), occurrences=_.occurrences.sum(), places=_.places.sum()
    )


def in_runbooks(lessons: Table) -> Table:
    """The lessons that are in a runbook, with the repository."""
    return lessons.filter((_.promoted > 0) & (_.archived == 0)).select(*_BOTH, "confidence")


def chances(lessons: Table, facts: Table, counts: Table, repositories: Table, now: int) -> Table:
    """How often agents could have repeated each fact of the grouped lessons, by repository.

    Columns: ``before``, up to the month of the newest record of the lesson anywhere; ``since``, in
    whole months after it; ``part``, in a month of which only ``inside`` of ``span`` microseconds
    are over. The fact ``""`` stands for all commits of agents. Repositories in which less than
    half of the time since then was counted are left out.
    """
    grouped = lessons.filter(_.grouped == 1)
    quiet = grouped.group_by(_LESSON).aggregate(low=_.quiet_from.max())
    everything = grouped.select(*_BOTH).distinct().mutate(fact=ibis.literal(""))
    wanted = facts.select(*_BOTH, "fact").union(everything).join(quiet, _LESSON)
    known = wanted.join(repositories.select(_REPOSITORY, "counted"), _REPOSITORY)
    known = known.mutate(high=ibis.least(_.counted, ibis.literal(now, "int64")))
    known = known.filter((_.low < _.counted) & (2 * (_.high - _.low) >= now - _.low))
    rows = known.join(counts, [_REPOSITORY, "fact"])
    rows = rows.mutate(end=ibis.least(_.stop, ibis.greatest(_.counted, _.start + 1)))
    is_before = (rows.start < rows.low) & (rows.start < rows.counted)
    is_after = (rows.start >= rows.low) & (rows.start < rows.high)
    is_partial = is_after & (rows.high < rows.end)
    zero = ibis.literal(0, "int64")
    return rows.group_by([*_BOTH, "fact"]).aggregate(
        before=is_before.ifelse(rows.chances, zero).sum(),
        since=(is_after & ~is_partial).ifelse(rows.chances, zero).sum(),
        part=is_partial.ifelse(rows.chances, zero).sum(),
        inside=is_partial.ifelse(rows.high - rows.start, zero).max(),
        span=is_partial.ifelse(rows.end - rows.start, zero).max(),
    )


def agents_work(counts: Table, since: int, now: int) -> Table:
    """Agents' commits by month of each repository, in the months of a window."""
    within = counts.filter((_.fact == "") & (_.start < now) & (_.stop > since))
    return within.select(_REPOSITORY, "month", "chances", "corrected")


def correction_types(records: Table, since: int | None, now: int) -> Table:
    """Corrections in a window by repository, lesson, type and agent."""
    within = records.filter((_.kind == Kind.CORRECTION.value) & (_.instant <= now))
    if since is not None:
        within = within.filter(_.instant > since)
    return within.group_by([*_BOTH, "correction_type", "agent"]).aggregate(records=_.count())


def by_repository(totals: Table, lessons: Table) -> Table:
    """The records of each lesson in each repository, since when, and under which name."""
    counted = totals.filter(_.lesson != "").select(*_BOTH, "records", "first", "last")
    # A repository may have a lesson under one name only: its key is made from what it has.
    return counted.join(lessons.select(*_BOTH, "name"), _BOTH, how="left")
