"""SARIF 2.1.0, the common output format of linters and scanners.

Of a log, only what a finding needs is decoded: data flows and graphs, which make most of a large
log, are skipped by the parser. Each result is decoded alone, so that a bad one loses no other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

import msgspec
from msgspec import Struct

from errata.records.pattern_names import kebab, known_patterns
from errata.reviews import text
from errata.reviews.finding import Fault, Items, Lines, ReviewFinding, Skipped

_T = TypeVar("_T")
_OPAQUE = re.compile(r"[A-Za-z]{1,8}[-_]?\d[\d.-]*\Z")
"""An id that says nothing: ``F401``, ``CA1822``, ``CWE-79``."""
_PLACEHOLDER = re.compile(r"\{(\d{1,3})\}")
_LINK = re.compile(r"(?<!\\)\[([^\]]+)\]\([^)\s]+\)")
_MOST_BASES = 10
_SHORT_NAME = 5
"""Words; a longer name is a sentence."""


class _Message(Struct):
    text: str | None = None
    markdown: str | None = None
    id: str | None = None
    arguments: list[str] | None = None


class _Artifact(Struct):
    uri: str | None = None
    uriBaseId: str | None = None
    index: int = -1


class _Region(Struct):
    startLine: int | None = None
    endLine: int | None = None
    snippet: _Message | None = None


class _Physical(Struct):
    artifactLocation: _Artifact | None = None
    region: _Region | None = None


class _Location(Struct):
    physicalLocation: _Physical | None = None


class _Component(Struct):
    index: int = -1


class _RuleReference(Struct):
    id: str | None = None
    index: int = -1
    toolComponent: _Component | None = None


class _Suppression(Struct):
    status: str | None = None


class _Result(Struct):
    message: _Message | None = None
    ruleId: str | None = None
    ruleIndex: int = -1
    rule: _RuleReference | None = None
    level: str | None = None
    kind: str | None = None
    locations: list[_Location] | None = None
    fingerprints: dict[str, Any] | None = None
    partialFingerprints: dict[str, Any] | None = None
    suppressions: list[_Suppression] | None = None
    baselineState: str | None = None


class _Configuration(Struct):
    level: str | None = None


class _Rule(Struct):
    id: str | None = None
    name: str | None = None
    shortDescription: _Message | None = None
    fullDescription: _Message | None = None
    messageStrings: dict[str, _Message] | None = None
    defaultConfiguration: _Configuration | None = None
    properties: dict[str, Any] | None = None


class _Driver(Struct):
    name: str = ""
    rules: list[_Rule] | None = None
    globalMessageStrings: dict[str, _Message] | None = None


class _Tool(Struct):
    driver: _Driver = msgspec.field(default_factory=_Driver)
    extensions: list[_Driver] | None = None


class _Invocation(Struct):
    startTimeUtc: str | None = None
    endTimeUtc: str | None = None


class _Version(Struct):
    revisionId: str | None = None


class _File(Struct):
    location: _Artifact | None = None


class _Run(Struct):
    tool: _Tool = msgspec.field(default_factory=_Tool)
    results: list[msgspec.Raw] | None = None
    artifacts: list[_File] | None = None
    originalUriBaseIds: dict[str, _Artifact] | None = None
    invocations: list[_Invocation] | None = None
    versionControlProvenance: list[_Version] | None = None


class _Log(Struct):
    runs: list[msgspec.Raw]
    version: str = ""


def read(data: bytes | memoryview) -> Items:
    """The findings of a log.

    Raises:
        ValueError: the log as a whole cannot be read.
    """
    log = _decode(msgspec.json.Decoder(_Log), data)
    if not log.version.startswith("2.1"):
        raise ValueError(f"$.version: {log.version!r} is not supported; allowed: 2.1.0")
    runs, results = msgspec.json.Decoder(_Run), msgspec.json.Decoder(_Result)
    for number, raw in enumerate(log.runs):
        place = f"$.runs[{number}]"
        try:
            run = _ReadRun(_decode(runs, raw), place)
        except ValueError as error:
            yield Fault(place, text.decoding(error, place))
            continue
        for index, result in enumerate(run.results):
            where = f"{place}.results[{index}]"
            try:
                yield run.finding(_decode(results, result), where)
            except ValueError as error:
                yield Fault(where, text.decoding(error, where))


def _decode(decoder: msgspec.json.Decoder[_T], data: bytes | memoryview | msgspec.Raw) -> _T:
    """A decoded value. Raises ValueError: it is not JSON of its form, or nested too deeply."""
    try:
        return decoder.decode(data)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


class _ReadRun:
    """What the results of one run share."""

    def __init__(self, run: _Run, place: str) -> None:
        self.results = run.results or []
        self._run = run
        self._place = place
        self._tool = text.tool(run.tool.driver.name) or "unknown"
        self._components = [run.tool.driver, *(run.tool.extensions or ())]
        self._by_id = {
            rule.id: rule
            for component in reversed(self._components)
            for rule in component.rules or ()
            if rule.id
        }
        versions = (version.revisionId for version in run.versionControlProvenance or ())
        self._commit = next((sha for sha in versions if sha), "")
        times = (call.endTimeUtc or call.startTimeUtc for call in run.invocations or ())
        self._when = text.instant(next((time for time in times if time), None))

    def finding(self, result: _Result, place: str) -> ReviewFinding | Skipped:
        """What a result says. Raises ValueError: it says nothing that can be used."""
        if why := _reason_to_skip(result):
            return Skipped(why)
        rule_id, rule = self._rule(result)
        location = next((each.physicalLocation for each in result.locations or ()), None)
        region = location.region if location else None
        prints = {**(result.fingerprints or {}), **(result.partialFingerprints or {})}
        return ReviewFinding(
            place=place,
            format="sarif",
            by="bot",
            tool=self._tool,
            description=self._description(result, rule),
            key=tuple(f"{name}={value}" for name, value in sorted(prints.items())),
            severity=_level(result, rule),
            rule=rule_id,
            name=_name(rule_id, rule),
            category=_category(rule),
            file=self._file(location.artifactLocation if location else None),
            lines=_lines(region),
            code=(region.snippet.text or "") if region and region.snippet else "",
            when=self._when,
            commit=self._commit,
            resolved=True if result.baselineState == "absent" else None,
        )

    def _rule(self, result: _Result) -> tuple[str, _Rule | None]:
        reference = result.rule or _RuleReference()
        component = reference.toolComponent.index + 1 if reference.toolComponent else 0
        index = reference.index if reference.index >= 0 else result.ruleIndex
        rules = self._components[component].rules if component < len(self._components) else None
        rule_id = result.ruleId or reference.id or ""
        rule = rules[index] if rules and 0 <= index < len(rules) else None
        if rule is None:
            # "CA1000/1" is a more precise form of the rule "CA1000".
            rule = self._by_id.get(rule_id) or self._by_id.get(rule_id.rpartition("/")[0])
        return rule_id or (rule.id if rule else "") or "", rule

    def _description(self, result: _Result, rule: _Rule | None) -> str:
        words = self._message(result.message, rule)
        if not words.strip() and rule:
            words = _plain(rule.shortDescription) or _plain(rule.fullDescription)
        if not words.strip():
            raise ValueError("no message; a result needs message.text or a rule that describes it")
        return text.sentence(_LINK.sub(r"\1", words))

    def _message(self, message: _Message | None, rule: _Rule | None) -> str:
        if message is None:
            return ""
        words = _plain(message)
        if not words and message.id:
            shared = self._run.tool.driver.globalMessageStrings
            for strings in (rule.messageStrings if rule else None, shared):
                words = words or _plain((strings or {}).get(message.id))
        arguments = message.arguments or []
        return _PLACEHOLDER.sub(lambda match: _argument(match, arguments), words)

    def _file(self, artifact: _Artifact | None) -> str:
        if artifact is None:
            return ""
        files = self._run.artifacts or []
        if artifact.uri is None and 0 <= artifact.index < len(files):
            artifact = files[artifact.index].location or artifact
        parts = [artifact.uri or ""]
        base = artifact.uriBaseId
        for _ in range(_MOST_BASES):
            if not base or urlsplit(parts[0]).scheme:
                break
            known = (self._run.originalUriBaseIds or {}).get(base) or _Artifact()
            parts.insert(0, known.uri or "")
            base = known.uriBaseId
        return _path("/".join(part.rstrip("/") for part in parts[:-1] if part), parts[-1])


def _path(base: str, uri: str) -> str:
    whole = f"{base}/{uri}" if base else uri
    if re.match(r"file:", whole, re.IGNORECASE):
        whole = re.sub(r"(?i)\Afile:(//[^/]*)?", "", whole)
        whole = re.sub(r"\A/([A-Za-z]:)", r"\1", whole)
    return unquote(whole).replace("\\", "/")


def _reason_to_skip(result: _Result) -> str:
    if result.kind not in (None, "fail"):
        return f"of kind {result.kind}"
    statuses = {each.status or "accepted" for each in result.suppressions or ()}
    return "suppressed" if statuses == {"accepted"} else ""


def _level(result: _Result, rule: _Rule | None) -> str:
    default = rule.defaultConfiguration if rule else None
    return result.level or (default.level if default else None) or "warning"


def _name(rule_id: str, rule: _Rule | None) -> str:
    """The rule as the name of a pattern: its own name if it is short, or its id says nothing."""
    is_opaque = bool(_OPAQUE.match(rule_id)) or not rule_id
    names = (rule.name, (rule.properties or {}).get("name")) if rule else ()
    for name in names:
        if isinstance(name, str) and name.strip() and not _OPAQUE.match(name):
            words = kebab(name).split("-")
            if is_opaque or len(words) <= _SHORT_NAME:
                return name
    return rule_id


def _category(rule: _Rule | None) -> str:
    """The category of ours that the rule has as a tag; "" without one."""
    tags = (rule.properties or {}).get("tags") if rule else None
    if not isinstance(tags, list):
        return ""
    return next((tag for tag in tags if isinstance(tag, str) and tag in _categories()), "")


@cache
def _categories() -> frozenset[str]:
    return frozenset(known.category for known in known_patterns().values())


def _lines(region: _Region | None) -> Lines | None:
    first = region.startLine if region else None
    if first is None or first < 1:
        return None
    return Lines(first, max(first, (region.endLine if region else None) or first))


def _plain(message: _Message | None) -> str:
    return (message.text or message.markdown or "") if message else ""


def _argument(match: re.Match[str], arguments: Sequence[str]) -> str:
    number = int(match[1])
    return arguments[number] if number < len(arguments) else match[0]
