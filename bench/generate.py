"""Logs that look like real ones: findings above all, and learnings and corrections.

Patterns follow Zipf's law, times cover a year, one record in twelve names no pattern. The same seed
and end give the same bytes.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping
from itertools import accumulate
from pathlib import Path
from typing import TextIO

FILES = {
    "finding": "review-findings.jsonl",
    "learning": "session-learnings.jsonl",
    "correction": "user-corrections.jsonl",
}
# Of a thousand records; the rest are findings.
_LEARNINGS, _CORRECTIONS = 70, 30
_YEAR = 365 * 86_400
_PATTERNS = 400
_VERBS = (
    *("missing", "unchecked", "duplicated", "hardcoded"),
    *("stale", "leaking", "unbounded", "misplaced"),
)
_THINGS = (
    *("input-validation", "error-handling", "retry-limit", "status-condition"),
    *("owner-reference", "cache-key", "timeout", "log-context", "null-check", "page-size"),
    *("unit-test", "default-value", "rate-limit", "index", "type-hint"),
    *("permission-check", "api-version", "feature-flag", "event-name"),
    *("schema-field", "trace-id", "lock-order", "env-variable", "date-zone"),
)
_PLACES = ("in-api", "in-worker", "in-tests")
_SERVICES = ("compute-api", "billing", "search", "web", "scheduler", "notifications")
_AGENTS = ("api-dev", "frontend-dev", "sre", "test-engineer")
_REVIEWERS = ("code-reviewer", "security-reviewer")
_SEVERITIES = ("blocking", "warning", "warning", "nit", "nit")
_CATEGORIES = ("correctness", "security", "convention", "completeness", "performance")
_TYPES = (
    *("code_quality", "code_quality", "code_completeness", "preference_conflict"),
    *("expectation_mismatch", "approach_rejection", "communication_gap"),
)
_WORDS = (
    "the handler {0} accepts requests without looking at {1}",
    "{0} repeats what {1} already does, and the two have drifted apart",
    "when {1} is empty, {0} fails with an error nobody can act on",
    "{0} holds {1} for longer than the request lives",
    "a second caller of {0} would see {1} half written",
    "nothing tests {0} with {1} on a second page",
    "{0} returns before {1} is closed if the remote side answers late",
)
_NOUNS = (
    *("volume", "network", "tenant", "invoice", "session"),
    *("cursor", "widget", "snapshot", "quota", "webhook"),
)


def paths(folder: Path) -> dict[str, Path]:
    """Where the log of each kind lies below a folder."""
    return {kind: folder / name for kind, name in FILES.items()}


def patterns() -> list[str]:
    """The names, most frequent first."""
    names = [f"{verb}-{thing}-{at}" for at in _PLACES for thing in _THINGS for verb in _VERBS]
    random.Random(7).shuffle(names)
    return names[:_PATTERNS]


def write(folder: Path, records: int, end: int, seed: int = 1) -> None:
    """Write one log for each kind, ``records`` lines in all, oldest first.

    Args:
        end: the time that no record comes after, seconds since 1970.
    """
    folder.mkdir(parents=True)
    files = {kind: path.open("w", encoding="utf-8") for kind, path in paths(folder).items()}
    try:
        _fill(files, records, end, seed)
    finally:
        for file in files.values():
            file.close()


def _fill(files: Mapping[str, TextIO], records: int, end: int, seed: int) -> None:
    rng = random.Random(seed)
    step = _YEAR / max(records, 1)
    lines = _Lines(rng)
    for start in range(0, records, 10_000):
        batch: dict[str, list[str]] = {kind: [] for kind in files}
        for number in range(start, min(start + 10_000, records)):
            when = _instant(int(end - _YEAR + step * (number + 0.5)))
            kind, line = lines.of(number, when)
            batch[kind].append(line)
        for kind, texts in batch.items():
            files[kind].write("".join(texts))


def findings(count: int, end: int, seed: int) -> str:
    """More findings, to be appended; another seed gives others."""
    lines = _Lines(random.Random(seed))
    return "".join(lines.finding(seed * 1_000_000 + n, _instant(end)) for n in range(count))


def _instant(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class _Lines:
    """Lines of JSON, written as text: no value needs an escape."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._names = self._zipf()
        # Fixed per pattern, as where a mistake is made and what it touches hardly changes.
        self._files = [
            f"services/{rng.choice(_SERVICES)}/{rng.choice(_NOUNS)}s/{verb}.py"
            for verb in ("create", "update", "store", "routes", "client", "models")
            for _ in range(40)
        ]

    def _zipf(self) -> Iterator[str]:
        names = patterns()
        weights = list(accumulate(1 / rank for rank in range(1, len(names) + 1)))
        while True:
            yield from self._rng.choices(names, cum_weights=weights, k=10_000)

    def of(self, number: int, when: str) -> tuple[str, str]:
        """Kind and line of one record."""
        draw = self._rng.randrange(1000)
        if draw < _LEARNINGS:
            return "learning", self.learning(number, when)
        if draw < _LEARNINGS + _CORRECTIONS:
            return "correction", self.correction(number, when)
        return "finding", self.finding(number, when)

    def _text(self, number: int) -> str:
        pick = self._rng.random()
        words = _WORDS[int(pick * len(_WORDS))]
        noun = _NOUNS[number % len(_NOUNS)]
        return words.format(f"{noun}_{number % 9973}()", f"the {noun} id {int(pick * 1e5)}")

    def finding(self, number: int, when: str) -> str:
        """What a reviewer found."""
        rng = self._rng.random
        name = next(self._names)
        severity = _SEVERITIES[(len(name) + number % 3) % 5]
        extra = f',"pattern":"{name}"' if number % 12 else ""
        if number % 5 < 3:
            extra += f',"feature_id":"feat-{number // 1500:03d}"'
        if number % 4 < 2:
            extra += f',"service":"{_SERVICES[int(rng() * 6)]}"'
        if number % 10 == 0:
            extra += f',"category":"{_CATEGORIES[len(name) % 5]}"'
        if number % 8 == 0:
            extra += f',"suggested_fix":"Check it first, as {_NOUNS[number % 7]}s do."'
        return (
            f'{{"timestamp":"{when}","severity":"{severity}"{extra},'
            f'"file":"{self._files[int(rng() * 240)]}","description":"{self._text(number)}",'
            f'"agent":"{_REVIEWERS[number % 7 == 0]}"}}\n'
        )

    def learning(self, number: int, when: str) -> str:
        """What an agent noted at the end of a session."""
        name = next(self._names)
        kind = ("anti-pattern", "tip", "pattern")[number % 3]
        return (
            f'{{"timestamp":"{when}","agent":"{_AGENTS[number % 4]}","type":"{kind}",'
            f'"name":"{name}","insight":"{self._text(number)}",'
            f'"confidence":"{("high", "medium", "low")[number % 3]}"}}\n'
        )

    def correction(self, number: int, when: str) -> str:
        """What a person corrected."""
        file = self._files[int(self._rng.random() * 240)]
        source = "explicit" if number % 3 else "implicit"
        return (
            f'{{"date":"{when[:10]}","timestamp":"{when}","agent":"{_AGENTS[number % 4]}",'
            f'"correction_type":"{_TYPES[number % 7]}","source":"{source}",'
            f'"ai_action":{{"summary":"{self._text(number)}","file":"{file}"}},'
            f'"user_correction":{{"summary":"{self._text(number + 1)}","files":["{file}"]}},'
            f'"pattern_inferred":"{next(self._names)}","pattern_confidence":"medium",'
            f'"severity":"{("high", "medium", "low")[number % 3]}"}}\n'
        )
