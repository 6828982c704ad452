"""New records from command-line options or from JSON, and their validation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from errata.core.errors import ErrataError, RecordError
from errata.records import instants
from errata.records.model import SEVERITY_WORDS, CorrectionType, Kind, Severity

_LEVELS = ("high", "medium", "low")


@dataclass(frozen=True, slots=True)
class Field:
    """One option, and the key that it sets; ``a.b`` is key ``b`` of the object ``a``."""

    option: str
    key: str
    help: str
    choices: Sequence[str] = ()
    required: bool = False
    many: bool = False
    default: str | None = None


OWN_ID = Field("id", "id", "Own identity of the record; without one it is its content.")
_AGENT = Field("agent", "agent", "Agent; ERRATA_AGENT if that is set.")
_FEATURE = Field("feature-id", "feature_id", "Feature that was being worked on, as feat-042.")
_SERVICE = Field("service", "service", "Service it concerns.")
_CATEGORY = Field("category", "category", "As security, api, correctness or convention.")
_PATTERN = Field("pattern", "pattern", "Name of the pattern, as missing-input-validation.")
_FIX = Field("suggested-fix", "suggested_fix", "What to do instead.")
_AFFECTED = Field(
    "affected-agent", "affected_agents", "Agent that should learn it; repeatable.", many=True
)
_DESCRIPTION = Field("description", "description", "What is wrong, in one line.", required=True)
_FILE = Field("file", "file", "Path in the repository, possibly with :line.")
_CONTEXT = Field("context", "context", "Circumstances.")
_SESSION = Field(
    "session-id", "session_id", "Session in which it happened; ERRATA_SESSION if that is set."
)

FIELDS: dict[Kind, tuple[Field, ...]] = {
    Kind.FINDING: (
        Field("severity", "severity", "How bad it is.", tuple(Severity), required=True),
        _DESCRIPTION,
        Field("file", "file", "Path in the repository, possibly with :line.", required=True),
        _PATTERN,
        _AGENT,
        _FEATURE,
        Field("pr", "pr", "Pull request."),
        _SERVICE,
        _CATEGORY,
        _AFFECTED,
        _FIX,
        _CONTEXT,
        _SESSION,
    ),
    Kind.LEARNING: (
        Field("agent", "agent", _AGENT.help, required=True),
        Field("insight", "insight", "What was learned, in one line.", required=True),
        Field("type", "type", "Do it, avoid it, or know it.", ("pattern", "anti-pattern", "tip")),
        Field("name", "name", "Name of the pattern, as use-sync-once."),
        Field("confidence", "confidence", "How sure it is.", _LEVELS),
        _FEATURE,
        _SERVICE,
        _CATEGORY,
        Field("source-file", "source_file", "Path in the repository where it was learned."),
        Field("applicable-to", "applicable_to", "Agent it is for; repeatable.", many=True),
        Field("code-example", "code_example", "Code that shows it."),
        _CONTEXT,
        _SESSION,
    ),
    Kind.CORRECTION: (
        _SESSION,
        Field("agent", "agent", "Agent that was corrected; ERRATA_AGENT if set.", required=True),
        Field("type", "correction_type", "In what way.", tuple(CorrectionType), required=True),
        Field(
            "source",
            "source",
            "Did the person say so, or change it without a word?",
            ("explicit", "implicit"),
            default="explicit",
        ),
        Field("ai-summary", "ai_action.summary", "What the agent did.", required=True),
        Field("ai-tool", "ai_action.tool_used", "Tool the agent used."),
        Field("ai-file", "ai_action.file", "File the agent wrote."),
        Field("ai-commit", "ai_action.commit", "Commit the agent made."),
        Field("summary", "user_correction.summary", "What the person changed.", required=True),
        Field("verbatim", "user_correction.verbatim", "The person's words; stored only if given."),
        Field("commit", "user_correction.commit", "Commit the person made."),
        Field("files", "user_correction.files", "File the person changed; repeatable.", many=True),
        Field("pattern", "pattern_inferred", _PATTERN.help),
        Field("pattern-confidence", "pattern_confidence", "How sure the pattern is.", _LEVELS),
        Field("severity", "severity", "How bad it is.", _LEVELS),
        _CATEGORY,
        _FIX,
        Field("task", "context.task", "What the agent had been asked to do."),
        Field("feature-id", "context.feature_id", _FEATURE.help),
        Field("service", "context.service", _SERVICE.help),
    ),
    Kind.INCIDENT: (
        Field("severity", "severity", "How bad it was.", tuple(SEVERITY_WORDS), required=True),
        _DESCRIPTION,
        _SERVICE,
        _PATTERN,
        _CATEGORY,
        _AGENT,
        _AFFECTED,
        _FILE,
        _FEATURE,
        Field("root-cause", "root_cause", "Why it happened."),
        _FIX,
        _SESSION,
    ),
}


def build(kind: Kind, given: dict[str, Any], extra: Sequence[str], now: int) -> dict[str, Any]:
    """The record that options describe.

    Args:
        given: option name (``feature-id``) -> value; absent, None and empty lists are left out.
        extra: ``KEY=VALUE`` texts.
        now: the present, microseconds UTC; the record's time unless ``given`` has one.

    Raises:
        ErrataError: a required option is missing, or an extra key is not one.
    """
    record: dict[str, Any] = {"id": given["id"]} if given.get("id") is not None else {}
    record |= {key: given[key] for key in ("date", "timestamp") if given.get(key) is not None}
    record = with_time(kind, record, now)
    for field in FIELDS[kind]:
        value = given.get(field.option)
        if value is not None and value != ():
            *outer, key = field.key.split(".")
            target = record.setdefault(outer[0], {}) if outer else record
            target[key] = _value(field, value)
        elif field.required:
            allowed = f"one of: {', '.join(field.choices)}" if field.choices else field.help
            raise ErrataError(f"not logged: --{field.option} is missing", allowed)
    return record | _extra(kind, extra)


def with_time(kind: Kind, record: dict[str, Any], now: int) -> dict[str, Any]:
    """The record, with the present as its time if it has none; a correction gets both fields."""
    day: Any = record.get("date")
    instant: Any = record.get("timestamp")
    if kind is not Kind.CORRECTION:
        return record if day or instant else {"timestamp": instants.iso(now), **record}
    given = instant or day
    try:
        when = instants.parse(given) if given else now
        both = {"date": day or instants.day(when), "timestamp": instant or instants.iso(when)}
    except (TypeError, ValueError, OverflowError):
        return record  # Validation reports what is wrong.
    return {**both, **{key: item for key, item in record.items() if key not in both}}


def _value(field: Field, value: Any) -> Any:
    if field.key == "pr" and value.isascii() and value.isdecimal():
        return int(value)
    return list(value) if field.many else value


def _extra(kind: Kind, texts: Sequence[str]) -> dict[str, str]:
    ours = {field.key.split(".")[0]: field.option for field in FIELDS[kind]}
    ours |= {"id": "id", "date": "date", "timestamp": "timestamp"}
    extra: dict[str, str] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not key or not equals:
            raise ErrataError(f"not logged: --extra {text!r}", "write KEY=VALUE")
        if key in ours:
            raise ErrataError(f"not logged: --extra {key}: use the option --{ours[key]}")
        if key in extra:
            raise ErrataError(f"not logged: --extra {key}: is given twice")
        extra[key] = value
    return extra


def read_json(kind: Kind, data: bytes, name: str, agent: str | None, now: int) -> list[Any]:
    """The records in ``data``: one JSON object over any number of lines, or one object a line.

    Time and agent are filled in where they are absent.

    Raises:
        RecordError: ``name:line: $.path: what is wrong`` for the first record that is not valid.
    """
    records = []
    for number, text in _documents(data, name):
        where = f"{name}:{number}: "
        value = _decoded(text, where)
        if isinstance(value, dict):
            value = with_time(kind, value, now)
            if agent and "agent" not in value:
                value["agent"] = agent
        records.append(value)
        validate(kind, value, where, now, text)
    return records


def _documents(data: bytes, name: str) -> list[tuple[int, bytes]]:
    from errata.records.identity import decode

    if not data.strip():
        raise RecordError(f"{name}: is empty: not logged", "give a JSON object, or one a line")
    try:
        decode(data)
    except RecordError:
        lines = enumerate(data.split(b"\n"), start=1)
        return [(number, line.strip()) for number, line in lines if line.strip()]
    return [(1, data.strip())]


def _decoded(text: bytes, where: str) -> Any:
    from errata.records.identity import decode

    try:
        return decode(text)
    except RecordError as error:
        raise RecordError(f"{where}{error}: nothing was logged") from error


def validate(kind: Kind, record: Any, where: str, now: int, source: bytes = b"") -> None:
    """Refuse what validation of the log would refuse; ``source`` is checked for duplicate keys.

    Raises:
        RecordError: the record is not valid.
    """
    from errata.records.append import encode
    from errata.records.explain_invalid import of_line

    faults = of_line(kind, encode(record).removesuffix(b"\n"), None, now)
    if source:
        # The parser kept one of two equal keys: the other value would be lost silently.
        in_source = of_line(kind, source, None, now)
        faults += [fault for fault in in_source if fault[1].startswith("duplicate key")]
    if faults:
        path, reason = faults[0]
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        raise RecordError(f"{where}not logged: {path}{': ' if path else ''}{reason}{more}")
