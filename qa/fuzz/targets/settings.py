"""errata.toml, its identities applied to a commit, and its path rules applied to a path."""

from __future__ import annotations

from collections.abc import Iterable

from qa.fuzz.target import Target

from errata.core import config
from errata.core.config import Identity
from errata.core.errors import ConfigError
from errata.patterns.globs import matcher
from errata.patterns.route import Router
from errata.provenance.identity import CommitIdent, classify
from errata.provenance.rules import load_rules

_EXAMPLE = b"""# Settings.
[logs]
findings = ".claude/review-findings.jsonl"
[paths]
runbooks = ".claude/skills/runbooks"
[evolve]
min_occurrences = 3
min_confidence = 0.6
[runbook]
refresh = "report"
[capture]
enabled = true
deadline_seconds = 5.0
[explicit]
max_chars = 400
[agent]
max_chars = 10_000
[routing]
default = ["api-dev"]
paths = { "**/*.ts" = ["frontend-dev"] }
[aliases.finding.fields]
"location.path" = "file"
[aliases.finding.values.severity]
P1 = "blocking"
[[identities]]
agent = "house-bot"
kind = "agent"
trailer = "Made-by: House*"
"""
_WORDS = (
    *(b"[", b"]", b"[[", b"]]", b"=", b".", b"{", b"}", b"'''", b'"""', b"#", b"\n", b"_", b"0x"),
    *(b"identities", b"routing", b"aliases.finding.fields", b"aliases", b"evolve", b"true", b"inf"),
    *(b"nan", b"1979-05-27T07:32:00Z", b"07:32:00", b"\\u0000", b"\\UFFFFFFFF", b"a.b.c", b"-0"),
    *(b"agent", b"kind", b"role", b"author_name", b"committer_email", b"trailer", b"body", b"*"),
    *(b"9" * 5000, b"[" * 300, b'"person"', b'"bot"', b'["a"]', b"logs", b"paths", b"capture"),
)


def _settings(data: bytes) -> None:
    try:
        got = config.decode(data)
    except ConfigError as error:
        assert "\n" not in str(error).rstrip(), "an error is one line"
        return
    Router(got)
    load_rules(got)


def _identities(data: bytes) -> None:
    """An identity from errata.toml, and a commit that it may match."""
    text = data.decode("utf-8", "replace")
    place, _, rest = text.partition("\n")
    pattern, _, commit = rest.partition("\n")
    fields = Identity._fields[3:]
    name = fields[len(place) % len(fields)]
    try:
        got = config.parse({"identities": [{"agent": "house", name: pattern}]})
    except ConfigError:
        return
    author, _, message = commit.partition("\n")
    classify(CommitIdent(author, author, author, author, message), load_rules(got))


def _routing(data: bytes) -> None:
    """A path rule from errata.toml, and a path."""
    rule, _, path = data.decode("utf-8", "replace").partition("\n")
    fits = matcher(rule)
    assert fits(path) in (True, False)
    assert not fits("x" * 5000)


def _seeds() -> Iterable[bytes]:
    yield _EXAMPLE
    parts = _EXAMPLE.split(b"\n[")
    yield parts[0]
    yield from (b"[" + part for part in parts[1:])
    yield b"[evolve]\nmin_occurrences = 0x1F\nwindow_days = 1e3\n"
    yield b'logs.findings = """\\\n  a.jsonl"""\n'


def _identity_seeds() -> Iterable[bytes]:
    for length, pattern in enumerate((b"House*", b"*@house.test", b"*a*b*c*", b"Made-by: H*")):
        yield b"x" * length + b"\n" + pattern + b"\nHouse Bot\nfix\n\nMade-by: House 2\n"


def _routing_seeds() -> Iterable[bytes]:
    yield b"**/*.ts\nsrc/ui/a.ts"
    yield b"src/{api,core}/**\nsrc/core/x/y.py:12"
    yield b"*a*b?c\nxxaxxbxc"
    yield b"{a,{b,c}}/**/d\n./b/x/d"


TARGETS = (
    Target("settings", _settings, _seeds, _WORDS, limit=1000),
    Target(
        "identities", _identities, _identity_seeds, (b"*", b"a" * 60, b"**", b"\n", b"Made-by:")
    ),
    Target(
        "routing",
        _routing,
        _routing_seeds,
        (b"**/", b"*", b"?", b"{", b"}", b",", b"/", b"a/" * 30),
        limit=60,
    ),
)
