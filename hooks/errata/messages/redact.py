"""Secrets out of a person's words before they are stored.

detect-secrets knows what tokens of services, keys and credentials look like. Its plugins are asked
for their expressions and their measure of randomness only: nothing is ever verified, which would be
a request over the network. What it lacks for prose is added here: passwords that are told in a
sentence, tokens in addresses, and everything from the first line of a private key on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, NamedTuple, cast

from errata.messages import secret_prefilter

MARK = "[redacted]"

_ENTROPY = 3.7
"""Bits a character, above which a long mixed word is random: prose and paths stay below it."""

_PRIVATE_KEY = (
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----"
    r"(?:(?!-----END)[\s\S])*(?:-----END[A-Z0-9 ]{0,60}-----|\Z)"
)
# What stands before one in its word is of no account, and trying it at every letter took long.
_KEYS = (
    r"(?:passw(?:or)?[dt]|passphrase|passcode|pwd|secret|token|api[ _-]?key"
    r"|access[ _-]?key|auth[_-]?key|private[_-]?key|client[_-]?key|credentials?|kennwort"
    r"|contrase[nñ]a|senha|_pass)[\w-]{0,20}"
)
_ASSIGNED = (
    rf"(?i:{_KEYS})[\"'`\]]{{0,2}}\s{{0,3}}(?::=|=>|={{1,3}}|:)\s{{0,3}}"
    r"(?P<open>[\"'`]?)(?P<value>(?<=[\"'`])[^\"'`\n]{1,400}|[^\s\"'`&;,]{1,400})"
)
_TOLD = (
    rf"(?i:{_KEYS})\s(?i:is|was|to|are|be)\s(?:(?i:now)\s)?"
    r"(?P<open>[\"'`]?)(?P<value>[^\s\"'`]{4,400})"
)
# Over-cautious on purpose: what is lost is a word of a sentence, what is kept is kept for good.
_ENDING = (
    rf"(?i:(?:{_KEYS}|\b(?:pin|login)))(?:\s[\w-]{{1,20}}){{0,5}}?\s(?i:is|was|=|:)\s"
    r"(?P<open>[\"'`]?)(?P<value>[^\s\"'`]{4,400}?)(?=[\"'`.!,;)]*(?:\s*\Z|\n|[.!,;]\s))"
)
_BESIDE = (
    rf"(?i:{_KEYS}|\b(?:pin|login|log in|sign in))(?:\s[\w-]{{1,20}}){{0,3}}?"
    r"\s(?P<value>[^\s\"'`]{4,400})"
)
_QUOTED = rf"(?i:{_KEYS})\s(?P<open>[\"'`])(?P<value>[^\"'`\n]{{4,400}})(?P=open)"
_NPM = r"/:_authToken=\s{0,9}(?P<value>[^\s\"']+)"
_USER_OPTION = r"(?<!\S)(?:-u|--user)[= ]?[^\s:]{1,100}:(?P<value>[^\s\"']{1,200})"
_CLIENT = (
    r"\b(?:mysql\w*|mariadb\w*|mongo\w*|psql|sshpass|redis-cli)\b[^\n|;]{0,80}?\s-[pa]"
    r"(?P<value>[^\s\"'-][^\s\"']{2,200}|\s[^\s\"'-]*\d[^\s\"']*)"
)
_BEARER = r"\b(?i:bearer|basic)\s(?P<value>[\w.~+/=-]{12,})"
_IN_ADDRESS = (
    r"[?&](?i:\w{0,20}(?:key|token|secret|sig|signature|password|passwd|pwd|auth|code))="
    r"(?P<value>[^\s&#\"'<>]+)"
)
# A password may hold an @ itself: the last one ends it.
_USER_INFO = r"://[^\s/:@\"']{0,200}:(?P<value>[^\s/\"']{1,200})@"
_OPTION = r"(?<!\S)--?(?i:password|passwd|token|secret|api-?key)[= ](?P<value>[^\s\"']+)"
_PREFIXED = (
    r"\b(?:sk|pk|rk|ghp|gho|ghu|ghs|ghr|github_pat|glpat|xox[abposr]|hf|npm|AIza|ya29|dop_v1|shpat)"
    r"[-_.][\w-]{16,}|\bAIza[\w-]{30,}"
)
_RANDOM = r"(?<![\w+/=-])[\w+/=-]{20,200}(?![\w+/=-])"
# A call, a file with its line, a version, a number with a unit: no password looks like these.
_CODE = r"[\w.]+\(.*|[\w./-]+\.[a-z]{1,4}(?::\d+)?\Z|v?\d+(?:\.\d+)+\Z|\d+[a-z]{1,3}\Z"
_WORDS = r"[A-Z]?[a-z]{3,}"
_HASH = r"(?:[0-9a-f]{7,64}|[0-9A-F]{7,64})\Z"
_UUID = r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z"
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
    about = secret_prefilter.Text(text)
    sought = [one for one in _SOUGHT if one.possible(about)]
    return _without(text, sought, _known() if about.has_token() else ())


def thoroughly(text: str) -> str:
    """The same with nothing left out for want of suspicion, which takes long."""
    return _without(text, _SOUGHT, _known())


def _without(text: str, sought: Iterable[_Sought], known: Iterable[re.Pattern[str]]) -> str:
    spans = [match.span() for pattern in known for match in pattern.finditer(text)]
    for one in sought:
        for match in re.finditer(one.text, text):
            if one.secret(match[one.group]):
                spans.append(match.span(one.group))
    result, done = [], 0
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if start >= done:
            result += [text[done:start], MARK]
        done = max(done, end)
    return "".join([*result, text[done:]])


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
    if re.match(_CODE, core):
        return False
    letters, digits = any(c.isalpha() for c in core), any(c.isdigit() for c in core)
    hexadecimal = len(core) >= 12 and bool(re.match(_HASH, core))
    return (letters and digits) or hexadecimal or any(c in "!@#$%^&*+=~" for c in core[1:])


def _random(word: str) -> bool:
    if re.match(_HASH, word) or re.match(_UUID, word) or not any(c.isdigit() for c in word):
        return False
    if not (any(c.islower() for c in word) and any(c.isupper() for c in word)):
        return False
    # A path is made of words; a base64 text rarely has two slashes around letters of one case.
    if any(
        part.isalpha() and (part.islower() or part.istitle()) for part in re.split(r"[/_-]", word)
    ):
        return False
    # So is an identifier, whatever joins them.
    if sum(map(len, re.findall(_WORDS, word))) * 2 > len(word):
        return False
    return float(_entropy().calculate_shannon_entropy(word)) > _ENTROPY


class _Sought(NamedTuple):
    """Where a secret may be.

    Attributes:
        text: the expression, compiled only for a text that it may match.
        group: what of it is the secret.
        secret: what tells that it is one.
        needs: what a text that matches holds.
    """

    text: str
    group: str | int
    secret: Callable[[str], bool]
    needs: secret_prefilter.Needs

    def possible(self, about: secret_prefilter.Text) -> bool:
        """Whether the expression may match; an answer of "no" is certain."""
        return about.has(self.needs) and (self.text is not _RANDOM or about.has_random())


_KEY_WORDS = (
    *("passw", "passphrase", "passcode", "pwd", "secret", "token", "credential", "kennwort"),
    *("contrase", "senha", "_pass"),
    *(f"{of}{sign}key" for of in ("api", "access") for sign in ("", " ", "_", "-")),
    *(f"{of}{sign}key" for of in ("auth", "private", "client") for sign in ("", "_", "-")),
)
_DOORS = ("pin", "login", "log in", "sign in")
_CLIENTS = ("mysql", "mariadb", "mongo", "psql", "sshpass", "redis-cli")
_PREFIXES = (
    *("sk", "pk", "rk", "ghp", "gho", "ghu", "ghs", "ghr", "github_pat", "glpat"),
    *(f"xox{kind}" for kind in "abposr"),
    *("hf", "npm", "ya29", "dop_v1", "shpat"),
)
_SOUGHT = (
    _Sought(_PRIVATE_KEY, 0, _any, (("-----begin",),)),
    _Sought(
        _PREFIXED,
        0,
        _numbered,
        (("aiza", *(f"{prefix}{sign}" for prefix in _PREFIXES for sign in "-_.")),),
    ),
    _Sought(_ASSIGNED, "value", _said, (_KEY_WORDS, (":", "="))),
    _Sought(_OPTION, "value", _said, (("-",), ("password", "passwd", "token", "secret", "api"))),
    _Sought(_ENDING, "value", _said, ((*_KEY_WORDS, *_DOORS), ("is", "was", "=", ":"))),
    _Sought(_TOLD, "value", _peculiar, (_KEY_WORDS, ("is", "was", "to", "are", "be"))),
    _Sought(_BESIDE, "value", _peculiar, ((*_KEY_WORDS, *_DOORS),)),
    _Sought(_BEARER, "value", _any, (("bearer", "basic"),)),
    _Sought(_IN_ADDRESS, "value", _any, (("?", "&"), ("=",))),
    _Sought(_USER_INFO, "value", _any, (("://",), ("@",))),
    _Sought(_NPM, "value", _any, (("/:_authtoken=",),)),
    _Sought(_QUOTED, "value", _any, (_KEY_WORDS, ('"', "'", "`"))),
    _Sought(_USER_OPTION, "value", _any, (("-u",), (":",))),
    _Sought(_CLIENT, "value", _any, (_CLIENTS, ("-p", "-a"))),
    _Sought(_RANDOM, 0, _random, ()),
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
