"""Removes secrets from a person's words before they are stored.

detect-secrets recognises the tokens of many services. We use only its patterns and its measure of
entropy, never its verification, which would send requests over the network. ``rules/secrets.toml``
adds patterns for prose: passwords in sentences, tokens in URLs, and private keys without an end
marker.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any, cast

from errata import rules
from errata.rules.expression import Expression

MARK = "[redacted]"

_MIN_ENTROPY = 3.7
"""Bits per character; long words with digits and both cases are random above it."""

# A call, a file with its line, a version, a number with a unit.
_CODE = r"[\w.]+\(.*|[\w./-]+\.[a-z]{1,4}(?::\d+)?\Z|v?\d+(?:\.\d+)+\Z|\d+[a-z]{1,3}\Z"
_WORD = r"[A-Z]?[a-z]{3,}"
_HASH = r"(?:[0-9a-f]{7,64}|[0-9A-F]{7,64})\Z"
_UUID = r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z"


def redact(text: str) -> str:
    """The text with each secret replaced by :data:`MARK`; all other characters stay."""
    spans = [*_pattern_spans(text), *_service_token_spans(text)]
    parts, end = [], 0
    for start, stop in sorted(span for span in spans if span[0] < span[1]):
        if start >= end:
            parts += [text[end:start], MARK]
        end = max(end, stop)
    return "".join([*parts, text[end:]])


def may_contain_token(text: str) -> bool:
    """Whether detect-secrets may find a token; False is certain, and avoids the import."""
    token: Expression = rules.load("secrets")["token"]["pattern"]
    return token.search(text) is not None


@cache
def service_token_patterns() -> tuple[re.Pattern[str], ...]:
    """The patterns of detect-secrets for the tokens of services."""
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
    from detect_secrets.plugins.base import RegexBasedDetector

    # IP addresses are not secrets. secrets.toml covers the other three; the pattern for npm
    # takes quadratic time.
    excluded = {"IPPublicDetector", "BasicAuthDetector", "PrivateKeyDetector", "NpmDetector"}
    plugins: Iterable[type[Any]] = get_mapping_from_secret_type_to_class().values()
    return tuple(
        pattern
        for plugin in sorted(plugins, key=lambda plugin: str(plugin.__name__))
        if issubclass(plugin, RegexBasedDetector) and plugin.__name__ not in excluded
        for pattern in cast("Iterable[re.Pattern[str]]", plugin.denylist)
    )


def _pattern_spans(text: str) -> Iterator[tuple[int, int]]:
    for rule in rules.load("secrets")["secret"]:
        check = _CHECKS.get(rule.get("check", ""))
        for match in rule["pattern"].finditer(text):
            group = "value" if "value" in match.re.groupindex else 0
            if check is None or check(match[group]):
                yield match.span(group)


def _service_token_spans(text: str) -> Iterator[tuple[int, int]]:
    if may_contain_token(text):
        for pattern in service_token_patterns():
            yield from (match.span() for match in pattern.finditer(text))


def _has_digit(word: str) -> bool:
    return any(char.isdigit() for char in word)


def _is_not_prose(word: str) -> bool:
    return word.lower().strip(".,!?") not in _prose_words()


def _is_unusual(word: str) -> bool:
    """Whether a word mixes letters with digits or symbols, as words of a language do not."""
    core = word.strip(".,:;!?()")
    if re.match(_CODE, core):
        return False
    letters = any(char.isalpha() for char in core)
    is_hash = len(core) >= 12 and re.match(_HASH, core) is not None
    return (letters and _has_digit(core)) or is_hash or any(c in "!@#$%^&*+=~" for c in core[1:])


def _is_random(word: str) -> bool:
    """Whether a word has high entropy and is not a hash, a UUID, a path or an identifier."""
    if not (_has_digit(word) and any(map(str.islower, word)) and any(map(str.isupper, word))):
        return False
    if re.match(_HASH, word) or re.match(_UUID, word) or _has_path_word(word):
        return False
    if sum(map(len, re.findall(_WORD, word))) * 2 > len(word):
        return False
    return float(_entropy_plugin().calculate_shannon_entropy(word)) > _MIN_ENTROPY


def _has_path_word(word: str) -> bool:
    """Whether a part between separators is a plain word, as in a path but rarely in base64."""
    parts = re.split(r"[/_-]", word)
    return any(part.isalpha() and (part.islower() or part.istitle()) for part in parts)


_CHECKS: dict[str, Callable[[str], bool]] = {
    "digit": _has_digit,
    "not-prose": _is_not_prose,
    "unusual": _is_unusual,
    "random": _is_random,
}


@cache
def _prose_words() -> frozenset[str]:
    return frozenset(rules.load("secrets")["prose"].split())


@cache
def _entropy_plugin() -> Any:
    from detect_secrets.plugins.high_entropy_strings import Base64HighEntropyString

    return Base64HighEntropyString(limit=_MIN_ENTROPY)
