"""Small inputs that would take unbounded time or memory, and files that are too large."""

from __future__ import annotations

import base64
import json
import resource
import time
import tomllib
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import entry_points
import pytest
from entry_points import Entry, event

from conftest import Repo

# On Linux, writing 5 here resets the memory peak.
REFERENCES = Path("/proc/self/clear_refs")
SECONDS = 20
"""Limit of processor time for all commands and hooks together."""


def _laughs() -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    return "\n".join(lines) + "\n"


def _record(**more: object) -> str:
    record = {"timestamp": "2025-02-28T00:00:00Z", "severity": "nit", "file": "x", **more}
    return json.dumps(record) + "\n"


FRONT = "---\nname: api\ndescription: x\n"
DEEP = "[" * 100_000
BOMBS: dict[str, tuple[str, str | bytes]] = {
    "pre-commit laughs": (".pre-commit-config.yaml", f"{_laughs()}repos: []\n"),
    "pre-commit circle": (".pre-commit-config.yaml", "repos: &a [*a]\n"),
    "pre-commit deep": (".pre-commit-config.yaml", f"repos: {DEEP}\n"),
    "pre-commit number": (".pre-commit-config.yaml", f"repos: []\nn: {'9' * 10_000}\n"),
    "lefthook laughs": ("lefthook.yml", f"{_laughs()}pre-commit: {{}}\n"),
    "prek deep": ("prek.toml", f"a = {DEEP}\n"),
    "prek number": ("prek.toml", f"a = {'9' * 10_000}\n"),
    "skill laughs": (".claude/skills/api/SKILL.md", f"{FRONT}{_laughs()}---\nText\n"),
    "skill deep": (".claude/skills/api/SKILL.md", f"{FRONT}x: {DEEP}\n---\n"),
    "skill number": (".claude/skills/api/SKILL.md", f"{FRONT}x: {'9' * 10_000}\n---\n"),
    "toml deep": ("errata.toml", f"a = {DEEP}\n"),
    "toml number": ("errata.toml", f"[evolve]\nwindow_days = {'9' * 10_000}\n"),
    "toml large": ("errata.toml", "# x\n" * 1_000_000),
    "identity": ("errata.toml", f'[[identities]]\nagent = "a"\nbody = "{"*a" * 60}b"\n'),
    "route": ("errata.toml", f'[routing.paths]\n"{"**/*a" * 40}b" = ["api-dev"]\n'),
    "settings json": (".claude/settings.json", '{"hooks":' * 50_000),
    "receipt": (".git/errata/installed.json", '{"version": 1, "files": ' + "[" * 100_000),
    "written deep": (".git/errata/written/" + "a" * 32, "[" * 100_000),
    "authorship deep": (".git/errata/authorship.jsonl", "[" * 100_000 + "\n"),
    "session deep": (".git/errata/sessions/x.json", "[" * 100_000),
    "log of newlines": (".claude/review-findings.jsonl", "\n" * 300_000),
    "log deep": (".claude/review-findings.jsonl", _record(x=1)[:-2] + ',"y":' + DEEP + "\n"),
    "log line": (".claude/review-findings.jsonl", _record(description="x " * 1_000_000)),
    "log words": (".claude/review-findings.jsonl", _record(description="missing " * 100_000)),
    "log quotes": (".claude/review-findings.jsonl", _record(description="ignore all " * 1800)),
    "log number": (".claude/review-findings.jsonl", _record(n=1)[:-2] + f',"m":{"9" * 9999}}}\n'),
    "runbook": (entry_points.RUNBOOK, "> " * 20_000 + "\n" + "*a_ " * 20_000 + "[" * 20_000),
    "promotions": (".claude/patterns/promotion-log.jsonl", "[" * 100_000 + "\n"),
    "chances": (".claude/patterns/chances.jsonl", "[" * 100_000 + "\n"),
}
ALWAYS = ("pre-commit laughs", "toml number")
CASES = [n if n in ALWAYS else pytest.param(n, marks=pytest.mark.long) for n in BOMBS]


@pytest.mark.parametrize("name", CASES)
def test_bomb_ends_in_a_message_within_limits(target: Repo, name: str) -> None:
    path, content = BOMBS[name]
    target.write(path, content)
    # The peak of earlier tests would hide that of this one.
    if REFERENCES.exists():
        REFERENCES.write_text("5")
    started, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for entry in [*entry_points.reading(), *entry_points.writing(target.root)]:
        said = entry_points.run(entry, target.root)
        assert "Traceback" not in said.all and "Error: " not in said.err, (entry.name, said.err)
    assert time.process_time() - started < SECONDS
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert (after - before) * 1024 < 10 * len(content) + 150_000_000


NAIVE: dict[str, Callable[[], object]] = {
    "toml number": lambda: tomllib.loads(f"a = {'9' * 10_000}"),
    "toml deep": lambda: tomllib.loads(f"a = {DEEP}"),
    "json deep": lambda: json.loads("[" * 100_000),
}


@pytest.mark.parametrize("name", NAIVE)
def test_control_naive_parser_raises_an_undocumented_error(name: str) -> None:
    with pytest.raises((ValueError, RecursionError)) as caught:
        NAIVE[name]()
    assert not isinstance(caught.value, tomllib.TOMLDecodeError | json.JSONDecodeError)


def test_control_bomb_expands() -> None:
    assert 9**12 > 10**11 and len(_laughs()) < 1000


def test_stored_edit_is_not_decompressed_beyond_the_limit(target: Repo) -> None:
    packed = base64.b64encode(zlib.compress(bytes(200_000_000), 9)).decode()
    step = {"agent": "a", "tool": "t", "session": "", "time": 2**60, "before": None}
    chain = {"path": "api.py", "steps": [{**step, "after": packed}]}
    target.write(f".git/errata/written/{'b' * 32}", json.dumps(chain))
    tracemalloc.start()
    try:
        zlib.decompress(base64.b64decode(packed))  # The control.
        assert tracemalloc.get_traced_memory()[1] > 200_000_000
        tracemalloc.reset_peak()
        said = entry_points.run(Entry("", ("capture",), hook=True), target.root)
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()
    assert said.status == 0 and "Error" not in said.err


def test_huge_event_is_silent(target: Repo) -> None:
    for data in (b"[" * 200_000, b'{"cwd":' * 50_000, b'{"prompt": "' + b"no, " * 500_000 + b'"}'):
        for name in ("SessionStart", "UserPromptSubmit", "PostToolUse"):
            entry = Entry(name, event(name, target.root).words, stdin=data)
            said = entry_points.run(entry, target.root)
            assert (said.status, said.err) == (0, "")
