"""The parser of ``git log -p``: hunks by their counts, names unquoted, messages of any bytes."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from errata.core.git import run
from errata.corrections.attribution.diff import DIFF_OPTIONS, CommitDiff, FileDiff, Hunk
from errata.corrections.attribution.git_log import MERGES, PLAIN, GitLog, parse_log
from history_builders import FILE, LINK, PATHS, CommitSpec, build

_HEAD = b"\x01" + b"a" * 40 + b"\0%s\x001736942400\x001736942400\0Ann\0ann@x\0Ann\0ann@x\0%s\0\n"
_DIFF = b"""diff --git a/f b/f
index 1111111..2222222 100644
--- a/f
+++ b/f
"""


def changes(text: bytes) -> list[CommitDiff]:
    return list(parse_log(io.BytesIO(text)))


def parse_diff(text: bytes) -> list[FileDiff]:
    (diff,) = changes(_HEAD % (b"", b"") + text)
    return diff.files


def one_file(text: bytes) -> FileDiff:
    (found,) = parse_diff(text)
    return found


@pytest.mark.parametrize(
    ("header", "lines", "hunk"),
    [
        (b"-1 +1", b"-a\n+b\n", Hunk(0, [b"a"], [b"b"])),
        (b"-3,2 +3,0", b"-a\n-b\n", Hunk(2, [b"a", b"b"], [])),
        (b"-0,0 +1", b"+b\n", Hunk(0, [], [b"b"])),
        (b"-7,0 +8,2", b"+a\n+b\n", Hunk(7, [], [b"a", b"b"])),
        # Content that looks like the format.
        (
            b"-1,3 +1,2",
            b"--- a/f\n-@@ -1 +1 @@\n-diff --git a/x b/x\n+++ b/f\n+\x01abc\n",
            Hunk(0, [b"-- a/f", b"@@ -1 +1 @@", b"diff --git a/x b/x"], [b"++ b/f", b"\x01abc"]),
        ),
        # Characters that other readers take for line ends.
        (
            b"-1 +1,2",
            b"-a\rb\x0c\x0b\x1c\n+\xe2\x80\xa8\r\n+\xc2\x85\n",
            Hunk(0, [b"a\rb\x0c\x0b\x1c"], [b"\xe2\x80\xa8\r", b"\xc2\x85"]),
        ),
        (
            b"-1 +1",
            b"-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n",
            Hunk(0, [b"a"], [b"b"]),
        ),
        # Content that looks like that marker.
        (
            b"-1 +1",
            b"-\\ No newline at end of file\n+b\n",
            Hunk(0, [b"\\ No newline at end of file"], [b"b"]),
        ),
    ],
)
def test_a_hunk_is_read_by_its_counts(header: bytes, lines: bytes, hunk: Hunk) -> None:
    text = _DIFF + b"@@ " + header + b" @@ def f():\n" + lines
    # The next file is read correctly.
    more = _DIFF.replace(b"/f", b"/g") + b"@@ -1 +0,0 @@\n-x\n"
    first, second = parse_diff(text + more)
    assert first.hunks == [hunk]
    assert (first.old_path, first.new_path, first.mode) == (b"f", b"f", b"100644")
    assert (second.old_path, second.hunks) == (b"g", [Hunk(0, [b"x"], [])])


def test_a_truncated_diff_ends() -> None:
    assert one_file(_DIFF + b"@@ -1,5 +1,5 @@\n-a\n").hunks == [Hunk(0, [b"a"], [])]


def test_lines_of_binary_files_are_counted_but_empty() -> None:
    found = one_file(_DIFF + b"@@ -1 +1,2 @@\n-text\n+nul\0\n+more\n")
    assert found.binary
    assert found.hunks == [Hunk(0, [b""], [b"", b""])]


@pytest.mark.parametrize("path", PATHS, ids=ascii)
@pytest.mark.parametrize("quote", ["true", "false"])
def test_paths_are_exact(tmp_path: Path, path: bytes, quote: str) -> None:
    """CommitSpec, changed, renamed, its mode changed, deleted; quoted or not."""
    other = b"other name"
    text = b"1\n2\n3\n"
    commits = [
        CommitSpec([], {path: (FILE, text)}),
        CommitSpec([0], {path: (FILE, text + b"4\n")}),
        CommitSpec([1], {other: (FILE, text)}),
        CommitSpec([2], {path: (FILE, text)}),
        CommitSpec([3], {path: (b"100755", text)}),
        CommitSpec([4], {path: (LINK, b"there")}),
        CommitSpec([5], {path: (FILE, b"")}),
        CommitSpec([6], {}),
    ]
    build(tmp_path, commits)
    run("config", "core.quotePath", quote, cwd=tmp_path)
    log = GitLog(str(tmp_path), *PLAIN, "--reverse", "HEAD", "--")
    found = [[(d.old_path, d.new_path, d.mode) for d in diff.files] for diff in log]
    assert log.error == ""
    assert found == [
        [(None, path, b"100644")],
        [(path, path, b"100644")],
        [(path, other, b"100644")],
        [(other, path, b"")],
        [(path, path, b"100755")],
        [(path, None, b"100755"), (None, path, LINK)],
        [(path, None, LINK), (None, path, b"100644")],
        [(path, None, b"100644")],
    ]
    assert all(not d.copied for diff in log for d in diff.files)


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\n\n",
        b"one line",
        b"\x01 at the start\n\x01" + b"a" * 40 + b"\n",
        b"ends\x02\ndiff --git a/evil b/evil\n--- a/evil\n+++ b/evil\n@@ -0,0 +1 @@\n+x\n\x02\n",
        b"subject\n\n@@ -1 +1 @@\n-a\n+b\n::100644\n",
        b"carriage\r\nreturn\x0c\n",
    ],
)
def test_a_message_cannot_be_taken_for_a_diff(tmp_path: Path, message: bytes) -> None:
    commits = [
        CommitSpec([], {b"f": (FILE, b"1\n")}, message=message),
        CommitSpec([0], {b"f": (FILE, b"2\n")}, message=message),
    ]
    shas = build(tmp_path, commits)
    found = list(GitLog(str(tmp_path), *PLAIN, "--reverse", "HEAD", "--"))
    assert [diff.commit.sha for diff in found] == shas
    assert [[d.new_path for d in diff.files] for diff in found] == [[b"f"], [b"f"]]
    assert found[1].commit.ident.message == message.decode().rstrip("\n") + "\n"
    assert found[1].commit.parents == (shas[0],)


@pytest.mark.parametrize(
    ("raw", "encoding", "text"),
    [
        (b"caf\xe9\n", b"", "café\n"),
        (b"caf\xe9\n", b"ISO-8859-1", "café\n"),
        ("café\n".encode(), b"", "café\n"),
        (b"\x83e\x83X\x83g\n", b"Shift_JIS", "テスト\n"),
    ],
)
def test_messages_in_any_encoding(tmp_path: Path, raw: bytes, encoding: bytes, text: str) -> None:
    build(tmp_path, [CommitSpec([], {b"f": (FILE, b"")}, message=raw, encoding=encoding)])
    run("config", "i18n.logOutputEncoding", "UTF-16", cwd=tmp_path)
    (found,) = GitLog(str(tmp_path), *PLAIN, "HEAD", "--")
    assert found.commit.ident.message == text


def test_damaged_dates_read_as_zero() -> None:
    text = _HEAD % (b"", b"m\n")
    for bad in (b"", b"x"):
        (found,) = changes(text.replace(b"1736942400", bad))
        assert found.commit.author_time == 0
    (found,) = changes(text.replace(b"1736942400", b"18446744073709551615"))
    assert found.commit.author_time == 18446744073709551615 * 1_000_000


_RAW = b"::100644 100644 100644 " + b" ".join([b"1" * 40, b"2" * 40, b"3" * 40])


def test_combined_diffs() -> None:
    text = (
        _HEAD % (b"b" * 40 + b" " + b"c" * 40, b"merge\n")
        + b"\n"
        + (_RAW + b' MR\tf\told\t"tab\\there"\n').replace(b"f\t", b'"tab\\there"\t')
        + _RAW.replace(b"::100644", b"::000000")
        + b" AM\tnot shown\tnot shown\tnot shown\n\n"
        + b'diff --combined "tab\\there"\nindex 1111111,2222222..3333333\n'
        + b'--- "a/tab\\there"\n--- a/old\n+++ "b/tab\\there"\n'
        + b"@@@ -1,2 -1,3 +1,3 @@@ text\n  same\n- ours\n -theirs\n++@@@ -9 -9 +9 @@@\n"
        + b"++diff --combined x\n\\ No newline at end of file\n"
        + b"@@@ -9,0 -9,1 +9,18446744073709551615 @@@\n -gone\n"
        + _HEAD % (b"b" * 40, b"next\n")
    )
    merge, after = changes(text)
    assert after.files == []
    hidden, shown = sorted(merge.files, key=lambda diff: len(diff.combined))
    assert (hidden.new_path, hidden.combined) == (b"not shown", [])
    assert (shown.old_paths, shown.new_path) == ([b"tab\there", b"old"], b"tab\there")
    assert shown.blobs == (b"1" * 40, b"2" * 40, b"3" * 40)
    first, second = shown.combined
    assert first.starts == (0, 0)
    assert first.lines[3:] == [b"++@@@ -9 -9 +9 @@@", b"++diff --combined x"]
    assert (second.starts, second.lines) == ((8, 8), [b" -gone"])


def test_combined_hunks_with_wrong_counts(tmp_path: Path) -> None:
    """Whatever the counts of a combined hunk are, its lines are read."""
    commits = [
        CommitSpec([], {b"f": (FILE, b"1\n2\n3\n")}),
        CommitSpec([0], {b"f": (FILE, b"1\n2\n3\nours\n")}),
        CommitSpec([0], {b"f": (FILE, b"1\n2\n3\ntheirs\n")}),
        CommitSpec([1, 2], {b"f": (FILE, b"1\n2\n")}),
        CommitSpec([1, 2], {b"f": (FILE, b"")}),
    ]
    shas = build(tmp_path, commits)
    for sha, left in ((shas[3], [b"  2"]), (shas[4], [])):
        (found,) = GitLog.of_commits(str(tmp_path), *MERGES, shas=[sha])
        (diff,) = found.files
        lines = [line for hunk in diff.combined for line in hunk.lines]
        assert [line for line in lines if line[:2] == b"  "] == left
        assert b"- ours" in lines
        assert b" -theirs" in lines
        assert b"--3" in lines


def test_deleted_and_retyped_files_of_a_merge(tmp_path: Path) -> None:
    commits = [
        CommitSpec([], {b"f": (FILE, b"1\n"), b"g": (FILE, b"1\n")}),
        CommitSpec([0], {b"f": (FILE, b"2\n"), b"g": (LINK, b"2")}),
        CommitSpec([0], {b"f": (FILE, b"3\n"), b"g": (FILE, b"3\n")}),
        CommitSpec([1, 2], {b"g": (FILE, b"2")}),
    ]
    shas = build(tmp_path, commits)
    (found,) = GitLog.of_commits(str(tmp_path), *MERGES, shas=[shas[3]])
    files = {diff.old_paths[1]: diff for diff in found.files}
    assert (files[b"f"].new_path, files[b"f"].mode) == (None, FILE)
    # The link became a file, so its line is not that file's.
    assert files[b"g"].old_paths == [None, b"g"]


def test_a_log_that_fails_has_an_error(tmp_path: Path) -> None:
    build(tmp_path, [CommitSpec([], {b"f": (FILE, b"1\n")})])
    log = GitLog(str(tmp_path), *PLAIN, "0" * 40, "--")
    assert list(log) == []
    assert "0" * 40 in log.error


def test_a_log_that_is_left_early_has_no_error(tmp_path: Path) -> None:
    commits = [CommitSpec([], {b"f": (FILE, b"0\n")})]
    commits += [CommitSpec([n], {b"f": (FILE, b"%d\n" % n * 9000)}) for n in range(40)]
    build(tmp_path, commits)
    log = GitLog(str(tmp_path), *PLAIN, "HEAD", "--")
    found = iter(log)
    next(found)
    found.close()
    assert log.error == ""


def test_one_plain_diff(tmp_path: Path) -> None:
    shas = build(
        tmp_path,
        [CommitSpec([], {b"f": (FILE, b"1\n")}), CommitSpec([0], {b"f": (FILE, b"1\n2\n")})],
    )
    out = run("diff-tree", "-r", "--no-commit-id", *DIFF_OPTIONS, shas[1], cwd=tmp_path)
    assert one_file(out).hunks == [Hunk(1, [], [b"2"])]
