"""From the hunks of a correction to both versions of its files."""

from __future__ import annotations

from pathlib import Path

import pytest

from attribution import backfill_records, capture_records, story
from errata.core.config import load
from errata.core.git import Repository
from errata.corrections.attribution.attributed_hunks import AttributedHunk
from errata.corrections.attribution.diff import FileDiff, Hunk
from errata.corrections.backfill import Backfill, CommitRange
from errata.lessons import describe as describing
from errata.lessons.describe_correction import describe_correction, edited_files
from errata.lessons.description import EditedFile
from errata.lessons.description import Hunk as Ranges
from history_builders import build

OLD = b"one\ntwo\nthree\nfour\nfive\n"
HUNKS = [
    Hunk(0, [], [b"zero", b"half"]),
    Hunk(1, [b"two"], [b"2"]),
    Hunk(3, [b"four", b"five"], []),
]


def attributed(diff: FileDiff, *hunks: int) -> list[AttributedHunk]:
    return [AttributedHunk(diff, diff.hunks[number], (), None, None) for number in hunks]


def files(diff: FileDiff, *hunks: int, old: bytes = OLD) -> list[EditedFile]:
    return list(edited_files(attributed(diff, *hunks), {b"old.py": old}))


def test_the_ranges_of_hunks_are_those_of_both_whole_files() -> None:
    diff = FileDiff([b"old.py"], b"new.py", hunks=HUNKS)
    (file,) = files(diff, 1, 2)
    assert (file.path, file.old) == ("new.py", OLD.decode())
    assert file.new == "zero\nhalf\none\n2\nthree\n"
    # The first hunk is not part of the correction, but moves the others.
    assert file.hunks == (Ranges((1, 2), (3, 4)), Ranges((3, 5), (5, 5)))


def test_line_ends_and_encodings() -> None:
    old = b"a\r\nb\xe9\x0c\r\n\xe2\x80\xa8c\n"
    diff = FileDiff([b"old.py"], b"caf\xe9.py", hunks=[Hunk(2, [b"\xe2\x80\xa8c"], [b"d\r"])])
    (file,) = files(diff, 0, old=old)
    assert file == EditedFile(
        "caf\\xe9.py",
        "a\nb\N{REPLACEMENT CHARACTER}\x0c\n\u2028c\n",
        "a\nb\N{REPLACEMENT CHARACTER}\x0c\nd\n",
        (Ranges((2, 3), (2, 3)),),
    )


def test_files_that_cannot_be_read_or_are_too_large_in_total_have_no_text() -> None:
    small = FileDiff([b"a.py"], b"a.py", hunks=[Hunk(0, [b"a"], [])])
    large = FileDiff([b"b.py"], b"b.py", hunks=[Hunk(0, [b"b"], [])])
    gone = FileDiff([b"c.py"], b"c.py", hunks=[Hunk(0, [b"c"], [])])
    hunks = [hunk for diff in (gone, large, small) for hunk in attributed(diff, 0)]
    contents = {b"a.py": b"a\n", b"b.py": b"b\n" * 500_000}
    assert [*edited_files(hunks, contents)] == [
        EditedFile("a.py", "a\n", "", (Ranges((0, 1), (0, 0)),)),
        EditedFile("b.py", "", "", ()),
        EditedFile("c.py", "", "", ()),
    ]


def test_a_failing_description_does_not_cost_the_correction(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shas = build(tmp_path, story(None, None, None))

    def fail(_: object) -> None:
        raise RecursionError

    monkeypatch.setattr(describing, "describe", fail)
    (record,) = capture_records(tmp_path, shas)[shas[3]]
    assert "edits" not in record and record["correction_type"] == "code_quality"
    assert backfill_records(tmp_path) == {shas[3]: [record]}


def test_a_renamed_file_is_described(tmp_path: Path) -> None:
    commits = story(None, None, None)
    code = commits[3].tree.pop(b"code.py")
    commits[3].tree[b"moved/other.py"] = code
    shas = build(tmp_path, commits)
    records = capture_records(tmp_path, shas)
    assert records == backfill_records(tmp_path)
    (record,) = records[shas[3]]
    assert record["edits"] and record["area"]["folders"] == ["moved"]
    assert record["examples"][0]["file"] == "moved/other.py"
    assert record["examples"][0]["before"] == ["return value.name"]


def test_corrections_do_not_keep_the_contents_of_files(tmp_path: Path) -> None:
    build(tmp_path, story(None, None, None))
    repo = Repository.discover(tmp_path)
    commits = CommitRange.resolve(repo, [])
    for describe in (None, describe_correction):
        (correction,) = Backfill(repo, load(tmp_path), commits, describe)
        assert correction.contents == {}
        assert bool(correction.description) is (describe is not None)
