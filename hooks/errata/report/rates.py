"""How many agents' commits were corrected: by month, agent, model, folder and kind of file."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from errata.lessons.agent_work import AgentWork, bit, files_of
from errata.lessons.corrected_commits import CorrectedCommit
from errata.provenance.identity import Provenance
from errata.report.model import HeatRow, Row, Share

NOT_RECORDED = "not recorded"
_OTHERS = "all others"
_MOST_ROWS = 12
_MOST_MONTHS = 24
_HEAT_FILES, _HEAT_MONTHS = 15, 12
_DEEPEST = 4
_DOMINANT = 0.6
"""A folder that more of the work than this is in is divided into its folders."""
_KINDS = {"test": "tests", "prose": "documentation", "config": "configuration", "code": "code"}
"""Flag of the added lines -> kind of file; the first that a file has counts."""
TOP = "(top folder)"


@dataclass(frozen=True, slots=True)
class WorkRow:
    """One commit of an agent.

    Attributes:
        files: path -> kind of file.
        corrected: the files in which it was corrected; None if it was not.
    """

    month: str
    agent: str
    model: str
    files: Mapping[str, str]
    corrected: frozenset[str] | None


def rows_of(
    work: AgentWork, agents: Mapping[str, Provenance], corrected: Iterable[CorrectedCommit]
) -> list[WorkRow]:
    """The commits of agents, each with what became of it.

    Args:
        agents: who made each commit, by object id.
        corrected: the corrections; those of commits that are not in the history do not count.
    """
    files: dict[str, set[str]] = defaultdict(set)
    for row in corrected:
        files[row.sha].update(row.files)
    paths = work.paths()
    nobody = Provenance("unknown")
    rows = []
    for commit in work.commits:
        maker = agents.get(commit.sha, nobody)
        rows.append(
            WorkRow(
                commit.month,
                maker.name or NOT_RECORDED,
                maker.model or NOT_RECORDED,
                {paths[number]: _kind(flags) for number, flags in files_of(commit)},
                frozenset(files[commit.sha]) if commit.sha in files else None,
            )
        )
    return rows


def by_month(rows: Sequence[WorkRow]) -> list[Row]:
    """The months from the first to the newest with work, at most the newest two years."""
    shares = _shares(rows, lambda row: [row.month], lambda row: {row.month})
    return [Row(month, shares.get(month, Share(0, 0))) for month in _months(shares)[-_MOST_MONTHS:]]


def by_agent(rows: Sequence[WorkRow]) -> list[Row]:
    """The agents, those with the most commits first."""
    return _ranked(_shares(rows, lambda row: [row.agent], lambda row: {row.agent}))


def by_model(rows: Sequence[WorkRow]) -> list[Row]:
    """The models; none if no commit names one."""
    ranked = _ranked(_shares(rows, lambda row: [row.model], lambda row: {row.model}))
    return ranked if any(row.label != NOT_RECORDED for row in ranked) else []


def by_kind(rows: Sequence[WorkRow]) -> list[Row]:
    """The kinds of files; a commit counts for each kind that it changed."""

    def corrected(row: WorkRow) -> set[str]:
        return {row.files[path] for path in row.corrected or () if path in row.files}

    return _ranked(_shares(rows, lambda row: {*row.files.values()}, corrected))


def by_folder(rows: Sequence[WorkRow]) -> list[Row]:
    """The parts of the code; a commit counts for each folder that it changed."""
    area = areas(path for row in rows for path in row.files)

    def corrected(row: WorkRow) -> set[str]:
        return {area(path) for path in row.corrected or () if path in row.files}

    return _ranked(_shares(rows, lambda row: {*map(area, row.files)}, corrected))


def areas(paths: Iterable[str]) -> Callable[[str], str]:
    """Which part of the code a path is in: its top folder, or one below where most of it is."""
    counts = Counter(paths)
    total = sum(counts.values())
    divided: set[str] = set()
    for depth in range(1, _DEEPEST):
        sizes = Counter[str]()
        for path, count in counts.items():
            sizes[_prefix(path, depth)] += count
        folder, size = max(sizes.items(), key=lambda item: item[1], default=("", 0))
        if not folder.endswith("/") or size < _DOMINANT * total:
            break
        divided.add(folder)

    def area(path: str) -> str:
        for depth in range(1, _DEEPEST + 1):
            folder = _prefix(path, depth)
            if folder not in divided:
                break
        return folder if folder.endswith("/") else _prefix(path, depth - 1) or TOP

    return area


def heat(rows: Sequence[WorkRow], present: Collection[str]) -> tuple[list[HeatRow], list[str]]:
    """The files that were corrected most, and the newest months, for a heat map.

    Args:
        present: the files that are there now.
    """
    shares: dict[str, dict[str, Share]] = defaultdict(dict)
    for row in rows:
        for path in row.files.keys() & present:
            old = shares[path].get(row.month, Share(0, 0))
            shares[path][row.month] = old + Share(path in (row.corrected or ()), 1)
    months = _months({row.month for row in rows})[-_HEAT_MONTHS:]
    totals = {path: sum(by.values(), Share(0, 0)) for path, by in shares.items()}
    hottest = sorted(
        (path for path, share in totals.items() if share.count),
        key=lambda path: (-totals[path].count, -totals[path].value, path),
    )
    return [HeatRow(path, totals[path], shares[path]) for path in hottest[:_HEAT_FILES]], months


def _kind(flags: int) -> str:
    return next((name for flag, name in _KINDS.items() if flags & bit(flag)), "code")


def _shares(
    rows: Iterable[WorkRow],
    labels: Callable[[WorkRow], Iterable[str]],
    corrected: Callable[[WorkRow], Collection[str]],
) -> dict[str, Share]:
    """Label -> commits, and those of them that were corrected there."""
    counts, totals = Counter[str](), Counter[str]()
    for row in rows:
        hit = corrected(row) if row.corrected is not None else ()
        for label in labels(row):
            totals[label] += 1
            counts[label] += label in hit
    return {label: Share(counts[label], total) for label, total in totals.items()}


def _ranked(shares: Mapping[str, Share]) -> list[Row]:
    names = sorted(shares, key=lambda name: (-shares[name].total, name))
    if len(names) <= _MOST_ROWS:
        return [Row(name, shares[name]) for name in names]
    shown = names[: _MOST_ROWS - 1]
    rest = sum((shares[name] for name in names[_MOST_ROWS - 1 :]), Share(0, 0))
    return [*(Row(name, shares[name]) for name in shown), Row(_OTHERS, rest)]


def _months(known: Collection[str]) -> list[str]:
    """All months from the first to the last, those without work, too."""
    return [*_months_between(min(known), max(known))] if known else []


def _months_between(first: str, last: str) -> Iterator[str]:
    year, month = int(first[:4]), int(first[5:])
    while (name := f"{year:04}-{month:02}") <= last:
        yield name
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)


def _prefix(path: str, depth: int) -> str:
    """The first folders of a path, with a slash; the whole path if it is not so deep."""
    parts = path.split("/")
    if not depth:
        return ""
    return "/".join(parts[:depth]) + "/" if len(parts) > depth else path
