"""The tokens of source code by its lexer (pygments), for languages without a grammar."""

from __future__ import annotations

from errata.corrections.classify import plain_reader, token_diff
from errata.corrections.classify.token_stream import (
    TokenStream,
    normal_number,
    normal_text,
)

_ANY_CASE = (".sql", ".ddl", ".dml", ".psql")
"""Keywords may be in upper or lower case."""
_KEYWORDS = ("Token.Keyword", "Token.Operator.Word", "Token.Name.Builtin")
_ANY_QUOTE = (".toml",)
_TRAILING = (".toml", ".scss", ".less", ".dart", ".groovy", ".gradle")
"""A comma before a closing bracket means nothing."""
_LINES = ("makefile", "gnumakefile", ".mk", "dockerfile", ".bat", ".cmd", ".vim", ".ps1", ".fish")
"""A statement ends with its line, and tabs may mean something."""


def read(ending: str, text: str) -> TokenStream:
    """The tokens of a text; its words if no lexer knows the file."""
    lexer = None if ending in _LINES else token_diff.lexer_for(ending)
    if lexer is None:
        return plain_reader.read(ending, text)
    stream = TokenStream()
    line = 0
    literal, began = "", 0
    for _, kind, value in lexer.get_tokens_unprocessed(text):
        name = str(kind)
        is_string = name.startswith("Token.Literal.String")
        if is_string and not literal:
            began = line
        literal += value if is_string else ""
        if literal and not is_string:
            _add_string(stream, ending, literal, began)
            literal = ""
        if not is_string:
            _add(stream, ending, name, value, line)
        line += value.count("\n")
    if literal:
        _add_string(stream, ending, literal, began)
    return stream


def _add(stream: TokenStream, ending: str, name: str, value: str, line: int) -> None:
    if name.startswith("Token.Comment"):
        stream.add_comment(value, line)
    elif name.startswith("Token.Literal.Number"):
        stream.add(normal_number(value), line)
    elif name.startswith(_KEYWORDS) and ending in _ANY_CASE:
        stream.add_words("", value.upper(), line)
    else:
        if (
            ending in _TRAILING
            and value[:1] in ")]}"
            and stream.tokens
            and stream.tokens[-1] == ","
        ):
            stream.tokens.pop()
            stream.lines.pop()
        stream.add_words("", value, line)


def _add_string(stream: TokenStream, ending: str, literal: str, line: int) -> None:
    quote = literal[:1]
    if ending in _ANY_QUOTE and quote in "'\"" and literal[:3] != quote * 3 and "\\" not in literal:
        literal = f'"{normal_text(literal[1:-1])}"'
    stream.add_text("", literal, line)
