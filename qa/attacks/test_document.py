"""The tests that SECURITY.md names exist."""

from __future__ import annotations

import re
from pathlib import Path

TOP = Path(__file__).parents[2]
TEXT = (TOP / "SECURITY.md").read_text("utf-8")


def test_named_tests_exist() -> None:
    named = set(re.findall(r"`?\b((?:tests|qa)/[\w/.-]+)`?", TEXT))
    assert len(named) >= 10
    assert [name for name in named if not (TOP / name).exists()] == []


def test_every_attack_module_is_named() -> None:
    files = {f"qa/attacks/{file.name}" for file in Path(__file__).parent.glob("test_*.py")}
    assert {name for name in files if name not in TEXT} == set()
