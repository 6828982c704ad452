"""Every rule for a SKILL.md, with the line of each breach; and which skills clash."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errata.core.config import parse
from errata.skills import check, find
from errata.skills.find import is_place, skill, unique

PATH = ".claude/skills/a-b/SKILL.md"
GOOD = "name: a-b\ndescription: What it does, and when."


def said(front: str, body: str = "Do it.\n") -> list[str]:
    found = check.violations(skill(PATH, f"---\n{front}\n---\n{body}".encode()))
    assert all(str(fault).startswith(f"{PATH}:{fault.line}: ") for fault in found)
    return [str(fault).removeprefix(f"{PATH}:") for fault in found]


@pytest.mark.parametrize(
    "front",
    [
        GOOD,
        f"{GOOD}\nlicense: MIT\ncompatibility: needs git\nallowed-tools: Bash(git:*) Read",
        f"{GOOD}\nallowed-tools:\n  - Read\nmetadata:\n  author: me\n  version: '1.0'",
        f"{GOOD}\ndisable-model-invocation: true\nuser-invocable: false\nargument-hint: [file]",
        f"{GOOD}\nmodel: haiku\neffort: high\ncontext: fork\nagent: Explore\nshell: bash",
        f"{GOOD}\nwhen_to_use: Often.\narguments: a b\npaths: 'src/**, *.py'\ndisallowed-tools: X",
        f"{GOOD}\nhooks:\n  PreToolUse:\n    - matcher: Bash\n      hooks: []",
        f"name: a-b\ndescription: {'d' * 1024}",
    ],
)
def test_valid_skill(front: str) -> None:
    assert said(front) == []


@pytest.mark.parametrize(
    ("front", "line", "what"),
    [
        ("description: x", 1, "name: missing; 1 to 64 characters"),
        ("name: a-b", 1, "description: missing; 1 to 1024"),
        ("name: a-c\ndescription: x", 2, "'a-c' must be the name of the folder, 'a-b'"),
        ("name: A-b\ndescription: x", 2, "'A-b'; lower-case words"),
        ("name: a--b\ndescription: x", 2, "'a--b'; lower-case"),
        ("name: -a\ndescription: x", 2, "'-a'; lower-case"),
        (f"name: {'a' * 65}\ndescription: x", 2, "65 characters; 1 to 64"),
        ("name: 12\ndescription: x", 2, "must be text, not 12; quote it"),
        ("name: ''\ndescription: x", 2, "0 characters"),
        ("name: a-b\ndescription: '  '", 3, "0 characters; 1 to 1024"),
        (f"name: a-b\ndescription: {'d' * 1025}", 3, "1025 characters"),
        ("name: a-b\ndescription:", 3, "must be text, not empty"),
        (f"{GOOD}\ncompatibility: {'c' * 501}", 4, "501 characters; 1 to 500"),
        (f"{GOOD}\nmetadata: x", 4, "must be 'key: value' lines, not x"),
        (f"{GOOD}\nmetadata:\n  version: 1.0", 4, "version: must be text, not 1.0; quote it"),
        (f"{GOOD}\nallowed-tools: {{a: b}}", 4, "text or a list of texts"),
        (f"{GOOD}\nallowed-tools: [1]", 4, "text or a list of texts"),
        (f"{GOOD}\nuser-invocable: 'yes'", 4, "must be true or false, not yes"),
        (f"{GOOD}\nmodel: [a]", 4, "must be text, not a list"),
        (f"{GOOD}\nhooks: x", 4, "must be 'key: value' lines"),
        (f"{GOOD}\nalowed-tools: x", 4, "unknown field 'alowed-tools'; did you mean 'allowed-"),
        (f"{GOOD}\nversion: '1'", 4, "unknown field 'version'; known: name, description"),
        (f"{GOOD}\nx: [", 5, "not YAML"),
    ],
)
def test_violation(front: str, line: int, what: str) -> None:
    (found,) = said(front)
    assert found.startswith(f"{line}: ") and what in found


def test_every_violation_is_reported() -> None:
    found = said("name: A\nx: 1\nlicense: 2", body=" \n\n")
    assert [one.split(":")[0] for one in found] == ["1", "2", "3", "4", "5"]
    assert found[-1].endswith("no instructions below; write them")


def test_invalid_bytes() -> None:
    assert "not UTF-8" in str(*check.violations(skill(PATH, b"---\nname: a\nx: \xff\n---\n")))
    assert ":3: " in str(*check.violations(skill(PATH, b"---\nname: a\nx: \xff\n---\n")))
    big = b"---\nname: a-b\ndescription: x\n---\n" + b"x" * find.MAX_BYTES
    assert "larger than" in str(*check.violations(skill(PATH, big)))


@given(st.dictionaries(st.sampled_from([*check.FIELDS, "z"]), st.text() | st.integers()))
def test_any_values_are_checked(values: dict[str, Any]) -> None:
    front = "\n".join(f"{key}: {value!r}" for key, value in values.items())
    for one in said(front):
        assert "\n" not in one


def test_name_clash_needs_different_contents() -> None:
    named = [
        (".claude/skills/a/SKILL.md", b"1"),
        (".agents/skills/a/SKILL.md", b"1"),
        ("pkg/.claude/skills/a/SKILL.md", b"2"),
        (".claude/skills/b/SKILL.md", b"2"),
    ]
    (fault,) = check.name_clashes(named)
    assert str(fault).startswith("pkg/.claude/skills/a/SKILL.md:1: name: 'a' is taken by .claude/")


def test_copies_are_one() -> None:
    skills = [
        skill(f"{tool}/skills/a/SKILL.md", data)
        for tool, data in ((".claude", b"1"), (".agents", b"1"), (".x", b"2"))
    ]
    assert [one.path.split("/")[0] for one in unique(skills)] == [".claude", ".x"]


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (".claude/skills/a/SKILL.md", True),
        (".agents/skills/a/SKILL.md", True),
        ("pkg/b/.cursor/skills/a/SKILL.md", True),
        ("skills/a/SKILL.md", False),
        (".claude/skills/SKILL.md", False),
        (".claude/skills/a/b/SKILL.md", False),
        (".claude/skills/a/skill.md", False),
        (".claude/skills/runbooks/SKILL.md", False),
        ("docs/SKILL.md", False),
    ],
)
def test_where_skills_are(path: str, place: bool) -> None:
    assert is_place(path, parse({})) is place


@pytest.mark.parametrize(
    ("value", "globs"),
    [
        ("paths: src/**", ("src/**",)),
        ("paths: 'src/*.{ts,tsx}, *.py'", ("src/*.{ts,tsx}", "*.py")),
        ("paths:\n  - a/**\n  - b", ("a/**", "b")),
        ("paths: [1, a]", ("a",)),
        ("paths: 3", ()),
        ("paths: {a: b}", ()),
        ("x: y", ()),
    ],
)
def test_path_patterns(value: str, globs: tuple[str, ...]) -> None:
    assert skill(PATH, f"---\n{value}\n---\n".encode()).globs == globs
