"""Frontmatter: what is read, and what is refused with its line."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from errata.skills import frontmatter
from errata.skills.frontmatter import BadFrontmatter

VALUES_OF: list[tuple[str, dict[str, Any]]] = [
    ("name: a-b\ndescription: What it does\n", {"name": "a-b", "description": "What it does"}),
    ('description: "a: b # c"\n', {"description": "a: b # c"}),
    ("description: 'say \"x\"'\n", {"description": 'say "x"'}),
    ("description: one\n  two\n  (three)\n", {"description": "one two (three)"}),
    ("description: >-\n  one\n  two\n", {"description": "one two"}),
    ("description: |\n  one\n  two\nname: x\n", {"description": "one\ntwo\n", "name": "x"}),
    ("allowed-tools:\n  - Read\n  - Bash(git:*)\n", {"allowed-tools": ["Read", "Bash(git:*)"]}),
    ("paths:\n- src/**\n- lib/*.py\n", {"paths": ["src/**", "lib/*.py"]}),
    ("paths: [src/**, 'a b']\n", {"paths": ["src/**", "a b"]}),
    (
        "metadata:\n  author: me\n  version: '1.0'\n",
        {"metadata": {"author": "me", "version": "1.0"}},
    ),
    ("# a comment\n\nuser-invocable: false\n", {"user-invocable": False}),
    ("license: MIT, see LICENSE\n", {"license": "MIT, see LICENSE"}),
    ("description: See http://x.org/a#b\n", {"description": "See http://x.org/a#b"}),
    # The types of YAML 1.2: in 1.1 the first three were booleans, the next two numbers.
    ("context: yes\nagent: off\nmodel: y\n", {"context": "yes", "agent": "off", "model": "y"}),
    ("effort: 1:30\nshell: 0b1\n", {"effort": "1:30", "shell": "0b1"}),
    ("effort: 12\nshell: 1.0\nmodel: ~\n", {"effort": 12, "shell": 1.0, "model": None}),
]


@pytest.mark.parametrize(("text", "values"), VALUES_OF)
def test_values(text: str, values: dict[str, Any]) -> None:
    assert frontmatter.parse_yaml(text)[0] == values


SCALARS = st.sampled_from(
    [
        *(
            "a",
            "one two",
            "True",
            "true",
            "null",
            "Null",
            "yes",
            "no",
            "off",
            "y",
            "~",
            "1.0",
            "12",
        ),
        *("0x1f", "2024-01-01", ".inf", "nan", "=", "<<", "&a", "*a", "!t x", "%d", "@x", "`x`"),
        *("a: b", "a:", "a :b", "a #b", "a#b", "# b", "- a", "-", "-a", "? a", "[a, b]", "[]", "["),
        *("{a: b}", "{}", "'a'", "'it''s'", '"a"', '"a\\n"', '"', "'", '"a" b', "|", ">", "|-"),
        *(">-", "|+", ">2", "a\\b", "a,b", "(a)", "a\tb", "é", "ü: x", "\u00a0a", "\u2028", "😀 a"),
        *("Bash(git:*) Read", "[true]", "[ a , 'b' ]", "[a,]", "a]", "http://x", "...", "--- a"),
        *("e5", "E", "inf", "f: ", "a  b", "a ", " a", "\x85", "\ufeff", "\x00", "x: y: z"),
    ]
)
KEYS = st.sampled_from(["name", "description", "paths", "true", "y", "null", "a b", "1", "- x", ""])
INDENTS = st.sampled_from(["", " ", "  ", "    ", "- ", "  - ", "\t", "  k: ", "  k2: ", "# "])
LINES = st.one_of(
    st.builds("{}: {}".format, KEYS, SCALARS),
    st.builds("{}:".format, KEYS),
    st.builds("{}:{}".format, KEYS, SCALARS),
    st.builds("{}{}".format, INDENTS, SCALARS),
    st.just(""),
    st.text(max_size=12),
)
VALUES = st.one_of(
    st.text(alphabet="aZ9 -:#'\"[],(.|>&*é", max_size=8), SCALARS, st.sampled_from(["one", "a b"])
)
FIELDS = st.one_of(
    st.builds("{}: {}".format, st.text(alphabet="abcd-_1", min_size=1, max_size=3), VALUES),
    st.builds("{}: one\n  {}".format, st.sampled_from("efg"), VALUES),
    st.builds("{}:\n  - a\n  - {}".format, st.sampled_from("hij"), VALUES),
    st.builds("{}:\n- {}".format, st.sampled_from("klm"), VALUES),
    st.builds("{}:\n  a: b\n  c: {}".format, st.sampled_from("nop"), VALUES),
    st.builds(
        "{}: {}\n  a\n  {}".format,
        st.sampled_from("qrs"),
        st.sampled_from([">-", ">", "|", "|-"]),
        VALUES,
    ),
    st.builds("{}: [{}, b]".format, st.sampled_from("tuv"), VALUES),
    st.sampled_from(["", "# c", "x: true", "y: false", "z: 'a'", 'w: "b"']),
)
TEXTS = st.one_of(
    st.lists(LINES, max_size=6), st.lists(FIELDS, max_size=2), st.lists(FIELDS, max_size=5)
).map(lambda lines: "\n".join(lines) + "\n")


@settings(deadline=None)
@example("---\n::\x85;:\n---")
@given(st.one_of(TEXTS, TEXTS.map(lambda t: f"---\n{t}---\nbody\n"), st.text()))
def test_anything_is_read_or_refused(text: str) -> None:
    try:
        front = frontmatter.read(text)
    except BadFrontmatter as error:
        assert 1 <= error.line <= text.count("\n") + 2
        assert error.message
    else:
        lines = text.split("\n")
        for key, line in front.lines.items():
            assert key[:1] in lines[line - 1]
        assert front.body in text.replace("\r\n", "\n")


def test_lines_and_body() -> None:
    front = frontmatter.read("---\r\nname: a\r\n\r\ndescription: {x: 1}\r\n---\r\nbody\r\n")
    assert front.values == {"name": "a", "description": {"x": 1}}
    assert front.lines == {"name": 2, "description": 4}
    assert (front.body, front.end) == ("body\n", 5)


BOMB = "a: &a [x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20)
)
BAD = [
    ("", 1, "no frontmatter"),
    ("name: x\n", 1, "no frontmatter"),
    ("\ufeff---\nname: x\n---\n", 1, "byte order mark"),
    ("---\nname: x\n", 1, "not closed"),
    ("---\n- a\n---\n", 1, "'key: value' lines"),
    ("---\n---\n", 1, "'key: value' lines"),
    ("---\nname: x\n\tb: c\n---\n", 3, "not YAML"),
    ("---\nname: x\nname: y\n---\n", 3, "duplicate key"),
    ("---\nname: x\nd:\n  a: 1\n  a: 2\n---\n", 5, "duplicate key"),
    ("---\nname: x\n1: y\n---\n", 3, "the key 1 is not text"),
    ("---\nname: x\nd: !!python/object:os.system y\n---\n", 3, "not YAML"),
    ("---\nname: x\nd: 2024-13-45\n---\n", 1, "not YAML"),
    (f"---\nname: {'9' * 5000}\n---\n", 1, "not YAML"),
    (f"---\n{BOMB}---\n", 2, "aliases"),
    (f"---\nname: {'[' * 8000}\n---\n", 2, "nest"),
    (f"---\nname: x\nd: {'{a: ' * 4000}\n---\n", 3, "nest"),
    (f"---\nname: x\nd: {'[' * 13}{']' * 13}\n---\n", 3, "nest"),
    (f"---\nname: {'a' * 20000}\n---\n", 1, "at most 16384"),
]


@pytest.mark.parametrize(("text", "line", "what"), BAD)
def test_what_is_refused(text: str, line: int, what: str) -> None:
    start = time.process_time()
    with pytest.raises(BadFrontmatter) as caught:
        frontmatter.read(text)
    assert (caught.value.line, what in caught.value.message) == (line, True), caught.value.message
    assert "\n" not in caught.value.message
    assert time.process_time() - start < 1
