"""Features of a message: words, n-grams of words and of word classes, phrase rules, lengths.

A feature is a short string. In n-grams, ``^^`` begins the message, ``^`` a sentence, ``|`` ends a
sentence and ``$$`` the message. A capital letter or digit is the code of a word class (see
``rules/words.toml``), followed by the word's ending; ``+`` with an ending is any other word.
``~fail`` is a stem that occurs with an ending, ``#name`` a phrase rule that matches.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from errata.messages.message import Message
from errata.messages.phrases import Phrase, matching

CODES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
"""Codes of word classes; no token of a message contains them."""

_LENGTHS = (1, 2, 4, 8, 12, 16, 24, 40, 80)
_PUNCTUATION = frozenset(".,:;?!()=|^$") | {"...", "->", "^^", "$$"}
_IN_EVERY_MESSAGE = {"^^", "^", "|", "$$", "^^ ^", "| $$"}
_ENDINGS = ("ing", "ed", "ly", "s")


class Lexicon(NamedTuple):
    """Words and their classes.

    Attributes:
        classes: word -> code of its class.
        function: function words, which n-grams of classes keep as they are.
        irregular: irregular form -> verb.
    """

    classes: Mapping[str, str]
    function: frozenset[str]
    irregular: Mapping[str, str]


def features(message: Message, lexicon: Lexicon, phrases: Sequence[Phrase]) -> list[str]:
    """The features of a message, each once, sorted."""
    words = _with_boundaries(message)
    classes = [_word_class(word, lexicon) for word in words]
    result: set[str] = set()
    for size in (1, 2, 3):
        result.update(_ngrams(words, size))
        result.update(_ngrams(classes, size))
    result -= _IN_EVERY_MESSAGE
    result.update(_sentence_starts(classes))
    for word in set(words):
        result.update(_stem_features(word, lexicon))
    result.update(f"#{phrase.name}" for phrase in matching(message.plain, phrases))
    result.update(_lengths(message))
    return sorted(result)


def _with_boundaries(message: Message) -> list[str]:
    sentences = (("^", *sentence, "|") for sentence in message.sentences)
    return ["^^", *(word for sentence in sentences for word in sentence), "$$"]


def _ngrams(words: Sequence[str], size: int) -> Iterator[str]:
    return (" ".join(words[at : at + size]) for at in range(len(words) - size + 1))


def _sentence_starts(classes: Sequence[str]) -> Iterator[str]:
    """4-grams, at the beginning of sentences only."""
    starts = (at for at, word in enumerate(classes[:-3]) if word in ("^^", "^"))
    return (" ".join(classes[at : at + 4]) for at in starts)


def _stem_features(word: str, lexicon: Lexicon) -> Iterator[str]:
    for stem, ending in _possible_stems(word, lexicon):
        if ending:
            yield f"~{stem}"
        if code := lexicon.classes.get(stem):
            yield code
            return


def _lengths(message: Message) -> Iterator[str]:
    words = sum(len(sentence) for sentence in message.sentences)
    yield next((f"words<={limit}" for limit in _LENGTHS if words <= limit), "words>80")
    yield f"sentences={min(len(message.sentences), 5)}"


def _word_class(word: str, lexicon: Lexicon) -> str:
    """A word in n-grams of classes: itself, its class with its ending, or ``+`` with its ending."""
    if word in lexicon.function or word in _PUNCTUATION or word[0] == "<":
        return word
    for stem, ending in _possible_stems(word, lexicon):
        if code := lexicon.classes.get(stem):
            return code + ending
    if word in lexicon.irregular:
        return "+ed"
    endings = (end for end in _ENDINGS if word.endswith(end) and len(word) > len(end) + 2)
    return "+" + next(endings, "")


def _possible_stems(word: str, lexicon: Lexicon) -> Iterator[tuple[str, str]]:
    """(stem, ending) pairs that a word may consist of; the first is the word itself."""
    yield word, ""
    if word in lexicon.irregular:
        yield lexicon.irregular[word], "ed"
    for ending in ("s", "ed", "ing"):
        stem = word.removesuffix(ending)
        if stem == word or len(stem) < 3 or word.endswith("ss"):
            continue
        yield stem, ending
        yield from ((variant, ending) for variant in _spelling_variants(stem, ending))


def _spelling_variants(stem: str, ending: str) -> Iterator[str]:
    """Other spellings of a stem: tri(ed) -> try, mak(ing) -> make, stopp(ed) -> stop."""
    if stem[-1] == "i" and ending == "ed":
        yield stem[:-1] + "y"
    elif stem.endswith("ie"):
        yield stem[:-2] + "y"
    elif ending == "s" and stem[-1] == "e":
        yield stem[:-1]
    elif ending != "s":
        yield stem + "e"
        if stem[-1] == stem[-2]:
            yield stem[:-1]
