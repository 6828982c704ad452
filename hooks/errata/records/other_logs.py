"""The logs of the patterns folder that are checked before they are committed.

They hold no records, but are as append-only as the logs that do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from errata.core.config import CHANCES_LOG, CURATION_LOG, Config

Fault = tuple[str, str]
"""JSON path of a value; the problem and what is allowed."""
_TEXTS = ("description", "instead", "why")


class OtherLog(NamedTuple):
    """One kind of log; the name of its schema is its key in :data:`OTHER_LOGS`.

    Attributes:
        file_name: in the patterns folder.
        faults: of a line that is valid by its schema, what else is wrong with it.
    """

    file_name: str
    faults: Callable[[Any], Iterator[Fault]]


def paths(config: Config) -> dict[str, str]:
    """Path of each of these logs, relative to the top of the repository -> its kind."""
    folder = config.paths.patterns.rstrip("/")
    return {f"{folder}/{log.file_name}": kind for kind, log in OTHER_LOGS.items()}


def faults_of(kind: str, value: Any) -> list[Fault]:
    """What the schema cannot say is wrong with a line of a log; [] for logs of records."""
    log = OTHER_LOGS.get(kind)
    return list(log.faults(value)) if log else []


def _decision_faults(value: Any) -> Iterator[Fault]:
    # Hooks that ask only where these logs are should not wait for this.
    from errata.records import curation_log
    from errata.records.injection import sign_in

    if fault := curation_log.problem_of(value):
        yield fault
    for name in _TEXTS:
        if sign := sign_in(value.get(name, "")):
            yield f"$.{name}", f"speaks to the agent that reads it ({sign}); say what was observed"
    if sign := sign_in(value["by"]["name"]):
        yield "$.by.name", f"speaks to the agent that reads it ({sign}); use a name"


def _chances_faults(value: Any) -> Iterator[Fault]:
    from errata.records import schema

    pending: list[tuple[str, Any]] = [("$", value)]
    while pending:
        path, item = pending.pop()
        if isinstance(item, Mapping):
            pending += [(f"{path}[{schema.show(key)}]", inner) for key, inner in item.items()]
        elif isinstance(item, list) and len(item) == 2 and item[1] > item[0]:
            yield path, f"{item[1]} corrected of {item[0]} commits; allowed: at most all of them"


OTHER_LOGS: dict[str, OtherLog] = {
    "curation": OtherLog(CURATION_LOG, _decision_faults),
    "chances": OtherLog(CHANCES_LOG, _chances_faults),
}
