"""A YAML file that people wrote stays as it is, except for the lines that an edit is about."""

from __future__ import annotations

import difflib
from typing import Any

import pytest
import yaml

from errata.setup import lefthook, precommit, yaml_file
from errata.setup.hook_source import HookSource
from errata.setup.hooks import HOOKS
from errata.setup.layout import FileError

SOURCE = HookSource("https://example.org/errata", "v1")

PRE_COMMIT_FILES = {
    "as `pre-commit sample-config` writes it": """\
# See https://pre-commit.com for more information
# See https://pre-commit.com/hooks.html for more hooks
repos:
-   repo: https://github.com/pre-commit/pre-commit-hooks
    rev: v3.2.0
    hooks:
    -   id: trailing-whitespace
    -   id: end-of-file-fixer
""",
    "indented lists, comments and settings": """\
ci:
  autofix_prs: false
  skip: [ mypy,pyright ]

exclude: |
  (?x)^(
    docs/.*\\.svg  # not a comment
  )$

repos:
  # Formatters first.
  - repo: https://github.com/astral-sh/ruff-pre-commit
    rev: 'v0.8.0'   # keep in step with pyproject.toml
    hooks:
      - id: ruff
        args: ["--fix", '--exit-non-zero-on-fix' ]
      - {id: ruff-format,   types_or: [python, pyi]}

  - repo: local
    hooks:
      - id: tests
        name: "tests"
        entry: >-
          python -m pytest
          -q

# The end.
fail_fast: true
""",
    "lists that are not indented, quoted keys": """\
---
default_language_version:
  python: python3.11
"repos":
- repo: https://github.com/psf/black
  rev: 23.1.0
  hooks:
  - id: black
    exclude: ^a/

    # Slow.
    verbose: yes


minimum_pre_commit_version: '3.0'
""",
    "anchors": """\
x-python: &python
  language_version: python3.12
repos:
  - repo: https://github.com/pre-commit/mirrors-mypy
    rev: v1.13.0
    hooks:
      - id: mypy
        <<: *python
        additional_dependencies:
          - types-requests
          - "attrs>=23"   # tests
""",
}
LEFTHOOK_FILES = {
    "commands": """\
# Refer to https://lefthook.dev
pre-push:
  parallel: true
  commands:
    packages-audit:
      tags: frontend security
      run: yarn audit

pre-commit:
  parallel: true
  commands:
    eslint:
      glob: "*.{js,ts,jsx,tsx}"
      run: yarn eslint {staged_files}   # all of them
    rubocop: { glob: "*.rb",run: bundle exec rubocop }
""",
    "jobs": """\
min_version: 1.10.0
pre-commit:
    jobs:
        - name: lint
          run: >
            make
            lint
commit-msg:
    commands:
        spell:
            run: "codespell {1}"
# Nothing else yet.
""",
}


def removed_and_added(before: str, after: str) -> tuple[list[str], list[str]]:
    lines = list(difflib.ndiff(before.split("\n"), after.split("\n")))
    return [line for line in lines if line[0] == "-"], [line for line in lines if line[0] == "+"]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("text", PRE_COMMIT_FILES.values(), ids=PRE_COMMIT_FILES)
def test_hooks_are_added_lines_only(text: str, ending: str) -> None:
    before = text.replace("\n", ending)
    raw, added = precommit.install(before.encode(), SOURCE, "f")
    removed, new = removed_and_added(before, raw.decode())
    assert removed == []
    # Two each for the hook types and the default stages; three for the repository.
    assert len(new) == 2 + 2 + 3 + len(HOOKS)
    assert raw.count(b"\n") == raw.count(ending.encode())
    assert precommit.hook_ids(yaml.safe_load(raw)) == {hook.id for hook in HOOKS}
    assert precommit.remove(raw, "f", added) == before.encode()
    assert precommit.remove(raw, "f") == before.encode()


@pytest.mark.parametrize("text", LEFTHOOK_FILES.values(), ids=LEFTHOOK_FILES)
def test_commands_are_added_lines_only(text: str) -> None:
    raw, added = lefthook.install(text.encode(), "f")
    removed, _ = removed_and_added(text, raw.decode())
    assert removed == []
    assert lefthook.remove(raw, "f", added) == text.encode()
    assert lefthook.remove(raw, "f") == text.encode()


def test_new_entries_are_indented_like_the_others() -> None:
    raw, _ = precommit.install(
        PRE_COMMIT_FILES["as `pre-commit sample-config` writes it"].encode(), SOURCE, "f"
    )
    assert "\n-   repo: https://example.org/errata\n    rev: v1\n    hooks:\n    -   id: " in (
        raw.decode()
    )
    raw, _ = lefthook.install(LEFTHOOK_FILES["jobs"].encode(), "f")
    assert "\n        errata-stamp:\n            run: " in raw.decode()


def test_comments_above_the_next_key_stay_above_it() -> None:
    text = PRE_COMMIT_FILES["indented lists, comments and settings"]
    raw, _ = precommit.install(text.encode(), SOURCE, "f")
    assert raw.decode().endswith("\n\n# The end.\nfail_fast: true\n")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: &a [1]\n" + "".join(f"b{n}: [*a]\n" for n in range(3)), ""),
        ("a: &a [x, x]\nb: &b [" + "*a, " * 400 + "]\nc: [" + "*b, " * 400 + "]\n", "aliases"),
        ("a: " + "[" * 60 + "]" * 60 + "\n", "RecursionError"),
    ],
)
def test_files_that_expand_or_nest_without_end_are_refused(text: str, problem: str) -> None:
    if not problem:
        assert len(yaml_file.read("f", text.encode()).data) == 4
        return
    with pytest.raises(FileError, match=problem):
        yaml_file.read("f", text.encode())


def test_an_edit_that_cannot_be_written_is_refused() -> None:
    """The result is parsed again: what it means must be what was intended."""
    file = yaml_file.read("f", b"a: 1\n")

    def change(data: Any) -> None:
        data["b"] = {"plain": 1} if type(data) is dict else 2

    with pytest.raises(FileError, match="f:1: written in a way that cannot be edited safely"):
        yaml_file.edit(file, change, "by hand")
