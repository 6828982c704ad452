"""Corrections whose edits are described, as capture writes them.

The same seed gives the same bytes. Kinds of edits are equally frequent, subjects, words and folders
follow Zipf's law, and a correction holds ten facts on average.
"""

from __future__ import annotations

import json
import random
import time
from functools import cache
from itertools import accumulate
from typing import Any

_KINDS = (
    *("comment-removed", "comment-added", "comment-reworded", "string-changed", "formatting-only"),
    *("type-added", "type-removed", "await-added", "await-removed", "prose-reworded"),
)
_SUBJECT_KINDS = (
    *("call-added", "call-removed", "name-added", "name-removed", "import-added", "import-removed"),
    *("argument-added", "argument-removed", "config-key-added", "config-key-removed"),
)
_OWNERS = ("client", "store", "user", "log", "db", "view", "auth", "task", "queue", "page")
_VERBS = ("read", "write", "get", "send", "close", "open", "parse", "flush")
_WORDS = (
    *("lint", "hash", "cache", "retry", "timeout", "schema", "token", "login", "export", "daemon"),
    *("index", "query", "header", "cookie", "panel", "quota", "tenant", "cursor", "invoice"),
    *("snapshot", "banner", "path", "encoding", "locale", "thread", "lock", "badge", "image"),
    *("volume", "port", "proxy", "socket", "buffer", "stream", "parser", "grammar"),
)
_SUBJECTS = [f"{owner}.{verb}{n}" for n in range(40) for owner in _OWNERS for verb in _VERBS]
_STEP = 2_400
"""Seconds between two corrections."""


def corrections(count: int, end: int, seed: int) -> str:
    """So many lines of a log, oldest first, the newest one at ``end`` (seconds since 1970)."""
    rng = random.Random(seed)
    rows = (_correction(rng, f"{seed}-{n}", end - _STEP * (count - 1 - n)) for n in range(count))
    return "".join(json.dumps(row) + "\n" for row in rows)


def _correction(rng: random.Random, id: str, seconds: int) -> dict[str, Any]:
    folder = f"src/{_zipf(rng, _WORDS)}"
    file = f"{folder}/{_zipf(rng, _WORDS)}.py"
    many = rng.randint(2, 18)
    edits = {rng.choice(_KINDS) for _ in range(many // 3)}
    edits |= {f"{rng.choice(_SUBJECT_KINDS)} {_zipf(rng, _SUBJECTS)}" for _ in range(many)}
    when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
    commit = f"{rng.getrandbits(160):040x}"
    words = " ".join(_zipf(rng, _WORDS) for _ in range(5))
    example = {"edits": sorted(edits)[:2], "file": file, "before": ["x = f(1)"], "after": ["x = 2"]}
    return {
        "id": f"cor-{id}",
        "date": when[:10],
        "timestamp": when,
        "agent": "claude-code",
        "correction_type": "code_quality",
        "source": "implicit",
        "ai_action": {"summary": f"Wrote lines of {file}", "file": file, "commit": commit},
        "user_correction": {"summary": f"Fix {words}", "commit": commit[::-1], "files": [file]},
        "severity": "medium",
        "edits": sorted(edits),
        "area": {"folders": [folder], "languages": ["python"], "tests": False, "symbols": []},
        "examples": [example],
    }


def _zipf(rng: random.Random, items: tuple[str, ...] | list[str]) -> str:
    return rng.choices(items, cum_weights=_weights(len(items)))[0]


@cache
def _weights(count: int) -> list[float]:
    return list(accumulate(1 / rank for rank in range(1, count + 1)))
