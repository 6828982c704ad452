"""Names that git or a shell could read as an option, a pathspec or a command."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path
from typing import Any

import entry_points
import pytest
from entry_points import Entry

from conftest import Repo
from errata.setup.checks import shell

MARK = "--output=marker"
REVISIONS = [MARK, "-p", "--upload-pack=touch marker", "--all", "-", "^", "HEAD\n--all", ":/x"]
FILES = [MARK, "-rf", "--exec=touch marker", ":(exclude)*", ":!x", "two\nlines", "$(touch marker)"]


def some(values: list[str]) -> list[Any]:
    """The values as cases; only the first one runs always."""
    return [values[0], *(pytest.param(value, marks=pytest.mark.long) for value in values[1:])]


@pytest.mark.parametrize("revision", some(REVISIONS))
def test_revision_is_not_an_option(target: Repo, revision: str) -> None:
    if revision == MARK:
        # The control: as an argument of git, it writes a file.
        target.git("log", "-p", MARK)
        assert (target.root / "marker").exists()
        (target.root / "marker").unlink()
    for words in (
        ("who", "--", revision),
        ("who", "--", f"HEAD..{revision}"),
        ("backfill", "--dry-run", "--", revision),
        ("backfill", "--dry-run", "--", f"{revision}..HEAD"),
        ("explain", "--", revision),
        ("context", "--files", revision),
    ):
        said = entry_points.run(Entry("", words), target.root)
        assert "Traceback" not in said.all and len(said.err.splitlines()) <= 3
    env = {f"GITHEAD_{revision.replace(chr(61), chr(45))}": "x"}
    entry_points.run(Entry("", entry_points.merge().words, env=env), target.root)
    assert not (target.root / "marker").exists()


@pytest.mark.parametrize("kind", some(["refs/heads/", "refs/tags/"]))
def test_branch_or_tag_named_like_an_option(target: Repo, kind: str) -> None:
    # `git branch` refuses such names, but the files can be written directly.
    head = target.git("rev-parse", "HEAD")
    for name in (MARK, "-p", "HEAD"):
        target.write(f".git/{kind}{name}", f"{head}\n")
    target.write(".git/HEAD", f"ref: {kind}{MARK}\n")
    target.write(".git/ORIG_HEAD", f"{MARK}\n")
    target.write(".git/MERGE_HEAD", f"{MARK}\n")
    for entry in [*entry_points.reading(), *entry_points.writing(target.root)]:
        assert "Traceback" not in entry_points.run(entry, target.root).all, entry.name
    assert not (target.root / "marker").exists()


@pytest.mark.parametrize("name", some(FILES))
def test_file_named_like_an_option(target: Repo, name: str) -> None:
    agent, person = "feat: x\n\nCo-Authored-By: Claude <noreply@anthropic.com>", "fix: wrong x"
    later = [f"2025-01-16T1{n}:00:00 +0000" for n in range(2)]
    for text, message, when in zip(
        ("x = 1\ny = 2\n", "x = 3\ny = 2\n"), (agent, person), later, strict=True
    ):
        (target.root / name).write_text(text)
        target.git("--literal-pathspecs", "add", "--", name)
        dates = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
        target.git("commit", "-q", "-m", message, env=dates)
    said = entry_points.run(Entry("", ("capture",), hook=True), target.root)
    assert "captured a correction" in said.out, said.err
    for entry in [*entry_points.reading(), *entry_points.writing(target.root)]:
        assert "Traceback" not in entry_points.run(entry, target.root).all, entry.name
    assert not (target.root / "marker").exists()


@pytest.mark.parametrize("log", some(["--output=marker.jsonl", "-x.jsonl", ":(exclude)x.jsonl"]))
def test_log_named_like_an_option(target: Repo, log: str) -> None:
    target.write("errata.toml", f'[logs]\nfindings = "{log}"\ncorrections = "c/{log}"\n')
    done = entry_points.run(
        Entry("", ("log", "finding", "--severity", "nit", "--file", "x", "--description", "x")),
        target.root,
    )
    assert done.status == 0, done.err
    target.git("--literal-pathspecs", "add", "--", log)
    for entry in [*entry_points.reading(), *entry_points.writing(target.root)]:
        assert "Traceback" not in entry_points.run(entry, target.root).all, entry.name
    staged = entry_points.run(Entry("", ("validate_logs",), hook=True), target.root)
    assert staged.status == 0, staged.err
    (target.root / log).write_text("no record\n")
    target.git("--literal-pathspecs", "add", "--", log)
    assert entry_points.run(Entry("", ("validate_logs",), hook=True), target.root).status == 1
    assert not (target.root / "marker.jsonl").exists()


@pytest.mark.parametrize("name", FILES)
def test_suggested_command_is_quoted_for_the_shell(tmp_path: Path, name: str) -> None:
    naive = f"ls {name}"
    assert shlex.split(naive)[1:] != [name] or name.startswith("-") or name.startswith(":")
    (tmp_path / name).touch()
    done = subprocess.run(["sh", "-c", f"rm {shell(name)}"], cwd=tmp_path, check=False)
    assert done.returncode == 0 and list(tmp_path.iterdir()) == []
