"""From a correction to the description of its edit: :data:`errata.corrections.correction.Describe`.

Parse trees are imported only once there is a correction to describe.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from errata.corrections.attribution.attributed_hunks import AttributedHunk
    from errata.corrections.attribution.diff import FileDiff, Hunk
    from errata.corrections.correction import Correction
    from errata.lessons import description

_MAX_BYTES = 1_000_000
"""Of the files of one correction; the text of further files is left out."""
_MAX_FILES = 100
"""The most files of a correction that are read: those with the most changed lines."""


def describe_correction(correction: Correction) -> dict[str, Any]:
    """The fields ``edits``, ``area`` and ``examples`` of a record; {} if that fails in any way.

    A correction without a description is a correction all the same: no error of a parser may cost
    a record.
    """
    try:
        from errata.lessons.describe import describe

        fields = describe(edited_files(correction.hunks, correction.contents)).to_fields()
    except Exception:
        return {}
    return {"edits": [], **fields}


def edited_files(
    hunks: Iterable[AttributedHunk], contents: Mapping[bytes, bytes]
) -> Iterator[description.EditedFile]:
    """Both versions of each file, with those of its hunks that belong to a correction.

    Args:
        contents: the old files by path. A file that is missing here has no text and no hunks.
    """
    from errata.lessons.description import EditedFile

    hunks_by_file: dict[int, list[AttributedHunk]] = {}
    for attributed in hunks:
        hunks_by_file.setdefault(id(attributed.diff), []).append(attributed)
    left = _MAX_BYTES
    by_path = sorted(hunks_by_file.values(), key=lambda each: _path(each[0].diff))
    read = {id(of_file) for of_file in sorted(by_path, key=_size, reverse=True)[:_MAX_FILES]}
    for of_file in by_path:
        diff = of_file[0].diff
        path = _path(diff).decode("utf-8", "backslashreplace")
        content = contents.get(diff.old_path or b"") if id(of_file) in read else None
        if content is None or diff.binary or len(content) > left:
            yield EditedFile(path, "", "", ())
            continue
        left -= len(content)
        old = content.split(b"\n")
        ranges = _ranges(diff.hunks, {id(attributed.hunk) for attributed in of_file})
        yield EditedFile(path, _text(old), _text(_patch(old, diff.hunks)), tuple(ranges))


def _path(diff: FileDiff) -> bytes:
    return diff.new_path or diff.old_path or b""


def _size(hunks: Iterable[AttributedHunk]) -> int:
    return sum(len(item.hunk.old) + len(item.hunk.new) for item in hunks)


def _text(lines: Sequence[bytes]) -> str:
    return b"\n".join(lines).decode("utf-8", "replace").replace("\r\n", "\n")


def _patch(old: Sequence[bytes], hunks: Iterable[Hunk]) -> list[bytes]:
    """The lines of a file after all of its hunks."""
    new: list[bytes] = []
    done = 0
    for hunk in hunks:
        new += old[done : hunk.start]
        new += hunk.new
        done = hunk.stop
    return [*new, *old[done:]]


def _ranges(hunks: Iterable[Hunk], wanted: set[int]) -> Iterator[description.Hunk]:
    """Where some of the hunks of a file are in both versions."""
    from errata.lessons.description import Hunk

    shift = 0
    for hunk in hunks:
        start = hunk.start + shift
        if id(hunk) in wanted:
            yield Hunk((hunk.start, hunk.stop), (start, start + len(hunk.new)))
        shift += len(hunk.new) - len(hunk.old)
