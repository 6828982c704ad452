"""The tokens of Markdown and YAML, which have many spellings for the same content."""

from __future__ import annotations

from typing import TYPE_CHECKING

from errata.corrections.classify.token_stream import (
    SPACE,
    TokenStream,
    normal_comment,
    normal_number,
)

if TYPE_CHECKING:
    from markdown_it.token import Token
    from yaml.events import Event, ScalarEvent

_TAG = "tag:yaml.org,2002:"
_NOT_TEXT = (f"{_TAG}bool", f"{_TAG}int", f"{_TAG}float")


def read_markdown(text: str) -> TokenStream:
    """The tokens of Markdown: blocks, and the words in them."""
    from markdown_it import MarkdownIt

    stream = TokenStream()
    environment: dict[str, dict[str, dict[str, object]]] = {}
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    starts: list[int] = []
    line = 0
    for token in parser.parse(text, environment):
        line = token.map[0] if token.map else line
        if token.type == "list_item_close":
            stream.entries.append((starts.pop(), len(stream.tokens) + 1))
        elif token.type == "list_item_open":
            starts.append(len(stream.tokens))
        line = _add_block(stream, token, line)
    for label, target in environment.get("references", {}).items():
        where = target.get("map")
        first = where[0] if isinstance(where, list) else 0
        stream.unordered.append((f"[{label}]: {target.get('href')} {target.get('title')}", first))
    return stream


def _add_block(stream: TokenStream, token: Token, line: int) -> int:
    """Add a block token; returns the last line it reaches."""
    if token.type == "inline":
        return _add_inline(stream, token.children or [], line)
    if token.type in ("fence", "code_block"):
        stream.add(f"<code {token.info.strip()}>", line)
        begins = line + (token.type == "fence")
        stream.add_text("=", token.content.rstrip("\n"), begins)
        return begins + token.content.count("\n")
    if token.type == "html_block":
        stream.add_text("=", token.content.strip("\n"), line)
    elif token.type not in ("paragraph_open", "paragraph_close"):
        attributes = sorted(f"{key}={value}" for key, value in token.attrs.items())
        stream.add(f"<{token.type} {token.tag} {' '.join(attributes)}>", line)
    else:
        stream.add("<p>" if token.nesting == 1 else "</p>", line)
    return line


def _add_inline(stream: TokenStream, children: list[Token], line: int) -> int:
    for child in children:
        if child.type == "text":
            stream.add_spaced_words(child.content, line)
        elif child.type == "softbreak":
            stream.add_space(line)
            line += 1
        elif child.type == "hardbreak":
            stream.add("<br>", line)
            line += 1
        else:
            attributes = sorted(f"{key}={value}" for key, value in child.attrs.items())
            alt = child.content
            stream.add(f"<{child.type} {' '.join(attributes)} {alt}>", line)
    if stream.tokens and stream.tokens[-1] == SPACE:
        stream.tokens.pop()
        stream.lines.pop()
    return line


def read_yaml(text: str) -> TokenStream:
    """The tokens of YAML: its nodes with their depth, and the words of its comments.

    Raises:
        ValueError: it is no YAML.
    """
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    nodes = _YamlNodes()
    try:
        for event in yaml.parse(text, Loader=loader):
            nodes.add(event)
    except (yaml.YAMLError, ValueError) as error:
        raise ValueError("no YAML") from error
    _add_comments(nodes.stream, text)
    return nodes.stream


class _YamlNodes:
    """Turns the events of a YAML parser into tokens."""

    def __init__(self) -> None:
        from yaml.resolver import Resolver

        self.stream = TokenStream()
        self._resolver = Resolver()
        # Of each open collection: whether it is a sequence, and its first token.
        self._open: list[tuple[bool, int]] = []

    def add(self, event: Event) -> None:
        """Add the next event."""
        import yaml

        start, line = len(self.stream.tokens), event.start_mark.line
        anchor = getattr(event, "anchor", None) or ""
        if isinstance(event, yaml.CollectionStartEvent):
            is_sequence = isinstance(event, yaml.SequenceStartEvent)
            self._add_token(f"{'[' if is_sequence else '{'} &{anchor} {event.tag or ''}", line)
            self._open.append((is_sequence, start))
        elif isinstance(event, yaml.CollectionEndEvent):
            _, start = self._open.pop()
            self._end_entry(start)
        elif isinstance(event, yaml.ScalarEvent):
            self._add_scalar(event, anchor, line)
            self._end_entry(start)
        elif isinstance(event, yaml.AliasEvent):
            self._add_token(f"*{anchor}", line)
            self._end_entry(start)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._add_token("---", line)

    def _add_token(self, token: str, line: int) -> None:
        self.stream.add(f"{len(self._open)} {token}", line)

    def _add_scalar(self, event: ScalarEvent, anchor: str, line: int) -> None:
        import yaml

        tag, value = event.tag, event.value
        if tag is None:
            # A plain scalar may be a number, a truth value or nothing at all.
            tag = self._resolver.resolve(yaml.ScalarNode, value, event.implicit)
        if tag == f"{_TAG}null":
            value = ""
        elif tag in _NOT_TEXT:
            value = normal_number(value)
        self._add_token(f"&{anchor} {tag}", line)
        self.stream.add_text("=", value, line + (event.style in ("|", ">")))

    def _end_entry(self, start: int) -> None:
        """The node that began at a token ends: it is an entry if it is in a sequence."""
        if self._open and self._open[-1][0]:
            self.stream.entries.append((start, len(self.stream.tokens)))


def _add_comments(stream: TokenStream, text: str) -> None:
    """Add the comments, which events do not tell of."""
    from ast_grep_py import SgRoot

    for comment in SgRoot(text, "yaml").root().find_all(kind="comment"):
        stream.add_words("//", normal_comment(comment.text()), comment.range().start.line)
