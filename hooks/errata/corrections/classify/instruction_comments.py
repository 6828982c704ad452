"""Comments for a coding agent (``# use a set here, ai!``, ``TODO(claude)``).

They are a person's words, not documentation: a request, or a correction. Which comments these are
is data (``rules/instruction_comments.toml``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from errata import rules
from errata.corrections.attribution.diff import Hunk

_NAMES = re.compile(rb"ai\b|aicode|aidev|agent|aider|amp|claude|cline|codex|copilot|cursor|devin"
    rb"|gemini|jules|junie|llm|opencode", re.IGNORECASE)  # fmt: skip
"""One of these is in every such comment."""
_OPENING = r"(?:#+|//+|--+|/\*+|\{/\*+|<!--)"
_LINE = re.compile(rf"\s*(?:{_OPENING}|;+|%+|\*+(?!/))[ \t]*")
_TRAILING = re.compile(rf"(?<=[\s;{{}}(),]){_OPENING}[ \t]*")
_PROSE_LINE = re.compile(r"\s*<!--[ \t]*")
_CLOSING = re.compile(r"\s*(?:\*+/\}?|-->)?\s*\Z")
_PROSE = ("md", "markdown", "mdx", "rst", "txt", "adoc", "org", "")
"""Extensions of files in which only ``<!--`` begins a comment."""
_MAX_LINE = 2_000
_NAME = r"@?[a-z]+(?:[ -]code)?"
_ADDRESS = re.compile(
    r"\A\W{0,3}(?:"
    rf"(?:todo|fixme|xxx|hack|bug|fix|review|task|question)s?(?:\s*[(\[{{<]\s*{_NAME}[^)\]}}>]*[)\]}}>]"
    rf"|:\s*{_NAME}(?=[:,])|:?\s*@\w+)|{_NAME}[-_](?:todo|fixme|fix|task|instruction)s?\b|@[\w-]+|ai[!?]+"
    r"|(?:(?:hey|hi|ok|okay|dear)[ ,]+)?(?:ai|aider|claude(?:[ -]code)?|codex|copilot)(?=\s*[:,!-])"
    r")\s*[:,!-]*",
    re.IGNORECASE,
)
_MARK = re.compile(r"[\s,.;:-]+(?:ai[!?]*|@\w+[.!?]*)\s*\Z", re.IGNORECASE)


class _Line(NamedTuple):
    """A line: its code, the text of its comment, and whether that is addressed to an agent."""

    code: str
    comment: str
    addressed: bool


def is_addressed(text: str) -> bool:
    """Whether the text of a comment, with or without its delimiters, is addressed to an agent."""
    if len(text) > _MAX_LINE:
        return False
    bare = _CLOSING.sub("", _LINE.sub("", text, count=1), count=1).strip()
    return any(
        rule["words"].search(bare) and not ("unless" in rule and rule["unless"].search(bare))
        for rule in rules.load("instruction_comments")["comment"]
    )


def without_address(text: str) -> str:
    """The words of comments without the marks that address them, such as ``AI!``, ``TODO(ai)``."""
    lines = (_ADDRESS.sub("", line, count=1).strip() for line in text.split("\n"))
    return "\n".join(_MARK.sub("", line).strip() for line in lines)


def instructions(path: str, hunk: Hunk) -> str:
    """The comments for agents that a hunk adds, if it does nothing else; "" otherwise.

    Lines of comment beside such a comment belong to it. Delimiters are left out.
    """
    prose = path.rpartition("/")[2].rpartition(".")[2].lower() in _PROSE or "." not in path
    with_names = filter(_NAMES.search, hunk.new)
    if not any(_read(line.decode("utf-8", "replace"), prose).addressed for line in with_names):
        return ""
    old, new = _lines(hunk.old, prose), _lines(hunk.new, prose)
    earlier = {line.comment for line in old if line.addressed}
    comments = [line.comment for line in new if line.addressed and line.comment not in earlier]
    before, after = _other_lines(old), _other_lines(new)
    replaces_comments = not after and all(line.comment and not line.code for line in old)
    return "\n".join(comments) if before == after or replaces_comments else ""


def _lines(raw: Sequence[bytes], prose: bool) -> list[_Line]:
    lines = [_read(line.decode("utf-8", "replace"), prose) for line in raw if line.strip()]
    # A comment may have several lines, of which one names the agent.
    for step in (1, -1):
        addressed = False
        for index in range(len(lines))[::step]:
            line = lines[index]
            addressed = line.addressed or (addressed and bool(line.comment) and not line.code)
            lines[index] = line._replace(addressed=addressed)
    return lines


def _read(line: str, prose: bool) -> _Line:
    if len(line) > _MAX_LINE:
        return _Line(line, "", False)
    begin = _PROSE_LINE if prose else _LINE
    if match := begin.match(line):
        comment = _text(line[match.end() :])
        return _Line("", comment, is_addressed(comment))
    for match in () if prose else _TRAILING.finditer(line):
        comment = _text(line[match.end() :])
        if is_addressed(comment):
            return _Line(line[: match.start()], comment, True)
    return _Line(line, "", False)


def _text(rest: str) -> str:
    return " ".join(_CLOSING.sub("", rest, count=1).split())


def _other_lines(lines: Sequence[_Line]) -> list[str]:
    """What is there besides comments for agents, without the whitespace."""
    kept = (line.code if line.addressed else line.code or f"#{line.comment}" for line in lines)
    return [bare for text in kept if (bare := "".join(text.split()))]
