"""Secrets out of a person's words before they are stored.

detect-secrets knows what tokens of services, keys and credentials look like. Its plugins are asked
for their expressions and their measure of randomness only: nothing is ever verified, which would be
a request over the network. What it lacks for prose is added here: passwords that are told in a
sentence, tokens in addresses, and everything from the first line of a private key on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any, cast

MARK = "[redacted]"

_ENTROPY = 3.7
"""Bits a character, above which a long mixed word is random: prose and paths stay below it."""

_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----"
    r"(?:(?!-----END)[\s\S])*(?:-----END[A-Z0-9 ]{0,60}-----|\Z)"
)
# What stands before one in its word is of no account, and trying it at every letter took long.
_KEYS = (
    r"(?:passw(?:or)?[dt]|passphrase|passcode|pwd|secret|token|api[ _-]?key"
    r"|access[ _-]?key|auth[_-]?key|private[_-]?key|client[_-]?key|credentials?|kennwort"
    r"|contrase[nñ]a|senha|_pass)[\w-]{0,20}"
)
_ASSIGNED = re.compile(
    rf"(?i:{_KEYS})[\"'`\]]{{0,2}}\s{{0,3}}(?::=|=>|={{1,3}}|:)\s{{0,3}}"
    r"(?P<open>[\"'`]?)(?P<value>(?<=[\"'`])[^\"'`\n]{1,400}|[^\s\"'`&;,]{1,400})"
)
_TOLD = re.compile(
    rf"(?i:{_KEYS})\s(?i:is|was|to|are|be)\s(?:(?i:now)\s)?(?P<open>[\"'`]?)(?P<value>[^\s\"'`]{{4,400}})"
)
# Over-cautious on purpose: what is lost is a word of a sentence, what is kept is kept for good.
_ENDING = re.compile(
    rf"(?i:(?:{_KEYS}|\b(?:pin|login)))(?:\s[\w-]{{1,20}}){{0,5}}?\s(?i:is|was|=|:)\s"
    r"(?P<open>[\"'`]?)(?P<value>[^\s\"'`]{4,400}?)(?=[\"'`.!,;)]*(?:\s*\Z|\n|[.!,;]\s))"
)
_BESIDE = re.compile(
    rf"(?i:{_KEYS}|\b(?:pin|login|log in|sign in))(?:\s[\w-]{{1,20}}){{0,3}}?"
    r"\s(?P<value>[^\s\"'`]{4,400})"
)
_QUOTED = re.compile(rf"(?i:{_KEYS})\s(?P<open>[\"'`])(?P<value>[^\"'`\n]{{4,400}})(?P=open)")
_NPM = re.compile(r"/:_authToken=\s{0,9}(?P<value>[^\s\"']+)")
_USER_OPTION = re.compile(r"(?<!\S)(?:-u|--user)[= ]?[^\s:]{1,100}:(?P<value>[^\s\"']{1,200})")
_CLIENT = re.compile(
    r"\b(?:mysql\w*|mariadb\w*|mongo\w*|psql|sshpass|redis-cli)\b[^\n|;]{0,80}?\s-[pa]"
    r"(?P<value>[^\s\"'-][^\s\"']{2,200}|\s[^\s\"'-]*\d[^\s\"']*)"
)
_BEARER = re.compile(r"\b(?i:bearer|basic)\s(?P<value>[\w.~+/=-]{12,})")
_IN_ADDRESS = re.compile(
    r"[?&](?i:\w{0,20}(?:key|token|secret|sig|signature|password|passwd|pwd|auth|code))="
    r"(?P<value>[^\s&#\"'<>]+)"
)
# A password may hold an @ itself: the last one ends it.
_USER_INFO = re.compile(r"://[^\s/:@\"']{0,200}:(?P<value>[^\s/\"']{1,200})@")
_OPTION = re.compile(
    r"(?<!\S)--?(?i:password|passwd|token|secret|api-?key)[= ](?P<value>[^\s\"']+)"
)
_PREFIXED = re.compile(
    r"\b(?:sk|pk|rk|ghp|gho|ghu|ghs|ghr|github_pat|glpat|xox[abposr]|hf|npm|AIza|ya29|dop_v1|shpat)"
    r"[-_.][\w-]{16,}|\bAIza[\w-]{30,}"
)
_RANDOM = re.compile(r"(?<![\w+/=-])[\w+/=-]{20,200}(?![\w+/=-])")
# A call, a file with its line, a version, a number with a unit: no password looks like these.
_CODE = re.compile(r"[\w.]+\(.*|[\w./-]+\.[a-z]{1,4}(?::\d+)?\Z|v?\d+(?:\.\d+)+\Z|\d+[a-z]{1,3}\Z")
_WORDS = re.compile(r"[A-Z]?[a-z]{3,}")
_HASH = re.compile(r"(?:[0-9a-f]{7,64}|[0-9A-F]{7,64})\Z")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", re.IGNORECASE)
# After "password:" these begin a sentence about passwords.
_WORDS_OF_PROSE = """
    a an the it its it's this that these those is are was were be not no never must should
    shall may can could will would has have had do does did if when where why how what who
    which and or but for from in on at to of with without by as we you i they there here only
    still just always please use used using add make show see read none null nil true false
    required optional missing wrong empty invalid undefined field string str int bool bytes
    any all one two
"""
_PROSE = frozenset(_WORDS_OF_PROSE.split())


def redact(text: str) -> str:
    """The text with each secret replaced by :data:`MARK`; all other characters stay."""
    spans = sorted(span for span in _spans(text) if span[0] < span[1])
    result, done = [], 0
    for start, end in spans:
        if start >= done:
            result += [text[done:start], MARK]
        done = max(done, end)
    return "".join([*result, text[done:]])


def _spans(text: str) -> Iterator[tuple[int, int]]:
    yield from (match.span() for match in _PRIVATE_KEY.finditer(text))
    yield from (match.span() for pattern in _known() for match in pattern.finditer(text))
    for pattern, group, secret in _TABLE:
        for match in pattern.finditer(text):
            if secret(match[group]):
                yield match.span(group)


def _any(word: str) -> bool:  # noqa: ARG001
    return True


def _numbered(word: str) -> bool:
    return any(char.isdigit() for char in word)


def _said(word: str) -> bool:
    """Whether a value is no word of a sentence about secrets."""
    return word.lower().strip(".,!?") not in _PROSE


def _peculiar(word: str) -> bool:
    """Whether a word is none of a language: digits among letters, or signs inside."""
    core = word.strip(".,:;!?()")
    if _CODE.match(core):
        return False
    letters, digits = any(c.isalpha() for c in core), any(c.isdigit() for c in core)
    hexadecimal = len(core) >= 12 and bool(_HASH.match(core))
    return (letters and digits) or hexadecimal or any(c in "!@#$%^&*+=~" for c in core[1:])


def _random(word: str) -> bool:
    if _HASH.match(word) or _UUID.match(word) or not any(c.isdigit() for c in word):
        return False
    if not (any(c.islower() for c in word) and any(c.isupper() for c in word)):
        return False
    # A path is made of words; a base64 text rarely has two slashes around letters of one case.
    if any(
        part.isalpha() and (part.islower() or part.istitle()) for part in re.split(r"[/_-]", word)
    ):
        return False
    # So is an identifier, whatever joins them.
    if sum(map(len, _WORDS.findall(word))) * 2 > len(word):
        return False
    return float(_entropy().calculate_shannon_entropy(word)) > _ENTROPY


# Where a secret may be, the group that holds it, and what tells that it is one.
_TABLE: tuple[tuple[re.Pattern[str], str | int, Callable[[str], bool]], ...] = (
    (_PREFIXED, 0, _numbered),
    (_ASSIGNED, "value", _said),
    (_OPTION, "value", _said),
    (_ENDING, "value", _said),
    (_TOLD, "value", _peculiar),
    (_BESIDE, "value", _peculiar),
    (_BEARER, "value", _any),
    (_IN_ADDRESS, "value", _any),
    (_USER_INFO, "value", _any),
    (_NPM, "value", _any),
    (_QUOTED, "value", _any),
    (_USER_OPTION, "value", _any),
    (_CLIENT, "value", _any),
    (_RANDOM, 0, _random),
)


@cache
def _known() -> tuple[re.Pattern[str], ...]:
    """Expressions of the services' tokens."""
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
    from detect_secrets.plugins.base import RegexBasedDetector

    # An address of a machine is no secret; credentials in addresses, keys, and tokens of npm, whose
    # expression takes the square of a line's length, are found above.
    left_out = {"IPPublicDetector", "BasicAuthDetector", "PrivateKeyDetector", "NpmDetector"}
    classes: Iterable[type[Any]] = get_mapping_from_secret_type_to_class().values()
    return tuple(
        pattern
        for kind in sorted(classes, key=lambda kind: str(kind.__name__))
        if issubclass(kind, RegexBasedDetector) and kind.__name__ not in left_out
        for pattern in cast("Iterable[re.Pattern[str]]", kind.denylist)
    )


@cache
def _entropy() -> Any:
    from detect_secrets.plugins.high_entropy_strings import Base64HighEntropyString

    return Base64HighEntropyString(limit=_ENTROPY)
