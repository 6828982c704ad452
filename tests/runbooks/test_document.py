"""The block is found as a Markdown parser sees it, and nothing else changes."""

from __future__ import annotations

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from runbook_builders import BEGIN, END, MARKDOWN

from errata.core.errors import RunbookError
from errata.runbooks.document import (
    begin_marker,
    checksum,
    manual_names,
    parse,
    replace,
)
from errata.runbooks.paths import NOTHING

BODY = "These notes are few.\n\n- **a-name** (pattern): Text.\n  Seen 3 times.\n"


def block(body: str = BODY, newline: str = "\n") -> bytes:
    return f"{begin_marker(body.encode())}\n{body}{END}".replace("\n", newline).encode()


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"text\n" + block() + b"\n- item", (2, 7)),
        (block(), (1, 6)),
        (b"\xef\xbb\xbf" + block() + b"\n", (1, 6)),
        (b"a\r\rb\r\n" + block(newline="\r\n") + b"\r\n", (4, 9)),
        (b"a\x0cb\xe2\x80\xa8c\x0bd\x1ce\xc2\x85f\n\0\n" + block() + b"\n", (3, 8)),
        (b"\xff\xfe not utf-8 \xe2\n" + block() + b"\n\xff", (2, 7)),
        (b"- a list\n" + block() + b"\nlazy\n", (2, 7)),
        (b"| a |\n|---|\n" + block() + b"\n===\n", (3, 8)),
        (b"   " + block() + b"  \n", (1, 6)),
        (b"```\n" + block() + b"\n```\n" + block(), (9, 14)),
    ],
    ids=(
        *("text", "first", "bom", "lone-cr", "odd-ends"),
        *("bytes", "list", "table", "indent", "fence-before"),
    ),
)
def test_finds_the_block(data: bytes, lines: tuple[int, int]) -> None:
    got = parse(data)
    assert got.block is not None
    assert (got.block.begin_line, got.block.end_line) == lines
    assert got.block.intact
    assert got.before + got.block.raw + got.after == data


@pytest.mark.parametrize(
    "text",
    [
        "```\n{}\n```",
        "~~~~\n{}",
        "    {}",
        "- item\n  {}",
        "> {}",
        "1. a\n\n   {}",
        "words {}",
        "`{}`",
        "<pre>\n{}\n</pre>",
        "<?\n{}\n?>",
        "\\{}",
        "{}\u2028x",
        "x\f{}",
    ],
)
@pytest.mark.parametrize("marker", [BEGIN, END])
def test_lines_that_are_not_markers(text: str, marker: str) -> None:
    text = text.format(marker)
    if text.startswith(marker):
        with pytest.raises(RunbookError, match="damaged"):
            parse(text.encode())
    else:
        assert parse(f"# Title\n\n{text}\n".encode()).block is None


@pytest.mark.parametrize(
    ("lines", "where", "what"),
    [
        ([BEGIN, "x"], 1, "errata:begin has no errata:end after it"),
        (["x", END], 2, "errata:end has no errata:begin before it"),
        ([END, "", BEGIN], 1, "errata:end comes before errata:begin"),
        ([BEGIN, BEGIN, END], 2, "errata:begin inside the block that line 1 begins"),
        ([BEGIN, BEGIN, END, END], 2, "errata:begin inside the block that line 1 begins"),
        ([BEGIN, END, BEGIN, END], 3, "a second errata:begin; line 1 begins the block"),
        ([BEGIN, END, END], 3, "a second errata:end; line 1 begins the block"),
        ([BEGIN, "```", END], 1, "errata:begin has no errata:end after it"),
        (["<!-- errata:begin -->", END], 1, "damaged errata marker"),
        (["<!-- errata:begin sha256=0123 -->", END], 1, "damaged errata marker"),
        ([BEGIN, f"{END} and more"], 2, "damaged errata marker"),
        ([BEGIN, "<!-- ERRATA:END -->"], 2, "damaged errata marker"),
        (["<!-- errata:begin sha256=", "-->", END], 1, "damaged errata marker"),
        (["<details>", BEGIN, END], 2, "errata marker inside the raw HTML of line 1"),
        (["<!-- off", BEGIN, END], 3, "errata:end has no errata:begin before it"),
    ],
)
def test_damaged_markers_are_an_error_with_line_and_hint(
    lines: list[str], where: int, what: str
) -> None:
    with pytest.raises(RunbookError) as caught:
        parse("\n".join(lines).encode(), "a/RUNBOOK.md")
    assert str(caught.value).startswith(f"a/RUNBOOK.md:{where}: {what}")
    assert caught.value.hint
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "intact"),
    [
        (lambda data: data, True),
        (lambda data: data.replace(b"\n", b"\r\n"), True),
        (lambda data: data.replace(b"Text.", b"Text!"), False),
        (lambda data: data.replace(b"\n  Seen", b"\n\n  Seen"), False),
        (lambda data: data.replace(b"Text.", b"Text.\xff"), False),
    ],
)
def test_the_checksum_notices_edits_but_not_line_ends(change, intact: bool) -> None:  # type: ignore[no-untyped-def]
    got = parse(change(block() + b"\n")).block
    assert got and got.intact is intact
    assert len(got.checksum) == len(checksum(b"")) == 16


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "## Recent learnings\n\n{}\n"),
        ("# T", "# T\n\n## Recent learnings\n\n{}\n"),
        ("# T\n\n", "# T\n\n## Recent learnings\n\n{}\n"),
        ("# T\r\n", "# T\r\n\r\n## Recent learnings\r\n\r\n{}\r\n"),
        ("## Recent learnings", "## Recent learnings\n\n{}\n"),
        ("### recent  LEARNINGS ###\nmine\n", "### recent  LEARNINGS ###\n\n{}\n\nmine\n"),
        ("Recent learnings\n---\n\nmine", "Recent learnings\n---\n\n{}\n\nmine"),
        (
            "```\n## Recent learnings\n```\n",
            "```\n## Recent learnings\n```\n\n## Recent learnings\n\n{}\n",
        ),
        (
            "- ## Recent learnings\n## Recent learnings\n",
            "- ## Recent learnings\n## Recent learnings\n\n{}\n",
        ),
        ("\ufeff## Recent learnings\n", "\ufeff## Recent learnings\n\n{}\n"),
    ],
)
def test_where_a_block_is_inserted(before: str, after: str) -> None:
    newline = "\r\n" if "\r\n" in before else "\n"
    got = replace(parse(before.encode()), BODY)
    assert got == after.encode().replace(b"{}", block(newline=newline))
    assert replace(parse(got), BODY) == got


@pytest.mark.parametrize(
    ("text", "line"), [("# T\n\n```\ncode", 3), ("<!-- a\n\nb\n", 1), ("- x\n\n<pre>\n", 3)]
)
def test_unclosed_markup_is_reported(text: str, line: int) -> None:
    with pytest.raises(RunbookError, match=f"^RUNBOOK.md:{line}: .*not closed"):
        replace(parse(text.encode()), BODY)


def test_an_empty_body() -> None:
    assert replace(parse(b"# T\n"), "") == b"# T\n"
    assert replace(parse(b"# T\n" + block() + b"\nx"), "") == b"# T\n" + block(NOTHING) + b"\nx"


@pytest.mark.parametrize(
    "data",
    [
        block().replace(b" -->\n", b" -->\r\n", 1) + b"\r\n",
        b"  " + block().replace(b" -->\n", b" -->  \n", 1) + b"\t\n",
    ],
    ids=["mixed-line-ends", "spaces-around-markers"],
)
def test_block_with_equal_text_is_not_rewritten(data: bytes) -> None:
    assert replace(parse(data), BODY) == data


# Lines that leave nothing open around them, so that every draw has its block.
OUTSIDE = st.one_of(MARKDOWN.map(str.encode), st.binary(max_size=40))


@given(OUTSIDE, OUTSIDE, st.sampled_from([b"\n", b"\r\n"]))
@example(b"<!-- errata:begin sha256=0123456789abcdef -->\n<!--", b"", b"\n")
@example(b"x\r", b"\r\n", b"\n")
@example(b"x\r", b"y", b"\r\n")
@example(b"\xef\xbb\xbf", b"\0", b"\n")
def test_bytes_outside_the_block_do_not_change(before: bytes, after: bytes, end: bytes) -> None:
    old = block("- **old** (pattern)\n").replace(b"\n", end)
    data = before + b"\n\n" + old + end + after
    try:
        document = parse(data)
    except RunbookError:
        return
    # A marker in the text before can begin a block that ends with ours; it was edited by hand.
    assume(document.block is not None and document.block.intact)
    got = replace(document, BODY)
    assert got == before + b"\n\n" + block().replace(b"\n", end) + end + after
    assert replace(parse(got), BODY) == got


@given(OUTSIDE)
@example(b"## Recent learnings\r")
@example(b"<div>\r")
@example(b"\xef\xbb\xbf")
def test_inserting_only_adds(data: bytes) -> None:
    try:
        document = parse(data)
        got = replace(document, BODY)
    except RunbookError:
        return
    assume(document.block is None)
    assert document.before + document.after == data
    assert got.startswith(document.before) and got.endswith(document.after)
    assert replace(parse(got), BODY) == got
    found = parse(got).block
    assert found and found.intact and found.text == BODY


@given(OUTSIDE)
def test_line_numbers_match_the_bytes(data: bytes) -> None:
    """Whatever stands before, the block that follows it is cut out exactly."""
    try:
        got = parse(data + b"\n\n" + block() + b"\n")
    except RunbookError:
        return
    if got.block:
        assert got.block.raw == block()
        assert got.before == data + b"\n\n"


def test_manual_names() -> None:
    text = f"""# api-dev runbook

### missing-status-condition
### Missing `finalizer`: why
Setext Name
-----------

- **Use sync.Once**: always
- **bold** only
- plain **later**
* __`in-code`:__ x

1. **Numbered one.** text

> #### Quoted

```
### not-this
```

**Not a list**

{block("- **generated** (pattern): x" + chr(10)).decode()}
"""
    assert manual_names(text.encode()) == {
        "api-dev-runbook",
        "missing-status-condition",
        "missing-finalizer-why",
        "setext-name",
        "use-sync-once",
        "bold",
        "in-code",
        "numbered-one",
        "quoted",
    }
