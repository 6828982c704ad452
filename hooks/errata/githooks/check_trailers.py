"""errata-check-trailers: refuse damaged trailers of errata (commit-msg).

usage: errata-check-trailers FILE
"""

from __future__ import annotations

import os
import sys

from errata.core.interrupt import interruptible
from errata.githooks._message_arguments import message_arguments

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_NAME = r"(?=.{1,64}(?:@|\Z))[a-z0-9]+(?:-[a-z0-9]+)*"
FORMATS = {
    "runbook": (
        "Runbook",
        r"\S+@(?=\d*[A-Fa-f])[0-9A-Fa-f]{8,64}",
        _NAME + "@[0-9a-f]{12}",
        "the agent's name, '@' and 12 hex digits, such as api-dev@0123456789ab",
    ),
    "corrects": (
        "Corrects",
        r'[0-9A-Fa-f]{4,64} \(".*',
        r'[0-9a-f]{7,64} \(".*"\)',
        'a commit id of 7 to 64 hex digits and its subject, such as 0123456789ab ("Add quota")',
    ),
}
"""Lower-case key -> (key, values that look like ours, the allowed ones of these, a description).

People use these keys for lines of their own ("Runbook: https://..."), so only a value that cannot
be anything else than a damaged trailer of ours is refused. ``Agent``, ``Agent-Session`` and
``Feature`` take free text, so they are not checked.
"""
# Every trailer that is checked contains one of these.
_WORDS = (b"runbook", b"corrects")
_OUR_TRAILER = rb"(?mi)^(?:runbook|corrects)\s*:"


@interruptible
def main(argv: Sequence[str] | None = None) -> int:
    """Run the hook; 1 if a trailer of ours is malformed, one line for each on standard error."""
    args = message_arguments(argv)
    if args is None:
        return 0
    if len(args) != 1 or args[0] in ("-h", "--help"):
        print(__doc__, file=sys.stderr)
        return 0 if args[:1] in (["-h"], ["--help"]) else 2
    from errata.core.errors import ErrataError

    try:
        faults = list(_faults(args[0]))
    except (ErrataError, OSError) as error:
        print(f"errata-check-trailers: {error}", file=sys.stderr)
        return 2
    for fault in faults:
        print(f"errata-check-trailers: {fault}", file=sys.stderr)
    return 1 if faults else 0


def _faults(file: str) -> Iterator[str]:
    with open(file, "rb") as message:  # noqa: PTH123
        raw = message.read()
    if not any(word in raw.lower() for word in _WORDS):
        return
    import re

    if not re.search(_OUR_TRAILER, raw):
        return
    from errata.provenance import trailers

    settings = trailers.read_settings(os.environ)
    text = trailers.split(raw, settings).text
    for key, value in trailers.parse(text):
        name, similar, exact, allowed = FORMATS.get(key.lower(), ("", "", "", ""))
        if name and re.fullmatch(similar, value) and not re.fullmatch(exact, value):
            where = f"line {_line_number(text, key, value)}: "
            yield f"{where}{name}: {value!r} is not allowed (allowed: {allowed})"


def _line_number(text: bytes, key: str, value: str) -> int:
    lines = text.decode("utf-8", "replace").splitlines()
    # An unfolded value may span several lines.
    start = (key.lower(), value.split(" ")[0])
    for number in range(len(lines), 0, -1):
        name, _, rest = lines[number - 1].partition(":")
        if (name.strip().lower(), rest.strip().split(" ")[0]) == start:
            return number
    return len(lines)


if __name__ == "__main__":
    sys.exit(main())
