"""The tokens of YAML, which has many spellings for the same content."""

from __future__ import annotations

from typing import TYPE_CHECKING

from errata.corrections.classify.parser_limits import may_abort
from errata.corrections.classify.token_stream import (
    TokenStream,
    normal_number,
)

if TYPE_CHECKING:
    from yaml.events import Event, ScalarEvent

_TAG = "tag:yaml.org,2002:"
_NOT_TEXT = (f"{_TAG}bool", f"{_TAG}int", f"{_TAG}float")


def read(text: str) -> TokenStream:
    """The tokens of YAML: its nodes with their depth, and the words of its comments.

    Raises:
        ValueError: it is not YAML.
    """
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    nodes = _YamlNodes()
    try:
        for event in yaml.parse(text, Loader=loader):
            nodes.add(event)
    except (yaml.YAMLError, ValueError) as error:
        raise ValueError("not YAML") from error
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

    if may_abort(text, "yaml"):
        raise ValueError("nested too deeply")
    for comment in SgRoot(text, "yaml").root().find_all(kind="comment"):
        stream.add_comment(comment.text(), comment.range().start.line)
