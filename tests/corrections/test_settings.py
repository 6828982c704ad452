"""Configuration, attributes and environment change no record and make git run no program."""

from __future__ import annotations

import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from attribution import (
    CAPTURED,
    Records,
    backfill,
    backfill_records,
    capture,
    capture_records,
    git,
    process,
    story,
    the_id,
    who,
)
from errata.core.git import Repository, run
from history_builders import FILE, START, CommitSpec, build


def assert_same(built: tuple[Path, list[str]], expected: Records) -> None:
    """Capture and backfill still give these records."""
    assert expected
    assert backfill_records(built[0]) == expected
    assert capture_records(*built) == expected


@pytest.mark.parametrize(
    "setting",
    [
        *("diff.algorithm=histogram", "diff.renames=false", "diff.renames=copies"),
        *("diff.renameLimit=1", "diff.noprefix=true", "diff.mnemonicPrefix=true"),
        *("diff.srcPrefix=x/", "diff.dstPrefix=y/", "diff.context=7", "diff.interHunkContext=9"),
        *("diff.wsErrorHighlight=all", "diff.colorMoved=zebra", "diff.indentHeuristic=false"),
        *("diff.suppressBlankEmpty=true", "diff.relative=true", "diff.submodule=log"),
        *("diff.ignoreSubmodules=all", "diff.wordRegex=.", "color.ui=always", "color.diff=always"),
        *("log.follow=true", "log.showRoot=false", "log.mailmap=true", "log.date=relative"),
        *("log.decorate=full", "log.diffMerges=combined", "log.abbrevCommit=true"),
        *("log.showSignature=true", "format.pretty=oneline", "format.notes=true"),
        *("blame.markIgnoredLines=true", "blame.markUnblamableLines=true", "blame.showRoot=true"),
        *("blame.blankBoundary=true", "blame.date=human", "core.quotePath=false", "core.abbrev=5"),
        *("core.bigFileThreshold=1", "core.autocrlf=true", "core.ignoreCase=true"),
        *("i18n.logOutputEncoding=UTF-16", "i18n.commitEncoding=ISO-8859-1"),
        *("core.commitGraph=false", "core.precomposeUnicode=true", "core.untrackedCache=true"),
        *("status.relativePaths=false", "gc.auto=1", "feature.experimental=true"),
    ],
)
def test_git_settings_do_not_change_records(
    built: tuple[Path, list[str]], expected: Records, setting: str
) -> None:
    git(built[0], "config", *setting.split("=", 1))
    assert_same(built, expected)


@pytest.mark.parametrize("name", ["ignored", "is not there", ""])
def test_ignored_revisions_write_no_lines(tmp_path: Path, name: str) -> None:
    commits = story(None, None, None)
    before = commits[1].tree[b"code.py"][1].replace(b"return value.name", b"pass")
    commits[0].tree = commits[0].tree | {b"code.py": (FILE, before)}
    shas = build(tmp_path, commits)
    expected = backfill_records(tmp_path)
    (tmp_path / "ignored").write_text(f"not an id\n{shas[1]}\n")
    git(tmp_path, "config", "blame.ignoreRevsFile", name)
    if name == "ignored":
        assert capture_records(tmp_path, shas) == backfill_records(tmp_path) == {}
    else:
        # Git itself would refuse to blame.
        assert_same((tmp_path, shas), expected)


def test_an_order_file_and_a_mailmap_do_not_change_records(
    built: tuple[Path, list[str]], expected: Records
) -> None:
    root, _ = built
    (root / "order").write_text("notes\ncode.py\n")
    (root / ".mailmap").write_text("Ann Author <ann@example.org> <noreply@anthropic.com>\n")
    git(root, "config", "diff.orderFile", str(root / "order"))
    git(root, "config", "log.mailmap", "true")
    assert_same(built, expected)


def test_replacements_and_grafts_do_not_change_records(
    built: tuple[Path, list[str]], expected: Records
) -> None:
    root, shas = built
    git(root, "replace", shas[1], shas[0])
    assert_same(built, expected)
    git(root, "replace", "-d", shas[1])
    (root / ".git" / "info" / "grafts").write_text(f"{shas[3]} {shas[0]}\n")
    assert_same(built, expected)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GIT_DIFF_OPTS", "--unified=5"),
        ("GIT_ICASE_PATHSPECS", "1"),
        ("GIT_GLOB_PATHSPECS", "1"),
        ("GIT_TRACE", "1"),
        ("GIT_PAGER_IN_USE", "1"),
        ("GIT_CONFIG_PARAMETERS", "'diff.algorithm=patience' 'color.ui=always'"),
        ("GIT_EXTERNAL_DIFF", "false"),
        ("LC_ALL", "tr_TR.UTF-8"),
        ("TERM", "dumb"),
        ("COLUMNS", "5"),
    ],
)
def test_the_environment_does_not_change_records(
    built: tuple[Path, list[str]],
    expected: Records,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
) -> None:
    monkeypatch.setenv(name, value)
    assert_same(built, expected)


def test_configured_programs_never_run(
    built: tuple[Path, list[str]],
    expected: Records,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root, _ = built
    marker, script = tmp_path / "marker", tmp_path / "evil"
    script.write_text(f'#!/bin/sh\necho "$0 $*" >>{marker}\ncat\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    for name in (
        *("core.fsmonitor", "core.pager", "pager.log", "pager.blame", "core.editor"),
        *("diff.external", "diff.evil.command", "diff.evil.textconv", "gpg.program"),
        *("filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "core.sshCommand"),
        *("merge.evil.driver", "interactive.diffFilter", "credential.helper", "core.askPass"),
    ):
        git(root, "config", name, str(script))
    for name in ("log", "blame", "diff-tree", "rev-list", "rev-parse", "cat-file", "ls-files"):
        git(root, "config", f"alias.{name}", f"!{script}")
    git(root, "config", "log.showSignature", "true")
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("post-index-change", "reference-transaction", "fsmonitor-watchman", "post-commit"):
        shutil.copy(script, hooks / name)
    git(root, "config", "core.hooksPath", str(hooks))
    (root / ".gitattributes").write_text("* diff=evil filter=evil merge=evil\n")
    for name in ("GIT_EXTERNAL_DIFF", "GIT_PAGER", "PAGER", "GIT_EDITOR", "GIT_ASKPASS"):
        monkeypatch.setenv(name, str(script))
    marker.unlink(missing_ok=True)
    assert_same(built, expected)
    assert backfill(root)[0] == [the_id(root)]
    assert CAPTURED in capture(root)
    assert process(root, "errata", "backfill").returncode == 0
    assert process(root, "errata", "flush").returncode == 0
    assert who(root) == "person"
    assert not marker.exists(), marker.read_text()
    # The control: plain git does run the program.
    subprocess.run(["git", "log", "-p", "--ext-diff"], cwd=root, capture_output=True, check=False)
    assert marker.exists()


@pytest.mark.parametrize(
    "text",
    [
        "* binary\n",
        "* -diff\n",
        "* diff=driver\n",
        "* -text eol=crlf working-tree-encoding=UTF-16\n",
        "[attr]binary diff\n* binary ident\n",
        "* conflict-marker-size=1 whitespace=-all\n",
        '"unfinished\n!neg -x\n\0\0\n',
        "x" * 5000 + " diff\n",
        "".join(f"dir{number}/**/*.x diff=driver\n" for number in range(50_000)),
    ],
    ids=["binary", "no-diff", "driver", "text", "macro", "whitespace", "damaged", "long", "many"],
)
def test_attributes_do_not_change_records(
    built: tuple[Path, list[str]], expected: Records, text: str
) -> None:
    git(built[0], "config", "diff.driver.binary", "true")
    (built[0] / ".gitattributes").write_text(text)
    assert_same(built, expected)


def test_files_marked_as_generated_are_not_corrected(built: tuple[Path, list[str]]) -> None:
    """If all files are marked as generated, none is corrected."""
    root, shas = built
    (root / ".gitattributes").write_text("* linguist-generated\n")
    assert backfill_records(root) == capture_records(root, shas) == {}


def test_a_merge_of_files_with_the_binary_attribute(tmp_path: Path) -> None:
    """Git prints no combined diff for them; the records are the same as without the attribute."""
    commits = story(None, None, None)
    fixed, notes = commits[3], commits[2].tree
    commits[3] = CommitSpec([1], notes | {b"code.py": (FILE, b"import x\n" + notes[b"code.py"][1])})
    merged = b"import x\n" + notes[b"code.py"][1] + b"\n# end\n"
    commits[2].tree = notes | {b"code.py": (FILE, notes[b"code.py"][1] + b"\n# end\n")}
    commits.append(CommitSpec([2, 3], notes | {b"code.py": (FILE, merged)}, when=START + 90_000))
    done = merged.replace(b"value.name", b"value.name or default()")
    fixed.parents, fixed.tree = [4], notes | {b"code.py": (FILE, done)}
    commits.append(fixed)
    shas = build(tmp_path, commits)
    git(tmp_path, "reset", "-q", "--hard")
    expected = backfill_records(tmp_path)
    assert list(expected) == [shas[5]]
    (tmp_path / ".gitattributes").write_text("* binary\n")
    assert backfill_records(tmp_path) == capture_records(tmp_path, shas) == expected


def test_every_git_call_uses_the_policy() -> None:
    """Only errata.core.git, and modules that use its SAFE and environment(), start git."""
    package = Path(sys.modules["errata"].__path__[0])
    for module in package.rglob("*.py"):
        text = module.read_text()
        # A trial does what people's own git does, in a repository of its own.
        if '"git",' in text and not module.match("core/git.py") and "trial" not in module.name:
            assert "*SAFE" in text, module
            assert "environment(" in text, module


def test_git_does_not_see_replacements(built: tuple[Path, list[str]]) -> None:
    root, shas = built
    git(root, "replace", shas[1], shas[0])
    out = run("log", "-1", "--format=%T", shas[1], cwd=root)
    assert out != run("log", "-1", "--format=%T", shas[0], cwd=root)
    assert Repository.discover(root).root == root.resolve()
