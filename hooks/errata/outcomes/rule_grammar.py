"""What a rule forbids, as far as a machine can see it in added lines (``written_rules.toml``)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from errata import rules
from errata.lessons import triggers
from errata.lessons.kinds import Fact
from errata.outcomes.rule_texts import RuleText, sentences

_SPAN = re.compile(r"`([^`]*)`")
_NUMBER = re.compile(r"`(\d+)`")
_GROUP = re.compile(r"\{([a-z]+)\}")
_NAME = re.compile(r"[A-Za-z0-9]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PARENTHESES = re.compile(r" ?\([^)]*\)")
_REPLACEMENT = re.compile(r"[—–;.]| - |\b(?:use|prefer|instead)\b")
_MAX_NAME = 60
_HEADING_WORDS = 4
_MAX_CODE = 80


@dataclass(frozen=True, slots=True)
class Construct:
    """Code that a rule is about.

    Attributes:
        code: as the rule writes it.
        pattern: regular expression over lines (``re.MULTILINE``).
        part: what is searched: code, string (code with strings), comment or text.
        needs: texts that occur wherever the pattern matches.
        languages: in which it occurs; all code if empty.
    """

    code: str
    pattern: str
    part: str
    needs: tuple[str, ...] = ()
    languages: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Statement:
    """What a rule forbids, and what it wants instead.

    Attributes:
        form: name of the form of its sentence.
        forbidden: what agents must not add.
        wanted: what to use instead; empty if that is not code.
        tests: True: only in tests; False: only outside of them.
        languages: only in these; all if empty.
    """

    form: str
    forbidden: tuple[Construct, ...]
    wanted: tuple[Construct, ...] = ()
    tests: bool | None = None
    languages: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """A short name in kebab-case."""
        bad = "-or-".join(_slug(each.code) for each in self.forbidden[:2])
        name = f"{_slug(self.wanted[0].code)}-not-{bad}" if self.wanted else f"no-{bad}"
        if self.tests is not None:
            name += "-in-tests" if self.tests else "-outside-tests"
        return name[:_MAX_NAME].rstrip("-")


def measure(rule: RuleText) -> Statement | None:
    """What a rule forbids; None if it cannot be measured."""
    table = rules.load("written_rules")
    parts = sentences(rule.text)
    if rule.lead and not table["lead"].match(rule.text):
        parts[0] = f"never: {parts[0]}"
    for number, part in enumerate(parts):
        if statement := _statement(part, rule.headings):
            others = parts[:number] + parts[number + 1 :]
            return None if any(table["apart"].search(other) for other in others) else statement
    return None


def _statement(sentence: str, headings: Iterable[str]) -> Statement | None:
    table = rules.load("written_rules")
    text, spans = _numbered(sentence)
    if "`" not in text or table["apart"].search(text):
        return None
    for name, pattern in _forms():
        if match := pattern.search(text):
            bad = _constructs(match["bad"], spans)
            if (
                not bad
                or _is_conditional(text, match)
                or _names_a_path(text[: match.start()], spans)
            ):
                return None
            replacement = match.groupdict().get("good") or ""
            if _forbids_itself(bad, replacement, spans):
                return None
            good = _constructs(replacement, spans) or ()
            return _scoped(Statement(name, bad, good), text, headings)
    return None


@cache
def _forms() -> list[tuple[str, re.Pattern[str]]]:
    table = rules.load("written_rules")
    forms = []
    for row in table["form"]:
        sentence = row["sentence"]
        for name, piece in table["pieces"].items():
            sentence = sentence.replace(f"<{name}>", piece)
        forms.append((row["name"], re.compile(sentence)))
    return forms


def _is_conditional(text: str, match: re.Match[str]) -> bool:
    """Whether words around a form say when or where it holds; those of the replacement do not."""
    table = rules.load("written_rules")
    start, stop = match.start(), max(match.span("bad"))
    sentence = text[:stop] + _REPLACEMENT.split(text[stop:], 1)[0]
    if table["unless"].search(_NUMBER.sub("", sentence)):
        return True
    if table["narrow"].search(match.groupdict().get("middle") or ""):
        return True
    before = text[:start]
    is_known = any(row["words"].search(before) for row in table["scope"])
    return not is_known and table["narrow"].search(before) is not None


def _forbids_itself(bad: Iterable[Construct], good: str, spans: list[str]) -> bool:
    """Whether what a rule wants contains what it forbids."""
    wanted = [spans[int(number)] for number in _NUMBER.findall(good)]
    return any(re.search(each.pattern, code, re.MULTILINE) for each in bad for code in wanted)


def _names_a_path(before: str, spans: list[str]) -> bool:
    """Whether words before a form say in which files it holds."""
    path = rules.load("written_rules")["path"]
    named = [spans[int(number)] for number in _NUMBER.findall(before)]
    return any("/" in code or path.search(code) for code in named)


def _numbered(sentence: str) -> tuple[str, list[str]]:
    """The sentence with each piece of code as its number, and the pieces."""
    spans: list[str] = []

    def number(code: str) -> str:
        spans.append(code)
        return f"`{len(spans) - 1}`"

    pieces = []
    for index, piece in enumerate(_SPAN.split(sentence)):
        if index % 2:
            pieces.append(number(piece))
            continue
        for row in rules.load("written_rules")["known"]:
            piece = row["words"].sub(lambda _, row=row: number(row["code"]), piece)
        pieces.append(piece)
    return "".join(pieces).strip(), spans


def _constructs(objects: str, spans: list[str]) -> tuple[Construct, ...] | None:
    """The code of a group; None if a machine cannot look for one of the pieces."""
    plain = _PARENTHESES.sub("", objects)
    constructs = [construct(spans[int(number)]) for number in _NUMBER.findall(plain)]
    known = [each for each in constructs if each is not None]
    return tuple(dict.fromkeys(known)) if known and len(known) == len(constructs) else None


@cache
def construct(code: str) -> Construct | None:
    """What to look for where a rule writes a piece of code; None if that is not known."""
    table = rules.load("written_rules")
    if not code or len(code) > _MAX_CODE or _is_no_code(code):
        return None
    for row in table["construct"]:
        if match := re.fullmatch(row["code"], code):
            values = {"code": code, **{k: v for k, v in match.groupdict().items() if v}}
            return _construct(row, code, values)
    return None


def _is_no_code(code: str) -> bool:
    """Whether it is a command for a shell, or a path."""
    table = rules.load("written_rules")
    first = code.split()[0].lower() if code.split() else ""
    return first in _programs() or table["path"].search(code) is not None


@cache
def _programs() -> frozenset[str]:
    return frozenset(rules.load("written_rules")["programs"])


def _construct(row: Mapping[str, Any], code: str, values: Mapping[str, str]) -> Construct | None:
    part, languages = row.get("part", ""), frozenset(row.get("languages", ()))
    if "fact" in row:
        text = _GROUP.sub(lambda match: values.get(match[1], ""), row["fact"])
        trigger = triggers.of_fact(Fact.parse(text.strip()))
        if not trigger:
            return None
        needs = tuple(trigger["needs"])
        return Construct(code, trigger["pattern"], part or trigger["part"], needs, languages)
    used = [values[name] for name in _GROUP.findall(row["pattern"]) if name in values]
    pattern = _GROUP.sub(
        lambda match: re.escape(values[match[1]]) if match[1] in values else match[0],
        row["pattern"],
    )
    words = tuple(word for value in used for word in re.findall(r"\w+", value))
    return Construct(code, pattern, part or "code", words, languages)


def _scoped(statement: Statement, text: str, headings: Iterable[str]) -> Statement:
    """The statement with where it holds."""
    known = {name for each in statement.forbidden for name in each.languages}
    # Words of the sentence count for more than the headings above it.
    short = (each for each in headings if len(each.split()) <= _HEADING_WORDS)
    languages = _languages_in(text) or _languages_in(" ".join(short))
    if known and languages.isdisjoint(_family(frozenset(known))):
        languages = frozenset()
    scopes = [row for row in rules.load("written_rules")["scope"] if row["words"].search(text)]
    tests = next((row["tests"] for row in scopes if "tests" in row), None)
    return replace(statement, tests=tests, languages=languages)


def _languages_in(text: str) -> frozenset[str]:
    table = rules.load("written_rules")["scope"]
    rows = (row for row in table if "languages" in row and row["words"].search(text))
    return frozenset(name for row in rows for name in row["languages"])


@cache
def _family(languages: frozenset[str]) -> frozenset[str]:
    every = {"javascript", "typescript", "tsx"}
    return languages | every if languages & every else languages


def _slug(code: str) -> str:
    words = _NAME.findall(_CAMEL.sub("-", code))
    return "-".join(word.lower() for word in words) or _symbol(code)


def _symbol(code: str) -> str:
    return "-".join(f"{ord(char):x}" for char in code[:4])
