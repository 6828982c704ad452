"""What a commit would change, as the index says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from errata.core.config import Config, Logs
from errata.core.errors import GitError
from errata.core.git import Repository
from errata.records import staged_logs
from errata.records.model import Kind

if TYPE_CHECKING:
    from conftest import Repo

LOG = ".claude/review-findings.jsonl"
LOGS = staged_logs.kinds(Config().logs)
NOTHING: tuple[bytes, ...] = (b"",)


def changes(root: Path) -> list[tuple[str, bytes, tuple[bytes, ...]]]:
    repo = Repository.discover(root)
    found = staged_logs.staged(repo, LOGS)
    result = []
    for one in found:
        new, olds = staged_logs.contents(repo, one)
        whole = tuple(new[:old] if isinstance(old, int) else old for old in olds)
        result.append((one.path, new, whole))
    return result


def test_nothing_staged(repo: Repo) -> None:
    assert changes(repo.root) == []
    repo.write(LOG, "a\n")
    assert changes(repo.root) == []


def test_first_commit_of_all(repo: Repo) -> None:
    repo.write(LOG, "a\n")
    repo.git("add", "-A")
    assert changes(repo.root) == [(LOG, b"a\n", NOTHING)]


def test_append_after_a_commit(repo: Repo) -> None:
    repo.write(LOG, "a\n")
    repo.write("other.jsonl", "x\n")
    repo.commit()
    repo.write(LOG, "a\nb\n")
    repo.write("other.jsonl", "y\n")
    repo.git("add", "-A")
    repo.write(LOG, "not staged\n")
    assert changes(repo.root) == [(LOG, b"a\nb\n", (b"a\n",))]


def test_an_old_content_that_is_the_beginning_of_the_new_is_not_read(repo: Repo) -> None:
    repo.write(LOG, "a\n")
    repo.commit()
    for new, olds in (("a\nb\n", (2,)), ("b\nb\n", (b"a\n",)), ("", (b"a\n",))):
        repo.write(LOG, new)
        repo.git("add", "-A")
        here = Repository.discover()
        [one] = staged_logs.staged(here, LOGS)
        assert staged_logs.contents(here, one) == (new.encode(), olds)


def test_intent_to_add_is_not_staged(repo: Repo) -> None:
    repo.commit()
    repo.write(LOG, "a\n")
    repo.git("add", "-N", LOG)
    assert changes(repo.root) == []


def test_the_index_that_git_names(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.write(LOG, "a\n")
    repo.commit()
    other = {"GIT_INDEX_FILE": str(repo.root / ".git/other")}
    repo.git("read-tree", "HEAD", env=other)
    repo.write(LOG, "a\nb\n")
    repo.git("add", "-A", env=other)
    assert changes(repo.root) == []
    monkeypatch.setenv("GIT_INDEX_FILE", other["GIT_INDEX_FILE"])
    assert changes(repo.root) == [(LOG, b"a\nb\n", (b"a\n",))]


def test_a_deleted_log(repo: Repo) -> None:
    repo.write(LOG, "a\n")
    repo.commit()
    repo.git("rm", "-q", "--cached", LOG)
    [one] = staged_logs.staged(Repository.discover(), LOGS)
    assert (one.new, one.mode) == (None, "000000")
    assert changes(repo.root) == [(LOG, b"", (b"a\n",))]


def test_a_renamed_log_is_a_deleted_one(repo: Repo) -> None:
    repo.write(LOG, "a\n" * 50)
    repo.commit()
    repo.git("config", "diff.renames", "copies")
    repo.git("mv", LOG, "elsewhere.jsonl")
    assert [one.new for one in staged_logs.staged(Repository.discover(), LOGS)] == [None]


def test_a_symbolic_link_is_unfit(repo: Repo) -> None:
    repo.write("target", "a\n")
    (repo.root / ".claude").mkdir()
    (repo.root / LOG).symlink_to("../target")
    repo.git("add", "-A")
    [one] = staged_logs.staged(Repository.discover(), LOGS)
    assert "symbolic link" in one.cannot_check


def test_a_file_in_place_of_a_link_is_all_new(repo: Repo) -> None:
    (repo.root / ".claude").mkdir()
    (repo.root / LOG).symlink_to("nowhere")
    repo.commit()
    (repo.root / LOG).unlink()
    repo.write(LOG, "a\n")
    repo.git("add", "-A")
    assert changes(repo.root) == [(LOG, b"a\n", NOTHING)]


def test_a_submodule_in_place_of_a_log_is_unfit(repo: Repo) -> None:
    head = repo.commit()
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{head},{LOG}")
    [one] = staged_logs.staged(Repository.discover(), LOGS)
    assert "is not a file" in one.cannot_check


def _diverged(repo: Repo) -> None:
    repo.write(LOG, "a\n")
    repo.commit()
    repo.git("checkout", "-q", "-b", "topic")
    repo.write(LOG, "a\nt\n")
    repo.commit()
    repo.git("checkout", "-q", "main")
    repo.write(LOG, "a\nm\n")
    repo.commit()


def test_a_merge_has_both_parents(repo: Repo) -> None:
    _diverged(repo)
    repo.git("merge", "topic", ok=False)
    [one] = staged_logs.staged(Repository.discover(), LOGS)
    assert "unresolved conflicts" in one.cannot_check
    repo.write(LOG, "a\nm\nt\n")
    repo.git("add", "-A")
    assert changes(repo.root) == [(LOG, b"a\nm\nt\n", (b"a\nm\n", b"a\nt\n"))]


def test_a_merge_that_keeps_ours_is_seen(repo: Repo) -> None:
    _diverged(repo)
    repo.git("merge", "topic", ok=False)
    repo.git("checkout", "--ours", LOG)
    repo.git("add", "-A")
    assert changes(repo.root) == [(LOG, b"a\nm\n", (b"a\nm\n", b"a\nt\n"))]


def test_line_endings_are_those_of_the_index(repo: Repo) -> None:
    repo.write(".gitattributes", "*.jsonl text eol=crlf\n")
    repo.write(LOG, "a\r\n")
    repo.git("add", "-A")
    assert changes(repo.root) == [(LOG, b"a\n", NOTHING)]


def test_a_linked_worktree_has_its_own_index(repo: Repo, tmp_path: Path) -> None:
    repo.commit()
    repo.git("worktree", "add", "-q", str(tmp_path / "linked"))
    log = tmp_path / "linked" / LOG
    log.parent.mkdir()
    log.write_text("a\n")
    repo.git("-C", str(tmp_path / "linked"), "add", "-A")
    assert changes(repo.root) == []
    assert changes(tmp_path / "linked") == [(LOG, b"a\n", NOTHING)]


@pytest.mark.skipif(os.name == "nt", reason="Windows allows no such name")
def test_a_log_with_a_strange_name(repo: Repo) -> None:
    name = "lögs/*what [is] this?.jsonl"
    repo.write(name, "a\n")
    repo.git("add", "-A")
    found = staged_logs.staged(Repository.discover(), staged_logs.kinds(Logs(findings=f"./{name}")))
    assert [(one.path, one.kind) for one in found] == [(name, Kind.FINDING)]


def test_a_sha256_repository(tmp_path: Path, repo: Repo) -> None:
    repo.git("init", "-q", "--object-format=sha256", str(tmp_path / "new"))
    log = tmp_path / "new" / LOG
    log.parent.mkdir()
    log.write_text("a\n")
    repo.git("-C", str(tmp_path / "new"), "add", "-A")
    assert changes(tmp_path / "new") == [(LOG, b"a\n", NOTHING)]
    repo.git("-C", str(tmp_path / "new"), "commit", "-qm", "x")
    log.write_text("a\nb\n")
    repo.git("-C", str(tmp_path / "new"), "add", "-A")
    assert changes(tmp_path / "new") == [(LOG, b"a\nb\n", (b"a\n",))]


def test_outside_git(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="not a git repository"):
        staged_logs.staged(Repository.discover(tmp_path), LOGS)


def test_whole_reads_the_index(repo: Repo) -> None:
    repo.write(LOG, "a\n")
    repo.commit()
    repo.write(LOG, "b\n")
    here = Repository.discover()
    [one] = staged_logs.unchanged(here, LOGS, [LOG])
    assert staged_logs.contents(here, one) == (b"a\n", ())
    assert staged_logs.unchanged(here, LOGS, []) == []
    with pytest.raises(GitError, match=r"user-corrections.jsonl: not staged and not committed"):
        staged_logs.unchanged(here, LOGS, [LOG, ".claude/user-corrections.jsonl"])


def test_an_object_that_is_missing(repo: Repo) -> None:
    repo.write(LOG, "a\n")
    repo.git("add", "-A")
    oid = repo.git("rev-parse", f":{LOG}")
    (repo.root / ".git/objects" / oid[:2] / oid[2:]).unlink()
    here = Repository.discover()
    [one] = staged_logs.unchanged(here, LOGS, [LOG])
    with pytest.raises(GitError, match=f"object {oid} is not in this repository"):
        staged_logs.contents(here, one)
