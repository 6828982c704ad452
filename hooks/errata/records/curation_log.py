"""The curation log: what people, and agents, decided about corrections and patterns.

``curation.jsonl`` lies in the patterns folder. It is append-only, tracked, and merged by union. A
decision has a digest of its content as id, and decisions are ordered by time, then by id: neither
the order of the lines nor a repeated line matters.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from errata.core import git
from errata.core.config import CURATION_LOG, Config
from errata.core.errors import RecordError
from errata.core.git import Repository
from errata.provenance import environment
from errata.records import append as records_append
from errata.records import deduplication, identity, instants, log_lock, patterns_folder
from errata.records.deduplication import OUTBOX_FILE
from errata.records.model import FUTURE_TOLERANCE, CorrectionType

REQUIRED: Mapping[str, tuple[str, ...]] = {
    "accept": ("corrections",),
    "reject": ("corrections",),
    "teach": ("pattern", "corrections"),
    "rename": ("pattern", "to"),
    "merge": ("pattern", "into"),
    "dismiss": ("pattern",),
    "pin": ("pattern",),
    "confirm": (),
    "undo": ("of",),
}
"""Each action, and the fields that it needs; ``confirm`` needs ``pattern`` or ``of``."""
MAX_LINE = 1 << 20
"""Bytes of a line, without its end."""
MAX_NAME, MAX_WHY, MAX_TEXT = 100, 300, 1000
"""Characters of a name, of a reason, and of a description or an instruction."""
_ANONYMOUS = "somebody"

_PLAIN = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]+\Z"
Action = Literal[
    "accept", "reject", "teach", "rename", "merge", "dismiss", "pin", "confirm", "undo"
]
DecisionId = Annotated[str, msgspec.Meta(pattern=r"^cur-[0-9a-f]{16}\Z")]
RecordId = Annotated[
    str, msgspec.Meta(pattern=r"^[^\x00-\x20\x7f-\x9f\u2028\u2029]+\Z", max_length=200)
]
CommitId = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{40}([0-9a-f]{24})?\Z")]
PatternName = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*\Z", max_length=100)]
AgentName = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*\Z", max_length=64)]
Name = Annotated[str, msgspec.Meta(pattern=_PLAIN, max_length=MAX_NAME)]
Why = Annotated[str, msgspec.Meta(pattern=_PLAIN, max_length=MAX_WHY)]
Text = Annotated[str, msgspec.Meta(pattern=_PLAIN, max_length=MAX_TEXT)]
LineHash = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{8}\Z")]
Hashes = Annotated[tuple[LineHash, ...], msgspec.Meta(max_length=64)]


class Author(msgspec.Struct, frozen=True, order=True):
    """Who decided: a person by the name that git knows, or an agent."""

    kind: Literal["person", "agent"]
    name: Name


class Decision(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the file.

    Attributes:
        timestamp: ISO 8601.
        action: see :data:`REQUIRED`.
        pattern: the pattern that it is about, as it was called then.
        corrections: ids of corrections.
        also: ids of corrections that show the pattern, too; they count for each of their patterns.
        commits: full ids of the commits that make those of the corrections that were not logged.
        type: of the corrections, in place of the one that their records have.
        to, into: the new name of a pattern; the pattern that it becomes part of.
        of: the decision that is undone, or confirmed.
        description, instead: what a pattern teaches: what is wrong, and what to do.
        agent: whose runbook gets it.
        fingerprints: those of rejected corrections, by id.
    """

    id: DecisionId
    timestamp: str
    by: Author
    action: Action
    pattern: PatternName = ""
    corrections: Annotated[tuple[RecordId, ...], msgspec.Meta(max_length=1000)] = ()
    also: Annotated[tuple[RecordId, ...], msgspec.Meta(max_length=1000)] = ()
    commits: Annotated[tuple[CommitId, ...], msgspec.Meta(max_length=1000)] = ()
    type: CorrectionType | None = None
    to: PatternName = ""
    into: PatternName = ""
    of: DecisionId | None = None
    description: Text = ""
    instead: Text = ""
    agent: AgentName = ""
    fingerprints: dict[RecordId, Hashes] = {}
    why: Why = ""

    @property
    def when(self) -> int:
        """The instant of the decision. Raises ValueError: the timestamp is not one."""
        return instants.parse_recorded(self.timestamp)

    @property
    def order(self) -> tuple[int, str]:
        """Decisions take effect in this order."""
        return self.when, self.id

    @property
    def by_person(self) -> bool:
        """Whether a person decided."""
        return self.by.kind == "person"

    @property
    def gives_type(self) -> bool:
        """Whether it says of which type its corrections are."""
        return self.type is not None and self.action in ("accept", "teach")

    @property
    def names(self) -> tuple[str, ...]:
        """The patterns that it names."""
        return tuple(filter(None, (self.pattern, self.to, self.into)))


def id_of(fields: Mapping[str, Any]) -> str:
    """The id of a decision: a digest of all its other fields. Raises RecordError: not JSON."""
    content = {key: value for key, value in fields.items() if key != "id"}
    return "cur-" + hashlib.sha256(identity.canonical(content)).hexdigest()[:16]


def relative_path(config: Config) -> str:
    """The file, relative to the top of the repository."""
    return f"{config.paths.patterns.rstrip('/')}/{CURATION_LOG}"


def read(root: Path, config: Config) -> bytes:
    """The content of the file; see :func:`errata.records.patterns_folder.read`."""
    return patterns_folder.read(root, config, CURATION_LOG)


def present(
    root: Path, config: Config, until: int | None = None
) -> tuple[list[Decision], list[int]]:
    """The decisions in the file, as :func:`parse`, without those that are in the future.

    Where a line is says nothing of when somebody decided: git merges files in either order. So
    these are left out, as records are; they would win over all that people decide from now on, and
    nothing could undo them.

    Args:
        until: what is not later than this (microseconds UTC) is not in the future either.

    Raises:
        LogError: the file cannot be read, or a link leads out of the work tree.
    """
    latest = instants.clock() + FUTURE_TOLERANCE
    return parse(read(root, config), max(latest, until or latest))


def parse(data: bytes, latest: int = instants.END) -> tuple[list[Decision], list[int]]:
    """The decisions in their order, each once, and the numbers of the lines that are left out.

    Args:
        latest: a decision after this (microseconds UTC) is not valid.
    """

    def decode_until(line: bytes) -> Decision:
        decision = decode(line)
        if decision.when > latest:
            raise ValueError("it is in the future")
        return decision

    decisions, invalid = patterns_folder.parse(data, decode_until)
    once = {decision.id: decision for decision in decisions}.values()
    return sorted(once, key=lambda decision: decision.order), invalid


def decode(line: bytes) -> Decision:
    """One line. Raises ValueError, RecursionError, RecordError: it is not valid."""
    if len(line) > MAX_LINE:
        raise ValueError("the line is longer than 1 MiB")
    fields = identity.decode(line)
    decision = msgspec.convert(fields, Decision)
    if problem := problem_of(fields):
        raise ValueError(problem[1])
    assert decision.when is not None
    return decision


def problem_of(fields: Any) -> tuple[str, str] | None:
    """What the schema cannot say is wrong with a decision: (JSON path, message), or None."""
    if fields["id"] != (id := id_of(fields)):
        return "$.id", f"{fields['id']!r} is not the digest of the other fields, which is {id!r}"
    if missing := [name for name in REQUIRED[fields["action"]] if name not in fields]:
        return "$", f"{missing[0]!r} is missing"
    if fields["action"] in ("accept", "reject") and not fields["corrections"]:
        return "$.corrections", "at least one id"
    if fields["action"] == "confirm" and not {"pattern", "of"} & {*fields}:
        return "$", "'pattern' or 'of' is missing"
    if (name := fields.get("pattern")) and name in (fields.get("to"), fields.get("into")):
        return "$.pattern", f"{name!r} already has this name"
    return None


def author(repo: Repository, env: Mapping[str, str]) -> Author:
    """Who runs this process: the agent that the environment names, else a person."""
    if agent := environment.at_keyboard(env):
        return Author("agent", agent.name[:MAX_NAME])
    status, ident = git.run_status("var", "GIT_AUTHOR_IDENT", cwd=repo.root)
    name = ident.decode("utf-8", "replace").partition(" <")[0] if status == 0 else ""
    name = "".join(char for char in name if char.isprintable()).strip()
    return Author("person", name[:MAX_NAME] or _ANONYMOUS)


def append_decision(
    repo: Repository, config: Config, by: Author, content: Mapping[str, Any], *, now: int
) -> Decision:
    """Append one decision; as :func:`append_decisions`."""
    return append_decisions(repo, config, by, [content], now=now)[0]


def append_decisions(
    repo: Repository,
    config: Config,
    by: Author,
    contents: Sequence[Mapping[str, Any]],
    *,
    now: int,
    before: Callable[[], object] = lambda: None,
) -> list[Decision]:
    """Append decisions, all or none; returns them as written.

    Args:
        contents: ``action`` and further fields of :class:`Decision`, but id, timestamp and author;
            values that are None or empty texts are left out. Fingerprints are added.
        now: microseconds UTC; each decision is a microsecond later.
        before: what has to be done first; it is called once all decisions are known to be valid.

    Raises:
        RecordError: one is not valid; the message says why.
        LogError: the file cannot be read or written, or a link leads out of the work tree.
    """
    log_lock.remember(repo)
    path = patterns_folder.path_of(repo.root, config, CURATION_LOG)
    with log_lock.locked(path, root=repo.root):
        decisions, _ = parse(read(repo.root, config))
        # What is decided later must win, whatever the clock of the person who decided before.
        near = [item.when for item in decisions if item.when <= now + FUTURE_TOLERANCE]
        now = max(now, near[-1] + 1) if near else now
        new = [
            _fields(repo, config, by, content, now + number)
            for number, content in enumerate(contents)
        ]
        written = [_checked(fields) for fields in new]
        before()
        records_append.append(path, new, root=repo.root)
    return written


def _fields(
    repo: Repository, config: Config, by: Author, content: Mapping[str, Any], when: int
) -> dict[str, Any]:
    """The JSON object of a decision."""
    fields = {
        "timestamp": instants.iso(when),
        "by": {"kind": by.kind, "name": by.name},
        **{key: value for key, value in content.items() if value not in (None, "", {})},
    }
    if fields.get("action") == "reject" and not fields.get("pattern"):
        logged = _fingerprints(repo, config, fields.get("corrections", ()))
        fingerprints = {**fields.pop("fingerprints", {}), **logged}
        fields |= {"fingerprints": fingerprints} if fingerprints else {}
    return {"id": id_of(fields), **fields}


def _checked(fields: Mapping[str, Any]) -> Decision:
    try:
        return decode(records_append.encode(fields))
    except (ValueError, KeyError) as error:
        raise RecordError(f"not decided: {error}") from error


def _fingerprints(
    repo: Repository, config: Config, corrections: Sequence[str]
) -> dict[str, list[str]]:
    """The fingerprints of corrections, by id."""
    logs = [repo.root / config.logs.corrections]
    if repo.state_dir:
        logs.append(repo.state_dir / OUTBOX_FILE)
    return {
        str(id): hashes
        for record in deduplication.search(logs, list(corrections))
        if (id := record.get("id")) in corrections and (hashes := record.get("marks"))
    }
