"""One word for one thing: names that the code base replaced do not come back.

``python tests/test_words.py [ROOT]`` prints every offender.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("hooks", "tests", "qa", "bench")

INSTEAD = {
    "is no": "is not a",
    "no instruction": "not an instruction",
    "what else": "the other ...",
    "whose it is": "its owner",
    "alone": "exclusive lock",
    "book": "line attribution, or what the object is",
    "chain": "edit history",
    "combo": "facets",
    "deferred": "retry queue",
    "floor": "layer",
    "floors": "layers",
    "gaps": "missing objects",
    "gate": "candidate",
    "group": "pattern columns",
    "house": "packages",
    "known": "deduplication",
    "lasting": "durable",
    "marks": "fingerprint",
    "mend": "fix",
    "moving": "migrate",
    "own": "open_nofollow",
    "receipt": "install manifest",
    "regular": "open_regular",
    "room": "package, or budget",
    "rooms": "packages",
    "step": "agent edit",
    "stored": "to_record",
    "stream": "git_log",
    "telling": "truncate",
    "told": "excerpt",
    "touch": "attributed hunk",
    "trouble": "error log",
    "waiting": "outbox",
    "whole": "atomic write",
    "whose": "commit classifier",
    "worth": "weights",
    "written": "agent edits",
}
# Names that say nothing about their value. Refused in the package itself; too many tests use them.
VAGUE = {"found", "made", "one", "said", "there", "told", "what"}
# Refused as a part of any name, also in names of tests.
PART_OF_A_NAME = {
    *("book", "combo", "house", "mend", "mended", "mending", "mends", "receipt", "receipts"),
    *("room", "rooms", "floors", "telling", "trouble", "troubles"),
}
# Refused as the name of a class, a function, a parameter or a variable.
NAME = {"gaps", "gate", "lasting", "told", "touch", "whose", "worth"}
# Refused as the name of a class, a function or a parameter, but not of a local variable.
DEFINITION = {
    *("alone", "chain", "deferred", "marks", "moving", "own", "regular", "stored", "waiting"),
    "whole",
}
MODULE = {
    *("alone", "book", "chain", "combo", "deferred", "gaps", "gate", "known", "marks", "moving"),
    *("own", "receipt", "regular", "stored", "stream", "told", "touch", "trouble", "waiting"),
    *("whole", "whose", "worth", "written"),
}
# Refused in one package only; usual elsewhere, as in a group of commands or a step of the setup.
IN_PACKAGE = {
    "hooks/errata/": VAGUE,
    "errata/patterns/": {"group"},
    "errata/corrections/": {"step", "chain", "known"},
    "errata/records/": {"known"},
    "errata/state/": {"step", "chain", "written", "waiting", "deferred"},
}
PROSE = {
    "is no": re.compile(
        r"(?<![Tt]here )\b(?:is|are|was|were) no "
        r"(?!(?:doubt|evidence|longer|match|more|need|proof|reason|use|way)\b)[a-z]+"
    ),
    "no instruction": re.compile(r"\bno instruction\b"),
    "whose it is": re.compile(r"\bwhose (?:it|they) (?:is|are)\b"),
    "what else": re.compile(r"\band what else\b"),
    "mend": re.compile(r"\b(?<!')[Mm]end(?:s|ed|ing)?\b(?! [Rr]enovate)"),
    "rooms": re.compile(r"\b[Rr]ooms\b|\b(?:an?|each|every|its|one|own|that|the|this) room\b"),
    "floors": re.compile(r"\bfloors\b|\b(?:ground|one|same|this) floor\b"),
    "house": re.compile(r"\b[Tt]he house\b(?! style)"),
}


def parts(name: str) -> set[str]:
    """The words of an identifier, in lower case."""
    return {part.lower() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def refused_in(source: str, path: str) -> Iterator[tuple[int, str, str]]:
    """Line, word and name of each definition of a Python file whose name is refused."""
    here = {word for folder, words in IN_PACKAGE.items() if folder in path for word in words}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name):
            if not isinstance(node.ctx, ast.Store):
                continue
            name, refused = node.id, NAME | (here & VAGUE)
        elif isinstance(node, ast.arg):
            name, refused = node.arg, NAME | DEFINITION | here
        elif isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            name, refused = node.name, NAME | DEFINITION | here
        else:
            continue
        bare_name = name.strip("_").lower()
        for word in sorted((parts(name) & PART_OF_A_NAME) | ({bare_name} & refused)):
            yield node.lineno, word, name


def offenders(root: Path) -> Iterator[str]:
    """``path:line: name (say ...)`` for each name and each word of prose that is refused."""
    pythons = [path for folder in FOLDERS for path in (root / folder).rglob("*.py")]
    for path in sorted([*pythons, *root.glob("*.md"), *root.glob("docs/*.md"), root / "Makefile"]):
        # Compiled rules are data, and this file contains the refused words.
        if path.parent.name == "compiled" or path.name == Path(__file__).name:
            continue
        text, relative = path.read_text("utf-8"), path.relative_to(root).as_posix()
        if path.suffix == ".py":
            if path.stem in MODULE:
                yield f"{relative}: module {path.stem} (say {INSTEAD[path.stem]})"
            for line, word, name in refused_in(text, relative):
                yield f"{relative}:{line}: {name} (say {INSTEAD.get(word, 'another word')})"
        for number, line in enumerate(text.splitlines(), 1):
            for word, pattern in PROSE.items():
                if match := pattern.search(line):
                    yield f"{relative}:{number}: {match[0]!r} in text (say {INSTEAD[word]})"


def test_replaced_words_do_not_come_back() -> None:
    assert list(offenders(ROOT)) == []


def test_replaced_words_are_found() -> None:
    source = (
        "class Combo:\n    def _told(self, whose):\n        mended_line = 1\n        known = 2\n"
    )
    assert [name for _, _, name in refused_in(source, "x.py")] == [
        "Combo",
        "_told",
        "whose",
        "mended_line",
    ]
    assert [*refused_in("def group(): ...", "errata/commands/group.py")] == []
    assert [*refused_in("def group(): ...", "errata/patterns/cache.py")] != []
    assert [*refused_in("made = found = 1", "hooks/errata/cli.py")] != []
    assert [*refused_in("made = found = 1", "tests/test_cli.py")] == []


@pytest.mark.parametrize(
    ("word", "refused", "allowed"),
    [
        ("is no", "A tool is no person.", "There is no log, which is no longer read."),
        ("no instruction", "It is quoted, and no instruction.", "It is not an instruction."),
        ("whose it is", "The file and whose it is.", "The person whose log it is."),
        ("what else", "All that and what else it lists.", "Say what else happened."),
        ("mend", "They mended it.", "Recommend it."),
    ],
)
def test_phrases(word: str, refused: str, allowed: str) -> None:
    assert PROSE[word].search(refused)
    assert not PROSE[word].search(allowed)


if __name__ == "__main__":
    print("\n".join(offenders(Path(sys.argv[1]) if sys.argv[1:] else ROOT)))
