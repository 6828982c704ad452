"""When a lesson is told: what a text that an agent is about to write must contain for it.

A trigger is made from the facts of a lesson and ``rules/triggers.toml`` when runbooks are written,
so that an agent, which waits for each of its edits, does not wait for that.
:mod:`errata.skills.fitting` looks for it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from math import ceil
from typing import TYPE_CHECKING, Any

from errata import rules
from errata.lessons import complaints, prose
from errata.lessons.instructions import Statement, leading, where
from errata.lessons.kinds import ARROW, Fact
from errata.lessons.stems import silent
from errata.records.significant_words import words

if TYPE_CHECKING:
    from errata.patterns.lesson import Lesson

_PLACEHOLDER = re.compile(r"\{(subject|old|new|callee|argument|last)\}")
_ABBREVIATION = re.compile(r"<(\w+)>")
_FORBIDDEN = re.compile(r"\(\?![^()]*\{argument\}")
"""A pattern that asks for a name that must not be there."""
_FEWEST, _SHARE = 2, 0.5
"""Records, and their share, that must name a file for a lesson without facts to be about it."""
_FEWEST_WORDS, _SHARE_OF_WORDS = 3, 0.25
_CODE = re.compile(r"\w[._:/]\w|[a-z][A-Z]")
"""What shows that a name is one of code, also in the words of a person."""
_RUN = re.compile(r"[\w$]+")
# The languages of one family are corrected alike.
_FAMILIES = ({"javascript", "typescript", "tsx"}, {"c", "cpp"}, {"css", "html"})


def of_lesson(lesson: Lesson) -> dict[str, Any]:
    """What must hold for a lesson to be told, as JSON; {} if an edit does not tell.

    The keys: ``part``, ``pattern``, ``files`` and ``new`` as in ``rules/triggers.toml``;
    ``needs``, strings that the text has in any case; ``names`` of code; ``tests``, only in tests;
    ``folder``, with a final slash, ``file`` and ``extensions``, where; any if empty.
    """
    lead = leading(lesson.facts).fact
    trigger = of_fact(lead)
    if not trigger:
        return {}
    place = where([Statement.parse(text) for text in lesson.facts])
    # That a complaint was made in one folder is chance.
    scope = "" if complaints.is_complaint(lead.kind) else lesson.scope
    languages = (place.language,) if place.language else lesson.languages
    return trigger | {
        "tests": trigger["tests"] or place.tests or lesson.tests,
        "folder": max(place.folder, scope, key=len),
        "file": place.file,
        "extensions": [] if trigger["files"] == "any" else extensions(languages),
    }


def of_fact(fact: Fact) -> dict[str, Any]:
    """What a text must contain for a fact to be of use; {} if a text does not tell."""
    named = values(fact)
    for row in rules.load("triggers")["trigger"]:
        if fact.kind not in row["kinds"]:
            continue
        used = set(_PLACEHOLDER.findall(row["pattern"]))
        if all(named[name] for name in used):
            return _filled(row, {name: named[name] for name in used})
    return {}


def _filled(row: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    short: Mapping[str, str] = rules.load("triggers")["abbreviations"]
    pattern = _ABBREVIATION.sub(lambda match: short.get(match[1], match[0]), row["pattern"])
    in_path = row["part"] == "path"
    needed = {run for name in values.values() for run in _RUN.findall(name)}
    if _FORBIDDEN.search(row["pattern"]):
        needed -= set(_RUN.findall(values["argument"]))
    return {
        "part": row["part"],
        "pattern": _PLACEHOLDER.sub(
            lambda match: _name(values[match[1]], in_path=in_path), pattern
        ),
        "needs": sorted(needed),
        "names": sorted(name for name in values.values() if _CODE.search(name)),
        "files": row.get("files", "code"),
        "new": row.get("new", False),
        "tests": row.get("tests", False),
    }


def _name(name: str, *, in_path: bool) -> str:
    """An expression for a name that is not a part of a longer one."""
    escaped = re.escape(name).replace(r"\*", "[^/]*")
    if in_path:
        return escaped
    if "::" not in name:
        escaped = escaped.replace(":", r"\s*:\s*")
    path = "/-" if "/" in name else ""
    before = ""
    if name.startswith(("./", "../")):
        before = r"(?<![\w./])"
    elif name[0].isalnum() or name[0] in "_$":
        before = r"(?<![\w$])" if "." in name else r"(?<![\w$.])"
    after = rf"(?![\w${path}])" if name[-1].isalnum() or name[-1] in "_$" else ""
    return before + escaped + after


def extensions(languages: tuple[str, ...]) -> list[str]:
    """The extensions of languages and of those that are corrected alike, sorted."""
    every = set(languages)
    for family in _FAMILIES:
        if family & every:
            every |= family
    known_extensions = {
        ext
        for row in rules.load("elements")["language"]
        if row["name"] in every
        for ext in row["extensions"]
    }
    if "markdown" in every:
        known_extensions |= set(prose.EXTENSIONS)
    # A language without a grammar is its extension.
    known = {row["name"] for row in rules.load("elements")["language"]} | {"markdown"}
    return sorted(known_extensions | (every - known))


def values(fact: Fact) -> dict[str, str]:
    """What the placeholders of templates stand for; "" for what a fact does not name."""
    old, arrow, new = fact.subject.partition(ARROW)
    callee, parenthesis, argument = old.partition("(")
    return {
        "subject": callee if parenthesis else fact.subject,
        "old": callee if arrow else "",
        "new": new,
        "last": re.split(r"[.:/\s]+", callee.rstrip("!?"))[-1],
        "callee": callee if parenthesis else "",
        "argument": argument.rstrip("=)"),
    }


def of_places(files: Iterable[Iterable[str]], text: str) -> dict[str, Any]:
    """What must hold for a lesson without facts, as JSON; {} if nothing tells.

    It is told in a file that most of its records name, where some of its words occur together:
    elsewhere, words are wrong far more often than right (``bench/moment/README.md``).

    The keys: ``in``, the files; ``words``, of which ``least`` must occur.

    Args:
        files: of each of its records.
        text: what it says.
    """
    named = [set(filter(None, names)) for names in files]
    counts = Counter(file for names in named for file in names)
    least = max(_FEWEST, _SHARE * sum(map(bool, named)))
    hot = sorted(file for file, count in counts.items() if count >= least)
    # That the words of its path occur in a file says nothing.
    about = sorted(words(text) - silent() - words(" ".join(hot)))
    if not hot or len(about) < _FEWEST_WORDS:
        return {}
    needed = max(_FEWEST_WORDS, ceil(_SHARE_OF_WORDS * len(about)))
    return {"in": hot, "words": about, "least": needed}
