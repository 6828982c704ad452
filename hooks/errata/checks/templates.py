"""Which rules find what a lesson is about (``rules/checks.toml``, and the triggers of lessons)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from errata import rules
from errata.checks import languages
from errata.lessons import prose, triggers
from errata.lessons.instructions import leading
from errata.lessons.kinds import Fact

if TYPE_CHECKING:
    from errata.patterns.lesson import Lesson

Document = dict[str, Any]
"""A rule as ast-grep's YAML has it."""
_PLACEHOLDER = re.compile(r"\{(subject|old|new|callee|argument|last|whole|head|tail)(:path)?\}")
_IDENTIFIER = re.compile(r"[^\W\d]\w*\Z")
_DOTTED = re.compile(r"[^\W\d][\w$]*(?:\.[^\W\d][\w$]*)*\Z")
_GLOB = re.compile(r"[\[\]{}*?!\\]")
_TEST_GLOBS = (
    *("**/test/**", "**/tests/**", "**/__tests__/**", "**/spec/**", "**/test_*", "**/*_test.*"),
    *("**/*.test.*", "**/*.spec.*", "**/*Test.*", "**/*_spec.*"),
)
# Of the lookarounds of triggers, which the linear engine of ast-grep lacks.
_NOT_AFTER_WORDS = re.compile(r"\(\?<!(?:def|func|fn|function) \)")
_NOT_AFTER = re.compile(r"\(\?<!\[([^\]]+)\]\)")
_NOT_BEFORE = re.compile(r"\(\?!\[([^\]]+)\]\)")
_LOOKAROUND = re.compile(r"\(\?(?:[=!]|<[=!])")


def documents(lesson: Lesson) -> list[Document]:
    """The rules of a lesson, one for each language; none if no rule can find it.

    They have no figures yet.
    """
    trigger = triggers.of_lesson(lesson)
    fact = leading(lesson.facts).fact
    if not trigger or not lesson.instruction or "pattern" not in trigger:
        return []
    by_language = list(_by_language(fact, _languages(lesson, trigger)))
    if by_language:
        return [
            _document(lesson, language, rule, _files(trigger), several=len(by_language) > 1)
            for language, rule in by_language
        ]
    return [document] if (document := _words(lesson, fact, trigger)) else []


def _languages(lesson: Lesson, trigger: Mapping[str, Any]) -> list[str]:
    """Those that the lesson is about, and those that are corrected alike."""
    named = tuple(trigger["extensions"]) or tuple(triggers.extensions(lesson.languages))
    if not named and lesson.example:
        language = languages.of_path(lesson.example.file)
        named = tuple(triggers.extensions((language,))) if language else ()
    return languages.of_extensions(named)


def _by_language(fact: Fact, wanted: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    for language in wanted:
        if (rule := rule_of(fact, language)) is not None:
            yield language, rule


def rule_of(fact: Fact, language: str) -> dict[str, Any] | None:
    """The rule that finds in one language what a fact is about; None if there is none."""
    values = _values(fact)
    for row in rules.load("checks")["check"]:
        if fact.kind not in row["kinds"] or language not in row.get("languages", (language,)):
            continue
        needed = {match[0] for match in _PLACEHOLDER.findall(repr(row["rule"]))}
        if not all(values[name] for name in needed):
            continue
        rule = _filled(row["rule"], values, language)
        if rule is not None:
            return rule  # type: ignore[no-any-return]
    return None


def _values(fact: Fact) -> dict[str, str]:
    values = triggers.values(fact)
    whole = values["old"] or fact.subject
    head, _, tail = whole.rpartition(".")
    return {**values, "whole": whole, "head": head.strip("."), "tail": tail}


def _filled(node: Any, values: Mapping[str, str], language: str) -> Any:
    """A rule of the table with names and in a language; None if the language has no such thing."""
    if isinstance(node, list):
        parts = [_filled(part, values, language) for part in node]
        return None if None in parts else parts
    if not isinstance(node, dict):
        return node
    rule: dict[str, Any] = {}
    for key, value in node.items():
        if key == "regex":
            more: Any = {"regex": _expression(value, values)}
        elif key == "call":
            more = _call(_literal(value, values), language)
        elif key == "name":
            more = _name(_literal(value, values), language)
        elif key == "element":
            more = _kinds(languages.nodes(language).get(value, []))
        else:
            filled = _filled(value, values, language)
            more = None if filled is None else {key: filled}
        if more is None:
            return None
        if rule.keys() & more.keys():
            rule = {"all": [rule, more]}
        else:
            rule |= more
    return rule


def _kinds(kinds: Sequence[str], **more: Any) -> dict[str, Any] | None:
    if not kinds:
        return None
    if len(kinds) == 1:
        return {"kind": kinds[0], **more}
    return {"any": [{"kind": kind} for kind in kinds], **more}


def _call(callee: str, language: str) -> dict[str, Any] | None:
    """Calls of a name, of a method (``.name``) or of a macro (``name!``)."""
    form = rules.load("checks")["calls"].get(language)
    if form is None or not callee:
        return None
    if callee.endswith("!"):
        macro = form.get("macro")
        return (
            {"kind": macro, "has": {"field": "macro", "regex": f"^{re.escape(callee[:-1])}$"}}
            if macro
            else None
        )
    if form.get("pattern") and _DOTTED.match(callee):
        plain = {"pattern": f"{callee}($$$)"}
        if form.get("new") and callee.rpartition(".")[2][:1].isupper():
            return {"any": [plain, {"pattern": f"new {callee}($$$)"}]}
        return plain
    start = "" if callee.startswith(".") else "^"
    if field := form.get("field"):
        return _kinds(form["kind"], has={"field": field, "regex": f"{start}{re.escape(callee)}$"})
    receiver, _, name = callee.rpartition(".")
    rule = _kinds(form["kind"], has={"field": form["method"], "regex": f"^{re.escape(name)}$"})
    if rule and receiver:
        rule["regex"] = f"^{re.escape(callee)}"
    return rule


def _name(name: str, language: str) -> dict[str, Any] | None:
    kinds = rules.load("checks")["names"].get(language, ())
    if not _IDENTIFIER.match(name):
        return None
    return _kinds(kinds, regex=f"^{re.escape(name)}$")


def _literal(template: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda match: values[match[1]], template)


def _expression(template: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(
        lambda match: _bounded(values[match[1]], is_path=bool(match[2])), template
    )


def _bounded(name: str, *, is_path: bool) -> str:
    """An expression for a name that is not a part of a longer one."""
    escaped = re.escape(name).replace(":", r"\s*:\s*") if "::" not in name else re.escape(name)
    if is_path:
        return rf"(?:^|[^\w./@-]){escaped}(?:$|[^\w/-])"
    before, after = (r"\b" if c.isalnum() or c == "_" else "" for c in (name[0], name[-1]))
    return f"{before}{escaped}{after}"


def _words(lesson: Lesson, fact: Fact, trigger: Mapping[str, Any]) -> Document | None:
    """A pattern of words, from the trigger of the lesson; None if it cannot be one."""
    files = _files(trigger)
    if trigger["part"] == "path":
        name = triggers.values(fact)["subject"]
        if not name or fact.kind not in ("file-removed", "file-ignored"):
            return None
        glob = name if "/" in name.rstrip("/") else f"**/{name}"
        glob += "**" if name.endswith("/") else ""
        document = _document(lesson, languages.TEXT, {"regex": "."}, [glob], several=False)
        document["metadata"] = {"only-new-files": True, **document["metadata"]}
        return document
    pattern = linear(trigger["pattern"])
    if pattern is None or trigger["part"] == "comment":
        return None
    if trigger["files"] == "prose":
        endings: Sequence[str] = prose.EXTENSIONS
    else:
        endings = trigger["extensions"] or triggers.extensions(lesson.languages)
        if trigger["files"] == "code" and not endings:
            return None
    if endings and trigger["files"] != "any":
        files = _with_endings(files, endings)
    return _document(lesson, languages.TEXT, {"regex": pattern}, files, several=False)


def _prefix(glob: str) -> str:
    return glob.partition("*")[0]


def _with_endings(files: Sequence[str], endings: Sequence[str]) -> list[str]:
    """Globs of the files with an extension; those of a folder if the lesson is about one."""
    if any("*" not in glob for glob in files):
        return list(files)
    folder = _prefix(files[0]) if files else ""
    return [f"{folder}**/*.{ending}" for ending in endings]


def linear(pattern: str) -> str | None:
    """An expression of Python for the linear engine of ast-grep; None if it has no such form.

    A lookaround beside a name becomes a boundary of words, or the character that is there.
    """
    pattern = _NOT_AFTER_WORDS.sub("", pattern)
    pattern = _NOT_AFTER.sub(_not_after, pattern)
    pattern = _NOT_BEFORE.sub(_not_before, pattern)
    return None if _LOOKAROUND.search(pattern) else pattern


def _not_after(match: re.Match[str]) -> str:
    if not match.start():
        return f"(?:^|[^{match[1]}])"
    return r"\b" if match.string[match.end() :][:1].isalnum() else ""


def _not_before(match: re.Match[str]) -> str:
    if match.end() == len(match.string):
        return f"(?:$|[^{match[1]}])"
    return r"\b" if match.string[: match.start()][-1:].isalnum() else ""


def _files(trigger: Mapping[str, Any]) -> list[str]:
    """Globs of where a lesson holds; none if it holds everywhere."""
    if trigger["file"]:
        return [_plain_glob(trigger["file"])]
    folder = _plain_glob(trigger["folder"])
    if trigger["tests"]:
        return [f"{folder}{glob}" for glob in _TEST_GLOBS]
    return [f"{folder}**"] if folder else []


def _plain_glob(path: str) -> str:
    """A glob for one path, also where its characters mean something to a glob."""
    return _GLOB.sub("?", path)


def _document(
    lesson: Lesson, language: str, rule: dict[str, Any], files: Sequence[str], *, several: bool
) -> Document:
    name = f"{lesson.name}-{language}" if several else lesson.name
    return {
        "id": name,
        "language": languages.written(language),
        "severity": "warning",
        "message": lesson.instruction,
        **({"note": lesson.reason} if lesson.reason else {}),
        **({"files": list(files)} if files else {}),
        "rule": rule,
        "metadata": {"lesson": lesson.name, "facts": list(lesson.facts)},
    }


def is_checkable(lesson: Lesson) -> bool:
    """Whether a machine can look for what a lesson is about, in the text of an edit or its path."""
    return bool(lesson.instruction) and "pattern" in triggers.of_lesson(lesson)
