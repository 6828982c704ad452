"""The languages of rules, and the files in them (``rules/elements.toml``)."""

from __future__ import annotations

from functools import cache

from errata import rules

TEXT = "text"
"""The language of patterns of words, which are searched in any file."""
_WRITTEN = {
    "javascript": "JavaScript",
    "typescript": "TypeScript",
    "csharp": "CSharp",
    "cpp": "Cpp",
    "php": "Php",
}


@cache
def known() -> frozenset[str]:
    """The languages that rules may be in."""
    return frozenset((TEXT, *(str(row["name"]) for row in rules.load("elements")["language"])))


def of_path(path: str) -> str:
    """The language of a file by its extension; "" if there is no grammar for it."""
    name = path.rpartition("/")[2].lower()
    return _extensions().get(name.rpartition(".")[2], "") if "." in name else ""


def of_extensions(extensions: tuple[str, ...]) -> list[str]:
    """The languages that have these extensions, in the order of the table."""
    return list(dict.fromkeys(_extensions()[ext] for ext in extensions if ext in _extensions()))


def written(language: str) -> str:
    """A language as ast-grep's documents write it."""
    return _WRITTEN.get(language, language if language == TEXT else language.capitalize())


@cache
def _extensions() -> dict[str, str]:
    return {
        ext: row["name"] for row in rules.load("elements")["language"] for ext in row["extensions"]
    }


@cache
def nodes(language: str) -> dict[str, list[str]]:
    """Element -> the kinds of nodes that are it, in a language."""
    table = {row["name"]: row for row in rules.load("elements")["language"]}
    kinds: dict[str, str] = {}
    while language:
        kinds = {**table[language]["nodes"], **kinds}
        language = table[language].get("like", "")
    by_element: dict[str, list[str]] = {}
    for kind, element in kinds.items():
        by_element.setdefault(element, []).append(kind)
    return by_element
