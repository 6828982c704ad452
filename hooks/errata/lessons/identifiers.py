"""Names that an edit takes out of the changed lines, brings in, or puts in place of another.

Names are identifiers that look like names of something (``UserInputError``, ``Bun.env``,
``MAX_SIZE``), and such words in strings, configuration and the code of documents
(``gemini-2.5-pro``, ``@spotlightjs/spotlight``). Local variables, keywords and prose are none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import PurePosixPath

from errata import rules
from errata.lessons import prose
from errata.lessons.description import EditedFile
from errata.lessons.hunks import HunkLines
from errata.lessons.kinds import ARROW, Fact
from errata.lessons.texts import MAX_SUBJECT

MAX_NAMES = 16
_MAX_CHARACTERS = 40_000
_MAX_PAIRED_LINES = 200
_MIN_LETTERS = 4
_LINES_BEFORE = 60
_LINES_AFTER = 20
_MAX_LINE = 300
_NAME = re.compile(
    r"(?:@(?=[\w-]+/))?[A-Za-z_$][\w$]*(?:(?:\.|::|->|-(?=[A-Za-z0-9])|/(?=[@\w])|:(?=[a-z]\w))[\w$@]+)*"
)
_TOKEN = re.compile(_NAME.pattern + r"|\d[\w.]*|\S")
_CAMEL = re.compile(r"^_?[a-z]+\w*[A-Z]\w*$|^_?(?:[A-Z][a-z0-9]+){2,}\w*$|^[A-Z]{2,}[a-z]\w+$")
_SNAKE = re.compile(r"^_?[A-Za-z]\w*_\w*[A-Za-z0-9]$")
_CONSTANT = re.compile(r"^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$")
_LETTERS = re.compile(r"[A-Za-z]")
_VALUE = re.compile(r"(?<!:):(?!:)|/|-(?!>)")
_QUOTES = ('"', "'", "`")
_BLANKS = ("", " ", "\t", ":", "=", ",")
_LOOSE = (".yml", ".yaml", ".toml", ".ini", ".cfg", ".env", ".md", ".mdx", ".sh", ".html", ".css")
"""Endings of files whose values need no quotation marks."""
_ESCAPE = re.compile(r"\\[nrt\"']")
_MAX_HEAD = 2
_IMPORT = re.compile(
    r"^\s*(?:(?:pub )?use |import\b|from\s+\S+\s+import\b|using [\w.]+;|#\s*include\b|require\b"
    r"|[{}\w\s,*]*\}?\s*from\s+['\"]|(?:const|let|var)\s.*=\s*require\()"
)
"""Lines that import: what they name is the matter of the kinds for imports."""
_CODE_SPAN = re.compile(r"`([^`\n]+)`")
_LOCAL = re.compile(
    r"\b(?:const|let|var|mut)\s+([A-Za-z_$][\w$]*)"
    r"|\b(?:const|let|var)\s+[{\[]([^}\]=]*)[}\]]\s*="
    r"|^[ \t]+([a-z_]\w*(?:, *[a-z_]\w*)*)\s*(?::[^=\n]{1,60})?=(?!=)"
    r"|^\s*(?:if\s+|for\s+|switch\s+)?([a-z_]\w*(?:, *[a-z_]\w*)*)\s*:="
    r"|\bfor\s+\(?(?:const |let |var )?([a-z_]\w*(?:, *[a-z_]\w*)*)\s+(?:in|of)\b"
    r"|\bas\s+([a-z_]\w*)\s*[:)]"
    r"|\(([^()\n]*)\)\s*(?:=>|\{|:|->|[\w*.\[\]]{1,40} *\{|\([^()\n]*\) *\{)",
    re.MULTILINE,
)
_PARAMETER = re.compile(r"(?:^|,)\s*(?:[*.]{0,3})([a-z_$][\w$]*)")


def facts(files: Sequence[tuple[EditedFile, Sequence[HunkLines]]]) -> list[Fact]:
    """The facts about names of a whole edit, the most telling ones first."""
    removed: Counter[str] = Counter()
    added: Counter[str] = Counter()
    replaced: Counter[tuple[str, str]] = Counter()
    for file, hunks in files:
        old = _code(file.path, [hunk.old_code for hunk in hunks])
        new = _code(file.path, [hunk.new_code for hunk in hunks])
        local = _locals(file)
        is_loose = PurePosixPath(file.path).suffix.lower() in _LOOSE
        removed.update(_names(old, local, is_loose))
        added.update(_names(new, local, is_loose))
        replaced.update(_replaced(old, new, local))
    gone, come = removed - added, added - removed
    pairs = [(a, b) for a, b in replaced if a[0] == b[0] == "." or (a in gone and b in come)]
    paired = {name for pair in pairs for name in pair}
    facts = [Fact("name-replaced", f"{a}{ARROW}{b}") for a, b in _ranked_pairs(pairs)]
    facts += [Fact("name-removed", name) for name in _ranked(gone) if name not in paired]
    facts += [Fact("name-added", name) for name in _ranked(come) if name not in paired]
    return [fact for fact in facts if len(fact.subject) <= MAX_SUBJECT]


def _code(path: str, hunks: Sequence[Sequence[str]]) -> list[str]:
    """The changed lines without comments; of documents, only the code in them."""
    lines: Iterable[str] = (_ESCAPE.sub(" ", line[:_MAX_LINE]) for hunk in hunks for line in hunk)
    if path.rpartition(".")[2].lower() in (*prose.EXTENSIONS, "txt", "rst"):
        lines = (" ".join(_CODE_SPAN.findall(line)) for line in lines)
    lines = (line for line in lines if not _IMPORT.match(line))
    return _limited(lines)


def _limited(lines: Iterable[str]) -> list[str]:
    kept, size = [], 0
    for line in lines:
        size += len(line)
        if size > _MAX_CHARACTERS:
            break
        kept.append(line)
    return kept


def _names(lines: Iterable[str], local: frozenset[str], is_loose: bool) -> Iterator[str]:
    for line in lines:
        for match in _NAME.finditer(line):
            before, after = line[match.start() - 1 : match.start()], line[match.end() :][:1]
            is_value = all(c in _QUOTES or (is_loose and c in _BLANKS) for c in (before, after))
            if _is_name(match[0], local) and (is_value or not _VALUE.search(match[0])):
                yield match[0]


def _is_name(word: str, local: frozenset[str]) -> bool:
    """Whether a word looks like the name of something that other files may know, too."""
    head = re.split(r"[.:\-/]", word.lstrip("@"), maxsplit=1)[0]
    if head in local or len(_LETTERS.findall(word)) < _MIN_LETTERS or word[0] == "$":
        return False
    if word in _common():
        return False
    if word == head:
        return any(pattern.match(word) for pattern in (_CAMEL, _SNAKE, _CONSTANT))
    if word.startswith(("self.", "this.", "cls.")) or len(head) <= _MAX_HEAD:
        return False
    return bool(re.search(r"[-/:@]", word)) or head[:1].isupper() or _is_dotted(word)


@cache
def _common() -> frozenset[str]:
    table = rules.load("elements")
    return frozenset(table["common_names"] + table["common_calls"])


def _is_dotted(word: str) -> bool:
    """Whether a dotted name is that of a module's member: of lower-case words, or a file."""
    return bool(re.fullmatch(r"[a-z][\w-]*(?:\.[A-Za-z][\w-]*)+", word))


def _locals(file: EditedFile) -> frozenset[str]:
    """Local variables and parameters near the hunks, as far as one can tell without scopes."""
    if PurePosixPath(file.path).suffix in (".json", ".yml", ".yaml", ".toml", ".md"):
        return frozenset()
    names: set[str] = set()
    for text, spans in (
        (file.old, [hunk.old for hunk in file.hunks]),
        (file.new, [hunk.new for hunk in file.hunks]),
    ):
        for match in _LOCAL.finditer("\n".join(_limited(_nearby(text.split("\n"), spans)))):
            group = next(filter(None, match.groups()), "")
            names.update(_PARAMETER.findall(group))
    return frozenset(name for name in names if not _CONSTANT.match(name))


def _nearby(lines: Sequence[str], spans: Sequence[tuple[int, int]]) -> Iterator[str]:
    """The lines around the hunks, where their variables are declared."""
    done = 0
    for start, stop in spans:
        end = min(stop + _LINES_AFTER, len(lines))
        for number in range(max(start - _LINES_BEFORE, done), end):
            yield lines[number][:_MAX_LINE]
        done = max(done, end)


def _replaced(
    old: Sequence[str], new: Sequence[str], local: frozenset[str]
) -> Iterator[tuple[str, str]]:
    """Names in the same place of otherwise equal lines."""
    if len(old) > _MAX_PAIRED_LINES or len(new) > _MAX_PAIRED_LINES:
        return
    by_shape: dict[tuple[str, ...], list[list[str]]] = {}
    for line in new:
        tokens = _TOKEN.findall(line)
        by_shape.setdefault(_shape(tokens), []).append(tokens)
    for line in old:
        tokens = _TOKEN.findall(line)
        for other in by_shape.get(_shape(tokens), [])[:20]:
            pair = _one_name(tokens, other)
            if pair and any(_is_name(name, local) or name[0] == "." for name in pair):
                yield pair
                break


def _one_name(old: Sequence[str], new: Sequence[str]) -> tuple[str, str] | None:
    """The name that replaced another in a line, possibly in several places; None if more did."""
    changed = {(a, b) for a, b in zip(old, new, strict=True) if a != b}
    same = sum(a == b and _NAME.match(a) is not None for a, b in zip(old, new, strict=True))
    if len(changed) != 1 or not same:
        return None
    a, b = changed.pop()
    head, dot, last = a.rpartition(".")
    if dot and head == b.rpartition(".")[0]:
        return f".{last}", f".{b.rpartition('.')[2]}"
    return a, b


def _shape(tokens: Sequence[str]) -> tuple[str, ...]:
    """The punctuation of a line, with a mark for each name."""
    return tuple("a" if _NAME.match(token) else token for token in tokens)


def _ranked_pairs(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(pairs, key=lambda pair: (-_generality(pair[0]), pair))


def _ranked(counts: Counter[str]) -> list[str]:
    return sorted(counts, key=lambda name: (-_generality(name), -counts[name], name))


def _generality(name: str) -> int:
    """How likely a name means something outside its file."""
    if re.search(r"[@/:-]", name):
        return 3
    if name[:1].isupper():
        return 2
    return 1 if "." in name else 0
