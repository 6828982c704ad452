"""The tokens of a text whose language is not known: its words."""

from __future__ import annotations

from errata.corrections.classify.token_stream import TokenStream

_INDENTED = (
    *(".py", ".pyi", ".bzl", ".haml", ".slim", ".pug", ".sass", ".styl", ".coffee", ".nim"),
    *(".fs", ".fsx", ".hs", ".rst", ".adoc", ".yml", ".yaml", ".md", ".markdown", ".tsv"),
)
"""Indentation means something in these."""
_EXACT = (
    *(".j2", ".jinja", ".jinja2", ".tmpl", ".tpl", ".erb", ".ejs", ".hbs", ".mustache", ".liquid"),
    *(".gotmpl", ".diff", ".patch", ".snap", ".golden", ".mk", "makefile", "gnumakefile"),
)
"""All white space means something in these."""


def is_exact(path: str) -> bool:
    """Whether all white space of a file means something."""
    return path.lower().endswith(_EXACT)


def read(ending: str, text: str) -> TokenStream:
    """The words of a text, with the white space that means something in such a file."""
    stream = TokenStream()
    for number, line in enumerate(text.split("\n")):
        if ending in _EXACT:
            stream.add(line, number)
        elif line.strip():
            if ending in _INDENTED:
                stream.add(line[: len(line) - len(line.lstrip())] + "|", number)
            for word in line.split():
                stream.add(word, number)
    return stream
