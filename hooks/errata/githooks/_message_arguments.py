"""The arguments of a hook that works on the file of a commit message."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def message_arguments(argv: Sequence[str] | None) -> list[str] | None:
    """``argv``, by default that of the process; None if there is no message to work on.

    pre-commit and prek may run the hook without naming the file. Then git is asked for its path.
    """
    args = list(sys.argv[1:] if argv is None else argv)
    if args or os.environ.get("PRE_COMMIT") != "1":
        return args
    from errata.provenance.environment import message_file

    return message_file(os.environ) or None
