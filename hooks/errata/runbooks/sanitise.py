"""Text from logs, made safe for terminals and for runbooks.

Anyone who can write a line into a log can put text before an agent that reads its runbook as
instructions, and on a person's terminal. So invisible characters are dropped, and what could be
markup is escaped: a reader sees all of the text, and nothing but text.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

ELLIPSIS = "…"

# Complete escape sequences first, so that "\x1b[31m" does not leave "[31m" behind. A string
# sequence (OSC, DCS, SOS, PM, APC) without its terminator loses its introducer only: cutting to
# the end of the text would let one byte hide everything after it. A sequence cannot contain an
# introducer, which keeps the search linear.
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\n\x90\x98\x9c-\x9f]*(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]*[0-~]"
)
_SPACE_CONTROLS = frozenset("\t\n\v\f\r\x1c\x1d\x1e\x1f\x85")
# Letters, marks and symbols without a glyph; the general category does not distinguish them.
_BLANKS = {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, 0xFFFC, 0x16FE4, 0x1D159}
_BLANKS.update(range(0x180B, 0x1810), range(0xFE00, 0xFE10), range(0xE0000, 0xE1000))
_HIDDEN = frozenset(["Cc", "Cf", "Cn", "Co", "Cs"])
# Combining marks on one letter; no orthography uses more.
_MARKS_MAX = 8
_SPACES = re.compile(" {2,}")

# "@" would name a file to include or a person to notify, "$" is mathematics on some hosts and an
# argument in agents' command files; the rest is CommonMark, tables and strike-through.
_MARKUP = re.compile(r"[\\`*_\[\]<>#|~&@$]")
# Quotation marks that are double, of all kinds, with primes and ditto marks; and single ones, which
# are double where two meet.
_DOUBLE = (
    '"\u00ab\u00bb\u02ba\u02dd\u02ee\u05f4\u1cd3\u201c-\u201f\u2033\u2036\u275d\u275e\u2e42\u300c-\u300f'
    "\u3003\u301d-\u301f\uff02\U0001f676-\U0001f678"
)
_QUOTES = re.compile(f"[{_DOUBLE}'`\u2018-\u201b\u00b4\u2032]{{2,}}|[{_DOUBLE}]")
# Bare addresses become links on most hosts; an escaped colon or dot leaves them text.
_SCHEME = re.compile(r"(?<=\w):(?=//)|(?<=mailto):|(?<=xmpp):", re.IGNORECASE)
_WWW = re.compile(r"(?<=www)\.", re.IGNORECASE)
_LEAD = re.compile(r"^(?=[-+=])")
_CODE = re.compile(r"`([^`]*)`")
_TICKS = re.compile("`+")
# Some harnesses run what stands between backticks after "!", wherever it is in a file.
_COMMAND = re.compile("!(?=`)")
_TAB = 4
_NUMBER = re.compile(r"^([0-9]+)(?=[.)])")


@lru_cache(maxsize=8192)
def terminal(text: str) -> str:
    """The printable part of a text, on one line, for a screen.

    Escape sequences, control, bidirectional, zero-width, private-use, unassigned and other
    invisible characters are dropped, and excess combining marks. Each white-space character,
    including line ends, becomes a space.
    """
    if _is_printable_ascii(text):
        return text
    return _limit_marks("".join(map(_visible, _ESCAPES.sub("", text))))


# The entries of a block repeat the same few texts.
@lru_cache(maxsize=8192)
def plain(text: str, limit: int) -> str:
    """One line of at most ``limit`` characters: :func:`terminal`, in NFC, with spaces collapsed.

    A cut never splits a visible character, and shows as an ellipsis. Combining marks at the start,
    which would attach to whatever comes before the text, are dropped.
    """
    line = terminal(text)
    if not line.isascii():
        line = _limit_marks(unicodedata.normalize("NFC", line))
    line = _SPACES.sub(" ", line).strip(" ")
    start = next((i for i, char in enumerate(line) if char != " " and not _joins(char)), len(line))
    line = line[start:]
    if len(line) <= limit:
        return line
    return line[: _boundary(line, max(limit - 1, 0))].rstrip(" ") + ELLIPSIS[:limit]


@lru_cache(maxsize=8192)
def markdown(text: str, limit: int) -> str:
    """Markdown that renders as ``plain(text, limit)`` and nothing else.

    This holds at the start of a list item as well as within a line. The limit is that of the
    visible text; escapes come on top, at most one for each character.
    """
    return _escape(plain(text, limit))


def _escape(line: str) -> str:
    """Markdown that renders as this line of printable text."""
    line = _MARKUP.sub(r"\\\g<0>", line)
    # Searching for what stands before a colon or a dot is slow, and most texts have neither.
    if ":" in line:
        line = _SCHEME.sub(r"\\:", line)
    if "." in line:
        line = _WWW.sub(r"\\.", line)
    return _NUMBER.sub(r"\1\\", _LEAD.sub(r"\\", line))


@lru_cache(maxsize=8192)
def quoted(text: str, limit: int) -> str:
    """Markdown of a quotation: :func:`markdown` in quotation marks; "" if the text is empty.

    Quotation marks inside become single ones, whatever their form, so that nothing ends it early.
    """
    line = markdown(_QUOTES.sub("'", plain(text, limit)), limit)
    return f'"{line}"' if line else ""


@lru_cache(maxsize=8192)
def markdown_with_code(text: str, limit: int) -> str:
    """:func:`markdown`, except that what stands between two backticks is code."""
    parts = _CODE.split(plain(text, limit))
    # Every other part was between backticks.
    return "".join(
        (code_span(part, limit) or r"\`\`") if at % 2 else _escape(part)
        for at, part in enumerate(parts)
    )


@lru_cache(maxsize=8192)
def code_span(text: str, limit: int) -> str:
    """Markdown of code within a line, at most ``limit`` characters of it; "" if it is blank.

    Nothing in the text ends the code. A space comes between "!" and a backtick.
    """
    line = _COMMAND.sub("! ", plain(text, limit))
    if not line:
        return ""
    ticks = "`" * (max(map(len, _TICKS.findall(line)), default=0) + 1)
    space = " " if line[0] == "`" or line[-1] == "`" else ""
    return f"{ticks}{space}{line}{space}{ticks}"


@lru_cache(maxsize=8192)
def code_line(text: str, limit: int) -> str:
    """One line of code for a code block: :func:`terminal`, with its indentation, in NFC.

    It may be anything but a line end: what shows it must indent it, or put a sign before it.
    """
    line = terminal(text.expandtabs(_TAB)).rstrip(" ")
    line = line if line.isascii() else _limit_marks(unicodedata.normalize("NFC", line))
    line = _COMMAND.sub("! ", line)
    if len(line) <= limit:
        return line
    return line[: _boundary(line, max(limit - 1, 0))] + ELLIPSIS[:limit]


def _is_printable_ascii(text: str) -> bool:
    """Whether :func:`terminal` leaves the text as it is, as it does most of them."""
    return text.isascii() and text.isprintable()


def _visible(char: str) -> str:
    if " " <= char <= "~":
        return char
    category = unicodedata.category(char)
    if char in _SPACE_CONTROLS or category[0] == "Z":
        return " "
    return "" if category in _HIDDEN or ord(char) in _BLANKS else char


def _limit_marks(text: str) -> str:
    """The text with at most :data:`_MARKS_MAX` marks on a letter: more would cover other lines."""
    if text.isascii():
        return text
    kept, run = [], 0
    for char in text:
        run = run + 1 if unicodedata.category(char)[0] == "M" else 0
        if run <= _MARKS_MAX:
            kept.append(char)
    return "".join(kept)


def _joins(char: str) -> bool:
    """Whether a character is drawn as part of the one before it (flags apart)."""
    code = ord(char)
    return (
        unicodedata.category(char)[0] == "M"
        or 0x1F3FB <= code <= 0x1F3FF  # skin tones
        or 0x1160 <= code <= 0x11FF  # Hangul vowels and finals that NFC did not compose
        or 0xD7B0 <= code <= 0xD7FF
    )


def _boundary(line: str, cut: int) -> int:
    while cut and _joins(line[cut]):
        cut -= 1
    flags = 0
    while flags < cut and 0x1F1E6 <= ord(line[cut - flags - 1]) <= 0x1F1FF:
        flags += 1
    # Flags are pairs: an odd number before the cut, and another one after it, is half a flag.
    return cut - 1 if flags % 2 and 0x1F1E6 <= ord(line[cut]) <= 0x1F1FF else cut
