"""No parser takes quadratic time: four times the text takes less than ten times as long."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence

import pytest
from qa.fuzz import registry
from qa.fuzz.guard import Guard

from errata import rules
from errata.agenthooks import user_prompt
from errata.core import config
from errata.core.errors import ErrataError
from errata.corrections.classify import substance
from errata.messages import judge, message
from errata.messages.to_record import verbatim
from errata.provenance.identity import CommitIdent, classify, parse_identity
from errata.provenance.rules import load_rules
from errata.provenance.trailers import keys_in
from errata.records import dialect, field_guesses, pattern_names
from errata.runbooks import document, sanitise
from errata.skills import frontmatter, runbook_sections

_UNITS = (
    *("a", "a ", "a.", "a/", "Ab", "a_", "-a", "\t", " ", "\n", "\r", "0", "1:", "é", "\u0301"),
    *("<", "<a", "</a ", "<a_b ", "<system-reminder>", "</system-reminder", "[", "![a", "*a", "`"),
    *(
        "'",
        '"',
        "```\n",
        "<!--",
        "> ",
        "- ",
        "1. ",
        "#",
        "\x1b[",
        "\x1b[1",
        "\x1b]",
        "\\",
        "{",
        "(",
    ),
    *(
        "://a:",
        "http://a:",
        "a@",
        "/",
        "=",
        "? ",
        "password ",
        "secret_",
        "eyJ",
        "mysql -p",
        "AKIA",
    ),
    *(
        "-----BEGIN PRIVATE KEY-----",
        "-----END",
        "Agent: a\n",
        "Co-authored-by: a <",
        "no ",
        "the ",
    ),
)
_FORMS = rules.load("agents")["prompt"]


def _raw(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _classify(text: str) -> None:
    classify(CommitIdent("a", "a", "a", "a", f"x\n\nCo-authored-by: a{text}b"), load_rules())
    classify(CommitIdent("a", "a", "a", "a", f"x\n\nAssisted-by: claude{text}b"), load_rules())


_PARSERS: dict[str, Callable[[str], object]] = {
    "prompt": lambda text: user_prompt.remove_tool_text(text, _FORMS),
    "message": message.mask,
    "judge": judge,
    "verbatim": lambda text: verbatim(text, 10_000),
    "terminal": sanitise.terminal.__wrapped__,
    "markdown": lambda text: sanitise.markdown.__wrapped__(text, 300),
    "runbook": lambda text: document.parse(_raw(text)),
    "names": lambda text: document.manual_names(_raw(text)),
    "excerpt": lambda text: runbook_sections.sections(_raw(text)),
    "frontmatter": lambda text: frontmatter.read(f"---\nname: {text}\n---\n"),
    "settings": lambda text: config.decode(_raw(f"{text} = 1")),
    "name": pattern_names.name_of.__wrapped__,
    "kebab": lambda text: pattern_names.kebab.__wrapped__(text, 100),
    "moment": dialect.moment,
    "shapes": lambda text: (
        field_guesses.is_path(text),
        field_guesses.is_time(text),
        field_guesses.severity(text),
    ),
    "keys": lambda text: keys_in(_raw(text)),
    "identity": parse_identity,
    "classify": _classify,
}


def _seconds(parse: Callable[[str], object], unit: str, size: int) -> float:
    text = (unit * size)[:size]
    started = time.process_time()
    with contextlib.suppress(ErrataError, frontmatter.BadFrontmatter):
        parse(text)
    return time.process_time() - started


# Slow parsers get every fifth text; `make test-long` gives them all.
_SLOW = ("frontmatter", "verbatim", "judge")


@pytest.mark.parametrize("name", _PARSERS)
def test_time_is_linear(name: str) -> None:
    _check_growth(_PARSERS[name], _UNITS[:: 5 if name in _SLOW else 1])


@pytest.mark.long
@pytest.mark.parametrize("name", _SLOW)
def test_time_is_linear_in_slow_parsers(name: str) -> None:
    _check_growth(_PARSERS[name], _UNITS)


def _check_growth(parse: Callable[[str], object], units: Sequence[str]) -> None:
    _seconds(parse, "a", 10)
    for unit in units:
        long = _seconds(parse, unit, 16_000)
        # Below that, growth does not matter.
        if long > 0.15:
            # Measure again: a garbage collection in a large process takes as long.
            long = min(long, _seconds(parse, unit, 16_000))
            short = min(_seconds(parse, unit, 4_000) for _ in range(2))
            assert long < 10 * max(short, 0.02), f"{unit!r}: {short:.3f} s, then {long:.3f} s"
            assert long < 2, f"{unit!r}: {long:.2f} s"


@pytest.mark.parametrize(
    "unit", ["a,", "\na,", '"a",\n', "(", "[", "\n- a", "\n> ", "a\n\n", "x=1\n"]
)
@pytest.mark.parametrize("path", ["a.py", "a.js", "a.json", "a.html", "a.md", "a.yaml", "a.go"])
def test_time_to_compare_versions_is_linear(path: str, unit: str) -> None:
    def compare(text: str) -> None:
        substance.is_cosmetic(path.encode(), _raw(f"x = [{text}"), _raw(f"x = [{text}b"))

    _check_growth(compare, [unit])


@pytest.mark.parametrize("path", ["a.rb", "a.kt", "a.swift", "a.cs"])
def test_markup_in_a_file_of_code_takes_no_time(path: str) -> None:
    text = b"<a b='c'/>\n" * 2000
    started = time.process_time()
    assert not substance.is_cosmetic(path.encode(), text, text + b"b")
    assert time.process_time() - started < 1


@pytest.mark.parametrize("name", ["record", "reader", "validate", "settings", "event", "json"])
@pytest.mark.parametrize("opening", [b"[", b'{"a":', b"a = [", b"("])
def test_deep_nesting_is_read_or_refused(opening: bytes, name: str) -> None:
    head = b"\0\0" if name in ("reader", "validate", "event") else b""
    with Guard(registry.load(name).run) as guard:
        finding = guard.check(head + opening * 100_000)
    assert finding is None, finding.detail
