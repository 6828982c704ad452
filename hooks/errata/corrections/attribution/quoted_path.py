"""Paths as git prints them in a patch: quoted and escaped where they hold unusual characters."""

from __future__ import annotations

import re

_ESCAPE = re.compile(rb'\\([abtnvfr"\\]|[0-7]{3})')
_ESCAPED = dict(zip(b'abtnvfr"\\', b'\a\b\t\n\v\f\r"\\', strict=True))


def unquote(name: bytes, prefix: bytes = b"") -> bytes | None:
    """The path, without quotes and prefix; None for ``/dev/null``."""
    # Git ends a name that holds spaces with a tab.
    name = name.removesuffix(b"\t")
    if name.startswith(b'"') and name.endswith(b'"'):
        name = _ESCAPE.sub(_unescape, name[1:-1])
    return None if name == b"/dev/null" else name.removeprefix(prefix)


def _unescape(match: re.Match[bytes]) -> bytes:
    code = match[1]
    return bytes([_ESCAPED[code[0]] if len(code) == 1 else int(code, 8) & 255])
