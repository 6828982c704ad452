"""What agents' commits added, kept compactly while history is read.

A commit keeps the hashes of its words, and for each file what kinds of lines it added. So the
commits that could have called for an edit are counted after the pass, when it is known which edits
recur.
"""

from __future__ import annotations

import re
import sys
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from errata.corrections.classify.generated_paths import is_generated
from errata.lessons import prose
from errata.lessons.areas import language_of
from errata.lessons.test_paths import is_test
from errata.records import instants

if TYPE_CHECKING:
    from errata.corrections.attribution.diff import CommitDiff, FileDiff
    from errata.provenance.commits import Commit

_MAX_BYTES = 200_000
"""Of the lines that a commit adds to one file; further ones are not read."""
_CONFIG = frozenset(("yaml", "toml", "json", "ini", "cfg", "env", "properties", "xml"))
_LETTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$."
# Every byte that is not part of a (dotted) name becomes a blank.
_BLANKED = bytes(byte if byte >= 0x80 or byte in _LETTERS else 0x20 for byte in range(256))
_COMMENT = re.compile(rb"(?m)^[ \t]*(?:#(?!!)|//|/\*|\*[ /\n]|--[ \n]|<!--)|[ \t](?:#|//) ")
_IMPORT = re.compile(
    rb"(?m)^[ \t]*(?:import|from|use|using|require|#[ \t]*include|load|source)\b|\brequire\("
)
_IMPORTS = frozenset((b"import", b"from", b"use", b"using", b"require", b"include", b"load"))
_FUNCTIONS = frozenset((b"def", b"func", b"fn", b"function", b"class", b"fun", b"sub", b"void"))
_DOCSTRINGS = (b'"""', b"'''", b"/**", b"///")
_HEADING = re.compile(rb"(?m)^#{1,6} ")
# A squash merge may have indented the trailer.
_RUNBOOK = re.compile(r"(?m)^[ \t]*Runbook:[ \t]*[a-z0-9-]{1,64}@([0-9a-f]{12})[ \t]*$")
FLAGS = (
    *("any", "test", "prose", "config", "code"),
    *("heading", "comment", "docstring", "import", "function", "string"),
)
"""What the lines that a commit adds to a file may be or contain."""
_BITS = {flag: 1 << number for number, flag in enumerate(FLAGS)}
_MASK_BITS = 16


@dataclass(frozen=True, slots=True)
class AddedLines:
    """What one commit of an agent added.

    Attributes:
        words: hashes, in ascending order (see :func:`hash_words`).
        files: numbers of paths, each above the flags of what was added there.
        time: when it was authored (microseconds UTC).
        author: the author's address.
        runbooks: digests of the runbooks that were in force, from ``Runbook:`` trailers.
    """

    sha: str
    month: str
    words: array[int]
    files: array[int]
    time: int = 0
    author: str = ""
    runbooks: tuple[str, ...] = ()


class AgentWork:
    """The commits of agents, in the order in which they were added.

    Attributes:
        commits: what each added.
        newest: time of the newest commit, of whomever (microseconds UTC).

    Args:
        now: the latest instant that a commit can be from, whatever its clock said.
    """

    def __init__(self, now: int) -> None:
        self._now = now
        self.clear()

    def clear(self) -> None:
        """Forget all commits."""
        self.commits: list[AddedLines] = []
        self.newest = 0
        self._paths: dict[bytes, int] = {}

    def add(self, diff: CommitDiff, *, by_agent: bool) -> None:
        """Take the next commit; a merge adds nothing by itself."""
        commit = diff.commit
        self.newest = max(self.newest, min(commit.committer_time, self._now))
        if not by_agent or len(commit.parents) > 1:
            return
        words: set[int] = set()
        files = array("Q")
        for file in diff.files:
            if file.new_path is None or is_generated(file.new_path):
                continue
            text = _added_text(file)
            number = self._paths.setdefault(file.new_path, len(self._paths))
            names = names_in(text)
            files.append(number << _MASK_BITS | _flags(file.new_path, text, names))
            words.update(hash_words(names))
        self.commits.append(
            AddedLines(
                commit.sha,
                _month(commit),
                array("q", sorted(words)),
                files,
                min(commit.author_time, self._now),
                sys.intern(commit.ident.author_email),
                tuple(_RUNBOOK.findall(commit.ident.message)),
            )
        )

    def paths(self) -> list[str]:
        """The paths of files by number."""
        return [path.decode("utf-8", "backslashreplace") for path in self._paths]


def files_of(commit: AddedLines) -> Iterator[tuple[int, int]]:
    """The numbers of the files that a commit changed, each with the flags of what it added."""
    for packed in commit.files:
        yield packed >> _MASK_BITS, packed & ((1 << _MASK_BITS) - 1)


def bit(flag: str) -> int:
    """The bit of one of :data:`FLAGS`. Raises KeyError: there is no such flag."""
    return _BITS[flag]


def names_in(text: bytes) -> set[bytes]:
    """The names in a text, each once; dotted ones as they are."""
    return {
        name.strip(b".")
        for name in set(text.translate(_BLANKED).split())
        # Numbers are not names.
        if not name[:1].isdigit()
    }


def hash_words(names: Iterable[bytes]) -> Iterator[int]:
    """The hashes of words, and of each two that a dot joins.

    They are the same only within one process.
    """
    for name in names:
        if b"." not in name:
            yield hash(name)
            continue
        parts = name.split(b".")
        yield from map(hash, parts)
        yield from (hash(left + b"." + right) for left, right in pairwise(parts))


def _added_text(file: FileDiff) -> bytes:
    if file.binary:
        return b""
    lines: list[bytes] = []
    bytes_left = _MAX_BYTES
    for line in _added(file):
        bytes_left -= len(line) + 1
        if bytes_left < 0:
            break
        lines.append(line)
    return b"\n".join(lines)


def _added(file: FileDiff) -> Iterable[bytes]:
    for hunk in file.hunks:
        yield from hunk.new


def _flags(path: bytes, text: bytes, names: set[bytes]) -> int:
    flags = _path_flags(path)
    if not text:
        # Nothing was added that anybody could correct.
        return flags & ~_BITS["any"]
    if flags & _BITS["prose"]:
        return flags | (_BITS["heading"] if _HEADING.search(text) else 0)
    return flags | sum(_BITS[flag] for flag in _kinds_of_lines(text, names))


def _kinds_of_lines(text: bytes, names: set[bytes]) -> Iterator[str]:
    if any(quotes in text for quotes in _DOCSTRINGS):
        yield "docstring"
        yield "comment"
    elif _COMMENT.search(text):
        yield "comment"
    if not names.isdisjoint(_IMPORTS) and _IMPORT.search(text):
        yield "import"
    if not names.isdisjoint(_FUNCTIONS) or b"=>" in text or b") {" in text:
        yield "function"
    if any(quote in text for quote in (b'"', b"'", b"`")):
        yield "string"


@cache
def _path_flags(path: bytes) -> int:
    name = path.decode("utf-8", "backslashreplace")
    language = language_of(name)
    extension = name.rpartition(".")[2].lower()
    kind = "code"
    if language == "markdown" or extension in prose.EXTENSIONS:
        kind = "prose"
    elif language in _CONFIG or extension in _CONFIG:
        kind = "config"
    return _BITS["any"] | _BITS[kind] | (_BITS["test"] if is_test(name) else 0)


def _month(commit: Commit) -> str:
    return instants.iso(commit.author_time)[:7]
