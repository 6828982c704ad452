"""Where checks are: the folder ``checks`` beside that of the patterns.

A hook that has nothing to do imports this: keep imports few.
"""

from __future__ import annotations

import os

from errata.core import safe_open

TYPE_CHECKING = False
if TYPE_CHECKING:
    from errata.core.config import Config

PROPOSED = "proposed"
"""Below the folder of checks: what waits for a person; nothing runs it."""
RULES = "rules"
"""Below it: accepted rules, in the languages of ast-grep."""
WORDS = "words"
"""Below it: accepted patterns of words. ast-grep would refuse to read them among its rules."""
TESTS = "tests"
"""Below it, and below :data:`PROPOSED`: the tests of rules, as ast-grep has them."""
# The parent of the default of `paths.patterns`; tests/checks compares the two.
DEFAULT = ".claude/checks"


def relative(config: Config) -> str:
    """The folder of checks, relative to the top of the repository."""
    parent = os.path.dirname(config.paths.patterns.rstrip("/"))  # noqa: PTH120
    return f"{parent}/checks" if parent else "checks"


def of_repository(root: str) -> str:
    """The same; reads the settings only where they may name another folder."""
    if not _may_configure(root):
        return DEFAULT
    from pathlib import Path

    from errata.core import config

    return relative(config.load(Path(root)))


def may_hold_accepted(root: str) -> bool:
    """Whether a repository may have an accepted check: false at once in most of them."""
    folders = (f"{root}/{DEFAULT}/{name}" for name in (RULES, WORDS))
    return any(map(os.path.isdir, folders)) or _may_configure(root)


def _may_configure(root: str) -> bool:
    try:
        with open(f"{root}/errata.toml", "rb", opener=safe_open.open_regular) as file:
            return b"patterns" in file.read()
    except FileNotFoundError:
        return False
    except OSError:
        return True
