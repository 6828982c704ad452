"""The lines of ``chances.jsonl``: what agents' commits could have called for, counted by month.

``errata backfill`` appends a line when its counts differ from those of the newest line. The file
is tracked and merged by union: neither the order of its lines nor a repeated line matters.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec

from errata.core.config import CHANCES_LOG, Config
from errata.lessons.outcome_counts import MAX_OUTCOMES, Count, OutcomeCounts, Tally
from errata.records import append as records_append
from errata.records import instants, patterns_folder

MAX_FACTS, MAX_PLACES = 500, 200
"""The most facts of one line, and the most files and folders each."""
MAX_LABEL = 300
"""Characters of a fact, or of a path."""
MAX_LINE = 1 << 20
"""Bytes of a line, without its end."""

Month = Annotated[str, msgspec.Meta(pattern=r"^[1-9][0-9]{3}-(0[1-9]|1[0-2])\Z")]
Text = Annotated[str, msgspec.Meta(pattern=r"^[^\x00-\x1f\x7f]+\Z", max_length=MAX_LABEL)]
ByMonth = dict[Month, tuple[Count, Count]]
"""Month (UTC) -> agents' commits, and those of them that were corrected."""
ByFact = Annotated[dict[Text, ByMonth], msgspec.Meta(max_length=MAX_FACTS)]
ByPlace = Annotated[dict[Text, ByMonth], msgspec.Meta(max_length=MAX_PLACES)]


_NO_TALLY = msgspec.to_builtins(Tally())


class ChancesLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the file.

    Attributes:
        as_of: time of the newest commit that was read, ISO 8601.
        commit: the object id of the commit that history was read from.
        agent_commits: all agents' commits, and those that were corrected in any way.
        edits: for an edit, the commits that could have called for it, and those that did.
        kinds: for a kind of edits with subjects, the names that agents added (in each commit each
            name once), and those of them that were corrected in this way.
        files, folders: the commits that changed each, and those that were corrected there.
        file_changes, folder_changes: the sums over all files, or folders, with enough changes.
        compared_files, compared_folders: how many those are.
        outcomes: name of a lesson, or ``FILE: name`` of a rule -> how often agents repeated it.
    """

    as_of: str
    commit: Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})\Z")]
    agent_commits: ByMonth
    edits: ByFact = {}
    kinds: ByFact = {}
    files: ByPlace = {}
    folders: ByPlace = {}
    file_changes: ByMonth = {}
    folder_changes: ByMonth = {}
    compared_files: Count = 0
    compared_folders: Count = 0
    outcomes: Annotated[dict[Text, OutcomeCounts], msgspec.Meta(max_length=MAX_OUTCOMES)] = {}

    @property
    def when(self) -> int:
        """The instant up to which it counts. Raises ValueError: it is not one."""
        return instants.parse_recorded(self.as_of)

    def with_outcomes(self, more: Mapping[str, OutcomeCounts]) -> ChancesLine:
        """The line with further outcomes; of too many, its own last ones are left out."""
        kept = [name for name in self.outcomes if name not in more]
        kept = kept[: max(0, MAX_OUTCOMES - len(more))]
        outcomes = {**{name: self.outcomes[name] for name in kept}, **more}
        return msgspec.structs.replace(self, outcomes=dict(sorted(outcomes.items())))

    def to_record(self) -> dict[str, Any]:
        """The JSON object of the line."""
        record = {key: value for key, value in msgspec.to_builtins(self).items() if value}
        for name, outcome in record.get("outcomes", {}).items():
            kept = {key: value for key, value in outcome.items() if value and value != _NO_TALLY}
            record["outcomes"][name] = kept
        return record


def read(root: Path, config: Config) -> bytes:
    """The content of the file; see :func:`errata.records.patterns_folder.read`."""
    return patterns_folder.read(root, config, CHANCES_LOG)


def append(root: Path, config: Config, line: ChancesLine) -> bool:
    """Append a line, unless the file says the same or counts a newer history; whether it did.

    Raises:
        LogError: the file cannot be read or written, or a link leads out of the work tree.
    """
    line = _fit(line)
    newest, _ = parse(read(root, config))
    if newest:
        if (
            newest.commit == line.commit
            and msgspec.structs.replace(line, as_of=newest.as_of) == newest
        ):
            return False
        if is_older(line, newest):
            return False
        # Of two lines of one instant the later one must win.
        when = max(line.when, newest.when + 1)
        line = msgspec.structs.replace(line, as_of=instants.iso(when))
    path = patterns_folder.path_of(root, config, CHANCES_LOG)
    records_append.append(path, [line.to_record()], root=root)
    return True


def is_older(line: ChancesLine, newest: ChancesLine) -> bool:
    """Whether a line counts an older history than the newest line of the file."""
    return newest.when > line.when and newest.commit != line.commit


def _fit(line: ChancesLine) -> ChancesLine:
    """The line, without what has the fewest corrections if it is too long."""
    while len(msgspec.json.encode(line.to_record())) > MAX_LINE:
        if not (line.edits or line.files or line.folders):
            return msgspec.structs.replace(line, outcomes={})
        line = msgspec.structs.replace(
            line, edits=_half(line.edits), files=_half(line.files), folders=_half(line.folders)
        )
    return line


def _half(counts: dict[str, ByMonth]) -> dict[str, ByMonth]:
    def corrected(key: str) -> int:
        return sum(pair[1] for pair in counts[key].values())

    kept = sorted(counts, key=lambda key: (-corrected(key), key))[: len(counts) // 2]
    return {key: counts[key] for key in sorted(kept)}


def parse(data: bytes, until: int | None = None) -> tuple[ChancesLine | None, list[int]]:
    """The newest line, of equally new ones the greatest, and the numbers of invalid lines.

    Args:
        until: as if no line counted anything after this instant; None for all lines.
    """
    lines, invalid = patterns_folder.parse(data, _ranked)
    known = [line for line in lines if until is None or line[0] <= until]
    newest = max(known, key=lambda line: line[:2], default=None)
    return newest and newest[2], invalid


def _ranked(text: bytes) -> tuple[int, bytes, ChancesLine]:
    """A line after what decides between lines: its instant, then its content."""
    line = _decode(text)
    return line.when, msgspec.json.encode(line.to_record(), order="sorted"), line


def _decode(text: bytes) -> ChancesLine:
    """One line. Raises ValueError: it is not valid."""
    if len(text) > MAX_LINE:
        raise ValueError("the line is longer than 1 MiB")
    line: ChancesLine = _DECODER.decode(text)
    places = (line.edits, line.kinds, line.files, line.folders)
    counts = [line.agent_commits, line.file_changes, line.folder_changes]
    counts += (by_month for group in places for by_month in group.values())
    if any(pair[1] > pair[0] for by_month in counts for pair in by_month.values()):
        raise ValueError("more commits were corrected than there were")
    for outcome in line.outcomes.values():
        _check(outcome)
    return line


def _check(outcome: OutcomeCounts) -> None:
    """Raise ValueError: an instant is not one, or more was repeated than could be."""
    instants.parse_recorded(outcome.since)
    if outcome.until:
        instants.parse_recorded(outcome.until)
    if any(tally.repeated > tally.chances for tally in outcome.tallies()):
        raise ValueError("more commits repeated it than could have")


_DECODER = msgspec.json.Decoder(ChancesLine)
