"""What in a message is not a person's sentence, and what stands there in its place.

Each expression is compiled for the first text that may match it. Compiling all took a third of the
time of a prompt, and nearly every prompt is a few plain words.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

_BREAKS = {code: " " for code in range(128) if not chr(code).isalnum() and code != ord("_")}
_VERBS = "do does did is are was were has have had should would could ca wo ai must need"
_LOST = frozenset(
    [
        *(f"{verb}nt" for verb in _VERBS.split()),
        *(f"{who}{what}" for who in ("you", "we", "they", "i") for what in ("ve", "re", "ll")),
        *(f"{this}s" for this in ("that", "what", "there", "who", "it", "let")),
        "im",
    ]
)
_LOG_STARTS = (
    *("[", "$", "@@", "+++", "---", "E", "File", "Traceback", "diff", "index"),
    *("ERROR", "WARN", "INFO", "DEBUG", "FATAL", "TRACE", "PASS", "FAIL", "ok", "npm", "yarn"),
    "pnpm",
)


class Shape(NamedTuple):
    """An expression.

    Attributes:
        text: as `re` takes it.
        near: whether a text may match; an answer of "no" is certain.
    """

    text: str
    near: Callable[[str], bool]

    def sub(self, into: str | Callable[[re.Match[str]], str], text: str) -> str:
        """The text with each match replaced."""
        return re.sub(self.text, into, text) if self.near(text) else text

    def match(self, text: str) -> bool:
        """Whether the text begins so."""
        return self.near(text) and re.match(self.text, text) is not None

    def search(self, text: str) -> bool:
        """Whether it is somewhere in the text."""
        return self.near(text) and re.search(self.text, text) is not None


def _holds(*words: str) -> Callable[[str], bool]:
    return lambda text: any(word in text for word in words)


def _any(_: str) -> bool:
    return True


def _harness(text: str) -> bool:
    # Not the whole beginning: an s or an i of other scripts would count as well.
    return text.lstrip()[:4].lower().startswith(("/", "[", "cave", "thi", "th\u0131"))


def _log(line: str) -> bool:
    return ":" in line or "(" in line or line.lstrip().startswith(_LOG_STARTS)


def _indented(line: str) -> bool:
    return line.startswith(("\t", "    "))


def _dotted(text: str) -> bool:
    """Whether a full stop stands before a letter, as in the names of files."""
    return any(part[:1].isalnum() or part[:1] == "_" for part in text.split(".")[1:])


def _path(text: str) -> bool:
    return "/" in text or _dotted(text)


def _identifier(text: str) -> bool:
    return (
        any(sign in text for sign in ("(", "_", "::"))
        or _dotted(text)
        or any(map(_humped, text.split()))
    )


def _humped(word: str) -> bool:
    """Whether a capital stands in a word with others."""
    return any(map(str.isupper, word[1:])) and not (word.isalpha() and word.isupper())


def _numbered(text: str) -> bool:
    return any(map(str.isdigit, text))


def _hash(text: str) -> bool:
    return any(len(word) >= 7 and _numbered(word) for word in text.split())


def _lost(line: str) -> bool:
    return not line.isascii() or not _LOST.isdisjoint(line.translate(_BREAKS).split())


def _shout(text: str) -> bool:
    return sum(map(str.isupper, text)) >= 4


TAG_BLOCK = Shape(
    r"(?s)<([a-z][a-z0-9]*[-_][a-z0-9_-]*)\b[^<>]{0,200}>.*?(?:</\1\s*>|\Z)", _holds("<")
)
LONE_TAG = Shape(r"</?[a-z][\w-]{0,40}\s*/?>", _holds("<"))
FENCE = Shape(r"(?s)(?:```|~~~).*?(?:```|~~~|\Z)", _holds("```", "~~~"))
HARNESS = Shape(
    r"(?i)\A\s*(?:"
    r"/[a-z][\w:-]*(?=\s|\Z)"
    r"|\[(?:request interrupted|scheduled|automated|cron|system|image\b|tool)[^\]\n]{0,80}\]?"
    r"|caveat: the messages below"
    r"|this session is being continued from a previous"
    r")",
    _harness,
)
INTERRUPTED = Shape(
    r"(?i)\[(?:request interrupted|image|pasted text|screenshot)[^\]\n]{0,80}\]", _holds("[")
)
LOG_LINE = Shape(
    r"""(?x)\s*(?:
      at\s[\w.$<>]+\(.*
    | File\s".{1,200}",\sline\s\d+
    | Traceback\b
    | Caused\sby:
    | \[?\d{4}-\d\d-\d\d[T\s]\d\d:\d\d
    | \[?\d\d:\d\d:\d\d
    | \[?(?:ERROR|WARN|WARNING|INFO|DEBUG|FATAL|TRACE)\]?[:\s]\s?\S
    | (?:\w{1,40}\.){0,6}\w{0,40}(?:Error|Exception|Warning):\s
    | (?:npm|yarn|pnpm)\s(?:ERR!|WARN|error)
    | (?:error|warning|fatal|panic|note)(?:\[\w+\]|\s\w{2}\d+)?:\s
    | [\w./\\-]{1,200}:\d+(?::\d+)?:?\s
    | \$\s\S
    | (?:PASS|FAIL|FAILED|ok|---)\s+\S+[/.:]\S
    | E\s{3}
    | (?:diff\s--git|@@\s|index\s[0-9a-f]{6}|\+\+\+\s|---\s[ab]/)
    | \w{1,30}(?:\[\d+\])?:\s(?:error|warning|fatal|debug|info):
    )""",
    _log,
)
CODE_LINE = Shape(r"(?:\t| {4,})\S", _indented)
CODE_SIGN = Shape(
    r"[{};=()\[\]<>]|^\s*(?:def|class|return|import|from|if|for|const|let|var)\b", _any
)
QUOTED = Shape(r'"([^"\n]{1,600})"|“([^”\n]{1,600})”|«([^»\n]{1,600})»', _holds('"', "“", "«"))
SINGLE_QUOTED = Shape(r"(?<![\w'])'([^'\n]{1,300})'(?![\w'])", lambda text: text.count("'") > 1)
INLINE: tuple[tuple[Shape, str], ...] = (
    (Shape(r"`[^`\n]{1,300}`", _holds("`")), " <code> "),
    (Shape(r"\b(?:https?|ssh|git|ftp|file)://\S+|\bwww\.\S+", _holds("://", "www.")), " <url> "),
    (Shape(r"\b[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{1,64}", _holds("@")), " <mail> "),
    (Shape(r"(?<![\w/])#\d+\b", _holds("#")), " <issue> "),
    (Shape(r"(?<![\w<])@[\w./-]{2,}", _holds("@")), " <path> "),
    (Shape(r"(?i)(?<!\w)--?[a-z][\w-]*(?==?)", _holds("-")), " <flag> "),
    (
        Shape(
            r"(?<![\w<])(?:~?/|\.{1,2}/)?(?:[\w.*-]+/)+[\w.*-]*"
            r"|(?<![\w/<])/[\w.:{}*-]{2,}|(?<!\S)\.[a-z][\w-]*(?=\s|\Z)"
            r"|\b[\w-]{1,60}\.(?:py|js|jsx|ts|tsx|go|rs|java|kt|rb|php|c|h|cc|cpp|hpp|cs|swift|md|txt"
            r"|json|jsonl|ya?ml|toml|ini|cfg|env|lock|sql|sh|html|css|scss|vue|svelte|csv|xml|log"
            r"|png|jpe?g|svg|pdf|ipynb|tf|proto|gradle|dart|ex|exs|hs|lua|scala)\b",
            _path,
        ),
        " <path> ",
    ),
    (
        Shape(
            r"\b[A-Za-z_][\w.]{0,60}\([^()\n]{0,60}\)"
            r"|\b[A-Za-z]\w*_\w+|\b_\w+\b|\b[a-z][a-z0-9]{0,40}[A-Z]\w*|\b[A-Z][a-z0-9]+[A-Z]\w*"
            r"|\b[A-Za-z]\w{0,60}(?:\.[A-Za-z_]\w{1,60}){1,9}|\b\w+::\w+",
            _identifier,
        ),
        " <id> ",
    ),
    (Shape(r"\b(?:0x)?(?=[0-9a-f]*\d)[0-9a-f]{7,40}\b", _hash), " <hash> "),
    (Shape(r"(?<![\w<])[-+]?\$?\d[\d.,:/]*(?:%|\w{1,3}\b)?", _numbered), " <num> "),
)
LOST_APOSTROPHE = Shape(
    r"\b(?:(do|does|did|is|are|was|were|has|have|had|should|would|could|ca|wo|ai|must|need)nt"
    r"|(you|we|they|i)(ve|re|ll)(?<!\bwere)(?<!\bwell)(?<!\bill)|(i)m|(that|what|there|who|it|let)s)\b",
    _lost,
)
NOT = Shape(r"(?<=[a-z])n't\b", _holds("n't"))
SHOUT = Shape(r"\b[A-Z]{4,}\b", _shout)
