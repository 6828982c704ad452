"""Files of people and of other tools, read or edited in place: skills, YAML, JSON, TOML."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from random import Random

from qa.fuzz import mutation
from qa.fuzz.target import Target, chosen

from errata.core.errors import ErrataError
from errata.setup import (
    blocks,
    json_file,
    lefthook,
    precommit,
    prek_toml,
    yaml_file,
)
from errata.setup.hook_source import HookSource
from errata.skills import check, find, frontmatter
from errata.skills.frontmatter import BadFrontmatter

_SKILL = b"""---
name: a-skill
description: Says how. Use it when, "well", it's needed
metadata:
  version: '1.0'
allowed-tools: [Read, Bash]
paths:
- src/*
when_to_use: >-
  on
  two lines
disable-model-invocation: true
---
Text.
"""
_YAML_WORDS = (
    *(
        b"name",
        b"description",
        b"metadata",
        b": ",
        b":\n",
        b"- ",
        b"  ",
        b"|\n",
        b">-\n",
        b"[",
        b"]",
    ),
    *(
        b"{",
        b"}",
        b"&a ",
        b"*a",
        b"!!binary ",
        b"!!python/object:x ",
        b"? ",
        b"<<: ",
        b"# ",
        b"---\n",
    ),
    *(
        b"...\n",
        b"%YAML 1.1\n",
        b"'",
        b'"',
        b"~",
        b"null",
        b"2001-01-01",
        b"0o7",
        b".inf",
        b"\\x41",
    ),
    *(b"repos:\n", b"hooks:\n", b"  - id: errata-capture\n", b"repo: local", b"rev: v1", b"\t"),
    *(
        b"pre-commit:\n",
        b"commands:\n",
        b"    errata-stamp:\n",
        b"      run: x\n",
        b"=",
        b"? [a]\n: b\n",
    ),
)
_CONFIG = b"""# Ours.
default_install_hook_types: [pre-commit]
repos:
  - repo: https://x.test/a
    rev: v1
    hooks:
      - id: a
      - id: errata-capture  # c
"""
_HOOKS = b"""pre-commit:
  parallel: true
  commands:
    lint: { run: ruff }
commit-msg:
"""
_TOML = b"""default_install_hook_types = ["pre-commit"]
[[repos]]
repo = "local"
hooks = [ { id = "errata-capture", entry = "errata-capture" } ]
"""
_TOML_WORDS = (
    *(
        b"[[repos]]\n",
        b"repo = ",
        b"hooks = [",
        b"{ id = ",
        b"[",
        b"]",
        b"}",
        b"=",
        b".",
        b'"',
        b"#",
    ),
    *(b"[[repos.hooks]]\n", b"repos = []\n", b"'''", b"default_install_hook_types = ", b"\n", b"1"),
)
_JSON = b'{\n  "hooks": {\n    "Stop": [{"a": 1}],\n    "e": {}\n  },\n  "x": [1, "b"]\n}\n'
_OURS = {"type": "command", "command": "errata agent-hook"}


def _frontmatter(data: bytes) -> None:
    """A SKILL.md as a whole; `yaml` has the parser itself."""
    skill = find.skill("skills/a-skill/SKILL.md", data)
    faults = check.violations(skill)
    assert all("\n" not in str(fault) for fault in faults)
    assert skill.globs is not None
    if skill.bad is None and skill.frontmatter:
        assert skill.description is not None


def _yaml(data: bytes) -> None:
    """The YAML of a frontmatter."""
    text = data.decode("utf-8", "replace")
    try:
        values, lines = frontmatter.parse_yaml(text)
    except BadFrontmatter as error:
        assert "\n" not in error.message
        return
    assert values.keys() == lines.keys()


def _json(data: bytes) -> None:
    """A member put in and taken out again leaves the file as it was."""
    try:
        file = json_file.read(data, "settings.json")
    except ErrataError as error:
        assert "\n" not in str(error)
        return
    try:
        made = json_file.write(file, {**file.data, "ours": _OURS})
    except ErrataError as error:
        assert "\n" not in str(error)
        return
    again = json_file.read(made, "settings.json")
    assert again.data == {**file.data, "ours": _OURS}
    assert json_file.read(json_file.write(again, file.data), "settings.json").data == file.data


def _blocks(data: bytes) -> None:
    """A block put in and taken out leaves the file as it was."""
    (lines,), raw = chosen(data, (["a"], ["a", "b c"], []))
    assert isinstance(lines, list)
    try:
        had = blocks.find(raw, ".gitattributes")
    except ErrataError:
        return
    made = blocks.insert(raw, lines, ".gitattributes")
    assert blocks.lines(made, ".gitattributes") == lines
    assert blocks.insert(made, lines, ".gitattributes") == made
    if not had:
        assert blocks.remove(made, ".gitattributes") == raw


def _yaml_edit(data: bytes) -> None:
    """Hooks put into a configuration of pre-commit or lefthook, and taken out."""
    (lefthooks,), raw = chosen(data, (False, True))
    try:
        before = yaml_file.read("x.yaml", raw)
    except ErrataError:
        return
    try:
        if lefthooks:
            made, added = lefthook.install(raw, "x.yaml")
            left = lefthook.remove(made, "x.yaml", added)
        else:
            made, added = precommit.install(raw, HookSource("https://x.test/e", "v1"), "x.yaml")
            left = precommit.remove(made, "x.yaml", added)
    except ErrataError as error:
        assert "\n" not in str(error)
        return
    yaml_file.read("x.yaml", made)
    if left is not None and not lefthooks and "repos" in before.data:
        assert yaml_file.read("x.yaml", left).data.keys() == before.data.keys()


def _toml_edit(data: bytes) -> None:
    """Hooks put into a prek.toml, and taken out."""
    try:
        made, added = prek_toml.install(data, HookSource(), "prek.toml")
        tomllib.loads(made.decode())
        prek_toml.remove(made, "prek.toml", added)
    except ErrataError as error:
        assert "\n" not in str(error)


def _skills() -> Iterable[bytes]:
    yield _SKILL
    yield _SKILL.replace(b"\n", b"\r\n")
    for line in _SKILL.split(b"\n")[1:6]:
        yield b"---\n" + line + b"\n---\nx\n"


def _fronts() -> Iterable[bytes]:
    lines = _SKILL.split(b"\n")
    yield b"\n".join(lines[1:3]) + b"\n"
    yield b"\n".join(lines[3:6]) + b"\n"
    yield b"\n".join(lines[6:11]) + b"\n"
    yield b"a: {b: [1, 2.5, ~]}\n? c\n: !!str d\n"


def _edited(data: bytes, random: Random) -> bytes:
    if random.randrange(3):
        return mutation.words(data, random, _YAML_WORDS)
    lines = data.split(b"\n")
    at = random.randrange(len(lines))
    lines[at] = b"  " * random.randrange(3) + lines[at].lstrip()
    return b"\n".join(lines)


TARGETS = (
    Target("frontmatter", _frontmatter, _skills, _YAML_WORDS, mutate=_edited),
    Target("yaml", _yaml, _fronts, _YAML_WORDS, limit=48, mutate=_edited),
    Target("json", _json, lambda: [_JSON, b"{}", b'{"a":{"b":[]}}'], (b"{", b"}", b",", b'"a":')),
    Target("blocks", _blocks, lambda: [b"\0a\n# >>> errata >>>\nx\n# <<< errata <<<\nb\n", b"\1a"],
           (b"# >>> errata >>>", b"# <<< errata <<<", b"\r\n", b"\n", b" ")),
    Target("yaml-edit", _yaml_edit, lambda: [b"\0" + _CONFIG, b"\1" + _HOOKS, b"\0repos: []\n"],
           _YAML_WORDS, 300, _edited),
    Target("toml-edit", _toml_edit, lambda: [_TOML, b"", b"repos = []\n"], _TOML_WORDS, 300),
)  # fmt: skip
