"""The tables of a bundle: exactly what ``errata export`` lets out of a repository.

docs/fleet.md and ``errata export --columns`` are made from this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FORMAT = 1
"""The version of the format; readers refuse others."""
MANIFEST = "manifest.json"
MAX_FOLDERS = 2
"""How many levels of folders leave a repository."""
TALLIES = ("before", "after", "read", "unread", "others_before", "others_after")

Type = Literal["text", "int", "float"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        type: ``int`` has 64 bits; instants are microseconds since 1970 UTC, and 0 where there is
            none.
        says: what it holds, for people.
    """

    name: str
    type: Type
    says: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table: one Parquet file of a bundle. The first column is always the repository.

    Attributes:
        order: the columns that its rows are sorted by.
    """

    name: str
    says: str
    columns: tuple[Column, ...]
    order: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its columns."""
        return tuple(column.name for column in self.columns)


def _text(name: str, says: str) -> Column:
    return Column(name, "text", says)


def _int(name: str, says: str) -> Column:
    return Column(name, "int", says)


def _float(name: str, says: str) -> Column:
    return Column(name, "float", says)


_REPOSITORY = _text("repository", "Name of the repository, or what `--service` says")
_LESSON = _text(
    "lesson", "Key of the lesson: a digest of its facts, or of its name if it has none; or empty"
)


def _tally(name: str) -> tuple[Column, ...]:
    about = name.replace("_", " ")
    is_other = name.startswith("others")
    did = "Those that were corrected in any other way" if is_other else "Those that did"
    return (
        _int(f"{name}_chances", f"Agents' commits that could have repeated it: {about}"),
        _int(f"{name}_repeated", did),
        _int(f"{name}_clusters", "The sessions that these commits belong to"),
        _float(
            f"{name}_design_effect",
            "By what factor the variance exceeds that of independent commits",
        ),
    )


REPOSITORIES = Table(
    "repositories",
    "The repository itself",
    (
        _REPOSITORY,
        _int("newest", "Instant of the newest record"),
        _int("records", "How many records there are"),
        _int("counted", "Instant up to which agents' commits were counted"),
    ),
    ("repository",),
)
RECORDS = Table(
    "records",
    "One row for each record in the logs that counts",
    (
        _REPOSITORY,
        _text("id", "Digest of the record"),
        _int("instant", "When it was recorded"),
        _text("kind", "finding, learning, correction or incident"),
        _text("source", "Where it comes from, which decides its weight"),
        _text("severity", "blocking, warning or nit"),
        _LESSON,
        _text("pattern", "Name of the pattern or lesson; empty if it has none"),
        _text("correction_type", "Type of a correction"),
        _text("agent", "Agent that recorded it, or was corrected"),
        _text("named_agents", "Agents that should learn it, else that agent; joined by commas"),
        _text("service", "Service that the record names"),
        _int("session", "Digest of the session's id; 0 if it names none"),
        _text("folder", f"At most {MAX_FOLDERS} levels of the folder of its file"),
        _int("certainty", "Probability that it is a correction, in tenths"),
    ),
    ("instant", "id"),
)
LESSONS = Table(
    "lessons",
    "One row for each pattern or lesson",
    (
        _REPOSITORY,
        _LESSON,
        _text("name", "Its name in this repository"),
        _text("instruction", "What to do, in errata's own words"),
        _text("category", "Its category"),
        _int("places", "In how many folders it happened"),
        _int("occurrences", "How many records it has"),
        _int("quiet_from", "End of the month (UTC) of the newest record"),
        _int("grouped", "1 if errata made it of records without a pattern, else 0"),
        _float("confidence", "Its confidence when the newest record of the repository was logged"),
        _int("promoted", "When it first entered a runbook"),
        _int("archived", "When it left the runbooks, if it is in none now"),
    ),
    ("lesson", "name"),
)
FACTS = Table(
    "facts",
    "The facts of the lessons: which edits they are about",
    (
        _REPOSITORY,
        _LESSON,
        _text("fact", "Digest of the fact"),
        _text(
            "says",
            "The fact, such as `call-removed console.log`, with names of the code and "
            f"at most {MAX_FOLDERS} levels of folders",
        ),
    ),
    ("lesson", "says", "fact"),
)
CHANCES = Table(
    "chances",
    "How often agents could have repeated a fact of a lesson, by month",
    (
        _REPOSITORY,
        _text("fact", "Digest of the fact; empty for all commits of agents"),
        _text("month", "Month (UTC), such as 2026-11"),
        _int("start", "Instant when that month begins"),
        _int("stop", "Instant when it ends"),
        _int("chances", "Agents' commits that could have called for it"),
        _int("corrected", "Those that were corrected in this way"),
    ),
    ("fact", "month"),
)
OUTCOMES = Table(
    "outcomes",
    "What agents repeated of a lesson before it was in force and after",
    (
        _REPOSITORY,
        _LESSON,
        _text("name", "Its name; of a rule that people wrote, a digest of its name"),
        _text("source", "lesson; or rule, from a file that people wrote"),
        _int("since", "When it came into force"),
        _int("until", "When it was taken out; 0 if it is in force"),
        *(column for name in TALLIES for column in _tally(name)),
    ),
    ("name", "lesson", "since"),
)
PROMOTIONS = Table(
    "promotions",
    "The events of the promotion log",
    (
        _REPOSITORY,
        _LESSON,
        _int("instant", "When it happened"),
        _text("event", "promoted, updated, archived or restored"),
        _float("confidence", "Confidence at that moment"),
        _int("occurrences", "Occurrences at that moment"),
        _text("agents", "Agents whose runbooks it is in; joined by commas"),
    ),
    ("instant", "lesson", "event", "agents"),
)
EXAMPLES = Table(
    "examples",
    "Code: only with `--code`",
    (
        _REPOSITORY,
        _LESSON,
        _text("before", "At most three lines that an agent wrote; secrets are redacted"),
        _text("after", "What a person made of them"),
    ),
    ("lesson", "before", "after"),
)

TABLES = (REPOSITORIES, RECORDS, LESSONS, FACTS, CHANCES, OUTCOMES, PROMOTIONS)
"""The tables of every bundle."""
WITH_CODE = (*TABLES, EXAMPLES)
"""The tables of a bundle that ``--code`` asked for."""


def table(name: str) -> Table:
    """The table of this name. Raises KeyError: there is none."""
    return {table.name: table for table in WITH_CODE}[name]
