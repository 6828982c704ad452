"""A file as it was before an edit."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from errata.agenthooks import reverse_edit

TEXT = st.text(st.sampled_from("ab\n"), max_size=12)


@example("\n", [("\n", "a")], True)
@given(TEXT, st.lists(st.tuples(TEXT, TEXT), max_size=3), st.booleans())
def test_what_is_undone_is_what_was_there(
    text: str, edits: list[tuple[str, str]], crlf: bool
) -> None:
    """Whatever the edits: the file before them, or nothing; never another file."""
    done, now = [], text
    for old, new in edits:
        if old and now.count(old) == 1:
            done.append((old, new))
            now = now.replace(old, new, 1)
    was, after = text.encode(), now.encode()
    if crlf:
        was, after = was.replace(b"\n", b"\r\n"), after.replace(b"\n", b"\r\n")
    found = reverse_edit.before(after, done)
    if found is not None and b"\n" not in after:
        # No line end is left to tell of which kind they were.
        found, was = found.replace(b"\r\n", b"\n"), was.replace(b"\r\n", b"\n")
    assert found in (None, was)


@pytest.mark.parametrize(
    ("after", "edits", "was"),
    [
        (b"one\nTWO\n", [("two", "TWO")], b"one\ntwo\n"),
        (b"one\r\nTWO\r\nx\r\n", [("two\n", "TWO\nx\n")], b"one\r\ntwo\r\n"),
        (b"x\n", [("a", "b"), ("b", "x")], b"a\n"),
        (b"x\n", [("same", "same")], b"x\n"),
        (b"x\n", [], b"x\n"),
        # Nothing says where it stood, or which of several it is.
        (b"one\n", [("two\n", "")], None),
        (b"TWO TWO\n", [("two", "TWO")], None),
        (b"aaa", [("x", "aa")], None),
        (b"formatted\n", [("two", "TWO")], None),
    ],
)
def test_examples(after: bytes, edits: list[tuple[str, str]], was: bytes | None) -> None:
    assert reverse_edit.before(after, edits) == was


PATCH = """*** Begin Patch
*** Update File: src/a.py
@@ def f():
 one
-two
+TWO
 three
@@
-last
+LAST
*** Add File: new.py
+hello
*** Delete File: gone.py
*** Update File: old.py
*** Move to: moved.py
@@
-x
+y
*** End of File
*** End Patch
"""


def test_a_patch_is_taken_apart() -> None:
    assert list(reverse_edit.parse_patch(PATCH)) == [
        ("src/a.py", [("one\ntwo\nthree\n", "one\nTWO\nthree\n"), ("last\n", "LAST\n")]),
        ("new.py", None),
        ("moved.py", [("x\n", "y\n")]),
    ]


@pytest.mark.parametrize("patch", ["", "*** Begin Patch", "*** Update File: a", "junk\n+x\n@@\n"])
def test_damaged_patch_is_ignored(patch: str) -> None:
    assert [path for path, _ in reverse_edit.parse_patch(patch)] in ([], ["a"])


def test_a_patch_is_undone_by_whole_lines() -> None:
    edits = [("one\ntwo\n", "one\nTWO\n"), ("last\n", "LAST\n")]
    assert reverse_edit.before_patch(b"one\nTWO\nx\nLAST\n", edits) == b"one\ntwo\nx\nlast\n"
    assert reverse_edit.before_patch(b"one\r\nTWO\r\nLAST\r\n", edits) == b"one\r\ntwo\r\nlast\r\n"
    # "LAST" stands in another line too, but only one line is no more than that.
    assert (
        reverse_edit.before_patch(b"one\nTWO\nNOT LAST\nLAST\n", edits)
        == b"one\ntwo\nNOT LAST\nlast\n"
    )


@pytest.mark.parametrize(
    ("original", "after", "was"),
    [
        ("a\n", b"b\n", b"a\n"),
        ("a\n", b"b\r\n", b"a\r\n"),
        ("a\n", b"b\r\nc\n", b"a\n"),
        ("a\n", b"\xef\xbb\xbfb\n", b"\xef\xbb\xbfa\n"),
        ("", b"b\n", b""),
        ("caf\ufffd\n", b"caf\xe9 \n", None),
    ],
)
def test_an_original_as_it_was_on_disk(original: str, after: bytes, was: bytes | None) -> None:
    assert reverse_edit.as_on_disk(original, after) == was
