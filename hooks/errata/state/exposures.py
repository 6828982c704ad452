"""Which agent was given which runbook, and told which lesson, and when.

The doctor asks which agents there are. The rest is kept so that work done with a runbook can later
be compared with work done without it; the ``Runbook:`` trailer of a commit names the same digest.
"""

from __future__ import annotations

from typing import NamedTuple

from errata.state import database

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from errata.core.git import Repository

MAX_ROWS = 20_000


class Given(NamedTuple):
    """What the agents of a session were given.

    Attributes:
        runbooks: digests of the versions, without the names of the runbooks.
        lessons: the names of those that they were told by themselves.
    """

    runbooks: set[str]
    lessons: set[str]


def agents(repo: Repository) -> set[str]:
    """The agents that were given a runbook in this clone. Raises StateError: it cannot be read."""
    rows = database.fetch(repo, "SELECT DISTINCT agent FROM exposures")
    return {str(agent) for (agent,) in rows}


def of_session(repo: Repository, session: str, tool: str) -> set[str]:
    """The runbooks that agents were given last in a session. Raises StateError."""
    if not session:
        return set()
    last = "SELECT max(time) FROM exposures WHERE session = ? AND tool = ?"
    query = f"SELECT runbook FROM exposures WHERE session = ? AND tool = ? AND time = ({last})"
    rows = database.fetch(repo, query, session, tool, session, tool)
    return {str(runbook) for (runbook,) in rows}


def add(
    repo: Repository, time: str, session: str, tool: str, agent: str, runbooks: Sequence[str]
) -> None:
    """Remember which runbooks an agent was given: one row each, or one with "" for none.

    Args:
        time: ISO 8601, UTC.
        runbooks: their digests (errata.runbooks.digest).

    Raises:
        StateError: it cannot be kept.
    """
    with database.transaction(repo) as db:
        db.executemany(
            "INSERT INTO exposures (time, session, tool, agent, runbook) VALUES (?, ?, ?, ?, ?)",
            [(time, session, tool, agent, runbook) for runbook in runbooks or [""]],
        )
        oldest = "(SELECT max(number) FROM exposures) - ?"
        db.execute(f"DELETE FROM exposures WHERE number <= {oldest}", (MAX_ROWS,))


def add_lessons(
    repo: Repository,
    time: str,
    session: str,
    tool: str,
    agent: str,
    lessons: Sequence[str],
    *,
    reader: str = "",
) -> list[str]:
    """Remember that an agent is told lessons; returns those that it was not told in this session.

    Args:
        time: ISO 8601, UTC.
        lessons: their names.
        reader: the sub-agent that reads them, which knows nothing of what others were told.

    Raises:
        StateError: it cannot be kept.
    """
    insert = (
        "INSERT OR IGNORE INTO lesson_exposures (time, session, tool, agent, lesson, reader)"
        " VALUES (?, ?, ?, ?, ?, ?)"
    )
    with database.transaction(repo) as db:
        new = [
            lesson
            for lesson in lessons
            if db.execute(insert, (time, session, tool, agent, lesson, reader)).rowcount
        ]
        oldest = "(SELECT max(number) FROM lesson_exposures) - ?"
        db.execute(f"DELETE FROM lesson_exposures WHERE number <= {oldest}", (MAX_ROWS,))
    return new


def lessons_given(repo: Repository, session: str, tool: str, reader: str = "") -> set[str]:
    """The lessons that an agent was told in a session. Raises StateError: it cannot be read."""
    query = "SELECT lesson FROM lesson_exposures WHERE tool = ? AND session = ? AND reader = ?"
    return {str(lesson) for (lesson,) in database.fetch(repo, query, tool, session, reader)}


def given(repo: Repository) -> dict[str, Given]:
    """What each session was given in this clone. Raises StateError: it cannot be read."""
    sessions: dict[str, Given] = {}
    query = "SELECT session, runbook FROM exposures WHERE session != ''"
    for session, runbook in database.fetch(repo, query):
        row = sessions.setdefault(str(session), Given(set(), set()))
        # An empty name stands for no runbook.
        row.runbooks.update(filter(None, [str(runbook).rpartition("@")[2]]))
    query = "SELECT session, lesson FROM lesson_exposures WHERE session != ''"
    for session, lesson in database.fetch(repo, query):
        sessions.setdefault(str(session), Given(set(), set())).lessons.add(str(lesson))
    return sessions
