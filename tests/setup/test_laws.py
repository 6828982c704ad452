"""Taking out what was put in gives the same bytes; putting it in twice is putting it in once."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from errata.setup import blocks, lefthook, precommit, prek_toml, shell_hooks
from errata.setup.hook_source import HookSource
from errata.setup.hooks import HOOKS, STAGES
from errata.setup.precommit import Additions
from yaml_builders import configuration
from yaml_builders import lefthook as lefthooks

SOURCES = st.sampled_from([HookSource(), HookSource("https://example.org/errata", "v1")])
slow = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def data(raw: bytes) -> dict[str, object]:
    return dict(YAML(typ="safe", pure=True).load(raw.decode()) or {})


def comments(raw: bytes) -> list[str]:
    """The comment lines of a file, without ours."""
    lines = [line.strip() for line in raw.decode("utf-8-sig").splitlines()]
    return [line for line in lines if line.startswith("#") and "errata init" not in line]


EQUAL_COMMENTS = b"default_install_hook_types: []\n# a note\nrepos: []\n# a note\n"


@slow
@given(raw=configuration(), source=SOURCES)
@example(raw=EQUAL_COMMENTS, source=HookSource())
def test_pre_commit(raw: bytes, source: HookSource) -> None:
    after, added = precommit.install(raw, source, "f")
    assert precommit.install(after, source, "f") == (after, Additions())
    left = precommit.remove(after, "f", added)
    assert left is not None
    assert data(left) == data(raw)
    assert comments(left) == comments(raw)
    assert len(precommit.hook_ids(data(after))) == len(HOOKS)


@slow
@given(raw=configuration(), source=SOURCES)
def test_pre_commit_without_manifest(raw: bytes, source: HookSource) -> None:
    """In another clone: the hooks go; of the hook types those that the file says are ours."""
    after, _ = precommit.install(raw, source, "f")
    left = precommit.remove(after, "f")
    assert left is not None
    assert data(left)["repos"] == data(raw)["repos"]
    if b"default_install_hook_types" not in raw:
        assert data(left) == data(raw)


def test_file_that_ends_in_a_literal_block() -> None:
    """Nothing can follow it without a change of its text, so its sign is written anew."""
    raw = b"repos:\n- repo: x\n  rev: y\n  hooks:\n  - id: z\n    exclude: |\n      ^y$"
    after, added = precommit.install(raw, HookSource(), "f")
    assert data(after)["repos"][0] == data(raw)["repos"][0]  # type: ignore[index]
    left = precommit.remove(after, "f", added)
    assert left is not None
    assert data(left) == data(raw)


@slow
@given(raw=lefthooks())
def test_lefthook(raw: bytes) -> None:
    after, added = lefthook.install(raw, "f")
    assert lefthook.install(after, "f") == (after, Additions())
    left = lefthook.remove(after, "f", added)
    assert left is not None
    assert data(left) == data(raw)
    assert comments(left) == comments(raw)


TEXT = st.lists(
    st.sampled_from(["\n", "\r\n", "a", " ", "\t", "#", "\\", '"', "é", "*.x merge=union", "$@"]),
    max_size=30,
).map(lambda parts: "".join(parts).encode())


@given(raw=TEXT | st.binary(max_size=40), at=st.booleans())
def test_blocks(raw: bytes, at: bool) -> None:
    assume(blocks.BEGIN not in raw and blocks.END not in raw)
    place = raw.find(b"\n") + 1 if at else None
    after = blocks.insert(raw, ["one", "two"], "f", place)
    assert blocks.insert(after, ["one", "two"], "f") == after
    assert blocks.remove(after, "f") == raw
    assert blocks.lines(after, "f") == ["one", "two"]


@given(
    first=st.sampled_from([b"", b"#!/bin/sh\n", b"#!/usr/bin/env bash\r\n", b"#! /bin/zsh -e"]),
    body=TEXT,
    stage=st.sampled_from(STAGES),
)
@example(first=b"#!/bin/sh", body=b"", stage="commit-msg")
@example(first=b"#!/bin/sh\n", body=b"# about\n\nexec x", stage="commit-msg")
def test_scripts(first: bytes, body: bytes, stage: str) -> None:
    raw = first + (b"\n" + body if first and not first.endswith(b"\n") and body else body)
    assume(first or not raw.startswith(b"#!"))
    after = shell_hooks.edit(raw, stage, "f")
    assert shell_hooks.edit(after, stage, "f") == after
    left = shell_hooks.remove(after, "f")
    # A script that says nothing is taken for one that init made.
    assert left == raw or (left is None and raw in (b"", b"#!/bin/sh\n"))


TOML = st.sampled_from(
    [
        "",
        "# head\n\n",
        "fail_fast = true # why\n",
        'default_install_hook_types = ["pre-commit"]\n',
        "default_install_hook_types = [\n  'pre-push', # a\n]\n",
        "\n[[repos]]\nrepo = 'x'\nrev = '1'\nhooks = [{ id = 'a' }]\n",
        "[[repos]]\nrepo = 'local'\n[[repos.hooks]] # x\nid = 'b'\n",
    ]
)


@given(parts=st.lists(TOML, unique=True), source=SOURCES, crlf=st.booleans(), cut=st.booleans())
def test_prek_toml(parts: list[str], source: HookSource, crlf: bool, cut: bool) -> None:
    text = "".join(sorted(parts, key=lambda part: "[[" in part))
    text = text.rstrip("\n") if cut else text
    assume(text.count("default_install_hook_types") <= 1)
    raw = (text.replace("\n", "\r\n") if crlf else text).encode()
    after, added = prek_toml.install(raw, source, "f")
    assert prek_toml.install(after, source, "f") == (after, Additions())
    left = prek_toml.remove(after, "f", added)
    assert prek_toml.read(left, "f") == prek_toml.read(raw, "f")
    if b"default_install_hook_types" not in raw:
        assert left == raw


@pytest.mark.parametrize("raw", [b"{}", b"{repos: []}", b'{"repos": [], "exclude": "x"}', b"# c"])
def test_configurations_in_flow_style(raw: bytes) -> None:
    after, added = precommit.install(raw, HookSource(), "f")
    assert precommit.install(after, HookSource(), "f") == (after, Additions())
    assert len(precommit.hook_ids(data(after))) == len(added.hooks)
    left = precommit.remove(after, "f", added)
    assert left is not None
    assert data(left) == data(raw)
