"""What the ids of one correction have in common."""

from __future__ import annotations

import re

_CAPTURED = re.compile(r"(cor-[0-9a-f]+)(\.[0-9]+)?(-withdrawn)?\Z")


def family(correction: str) -> str:
    """What the ids of one correction have in common.

    A captured correction gets a number after its id when history brings it back.
    """
    match = _CAPTURED.match(correction)
    return match[1] if match else correction
