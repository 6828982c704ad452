"""Which reader knows the tokens of a file."""

from __future__ import annotations

from functools import cache
from pathlib import PurePosixPath

from errata.corrections.classify.grammar import grammars
from errata.corrections.classify.token_stream import Reader, TokenStream

MAX_CHARACTERS = 400_000
"""A longer file is split into words."""
_DOCUMENTS = (".md", ".markdown", ".mdown", ".yaml", ".yml")


class UnreadableError(Exception):
    """The text is not what its file name says, or nested too deeply."""


def read_tokens(path: str, text: str) -> TokenStream:
    """The tokens of a file in normal form.

    Raises:
        UnreadableError: another reader may know better: :func:`read_words`.
    """
    text = text.replace("\r\n", "\n")
    if len(text) > MAX_CHARACTERS:
        raise UnreadableError
    try:
        return _reader(_ending(path))(text)
    except (RecursionError, ValueError) as error:
        raise UnreadableError from error


def read_words(path: str, text: str) -> TokenStream:
    """The tokens of a file as far as any text has some."""
    from errata.corrections.classify import plain_reader

    return plain_reader.read(_ending(path), text.replace("\r\n", "\n"))


def _ending(path: str) -> str:
    file = PurePosixPath(path)
    return file.suffix.lower() or file.name.lower()


@cache
def _reader(ending: str) -> Reader:
    if ending in _DOCUMENTS:
        from errata.corrections.classify import document_readers

        return document_readers.read_yaml if ending[1] == "y" else document_readers.read_markdown
    grammar = grammars().get(ending)
    if grammar is None:
        from errata.corrections.classify import lexed_reader

        return lambda text: lexed_reader.read(ending, text)
    from errata.corrections.classify.markup_reader import HtmlReader, JsxReader
    from errata.corrections.classify.tree_reader import TreeReader

    special = {
        "html": HtmlReader,
        "javascript": JsxReader,
        "typescript": JsxReader,
        "tsx": JsxReader,
    }
    kind = special.get(grammar.name, TreeReader)
    return lambda text: kind(grammar, text).read()
