"""The commands of a documentation page as one script, in the order in which a reader runs them.

- Blocks in ``sh`` run.
- A block below "Save this as `PATH`:" or "Append this to `PATH`:" is written to that file.
- The ``run`` and ``script`` lines of a CI job run where the test asks for them (`job_commands`).
- A ``text`` block shows output.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml
from markdown_it import MarkdownIt

_FILE = re.compile(r"\b(save this as|append this to)\s+`([^`]+)`:$", re.IGNORECASE)


class Block(NamedTuple):
    """A code block of a page."""

    language: str
    body: str
    operator: str
    """``>`` or ``>>`` if the reader shall write it to a file, otherwise empty."""
    path: str


def blocks(text: str) -> Iterator[Block]:
    """The code blocks of a page, also those in lists."""
    before = ""
    for token in MarkdownIt().parse(text):
        if token.type == "inline":
            before = token.content
        elif token.type == "fence":
            file = _FILE.search(before)
            operator = {"s": ">", "a": ">>"}[file[1][0].lower()] if file else ""
            yield Block(token.info.strip(), token.content, operator, file[2] if file else "")
            before = ""


def script(text: str) -> str:
    """What a reader does who follows the page from top to bottom."""
    return "".join(_commands(block) for block in blocks(text))


def _commands(block: Block) -> str:
    if block.path:
        folder = block.path.rpartition("/")[0] or "."
        end = "END-OF-BLOCK"
        return (
            f"mkdir -p {folder}\ncat {block.operator} {block.path} <<'{end}'\n{block.body}{end}\n"
        )
    return block.body if block.language == "sh" else ""


def not_run(text: str) -> list[str]:
    """The languages of blocks that a reader neither runs, nor saves, nor gets to see as output."""
    return [
        block.language
        for block in blocks(text)
        if not _commands(block) and block.language != "text"
    ]


def job_commands(text: str) -> str:
    """The commands of the jobs for GitHub Actions and GitLab CI on a page."""
    return "\n".join(
        line
        for block in blocks(text)
        if block.language == "yaml"
        for line in _scripts(yaml.safe_load(block.body))
    )


def _scripts(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, below in node.items():
            if key in ("run", "script", "before_script"):
                yield from [below] if isinstance(below, str) else below
            else:
                yield from _scripts(below)
    elif isinstance(node, list):
        for below in node:
            yield from _scripts(below)


def shown(text: str) -> list[str]:
    """The lines of output that a page shows, normalised."""
    lines = (
        line
        for block in blocks(text)
        if block.language == "text"
        for line in block.body.splitlines()
    )
    return [normalised(line) for line in lines if line.strip(" .")]


def normalised(line: str) -> str:
    """A line without what differs from one history or day to the next: figures, ids, padding."""
    return " ".join(re.sub(r"\b[0-9a-f]{7,40}\b|\d[\d,.]*", "0", line).split())
