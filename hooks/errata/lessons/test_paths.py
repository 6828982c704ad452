"""Which files are tests. Apart from the other modules, because agents wait for this one."""

from __future__ import annotations

import re

_TEST_PATH = re.compile(
    r"(?i)(?:^|/)(?:tests?|specs?|e2e|__tests__|testing|testdata)/|(?:^|/)(?:test_|conftest\.)"
    r"|(?:_test|_spec|\.test|\.spec|Tests?)\.\w+$"
)


def is_test(path: str) -> bool:
    """Whether a path is that of a test."""
    return _TEST_PATH.search(path) is not None
