"""Which lessons fit what an agent is about to write, or was asked.

An agent waits for this at each of its edits, so nothing heavy is imported here. What to look for
was made when runbooks were written (:mod:`errata.lessons.triggers`). Silence is the default: a
lesson that is told at the wrong moment is worse than none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from errata.core.safe_open import open_regular
from errata.runbooks.index_path import VERSION, path_of

if TYPE_CHECKING:
    from pathlib import Path

MAX_TEXT = 200_000
"""How many characters of an edit are looked at."""
_NEARBY = 12
"""So many lines belong together."""
_MAX_INDEX = 4_000_000
_PROSE = frozenset(("md", "markdown", "mdx", "mdc", "rst", "txt", "adoc"))
# In these, "#" begins a comment; in the others "//" and "/*" do.
_HASH = frozenset(
    (
        *("bash", "cfg", "conf", "dockerfile", "ex", "exs", "ini", "makefile", "mk", "pl", "ps1"),
        *("py", "pyi", "r", "rake", "rb", "sh", "tf", "toml", "yaml", "yml", "zsh"),
    )
)
_LINE_OF_COMMENT = {
    "#": r"^[ \t]*#(?!!)[^\n]*",
    "//": r"^[ \t]*(?://|/\*|\*(?=[ \t/]|$)|<!--|--[ \t])[^\n]*",
}


class Edit:
    """What an agent is about to write into one file.

    Attributes:
        path: relative to the top of the work tree.
        added: the lines that are new.
        new: there is no such file yet.
    """

    def __init__(self, path: str, added: str, new: bool) -> None:
        self.path = path
        self.added = added[:MAX_TEXT]
        self.new = new
        name = path.rpartition("/")[2].lower()
        self.extension = name.rpartition(".")[2]
        self._sign = "#" if self.extension in _HASH else "//"

    @cached_property
    def is_prose(self) -> bool:
        """Whether it is a document."""
        return self.extension in _PROSE

    @cached_property
    def is_test(self) -> bool:
        """Whether it is a test."""
        from errata.lessons.test_paths import is_test

        return is_test(self.path)

    @cached_property
    def code(self) -> str:
        """The added lines without those that are only a comment."""
        return re.sub(rf"{_LINE_OF_COMMENT[self._sign]}\n?", "", self.added, flags=re.MULTILINE)

    @cached_property
    def comments(self) -> str:
        """The comments of the added lines, one a line."""
        pattern = rf"{_LINE_OF_COMMENT[self._sign]}$|(?<=\s){self._sign} [^\n]*$"
        return "\n".join(re.findall(pattern, self.added, re.MULTILINE)) + "\n"

    def has_words(self, wanted: Collection[str], least: int) -> bool:
        """Whether so many of these words occur in a few added lines."""
        if len(self._words.intersection(wanted)) < least:
            return False
        from errata.records.significant_words import words

        lines = self.added.split("\n")
        nearby = (lines[start : start + _NEARBY] for start in range(0, len(lines), _NEARBY // 2))
        return any(len(words("\n".join(part)).intersection(wanted)) >= least for part in nearby)

    @cached_property
    def _words(self) -> frozenset[str]:
        from errata.records.significant_words import words

        return words(self.added)

    def part(self, name: str) -> str:
        """Where a pattern is searched; see ``rules/triggers.toml``."""
        if name == "path":
            return self.path
        if name == "code":
            return self.code
        return self.comments if name == "comment" else self.added


def added_lines(old: str, new: str) -> str:
    """The lines of a text that another one does not have, wherever they stand."""
    if not old:
        return new
    left = Counter(line.strip() for line in old.split("\n"))
    added = []
    for line in new.split("\n"):
        key = line.strip()
        if left[key] > 0:
            left[key] -= 1
        else:
            added.append(line)
    return "\n".join(added) + "\n" if added else ""


def contains(trigger: Mapping[str, Any], edit: Edit) -> bool:
    """Whether an edit is where a trigger looks, and contains what it looks for."""
    if not (is_place(trigger, edit) and edit.added.strip()):
        return False
    text = edit.part(trigger["part"])
    if trigger["part"] != "path" and not all(need in text for need in trigger["needs"]):
        return False
    try:
        return re.search(trigger["pattern"], text, re.MULTILINE) is not None
    except re.error:
        return False


def is_place(trigger: Mapping[str, Any], edit: Edit) -> bool:
    """Whether an edit is in a file that a trigger is for."""
    files, extensions = trigger["files"], trigger.get("extensions")
    return not (
        (files != "any" and (files == "prose") != edit.is_prose)
        or (trigger["new"] and not edit.new)
        or (trigger["tests"] and not edit.is_test)
        or (trigger.get("file") and trigger["file"] != edit.path)
        or (trigger.get("folder") and not edit.path.startswith(trigger["folder"]))
        or (extensions and edit.extension not in extensions)
    )


def parts_of_path(parts: Sequence[str]) -> Iterator[str]:
    """The path, shorter ends of it, and folders above it; no single word without a dot."""
    for start in range(len(parts)):
        tail = "/".join(parts[start:])
        if "/" in tail or "." in tail:
            yield tail
    for end in range(2, len(parts)):
        yield "/".join(parts[:end]) + "/"


def load(git_dirs: Iterable[Path | None]) -> dict[str, dict[str, Any]]:
    """Lesson -> what to look for, the most certain lesson first; {} without an index.

    Args:
        git_dirs: of the work tree, then that of all work trees: a new one has no index yet.
    """
    import json

    for git_dir in filter(None, git_dirs):
        try:
            with open(path_of(git_dir), "rb", opener=open_regular) as file:
                data = json.loads(file.read(_MAX_INDEX))
        except (OSError, ValueError, RecursionError):
            continue
        if isinstance(data, dict) and data.get("version") == VERSION:
            lessons = data.get("lessons")
            return lessons if isinstance(lessons, dict) else {}
    return {}


def of_edits(index: Mapping[str, Mapping[str, Any]], edits: Iterable[Edit]) -> list[str]:
    """The lessons that fit what is about to be written, in the order of the index."""
    edits = list(edits)
    return [name for name, trigger in index.items() if any(_fits(trigger, edit) for edit in edits)]


def of_prompt(index: Mapping[str, Mapping[str, Any]], prompt: str) -> list[str]:
    """The lessons about a name of code, or a file, that a prompt mentions."""
    return [
        name
        for name, trigger in index.items()
        if any(
            _mentions(prompt, text) for text in (*trigger.get("names", ()), *trigger.get("in", ()))
        )
    ]


def _fits(trigger: Mapping[str, Any], edit: Edit) -> bool:
    if "pattern" in trigger:
        return contains(trigger, edit)
    return edit.path in trigger["in"] and edit.has_words(trigger["words"], trigger["least"])


def _mentions(prompt: str, name: str) -> bool:
    """Whether a text contains a name, not as a part of a longer one."""
    if name not in prompt:
        return False
    return re.search(rf"(?<![\w$./-]){re.escape(name)}(?![\w$/-])", prompt) is not None
