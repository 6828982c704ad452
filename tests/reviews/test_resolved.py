"""Were the flagged lines changed after the review? Asked of real repositories."""

from __future__ import annotations

from typing import Any

import pytest

from errata.core.git import Repository
from errata.reviews.finding import Lines, ReviewFinding
from errata.reviews.resolved import Resolutions

TEXT = "".join(f"line {number} of the file\n" for number in range(1, 21))


def finding(commit: str, first: int, last: int = 0, **fields: Any) -> ReviewFinding:
    """A comment on lines of a.py."""
    defaults: dict[str, Any] = {
        "place": "$",
        "format": "github",
        "by": "person",
        "tool": "",
        "description": "x",
    }
    lines = Lines(first, last or first)
    return ReviewFinding(**{**defaults, "commit": commit, "lines": lines, **fields})


def resolved(each: ReviewFinding, file: str = "a.py") -> bool | None:
    """What git says here."""
    return Resolutions(Repository.discover()).of(each, file)


@pytest.fixture
def reviewed(repo: Any) -> str:
    """The commit that was reviewed."""
    repo.write("a.py", TEXT)
    return str(repo.commit("feat: add a.py"))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [((5, 5), True), ((4, 6), True), ((6, 6), False), ((3, 4), False), ((11, 11), True)],
)
def test_changed_lines(repo: Any, reviewed: str, lines: tuple[int, int], expected: bool) -> None:
    changed = TEXT.replace("line 5 ", "LINE 5 ").replace("line 11 of the file\n", "")
    repo.write("a.py", "new\n" * 3 + changed)
    repo.commit("fix: what the review found")
    assert resolved(finding(reviewed, *lines)) is expected


def test_lines_between_which_something_was_inserted_are_changed(repo: Any, reviewed: str) -> None:
    repo.write("a.py", TEXT.replace("line 6 ", "more\nline 6 "))
    repo.commit()
    answers = [resolved(finding(reviewed, line)) for line in (4, 5, 6, 7)]
    assert answers == [False, True, True, False]


def test_whitespace_alone_changes_nothing(repo: Any, reviewed: str) -> None:
    repo.write("a.py", TEXT.replace("line 5 ", "  line  5 "))
    repo.commit()
    assert resolved(finding(reviewed, 5)) is False


def test_renamed_and_deleted_files(repo: Any, reviewed: str) -> None:
    repo.git("mv", "a.py", "b.py")
    repo.write("b.py", TEXT.replace("line 5 ", "LINE 5 "))
    repo.commit()
    assert resolved(finding(reviewed, 5)) is True
    assert resolved(finding(reviewed, 9)) is False
    repo.git("rm", "-q", "b.py")
    repo.commit()
    assert resolved(finding(reviewed, 9)) is True


def test_what_a_merge_settled_stays_so(repo: Any, reviewed: str) -> None:
    repo.write("a.py", TEXT.replace("line 5 ", "LINE 5 "))
    repo.commit("feat: add a thing (#12)")
    repo.write("a.py", TEXT.replace("line 9 ", "LINE 9 "))
    repo.commit("feat: something later (#13)")
    assert resolved(finding(reviewed, 5, pr=12)) is True
    assert resolved(finding(reviewed, 9, pr=12)) is False
    # Without its number, HEAD is what was merged.
    assert resolved(finding(reviewed, 9)) is True


def test_a_merge_commit_names_its_pull_request(repo: Any, reviewed: str) -> None:
    repo.git("switch", "-q", "-c", "topic")
    repo.write("a.py", TEXT.replace("line 5 ", "LINE 5 "))
    repo.commit("fix: five")
    repo.git("switch", "-q", "main")
    subject = "Merge pull request #12 from o/topic"
    repo.git("merge", "-q", "--no-ff", "-m", subject, "topic")
    repo.write("a.py", TEXT)
    repo.commit("revert it")
    assert resolved(finding(reviewed, 5, pr=12)) is True


def test_a_branch_that_was_not_merged_says_nothing(repo: Any, reviewed: str) -> None:
    repo.git("switch", "-q", "-c", "topic")
    repo.write("a.py", "other\n")
    commit = repo.commit()
    repo.git("switch", "-q", "main")
    assert resolved(finding(commit, 1)) is None
    assert resolved(finding(commit, 1, resolved=True)) is True
    repo.commit("chore: something else")
    assert resolved(finding(reviewed, 1)) is False


@pytest.mark.usefixtures("reviewed")
def test_after_a_squash_the_quoted_lines_decide(repo: Any) -> None:
    repo.write("b.py", "kept of this file\nfixed meanwhile\n")
    repo.commit("feat: add b.py (#7)")
    gone = "0" * 40
    kept = finding(gone, 1, pr=7, code="  kept of this file")
    fixed = finding(gone, 2, pr=7, code="broken at first")
    brace = finding(gone, 2, pr=7, code="}")
    assert [resolved(each, "b.py") for each in (kept, fixed, brace)] == [False, True, None]
    assert resolved(finding(gone, 2, code="broken at first"), "b.py") is None


def test_a_review_of_what_is_checked_out_says_nothing_until_it_is_merged(
    repo: Any, reviewed: str
) -> None:
    assert resolved(finding(reviewed, 5)) is None
    merged = repo.commit("feat: add a thing (#12)")
    assert resolved(finding(merged, 5)) is None
    assert resolved(finding(merged, 5, pr=12)) is False


def test_git_has_the_last_word(repo: Any, reviewed: str) -> None:
    repo.write("b.py", "x\n")
    repo.commit()
    assert resolved(finding(reviewed, 5, resolved=True)) is False


@pytest.mark.usefixtures("reviewed")
@pytest.mark.parametrize("commit", ["", "--help", "HEAD~1", "main", "zzz", "0" * 40])
def test_names_that_are_no_commit(commit: str) -> None:
    assert resolved(finding(commit, 5)) is None


@pytest.mark.usefixtures("repo")
def test_outside_git_and_without_commits(tmp_path: Any, monkeypatch: Any) -> None:
    assert resolved(finding("0" * 40, 5)) is None
    monkeypatch.chdir(tmp_path)
    assert resolved(finding("0" * 40, 5, resolved=True)) is True
