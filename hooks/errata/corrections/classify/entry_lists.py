"""Files and lines that list things: a change log, the dependencies, the imports, a checklist."""

from __future__ import annotations

import re

from errata.corrections.attribution.diff import Hunk

_LIST_FILE = re.compile(
    rb"(?:^|/)(?:(?:change(?:s|log)?|history|news|release[-_]?notes|authors|contributors)"
    rb"(?:\.(?:md|markdown|rst|txt|adoc))?"
    rb"|(?:requirements|constraints)[^/]*\.(?:txt|in)|\.[a-z]+ignore|codeowners|go\.mod|gemfile)\Z"
    rb"|(?:^|/)(?:requirements|changelog\.d|\.changeset|newsfragments|changelog_unreleased)/[^/]+\Z",
    re.I,
)
_IMPORT = re.compile(
    rb"\s*(?:import\b|from\s+\S+\s+import\b|use\s|using\s|#\s*include\b|require(?:_relative)?\b"
    rb"|@import\b|(?:const|let|var)\s[^=]+=\s*require\(|extern crate\b)"
)
_LITERAL = re.compile(rb"\s*(?:\"[^\"]*\"|'[^']*'|-?\d[\w.]*)\s*,\s*(?:#.*)?\Z")
_DEPENDENCY = re.compile(
    rb"\s*(?:implementation|api|compileOnly|runtimeOnly|test\w+|classpath|kapt|ksp)\b[ (]+[\"'(]"
    rb"|\s*gem\s+[\"']|\s*<PackageReference\b"
)
_SECTION = re.compile(rb"\s*\[+([^\]]*)\]+\s*(?:#.*)?\Z")
_BOX = re.compile(rb"(\s*(?:[-*+]|\d+\.)\s+)\[[ xX]\]")
_MANIFESTS = (b"Cargo.toml", b"pyproject.toml", b"Pipfile")


def adds_entries(path: bytes, old: bytes, hunk: Hunk) -> bool:
    """Whether a hunk only inserts entries, as far as its lines and the file's name tell.

    Args:
        old: the file before.
    """
    lines = [line for line in hunk.new if line.strip()]
    if hunk.old or not lines:
        return False
    if _LIST_FILE.search(path) or all(map(_is_entry, lines)):
        return True
    if path.endswith(b".toml") and all(map(_LITERAL.match, lines)):
        return True
    return path.endswith(_MANIFESTS) and _in_dependencies(old.split(b"\n")[: hunk.start])


def ticks_boxes(hunk: Hunk) -> bool:
    """Whether a hunk only ticks, or clears, boxes of a checklist: the work goes on."""
    if not hunk.old or hunk.old == hunk.new or not any(map(_BOX.match, hunk.old)):
        return False
    return [_BOX.sub(rb"\1[]", x) for x in hunk.old] == [_BOX.sub(rb"\1[]", x) for x in hunk.new]


def is_import(line: bytes) -> bool:
    """Whether a line imports something."""
    return _IMPORT.match(line) is not None


def _is_entry(line: bytes) -> bool:
    return bool(_IMPORT.match(line) or _DEPENDENCY.match(line))


def _in_dependencies(before: list[bytes]) -> bool:
    """Whether the last section that begins in these lines lists dependencies."""
    sections = (match[1] for line in reversed(before) if (match := _SECTION.match(line)))
    return b"dependencies" in next(sections, b"")
