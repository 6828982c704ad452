"""errata-check-trailers: check the format of errata's own trailers (commit-msg).

usage: errata-check-trailers FILE
"""

from __future__ import annotations

import os
import sys

from errata.githooks._message_arguments import message_arguments

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_NAME = r"(?=.{1,64}(?:@|\Z))[a-z0-9]+(?:-[a-z0-9]+)*"
_WORD = r"[A-Za-z0-9][A-Za-z0-9._:/@+-]"
FORMATS = {
    "agent": ("Agent", _NAME, "lower-case words joined by '-', at most 64 characters"),
    "agent-session": ("Agent-Session", _WORD + "{0,127}", "one word of letters, digits, ._:/@+-"),
    "feature": ("Feature", _WORD + "{0,63}", "one word such as feat-042"),
    "runbook": (
        "Runbook",
        _NAME + "@[0-9a-f]{12}",
        "the agent's name, '@' and 12 hex digits, such as api-dev@0123456789ab",
    ),
    "corrects": (
        "Corrects",
        r'[0-9a-f]{7,64} \(".*"\)',
        'a commit id of 7 to 64 hex digits and its subject, such as 0123456789ab ("Add quota")',
    ),
}
"""Lower-case key -> (key, expression for the whole value, what is allowed)."""
# Every trailer of ours contains one of these.
_WORDS = (b"agent", b"feature", b"runbook", b"corrects")
_OUR_TRAILER = rb"(?mi)^(?:agent|agent-session|feature|runbook|corrects)\s*:"


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
        name, expression, allowed = FORMATS.get(key.lower(), ("", "", ""))
        if name and not re.fullmatch(expression, value):
            where = f"line {_line_number(text, key, value)}: " if value else ""
            yield f"{where}{name}: {value!r} is not allowed (allowed: {allowed})"
    if text.startswith(b"Agent: ") and len(trailers.keys_in(text)) == len(text.splitlines()):
        yield "the message has trailers but no subject (first write what the commit does)"


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
