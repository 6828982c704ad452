"""What a judgement looks at: words, sequences of words and of word classes, phrases, lengths.

A feature is a short text. In sequences, ``^^`` begins the message, ``^`` a sentence, ``|`` ends a
sentence and ``$$`` the message; a capital letter or a digit stands for a class of words (see
``rules/words.toml``) with the word's ending behind it, and ``+`` with an ending for any other word.
``~fail`` is a word without its ending, ``#name`` a phrase rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from errata.messages.message import Message
from errata.messages.phrases import Phrase, matching

CODES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
"""One sign for each class; no token of a message contains them."""

_LENGTHS = (1, 2, 4, 8, 12, 16, 24, 40, 80)
_MARKS = frozenset(".,:;?!()=|^$") | {"...", "->", "^^", "$$"}
_ALWAYS = {"^^", "^", "|", "$$", "^^ ^", "| $$"}
_ENDINGS = ("ing", "ed", "ly", "s")


class Lexicon(NamedTuple):
    """Words and their classes.

    Attributes:
        classes: word -> code of its class.
        function: words that stay themselves in sequences.
        irregular: form -> verb.
    """

    classes: Mapping[str, str]
    function: frozenset[str]
    irregular: Mapping[str, str]


def features(message: Message, lexicon: Lexicon, phrases: Sequence[Phrase]) -> list[str]:
    """The features of a message, each once, in alphabetical order."""
    got: set[str] = set()
    words: list[str] = ["^^"]
    for sentence in message.sentences:
        words += ["^", *sentence, "|"]
    words.append("$$")
    signs = [_sign(word, lexicon) for word in words]
    for size in (1, 2, 3):
        got.update(_runs(words, size))
        got.update(_runs(signs, size))
    got -= _ALWAYS
    got.update(
        " ".join(signs[at : at + 4]) for at, sign in enumerate(signs[:-3]) if sign in ("^^", "^")
    )
    for word in set(words):
        for stem, ending in _forms(word, lexicon):
            if ending:
                got.add(f"~{stem}")
            if code := lexicon.classes.get(stem):
                got.add(code)
                break
    got.update(f"#{phrase.name}" for phrase in matching(message.plain, phrases))
    got.update(_lengths(message))
    return sorted(got)


def _runs(words: Sequence[str], size: int) -> Iterator[str]:
    return (" ".join(words[at : at + size]) for at in range(len(words) - size + 1))


def _lengths(message: Message) -> Iterator[str]:
    total = sum(len(sentence) for sentence in message.sentences)
    yield next((f"words<={most}" for most in _LENGTHS if total <= most), "words>80")
    yield f"sentences={min(len(message.sentences), 5)}"


def _sign(word: str, lexicon: Lexicon) -> str:
    """A word in a sequence: itself, its class with its ending, or the ending alone."""
    if word in lexicon.function or word in _MARKS or word[0] == "<":
        return word
    for stem, ending in _forms(word, lexicon):
        if code := lexicon.classes.get(stem):
            return code + ending
    if word in lexicon.irregular:
        return "+ed"
    return "+" + next(
        (end for end in _ENDINGS if word.endswith(end) and len(word) > len(end) + 2), ""
    )


def _forms(word: str, lexicon: Lexicon) -> Iterator[tuple[str, str]]:
    """What a word may be a form of, with the ending: ``("fail", "s")``; first the word itself."""
    yield word, ""
    if word in lexicon.irregular:
        yield lexicon.irregular[word], "ed"
    for suffix, ending in (("s", "s"), ("ed", "ed"), ("ing", "ing")):
        stem = word.removesuffix(suffix)
        if stem == word or len(stem) < 3 or word.endswith("ss"):
            continue
        yield stem, ending
        if stem[-1] == "i" and suffix == "ed":
            yield stem[:-1] + "y", ending
        elif stem.endswith("ie"):
            yield stem[:-2] + "y", ending
        elif suffix == "s" and stem[-1] == "e":
            yield stem[:-1], ending
        elif suffix != "s":
            yield stem + "e", ending
            if stem[-1] == stem[-2]:
                yield stem[:-1], ending
