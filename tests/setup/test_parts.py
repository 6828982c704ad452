"""The parts of ``errata init`` by themselves: hooks as data, sources, scripts, patterns."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from errata.core.errors import ErrataError
from errata.setup import attributes, hook_source, precommit, shell_hooks, yaml_file
from errata.setup.hook_source import HookSource
from errata.setup.hooks import HOOKS, STAGES
from errata.setup.layout import FileError

ROOT = Path(__file__).parents[2]
MANIFEST = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
_FIELDS = ("files", "always_run", "pass_filenames", "verbose", "require_serial", "stages", "name")


def test_hooks_match_the_manifest() -> None:
    ours = {hook.id: hook.local(hook.id) for hook in HOOKS}
    assert set(ours) == {hook["id"] for hook in MANIFEST}
    for hook in MANIFEST:
        mine = ours[hook["id"]]
        assert mine["entry"] == hook["entry"]
        assert {key: mine.get(key) for key in _FIELDS} == {key: hook.get(key) for key in _FIELDS}
    assert set(STAGES) == {stage for hook in MANIFEST for stage in hook["stages"]}


@pytest.mark.parametrize(
    ("given", "url", "rev"),
    [
        ("https://example.org/errata", "https://example.org/errata", ""),
        ("https://example.org/errata@v1", "https://example.org/errata", "v1"),
        ("https://ann@example.org/errata", "https://ann@example.org/errata", ""),
        ("https://ann@example.org/errata@topic/x", "https://ann@example.org/errata", "topic/x"),
        ("git@example.org:o/errata.core.git", "git@example.org:o/errata.core.git", ""),
        ("git@example.org:o/errata.core.git@v1", "git@example.org:o/errata.core.git", "v1"),
        ("ssh://git@example.org", "ssh://git@example.org", ""),
        ("../errata@v1", "../errata", "v1"),
    ],
)
def test_url_and_rev(given: str, url: str, rev: str) -> None:
    assert hook_source.split(given) == (url, rev)


def test_a_folder_with_an_at_sign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a@b").mkdir()
    assert hook_source.split("a@b") == ("a@b", "")
    with pytest.raises(ErrataError, match="no URL"):
        hook_source.find("@v1", tmp_path)


@pytest.mark.parametrize(
    ("direct_url", "expected"),
    [
        (None, "'' ''"),
        ({"url": "file:///x", "dir_info": {"editable": True}}, "'' ''"),
        (
            {"url": "https://example.org/e", "vcs_info": {"vcs": "git", "commit_id": "abc"}},
            "'https://example.org/e' 'abc'",
        ),
        (
            {"url": "x", "vcs_info": {"vcs": "git", "commit_id": "a"}, "subdirectory": "y"},
            "'' ''",
        ),
    ],
)
def test_where_pip_installed_from(tmp_path: Path, direct_url: Any, expected: str) -> None:
    info = tmp_path / "errata_hooks-9.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: errata-hooks\nVersion: 9\n")
    if direct_url is not None:
        (info / "direct_url.json").write_text(json.dumps(direct_url))
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from pathlib import Path\n"
    code += "from errata.setup.hook_source import find; s = find(None, Path.cwd())\n"
    code += "print(repr(s.url), repr(s.rev))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == expected


@pytest.mark.parametrize(
    ("before", "above"),
    [
        (b"", b""),
        (b"npm test\n", b""),
        (b"#!/bin/sh\n# about\nexec x\n", b"#!/bin/sh\n# about\n"),
        (b"#!/bin/sh\n\n# later\nx\n", b"#!/bin/sh\n"),
        (
            b'#!/usr/bin/env sh\n. "$(dirname -- "$0")/_/husky.sh"\n\nnpm test\n',
            b'#!/usr/bin/env sh\n. "$(dirname -- "$0")/_/husky.sh"\n',
        ),
        (b"#!/usr/bin/env -S bash -e\nx\n", b"#!/usr/bin/env -S bash -e\n"),
    ],
)
def test_position_of_the_block_in_a_script(before: bytes, above: bytes) -> None:
    after = shell_hooks.edit(before, "pre-commit", "f")
    assert after.startswith(above + b"# >>> errata >>>\n")
    assert after.endswith(before[len(above) :])


@pytest.mark.parametrize(
    "text", [b"#!/usr/bin/env python3\n", b"#!/usr/bin/fish\n", b"\x7fELF\0", b"#!\n", b"#! env\n"]
)
def test_scripts_that_are_not_shell_scripts(text: bytes) -> None:
    with pytest.raises(FileError, match=r"^f:1: not a (shell )?script"):
        shell_hooks.edit(text, "pre-commit", "f")


def test_patterns_of_attributes() -> None:
    assert attributes.pattern(".claude/x.jsonl") == "/.claude/x.jsonl"
    assert attributes.pattern("a*[b]?\\c") == r"/a\*\[b]\?\\c"
    assert attributes.pattern('a b"c') == '"/a b\\"c"'


@pytest.mark.parametrize("value", ["yes", "1.5", "0x1f", "1e3", "a: b", "# c", "", "'", "é", "- x"])
def test_strings_mean_the_same_to_both_versions_of_yaml(value: str) -> None:
    text = yaml_file.new_text({"a": yaml_file.quoted(value)}, "#")
    assert yaml.safe_load(text) == {"a": value}
    assert yaml_file.read("f", text.encode()).data == {"a": value}


def test_commit_ids_are_strings() -> None:
    for commit in ("1" * 40, "1e" + "2" * 38, "0b" + "1" * 38, "a1" * 20, "0" * 39 + "c"):
        text = yaml_file.new_text({"a": yaml_file.quoted(commit)}, "#")
        assert yaml.safe_load(text) == {"a": commit}


def test_hooks_from_another_source() -> None:
    raw = b"repos:\n- repo: local\n  hooks:\n  - {id: errata-stamp, name: x, entry: y}\n"
    with pytest.raises(FileError, match="f:2: has errata's hooks from `repo: local`"):
        precommit.install(raw, HookSource("../e", "v1", explicit=True), "f")
    # Without being asked, the missing hooks come from where the one is from.
    after, added = precommit.install(raw, HookSource("../e", "v1"), "f")
    assert b"../e" not in after
    assert len(added.hooks) == len(HOOKS) - 1
