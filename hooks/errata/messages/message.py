"""Splits a message into the sentences and tokens that the person wrote.

A message to an agent contains much that the person did not write: code, logs, quoted mail, tags of
the agent's tool. Such text does not tell what the person thinks of the agent's work, so a
placeholder such as ``<code>`` replaces it before the message is judged (``rules/masks.toml``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from errata import rules
from errata.rules.expression import Expression

LIMIT = 4_000
"""How many characters of a message are read: people come to the point at the beginning."""

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
    "yeah": "yes", "yup": "yes", "nah": "no", "okay": "ok", "k": "ok", "im": "i 'm",
    "cant": "ca n't", "wont": "wo n't", "becuase": "because", "teh": "the", "cos": "because",
    "cuz": "because", "bc": "because", "tho": "though", "w/o": "without", "hmm": "hm", "hmmm": "hm",
    "worng": "wrong", "incorect": "incorrect", "taht": "that", "thta": "that", "nop": "nope",
    "shouldve": "should 've", "…": "...", "→": "->",
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
    """The tokens of a message.

    Attributes:
        sentences: lower-case tokens of each sentence, with its closing punctuation.
        plain: all tokens joined by single spaces, for phrase rules.
    """

    sentences: tuple[tuple[str, ...], ...]
    plain: str

    @property
    def is_empty(self) -> bool:
        """Whether the message contains none of the person's own words."""
        return not any(word[0] != "<" and word[0].isalpha() for s in self.sentences for word in s)

    @property
    def maybe_english(self) -> bool:
        """Whether it may be English, judging by its letters and common words of some languages."""
        words = [word for s in self.sentences for word in s if word[0].isalpha()]
        if any(ord(char) > 0x24F for word in words for char in word):
            return False
        common = sum(word in _COMMON for word in words)
        foreign = sum(word in _FOREIGN for word in words)
        # A few names such as José, or "façade", are among common words of English.
        accented = sum(not word.isascii() for word in set(words))
        return (foreign < 2 or common > foreign) and (accented < 2 or common >= accented)

    def slice_sentences(self, start: int, count: int) -> Message:
        """``count`` sentences from ``start`` on, as a message."""
        sentences = self.sentences[start : start + count]
        return Message(sentences, _plain(sentences))


def parse(text: str) -> Message:
    """Split the first :data:`LIMIT` characters of a message."""
    sentences = _sentences(mask(text))
    return Message(tuple(map(tuple, sentences)), _plain(sentences))


def _plain(sentences: Iterable[Sequence[str]]) -> str:
    return " ".join(word for sentence in sentences for word in sentence)


@cache
def _blocks() -> dict[str, Expression]:
    return {block["name"]: block["pattern"] for block in rules.load("masks")["block"]}


def mask(text: str) -> str:
    """The text with placeholders for everything that the person did not write."""
    blocks = _blocks()
    text = text[:LIMIT].replace("\r\n", "\n").translate(_APOSTROPHES)
    text = blocks["tag-block"].sub("\n", text)
    if blocks["harness"].match(text):
        return ""
    text = blocks["interrupted"].sub("\n", text)
    text = blocks["lone-tag"].sub(" <tag> ", text)
    text = blocks["fence"].sub("\n<block>\n", text)
    text = _mask_lines(text)
    text = blocks["quoted"].sub(_mask_quote, text)
    text = blocks["single-quoted"].sub(_mask_quote, text)
    for inline in rules.load("masks")["inline"]:
        text = inline["pattern"].sub(f" {inline['placeholder']} ", text)
    return text


def _mask_quote(match: re.Match[str]) -> str:
    inside = next(filter(None, match.groups()), "")
    return " <quote> " if len(inside.split()) >= _QUOTE_WORDS else " <term> "


def _mask_lines(text: str) -> str:
    """Mask log lines, quotes and indented code; adjacent lines of a kind share a placeholder."""
    masked: list[str] = []
    for line in text.split("\n"):
        placeholder = _line_placeholder(line)
        if not placeholder or masked[-1:] != [placeholder]:
            masked.append(placeholder or line)
    return "\n".join(masked)


def _line_placeholder(line: str) -> str:
    blocks = _blocks()
    stripped = line.strip()
    if stripped.startswith(">") and len(stripped) > 1:
        return "<quote>"
    if blocks["log-line"].match(line):
        return "<log>"
    if blocks["code-line"].match(line) and blocks["code-sign"].search(line):
        return "<block>"
    return ""


def _sentences(text: str) -> list[list[str]]:
    sentences: list[list[str]] = [[]]
    count = 0
    for line in text.split("\n"):
        for word in _words(line):
            count += 1
            if count > _MAX_TOKENS:
                return [sentence for sentence in sentences if sentence]
            sentences[-1].append(word)
            if word in _SENTENCE_END or word[0] in "?!":
                sentences.append([])
        # The end of a line also ends a sentence.
        if sentences[-1]:
            sentences.append([])
    return [sentence for sentence in sentences if any(word[0] not in ".?!…" for word in sentence)]


def _words(line: str) -> list[str]:
    blocks = _blocks()
    line = blocks["lost-apostrophe"].sub(_with_apostrophe, line.lower())
    lowered = blocks["not"].sub(" n't", line)
    words: list[str] = []
    for word in _TOKEN.findall(lowered):
        if word[0] in "?!" and len(word) > 1:
            word = "?" if "?" in word else "!"
        words += _SPELLINGS.get(word, word).split()
    return words


def _with_apostrophe(match: re.Match[str]) -> str:
    verb, pronoun, ending, i, word = match.groups()
    if verb:
        return f"{verb}n't"
    if pronoun:
        return f"{pronoun}'{ending}"
    return "i'm" if i else f"{word}'s"
