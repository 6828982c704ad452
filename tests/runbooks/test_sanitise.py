"""Text from logs is seen in full, and is nothing but text."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from errata.runbooks.sanitise import markdown, plain, quoted, terminal

MARKUP = (
    "` `` ``` ~~~ * ** _ [ ] ( ) < > <!-- --> <b> & &amp; &#60; # ## | - + 1. 1) = === --- \\ \\\\ "
    "https://e.org www.e.org a@b.org mailto:a@b.org <https://e.org> ![a](b) [a]: [^1] $ ! : x 9"
)
HIDDEN = [" ", "\n", "\r\n", "\t", "\u2028", "\0", "\x1b[31m", "\u202e", "\u200b", "\U000e0041"]
MARKERS = ["<!-- errata:end -->", "<!-- errata:begin sha256=0123456789abcdef -->"]
BITS = st.sampled_from([*MARKUP.split(" "), *HIDDEN, *MARKERS, "é", "\u0338"])
HOSTILE = st.one_of(st.text(), st.lists(BITS, max_size=12).map("".join))
PARSERS = [MarkdownIt("commonmark"), MarkdownIt("js-default", {"html": True})]


def flat(tokens: list[Token]) -> list[str]:
    return [token.type for token in tokens]


ITEM = ["list_item_open", "paragraph_open", "inline", "paragraph_close", "list_item_close"]


@pytest.mark.parametrize("parser", PARSERS, ids=["commonmark", "extended"])
@given(text=HOSTILE)
@example(text="<!-- errata:end -->")
@example(text="1. one")
@example(text="\u1fef\u1fefcode\u1fef\u1fef")  # normalises to a backtick
@example(text="<\u0338!-- x")
@example(text="[x]: https://e.org")
@example(text="---")
@example(text="# a")
@example(text="&lt;b&gt;")
@example(text="end\\")
def test_markdown_renders_as_plain_and_nothing_else(parser: MarkdownIt, text: str) -> None:
    want = plain(text, 200)
    if not want:
        assert markdown(text, 200) == ""
        return
    got = parser.parse(f"- {markdown(text, 200)}\n")
    assert flat(got) == ["bullet_list_open", *ITEM, "bullet_list_close"]
    children = got[3].children or []
    assert {child.type for child in children} == {"text"}
    assert "".join(child.content for child in children) == want


@pytest.mark.parametrize("parser", PARSERS, ids=["commonmark", "extended"])
@given(text=st.one_of(HOSTILE, st.text(alphabet="\"“”„«»'`\\ax.″", max_size=9)))
@example(text='ends" and goes on')
@example(text="ends\\")
@example(text="'\u200b'")
def test_text_cannot_end_its_quotation(parser: MarkdownIt, text: str) -> None:
    line = quoted(text, 200)
    if not plain(text, 200):
        assert line == ""
        return
    got = parser.parse(f"- {line}\n")
    assert flat(got) == ["bullet_list_open", *ITEM, "bullet_list_close"]
    children = got[3].children or []
    assert {child.type for child in children} == {"text"}
    seen = "".join(child.content for child in children)
    assert seen[0] == seen[-1] == '"' and len(seen) > 2
    assert not set(seen[1:-1]) & set('"“”„«»″') and "''" not in seen


@given(HOSTILE, st.integers(1, 40))
def test_plain_is_one_visible_line_within_its_limit(text: str, limit: int) -> None:
    got = plain(text, limit)
    assert len(got) <= limit
    assert got == unicodedata.normalize("NFC", got)
    assert got == got.strip() and "  " not in got
    assert all(unicodedata.category(c) not in ("Cc", "Cf", "Co", "Cs", "Cn", "Zl") for c in got)
    assert plain(got, limit) == got


@given(HOSTILE)
def test_terminal_is_printable(text: str) -> None:
    got = terminal(text)
    assert got.isprintable() and terminal(got) == got


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("two\nlines\tand\u2028more", "two lines and more"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]8;;https://e.org\x07link\x1b]8;;\x07", "link"),
        ("\x9b31mred", "red"),
        ("\x1b]0;never closed", "0;never closed"),
        ("a\u202eb\u2066c", "abc"),
        ("ze\u200bro\ufeff", "zero"),
        ("hid\U000e0068\U000e0069den", "hidden"),
        ("a\ufe0fb\U000e0100c", "abc"),
        ("\ue000\U000f0000x\ud800", "x"),
        ("\u3164\u115f\u2800x", "x"),
        ("\u0301accent", "accent"),
        ("e\u0301", "é"),
        ("no\u00a0break", "no break"),
        ("a" + "\u0335" * 50 + "b", "a" + "\u0335" * 8 + "b"),
    ],
)
def test_plain(text: str, want: str) -> None:
    assert plain(text, 100) == want


@pytest.mark.parametrize(
    ("text", "limit", "want"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdefg", 6, "abcde…"),
        ("abcd efg", 6, "abcd…"),
        ("abcq\u0307\u0323xyz", 6, "abc…"),
        ("ab\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7", 4, "ab…"),
        ("ab\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7", 5, "ab\U0001f1e9\U0001f1ea…"),
        ("abc\U0001f44d\U0001f3fdxyz", 5, "abc…"),
        ("abc", 1, "…"),
        ("abc", 0, ""),
    ],
)
def test_cut_does_not_split_a_visible_character(text: str, limit: int, want: str) -> None:
    assert plain(text, limit) == want


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("see https://e.org/a", "see https\\://e.org/a"),
        ("www.e.org", "www\\.e.org"),
        ("@.ssh/id and a@b.org", "\\@.ssh/id and a\\@b.org"),
        ("$ARGUMENTS", "\\$ARGUMENTS"),
        ("- item", "\\- item"),
        ("12) item", "12\\) item"),
        ("<!-- errata:end -->", "\\<!-- errata:end --\\>"),
        ("pkg/apis/v1/types.go: 3", "pkg/apis/v1/types.go: 3"),
    ],
)
def test_markdown(text: str, want: str) -> None:
    assert markdown(text, 100) == want


@pytest.mark.parametrize(
    "bit", ["\x9d", "\x1b]", "\x1b[", "\x9b0", "\x1b ", "a:", "www.", "\u0301"]
)
def test_time_is_linear(bit: str) -> None:
    started = time.process_time()
    markdown(bit * 100_000, 100)
    assert time.process_time() - started < 3
