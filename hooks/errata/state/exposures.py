"""Which agent was given which runbook, and when.

Nothing reads this yet. It is kept so that work done with a runbook can later be compared with work
done without it; the ``Runbook:`` trailer of a commit names the same digest.
"""

from __future__ import annotations

from errata.state import database

TYPE_CHECKING = False
if TYPE_CHECKING:
    from errata.core.git import Repository

MAX_ROWS = 20_000


def add(repo: Repository, time: str, session: str, tool: str, agent: str, runbook: str) -> None:
    """Remember that an agent was given a runbook.

    Args:
        time: ISO 8601, UTC.
        runbook: its digest (errata.runbooks.digest); "" if the agent has none.

    Raises:
        StateError: it cannot be kept.
    """
    with database.transaction(repo) as db:
        cursor = db.execute(
            "INSERT INTO exposures (time, session, tool, agent, runbook) VALUES (?, ?, ?, ?, ?)",
            (time, session, tool, agent, runbook),
        )
        assert cursor.lastrowid is not None
        db.execute("DELETE FROM exposures WHERE number <= ?", (cursor.lastrowid - MAX_ROWS,))
