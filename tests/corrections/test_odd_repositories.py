"""Every shape of repository, every configuration: the same records, or a clear answer."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from attribution import Records, later, online, story
from errata.git import Repository, run
from history_builders import AGENT, FILE, PERSON, START, Made, build

_LIMIT = 60
_CAPTURED = "captured a correction: claude-code"


def process(where: Path, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a module of ours; it must end in time and show no traceback."""
    done = subprocess.run(
        [sys.executable, "-m", *args],
        cwd=where,
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_LIMIT,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done


def capture(where: Path, **env: str) -> str:
    """The hook, as git runs it after a commit; what it said."""
    done = process(where, "errata.githooks.capture", **env)
    assert done.returncode == 0
    return done.stdout + done.stderr


def backfill(where: Path, *args: str) -> tuple[list[str], str]:
    """The ids that backfill finds, and what it said beside."""
    done = process(where, "errata", "backfill", "--dry-run", "--format", "json", *args)
    assert done.returncode == 0, done.stderr
    return [one["id"] for one in json.loads(done.stdout)["corrections"]], done.stderr


def who(where: Path) -> str:
    """The kind of HEAD's author."""
    done = process(where, "errata", "who", "--format", "json")
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout)[0]["kind"])


def git(where: Path, *args: str) -> str:
    """Plain git, as a person runs it."""
    done = subprocess.run(["git", *args], cwd=where, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def made(tmp_path: Path) -> tuple[Path, list[str]]:
    """An agent's commit, a person's notes and a person's fix of the agent's lines; checked out."""
    root = tmp_path / "made"
    shas = build(root, story(None, None, None))
    git(root, "reset", "-q", "--hard")
    return root, shas


def the_id(root: Path) -> str:
    """The id of the one correction."""
    ((record,),) = later(root).values()
    return str(record["id"])


def test_the_history_holds_one_correction(made: tuple[Path, list[str]]) -> None:
    root, shas = made
    assert list(later(root)) == [shas[3]]
    assert backfill(root) == ([the_id(root)], "")
    assert _CAPTURED in capture(root)
    assert who(root) == "person"


def test_no_commits(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    assert backfill(tmp_path) == ([], "")
    assert capture(tmp_path) == ""
    done = process(tmp_path, "errata", "who")
    assert done.returncode != 0
    assert len(done.stderr.strip().splitlines()) <= 2
    assert "HEAD" in done.stderr


@pytest.mark.parametrize("author", [AGENT, PERSON])
def test_one_commit(tmp_path: Path, author: str) -> None:
    build(tmp_path, [Made([], {b"f": (FILE, b"1\n")}, author)])
    assert backfill(tmp_path) == ([], "")
    assert capture(tmp_path) == ""
    assert who(tmp_path) == ("agent" if author == AGENT else "person")


def test_detached_head(made: tuple[Path, list[str]]) -> None:
    root, shas = made
    git(root, "checkout", "-q", "--detach", shas[3])
    assert backfill(root) == ([the_id(root)], "")
    assert _CAPTURED in capture(root)


def test_orphan_branch(made: tuple[Path, list[str]]) -> None:
    root, shas = made
    git(root, "checkout", "-q", "--orphan", "fresh")
    assert backfill(root) == ([], "")
    assert capture(root) == ""
    git(root, "commit", "-q", "-m", "fix: everything anew")
    assert backfill(root) == ([], "")
    assert capture(root) == ""
    assert who(root) == "person"
    assert len(backfill(root, shas[3])[0]) == 1


@pytest.mark.parametrize(("depth", "found"), [(1, 0), (2, 0), (3, 0), (4, 1)])
def test_shallow_clone(
    made: tuple[Path, list[str]], tmp_path: Path, depth: int, found: int
) -> None:
    """The oldest commit at hand seems to write everything: with depth 3 that is the agent's."""
    root, _ = made
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", f"--depth={depth}", f"file://{root}", str(clone))
    ids, said = backfill(clone)
    assert (ids, said) == ([the_id(root)] * found, "")
    assert (_CAPTURED in capture(clone)) == bool(found)
    assert who(clone) == "person"


def partial(root: Path, clone: Path, marker: Path) -> None:
    """A clone without old contents, whose remote is out of reach and must not be asked."""
    git(root, "config", "uploadpack.allowFilter", "true")
    git(root.parent, "clone", "-q", "--filter=blob:none", f"file://{root}", str(clone))
    git(clone, "config", "core.sshCommand", f"touch {marker}; sleep 300;")
    git(clone, "config", "remote.origin.url", "ssh://nowhere.invalid/x")


def test_partial_clone(made: tuple[Path, list[str]], tmp_path: Path) -> None:
    root, _ = made
    clone, marker = tmp_path / "clone", tmp_path / "marker"
    partial(root, clone, marker)
    ids, said = backfill(clone)
    assert ids == []
    assert "2 paths" in said
    assert "not in this clone" in said
    said = capture(clone)
    assert "errata-capture" in said
    assert len(said.splitlines()) == 1
    assert who(clone) == "person"
    assert not marker.exists()


def test_partial_clone_answers_where_it_can(tmp_path: Path) -> None:
    """Both versions of what was done since are here; older contents of other files are not."""
    root, clone, marker = tmp_path / "made", tmp_path / "clone", tmp_path / "marker"
    commits = story(None, None, None)[:3]
    commits[0].tree = commits[0].tree | {b"old": (FILE, b"old\n")}
    for one in commits[1:]:
        one.tree = one.tree | {b"old": (FILE, b"new\n")}
    build(root, commits)
    partial(root, clone, marker)
    code = (clone / "code.py").read_text().replace("value.name", "value.name or default()")
    (clone / "code.py").write_text(code)
    git(
        clone,
        *("-c", "user.name=Ann", "-c", "user.email=ann@example.org", "commit", "-qam"),
        "fix crash: name may be missing",
        f"--date={START + 2 * 86_400} +0000",
    )
    ids, said = backfill(clone)
    assert len(ids) == 1
    assert "2 paths" in said  # "old" and "notes"
    assert _CAPTURED in capture(clone)
    assert not marker.exists()


def test_sha256(tmp_path: Path) -> None:
    shas = build(tmp_path, story(None, None, None), "--object-format=sha256")
    assert {len(sha) for sha in shas} == {64}
    assert online(tmp_path, shas) == later(tmp_path)
    assert backfill(tmp_path) == ([the_id(tmp_path)], "")
    assert _CAPTURED in capture(tmp_path)
    assert who(tmp_path) == "person"


def test_linked_worktree(made: tuple[Path, list[str]], tmp_path: Path) -> None:
    root, _ = made
    git(root, "worktree", "add", "-q", "--detach", str(tmp_path / "linked"))
    assert backfill(tmp_path / "linked") == ([the_id(root)], "")
    assert _CAPTURED in capture(tmp_path / "linked")


def test_submodule(made: tuple[Path, list[str]], tmp_path: Path) -> None:
    root, _ = made
    outer = tmp_path / "outer"
    outer.mkdir()
    git(outer, "init", "-q")
    git(outer, *("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(root), "sub"))
    git(outer, "commit", "-q", "-m", "add a submodule")
    assert backfill(outer / "sub") == ([the_id(root)], "")
    assert _CAPTURED in capture(outer / "sub")
    assert backfill(outer) == ([], "")
    assert capture(outer) == ""


def test_bare(made: tuple[Path, list[str]], tmp_path: Path) -> None:
    root, _ = made
    bare = tmp_path / "bare.git"
    git(tmp_path, "clone", "-q", "--bare", str(root), str(bare))
    assert backfill(bare) == ([the_id(root)], "")
    assert who(bare) == "person"
    done = process(bare, "errata", "backfill")
    assert done.returncode == 0
    assert the_id(root) in (bare / "errata" / "pending.jsonl").read_text()


def test_sparse_checkout(made: tuple[Path, list[str]]) -> None:
    root, _ = made
    git(root, "sparse-checkout", "set", "--no-cone", "/notes")
    assert not (root / "code.py").exists()
    assert backfill(root) == ([the_id(root)], "")
    assert _CAPTURED in capture(root)


def test_hooks_path(made: tuple[Path, list[str]], tmp_path: Path) -> None:
    root, _ = made
    hook = tmp_path / "hooks" / "post-commit"
    hook.parent.mkdir()
    hook.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m errata.githooks.capture\n')
    hook.chmod(0o755)
    git(root, "reset", "-q", "--hard", "HEAD~1")
    git(root, "config", "core.hooksPath", str(hook.parent))
    code = (root / "code.py").read_text().replace("value.other", "value.other or default()")
    (root / "code.py").write_text(code)
    done = subprocess.run(
        ["git", "commit", "-qam", "fix crash", f"--date={START + 2 * 86_400} +0000"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert _CAPTURED in done.stdout + done.stderr


@pytest.fixture
def expected(made: tuple[Path, list[str]]) -> Records:
    """The records without any configuration."""
    return later(made[0])


def same(made: tuple[Path, list[str]], expected: Records) -> None:
    """Both ways still give them."""
    assert expected
    assert later(made[0]) == expected
    assert online(*made) == expected


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
def test_settings_change_nothing(
    made: tuple[Path, list[str]], expected: Records, setting: str
) -> None:
    git(made[0], "config", *setting.split("=", 1))
    same(made, expected)


@pytest.mark.parametrize("name", ["ignored", "is not there"])
def test_ignored_revisions_change_nothing(tmp_path: Path, name: str) -> None:
    commits = story(None, None, None)
    before = commits[1].tree[b"code.py"][1].replace(b"return value.name", b"pass")
    commits[0].tree = commits[0].tree | {b"code.py": (FILE, before)}
    shas = build(tmp_path, commits)
    expected = later(tmp_path)
    (tmp_path / "ignored").write_text(f"{shas[1]}\n")
    git(tmp_path, "config", "blame.ignoreRevsFile", name)
    same((tmp_path, shas), expected)
    if name == "ignored":
        # Plain blame believes the list.
        assert shas[1] not in git(tmp_path, "blame", "-l", shas[2], "--", "code.py")


def test_an_order_file_and_a_mailmap_change_nothing(
    made: tuple[Path, list[str]], expected: Records
) -> None:
    root, _ = made
    (root / "order").write_text("notes\ncode.py\n")
    (root / ".mailmap").write_text("Ann Author <ann@example.org> <noreply@anthropic.com>\n")
    git(root, "config", "diff.orderFile", str(root / "order"))
    git(root, "config", "log.mailmap", "true")
    same(made, expected)


def test_replacements_and_grafts_change_nothing(
    made: tuple[Path, list[str]], expected: Records
) -> None:
    root, shas = made
    git(root, "replace", shas[1], shas[0])
    same(made, expected)
    git(root, "replace", "-d", shas[1])
    (root / ".git" / "info" / "grafts").write_text(f"{shas[3]} {shas[0]}\n")
    same(made, expected)


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
def test_the_environment_changes_nothing(
    made: tuple[Path, list[str]],
    expected: Records,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
) -> None:
    monkeypatch.setenv(name, value)
    same(made, expected)


def test_programs_that_a_configuration_names_never_run(
    made: tuple[Path, list[str]], expected: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, _ = made
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
    same(made, expected)
    assert backfill(root)[0] == [the_id(root)]
    assert _CAPTURED in capture(root)
    assert process(root, "errata", "backfill").returncode == 0
    assert process(root, "errata", "flush").returncode == 0
    assert who(root) == "person"
    assert not marker.exists(), marker.read_text()
    # The trap works: plain git falls into it.
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
def test_hostile_attributes_change_nothing(
    made: tuple[Path, list[str]], expected: Records, text: str
) -> None:
    git(made[0], "config", "diff.driver.binary", "true")
    (made[0] / ".gitattributes").write_text(text)
    same(made, expected)


def test_everything_generated(made: tuple[Path, list[str]]) -> None:
    """Whoever marks all files as generated asks for no corrections."""
    root, shas = made
    (root / ".gitattributes").write_text("* linguist-generated\n")
    assert later(root) == online(root, shas) == {}


def test_a_merge_of_files_that_attributes_call_binary(tmp_path: Path) -> None:
    """Git shows no lines of those in a merge; the lines are the same as without."""
    commits = story(None, None, None)
    fixed, notes = commits[3], commits[2].tree
    commits[3] = Made([1], notes | {b"code.py": (FILE, b"import x\n" + notes[b"code.py"][1])})
    merged = b"import x\n" + notes[b"code.py"][1] + b"\n# end\n"
    commits[2].tree = notes | {b"code.py": (FILE, notes[b"code.py"][1] + b"\n# end\n")}
    commits.append(Made([2, 3], notes | {b"code.py": (FILE, merged)}, when=START + 90_000))
    done = merged.replace(b"value.name", b"value.name or default()")
    fixed.parents, fixed.tree = [4], notes | {b"code.py": (FILE, done)}
    commits.append(fixed)
    shas = build(tmp_path, commits)
    git(tmp_path, "reset", "-q", "--hard")
    expected = later(tmp_path)
    assert list(expected) == [shas[5]]
    (tmp_path / ".gitattributes").write_text("* binary\n")
    assert later(tmp_path) == online(tmp_path, shas) == expected


def test_five_thousand_files_in_one_commit(tmp_path: Path) -> None:
    """Too much for a short deadline: the hook leaves it, in time, and flush finishes it."""
    root = tmp_path / "many"
    code = b"def f%d(value):\n    return value.name\n\n\ndef g(value):\n    return value\n"
    files = {b"src/f%d.py" % n: (FILE, code % n) for n in range(5000)}
    fixed = {
        path: (mode, text.replace(b"value.name", b"value.name or default()"))
        for path, (mode, text) in files.items()
    }
    settings = {b"errata.toml": (FILE, b"[capture]\ndeadline_seconds = 0.2\n")}
    commits = [
        Made([], settings),
        Made([0], files | settings, AGENT),
        Made([1], fixed | settings, PERSON, START + 3600, message=b"fix crash: missing name\n"),
    ]
    build(root, commits)
    git(root, "reset", "-q", "--hard")
    start = time.monotonic()
    capture(tmp_path)  # not even a repository: what starting costs
    overhead = time.monotonic() - start
    start = time.monotonic()
    said = capture(root)
    assert time.monotonic() - start < 0.2 + 3 * overhead + 3
    assert "errata flush" in said
    assert _CAPTURED not in said
    done = process(root, "errata", "flush")
    assert done.returncode == 0, done.stderr
    log = root / ".claude" / "user-corrections.jsonl"
    assert len(log.read_text().splitlines()) == 1
    assert len(json.loads(log.read_text())["user_correction"]["files"]) == 5000
    assert "not finished" not in process(root, "errata", "flush").stderr


def test_every_git_call_goes_through_one_policy() -> None:
    """Only errata.git, and what takes SAFE and environment() from it, starts git."""
    package = Path(sys.modules["errata"].__path__[0])
    for module in package.rglob("*.py"):
        text = module.read_text()
        if '"git",' in text and module.name != "git.py":
            assert "*SAFE" in text, module
            assert "environment(" in text, module


def test_run_sees_no_replacement(made: tuple[Path, list[str]]) -> None:
    root, shas = made
    git(root, "replace", shas[1], shas[0])
    out = run("log", "-1", "--format=%T", shas[1], cwd=root)
    assert out != run("log", "-1", "--format=%T", shas[0], cwd=root)
    assert Repository.discover(root).root == root.resolve()
