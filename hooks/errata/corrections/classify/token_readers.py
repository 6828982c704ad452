"""Which reader knows the tokens of a file."""

from __future__ import annotations

from functools import cache
from pathlib import PurePosixPath

from errata.corrections.classify.grammar import grammars
from errata.corrections.classify.token_stream import Reader, Spans, TokenStream

MAX_CHARACTERS, MAX_LINE = 400_000, 5_000
"""A longer file, or one with a longer line, is split into words. The time that a parser takes to
find the nodes of one line grows with its square."""
_EMBEDDED = {
    **{"python": ".py", "py": ".py", "javascript": ".js", "js": ".js", "jsx": ".jsx", "mjs": ".js"},
    **{"cjs": ".js", "typescript": ".ts", "ts": ".ts", "tsx": ".tsx", "json": ".json"},
    **{"css": ".css", "html": ".html", "go": ".go", "rust": ".rs"},
}
"""Endings of files in the languages that formatters format within others."""


class UnreadableError(Exception):
    """The text is not what its file name says, or nested too deeply."""


def read_tokens(path: str, text: str, changed: Spans | None = None) -> TokenStream:
    """The tokens of a file in normal form.

    Args:
        changed: the lines that differ in the other version. Whatever is on other lines alone may
            be one token, which takes less time.

    Raises:
        UnreadableError: another reader may know better: :func:`read_words`.
    """
    text = text.replace("\r\n", "\n")
    if len(text) > MAX_CHARACTERS or max(map(len, text.split("\n"))) > MAX_LINE:
        raise UnreadableError
    try:
        return _reader(_ending(path))(text, changed)
    except (RecursionError, ValueError) as error:
        raise UnreadableError from error


def read_words(path: str, text: str) -> TokenStream:
    """The tokens of a file as far as any text has some."""
    from errata.corrections.classify import plain_reader

    return plain_reader.read(_ending(path), text.replace("\r\n", "\n"))


def _read_embedded(language: str, code: str) -> TokenStream | None:
    ending = _EMBEDDED.get(language)
    try:
        return None if ending is None else read_tokens(f"x{ending}", code)
    except UnreadableError:
        return None


def _ending(path: str) -> str:
    file = PurePosixPath(path)
    return file.suffix.lower() or file.name.lower()


@cache
def _reader(ending: str) -> Reader:
    if ending in (".yaml", ".yml"):
        from errata.corrections.classify import yaml_reader

        return lambda text, _: yaml_reader.read(text)
    if ending in (".md", ".markdown", ".mdown"):
        from errata.corrections.classify import markdown_reader

        return lambda text, _: markdown_reader.read(text, _read_embedded)
    grammar = grammars().get(ending)
    if grammar is None:
        from errata.corrections.classify import lexed_reader

        return lambda text, _: lexed_reader.read(ending, text)
    from errata.corrections.classify.markup_reader import CssReader, HtmlReader, JsxReader
    from errata.corrections.classify.python_reader import PythonReader
    from errata.corrections.classify.tree_reader import TreeReader

    special = {
        "css": CssReader,
        "python": PythonReader,
        "javascript": JsxReader,
        "typescript": JsxReader,
        "tsx": JsxReader,
    }
    if grammar.name == "html":
        return lambda text, _: HtmlReader(grammar, text, _read_embedded).read()
    kind = special.get(grammar.name, TreeReader)
    return lambda text, changed: kind(grammar, text, changed).read()
