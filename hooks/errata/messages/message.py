"""What of a message is the person's own sentence, as tokens; everything else becomes a shape.

A message to an agent is full of words that are not the person's: code, logs, quoted mail, tags of
the harness. They say nothing about what the person thinks of the agent's work, so each is replaced
by one neutral token such as ``<code>`` before anything is judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from errata.messages import shapes

LIMIT = 4_000
"""Characters of a message that are looked at: what a person means stands at its beginning."""

_MAX_TOKENS = 700
_QUOTE_WORDS = 3
_TOKEN = re.compile(
    r"<[a-z]+>|n't\b|'(?:s|re|ve|ll|d|m)\b|[^\W\d_]+(?:-[^\W\d_]+)*|\.{3}|…|[?!]+|[.,:;()=]|→|->"
)
_SENTENCE_END = frozenset((".", "?", "!", "...", "…", "\n"))
_APOSTROPHES = str.maketrans(
    {"’": "'", "‘": "'", "´": "'", "`": "`", "\u00a0": " ", "–": "-", "—": ","}
)
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


class Message(NamedTuple):
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
        shapes.SHOUT.search(own),
    )


def _plain(sentences: Iterable[Sequence[str]]) -> str:
    return " ".join(word for sentence in sentences for word in sentence)


def own_words(text: str) -> str:
    """The person's own text: what is not theirs is a shape such as ``<block>`` or ``<log>``."""
    text = text[:LIMIT].replace("\r\n", "\n").translate(_APOSTROPHES)
    text = shapes.TAG_BLOCK.sub("\n", text)
    if shapes.HARNESS.match(text):
        return ""
    text = shapes.INTERRUPTED.sub("\n", text)
    text = shapes.LONE_TAG.sub(" <tag> ", text)
    text = shapes.FENCE.sub("\n<block>\n", text)
    text = _by_lines(text)
    text = shapes.QUOTED.sub(_quote, text)
    text = shapes.SINGLE_QUOTED.sub(_quote, text)
    for shape, name in shapes.INLINE:
        text = shape.sub(name, text)
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
        elif shapes.LOG_LINE.match(line):
            shape = "<log>"
        elif shapes.CODE_LINE.match(line) and shapes.CODE_SIGN.search(line):
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
    lowered = shapes.NOT.sub(" n't", shapes.LOST_APOSTROPHE.sub(_with_apostrophe, line.lower()))
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
