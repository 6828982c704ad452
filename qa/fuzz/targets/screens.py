"""Text from logs, sanitised for a terminal and for an agent."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from qa.fuzz.target import Target, text

from errata.runbooks.sanitise import markdown, plain, terminal

_HIDDEN = {"Cc", "Cf", "Cs", "Co"}


def _sanitise(data: bytes) -> None:
    """No invisible characters, one line, not longer than the limit; idempotent."""
    given = text(data)
    shown = terminal(given)
    assert not any(unicodedata.category(char) in _HIDDEN for char in shown)
    assert terminal(shown) == shown
    for limit in (1, 12, 300):
        line = plain(given, limit)
        assert len(line) <= limit
        assert plain(line, limit) == line
        written = markdown(given, limit)
        assert "\n" not in written
        assert len(written) <= 2 * limit + 2


def _seeds() -> Iterable[bytes]:
    yield b"# [a](https://x.test) <b> `c` *d* ~e~ &amp; $f$ @g 1. h"
    yield b"\x1b[31mred\x1b]8;;http://x\x07 link\x1b[0m \x9b1m www.x.test - + ="
    yield "e\u0301 \u202eabc\u200b 👩\u200d💻 🇦🇧🇨 \U000e0041 가\u11a8 ｗｗｗ.x".encode()


TARGETS = (
    Target(
        "sanitise",
        _sanitise,
        _seeds,
        (b"\x1b[", b"\x1b]", b"\x07", b"\x1b\\", b"\xc2\x9b", b"://", b"www.", b"mailto:", b"1."),
        limit=80,
    ),
)
