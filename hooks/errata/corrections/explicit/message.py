"""What of a message is the person's own sentence, as tokens; everything else becomes a shape.

A message to an agent is full of words that are not the person's: code, logs, quoted mail, tags of
the harness. They say nothing about what the person thinks of the agent's work, so each is replaced
by one neutral token such as ``<code>`` before anything is judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LIMIT = 4_000
"""Characters of a message that are looked at: what a person means stands at its beginning."""

_MAX_TOKENS = 700
_TAG_BLOCK = re.compile(
    r"<([a-z][a-z0-9]*[-_][a-z0-9_-]*)\b[^<>]{0,200}>.*?(?:</\1\s*>|\Z)", re.DOTALL
)
_LONE_TAG = re.compile(r"</?[a-z][\w-]{0,40}\s*/?>")
_FENCE = re.compile(r"(?:```|~~~).*?(?:```|~~~|\Z)", re.DOTALL)
_HARNESS = re.compile(
    r"\A\s*(?:"
    r"/[a-z][\w:-]*(?=\s|\Z)"
    r"|\[(?:request interrupted|scheduled|automated|cron|system|image\b|tool)[^\]\n]{0,80}\]?"
    r"|caveat: the messages below"
    r"|this session is being continued from a previous"
    r")",
    re.IGNORECASE,
)
_INTERRUPTED = re.compile(
    r"\[(?:request interrupted|image|pasted text|screenshot)[^\]\n]{0,80}\]", re.IGNORECASE
)
_LOG_LINE = re.compile(
    r"""\s*(?:
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
    re.VERBOSE,
)
_CODE_LINE = re.compile(r"(?:\t| {4,})\S")
_CODE_SIGN = re.compile(
    r"[{};=()\[\]<>]|^\s*(?:def|class|return|import|from|if|for|const|let|var)\b"
)
_QUOTE_WORDS = 3
_QUOTED = re.compile(r'"([^"\n]{1,600})"|“([^”\n]{1,600})”|«([^»\n]{1,600})»')
_SINGLE_QUOTED = re.compile(r"(?<![\w'])'([^'\n]{1,300})'(?![\w'])")
_SHAPES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"`[^`\n]{1,300}`"), " <code> "),
    (re.compile(r"\b(?:https?|ssh|git|ftp|file)://\S+|\bwww\.\S+"), " <url> "),
    (re.compile(r"\b[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{1,64}"), " <mail> "),
    (re.compile(r"(?<![\w/])#\d+\b"), " <issue> "),
    (re.compile(r"(?<![\w<])@[\w./-]{2,}"), " <path> "),
    (re.compile(r"(?<!\w)--?[a-z][\w-]*(?==?)", re.IGNORECASE), " <flag> "),
    (
        re.compile(
            r"(?<![\w<])(?:~?/|\.{1,2}/)?(?:[\w.*-]+/)+[\w.*-]*"
            r"|(?<![\w/<])/[\w.:{}*-]{2,}|(?<!\S)\.[a-z][\w-]*(?=\s|\Z)"
            r"|\b[\w-]{1,60}\.(?:py|js|jsx|ts|tsx|go|rs|java|kt|rb|php|c|h|cc|cpp|hpp|cs|swift|md|txt"
            r"|json|jsonl|ya?ml|toml|ini|cfg|env|lock|sql|sh|html|css|scss|vue|svelte|csv|xml|log"
            r"|png|jpe?g|svg|pdf|ipynb|tf|proto|gradle|dart|ex|exs|hs|lua|scala)\b"
        ),
        " <path> ",
    ),
    (
        re.compile(
            r"\b[A-Za-z_][\w.]{0,60}\([^()\n]{0,60}\)"
            r"|\b[A-Za-z]\w*_\w+|\b_\w+\b|\b[a-z][a-z0-9]{0,40}[A-Z]\w*|\b[A-Z][a-z0-9]+[A-Z]\w*"
            r"|\b[A-Za-z]\w{0,60}(?:\.[A-Za-z_]\w{1,60}){1,9}|\b\w+::\w+"
        ),
        " <id> ",
    ),
    (re.compile(r"\b(?:0x)?(?=[0-9a-f]*\d)[0-9a-f]{7,40}\b"), " <hash> "),
    (re.compile(r"(?<![\w<])[-+]?\$?\d[\d.,:/]*(?:%|\w{1,3}\b)?"), " <num> "),
)
_TOKEN = re.compile(
    r"<[a-z]+>|n't\b|'(?:s|re|ve|ll|d|m)\b|[^\W\d_]+(?:-[^\W\d_]+)*|\.{3}|…|[?!]+|[.,:;()=]|→|->"
)
_SENTENCE_END = frozenset((".", "?", "!", "...", "…", "\n"))
_APOSTROPHES = str.maketrans(
    {"’": "'", "‘": "'", "´": "'", "`": "`", "\u00a0": " ", "–": "-", "—": ","}
)
_LOST_APOSTROPHE = re.compile(
    r"\b(?:(do|does|did|is|are|was|were|has|have|had|should|would|could|ca|wo|ai|must|need)nt"
    r"|(you|we|they|i)(ve|re|ll)(?<!\bwere)(?<!\bwell)(?<!\bill)|(i)m|(that|what|there|who|it|let)s)\b"
)
_NOT = re.compile(r"(?<=[a-z])n't\b")
_SPELLINGS = {
    "u": "you", "ur": "your", "pls": "please", "plz": "please", "thx": "thanks", "ty": "thanks",
    "cannot": "can not", "gonna": "going to", "wanna": "want to", "ya": "you", "yep": "yes",
    "yeah": "yes", "yup": "yes", "nope": "no", "nah": "no", "okay": "ok", "k": "ok", "im": "i 'm",
    "cant": "ca n't", "wont": "wo n't", "becuase": "because", "teh": "the", "cos": "because",
    "cuz": "because", "bc": "because", "tho": "though", "w/o": "without", "hmm": "hm", "hmmm": "hm",
    "…": "...", "→": "->",
}  # fmt: skip
_COMMON_WORDS = """
    the a an is are was it this that you i we to of and in on for not n't 's no with but do does did
    have has be as at your my please should can from or if there what why
"""
_FOREIGN_WORDS = """
    der das und ist nicht ich du sie ein eine mit auf bitte warum kein keine den dem le les est pas
    une je vous avec pour que qui ce c'est sur el los las una esto eso es por qué favor lo se con
    il che non sono questo per di o os um uma isso não het een niet van ik dat je wat jest nie to
    się det inte och är ikke og
"""
_COMMON = frozenset(_COMMON_WORDS.split())
_FOREIGN = frozenset(_FOREIGN_WORDS.split()) - _COMMON - {"non", "o", "den", "per", "os", "se"}


@dataclass(frozen=True, slots=True)
class Message:
    """What a person said.

    Attributes:
        sentences: tokens of each sentence, lower-cased; a closing mark is a sentence's last token.
        plain: the same as one line of text for phrase rules: tokens joined by single spaces.
        shouting: whether a word of four letters or more stands in capitals.
    """

    sentences: tuple[tuple[str, ...], ...]
    plain: str
    shouting: bool = False

    @property
    def empty(self) -> bool:
        """Whether nothing is left that a person said in words."""
        return not any(word[0] != "<" and word[0].isalpha() for s in self.sentences for word in s)

    @property
    def english(self) -> bool:
        """Whether it may be English: a longer message has some of its commonest words."""
        words = [word for s in self.sentences for word in s if word[0].isalpha()]
        if any(ord(char) > 0x24F for word in words for char in word):
            return False
        common = sum(word in _COMMON for word in words)
        foreign = sum(word in _FOREIGN for word in words)
        return foreign < 2 or common > foreign

    def part(self, start: int, count: int) -> Message:
        """Some of its sentences, as a message."""
        sentences = self.sentences[start : start + count]
        return Message(sentences, _plain(sentences), self.shouting)


def read(text: str) -> Message:
    """Take a message apart; looks at its first :data:`LIMIT` characters."""
    own = own_words(text)
    sentences = _sentences(own)
    return Message(
        tuple(tuple(sentence) for sentence in sentences),
        _plain(sentences),
        re.search(r"\b[A-Z]{4,}\b", own) is not None,
    )


def _plain(sentences: Iterable[Sequence[str]]) -> str:
    return " ".join(word for sentence in sentences for word in sentence)


def own_words(text: str) -> str:
    """The person's own text: what is not theirs is a shape such as ``<block>`` or ``<log>``."""
    text = text[:LIMIT].replace("\r\n", "\n").translate(_APOSTROPHES)
    text = _TAG_BLOCK.sub("\n", text)
    if _HARNESS.match(text):
        return ""
    text = _INTERRUPTED.sub("\n", text)
    text = _LONE_TAG.sub(" <tag> ", text)
    text = _FENCE.sub("\n<block>\n", text)
    text = _by_lines(text)
    text = _QUOTED.sub(_quote, text)
    text = _SINGLE_QUOTED.sub(_quote, text)
    for pattern, shape in _SHAPES:
        text = pattern.sub(shape, text)
    return text


def _quote(match: re.Match[str]) -> str:
    inside = next(filter(None, match.groups()), "")
    return " <quote> " if len(inside.split()) >= _QUOTE_WORDS else " <term> "


def _by_lines(text: str) -> str:
    """Lines of logs, quotes and indented code as shapes; runs of them as one."""
    kept: list[str] = []
    for line in text.split("\n"):
        stripped = line.strip()
        shape = ""
        if stripped.startswith(">") and len(stripped) > 1:
            shape = "<quote>"
        elif _LOG_LINE.match(line):
            shape = "<log>"
        elif _CODE_LINE.match(line) and _CODE_SIGN.search(line):
            shape = "<block>"
        if shape and kept and kept[-1] == shape:
            continue
        kept.append(shape or line)
    return "\n".join(kept)


def _sentences(text: str) -> list[list[str]]:
    found: list[list[str]] = [[]]
    count = 0
    for line in text.split("\n"):
        for word in _words(line):
            count += 1
            if count > _MAX_TOKENS:
                return [sentence for sentence in found if sentence]
            found[-1].append(word)
            if word in _SENTENCE_END or word[0] in "?!":
                found.append([])
        # A line that ends without a full stop ends a sentence all the same.
        if found[-1]:
            found.append([])
    return [sentence for sentence in found if any(word[0] not in ".?!…" for word in sentence)]


def _words(line: str) -> list[str]:
    lowered = _NOT.sub(" n't", _LOST_APOSTROPHE.sub(_with_apostrophe, line.lower()))
    words: list[str] = []
    for word in _TOKEN.findall(lowered):
        if word[0] in "?!" and len(word) > 1:
            word = "?" if "?" in word else "!"
        words += _SPELLINGS.get(word, word).split()
    return words


def _with_apostrophe(match: re.Match[str]) -> str:
    verb, who, what, me, this = match.groups()
    if verb:
        return f"{verb}n't"
    if who:
        return f"{who}'{what}"
    return "i'm" if me else f"{this}'s"
