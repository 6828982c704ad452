"""Was a finding resolved? Git says whether the flagged lines were changed after the review.

They are compared with the commit that merged the pull request, else with HEAD. A commit that is no
part of HEAD's history says nothing about what was merged. Where git cannot tell, the export's own
word counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache

from errata.core.errors import GitError
from errata.core.git import Repository, run_status
from errata.reviews.finding import ReviewFinding

_MERGE = re.compile(r"(?:\A(?:Merge pull request #)(\d{1,9})\b)|(?:\(#(\d{1,9})\)\Z)")
_HUNK = re.compile(rb"^@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@", re.MULTILINE)
_SHA = re.compile(r"[0-9a-f]{7,64}\Z")
_LIMIT = 5_000_000
"""Bytes of a file that is looked at."""


class Resolutions:
    """Answers for the findings of one import."""

    def __init__(self, repo: Repository) -> None:
        self._repo = repo
        self._diff = lru_cache(maxsize=256)(self._changed_ranges)
        self._commit = lru_cache(maxsize=None)(self._find_commit)
        self._is_part = lru_cache(maxsize=None)(self._find_is_part)
        self._text = lru_cache(maxsize=64)(self._read_text)
        self._renames = lru_cache(maxsize=8)(self._find_renames)

    def of(self, finding: ReviewFinding, file: str) -> bool | None:
        """Whether a finding was resolved; None if nobody knows."""
        answer = self._by_git(finding, file) if finding.lines and file else None
        return finding.resolved if answer is None else answer

    def commit(self, name: str) -> str:
        """The whole id of a commit of this repository; "" if it is none."""
        return self._commit(name) if name else ""

    @cached_property
    def head(self) -> str:
        """The commit that is checked out; "" if there is none."""
        return self._find_commit("HEAD") if self._repo.git_dir else ""

    def _by_git(self, finding: ReviewFinding, file: str) -> bool | None:
        lines = finding.lines
        if lines is None or not self.head:
            return None
        start = self.commit(finding.commit)
        merged = self._merges.get(finding.pr) if finding.pr is not None else None
        end = merged or self.head
        if start and (merged or self._is_part(start)):
            if start == end:
                # Nothing has happened since, which is final only if it was merged so.
                return False if merged else None
            changed = self._diff(start, end, file)
            if changed is not None:
                return any(first <= lines.last and last >= lines.first for first, last in changed)
        if merged and (code := _significant(finding.code)):
            return not _contains(self._text(merged, file), code)
        return None

    @cached_property
    def _merges(self) -> dict[int, str]:
        """Number of a pull request -> the commit that merged it, by its subject."""
        out = self._repo.git("log", "--no-show-signature", "--format=%H %s", "--encoding=UTF-8")
        merges: dict[int, str] = {}
        # The newest comes first; a later commit may name the pull request again.
        for line in out.decode("utf-8", "replace").split("\n"):
            sha, _, subject = line.partition(" ")
            if match := _MERGE.search(subject.strip()):
                merges[int(match[1] or match[2])] = sha
        return merges

    def _find_commit(self, name: str) -> str:
        if name != "HEAD" and not _SHA.match(name):
            return ""
        args = ("rev-parse", "--quiet", "--verify", "--end-of-options", f"{name}^{{commit}}")
        status, out = run_status(*args, cwd=self._repo.root)
        return out.decode().strip() if status == 0 else ""

    def _find_is_part(self, commit: str) -> bool:
        args = ("merge-base", "--is-ancestor", commit, self.head)
        return run_status(*args, cwd=self._repo.root)[0] == 0

    def _changed_ranges(self, start: str, end: str, file: str) -> Sequence[tuple[int, int]] | None:
        """The lines of a file that differ between two commits; None if it is unknown."""
        later = file if self._has(end, file) else self._renames(start, end).get(file)
        if later is None:
            return [(1, 1 << 60)] if self._has(start, file) else None
        args = ("diff", "-U0", "-w", "--no-ext-diff", "--no-textconv", "--no-color")
        try:
            out = self._repo.git(*args, f"{start}:{file}", f"{end}:{later}", "--")
        except GitError:
            return None
        return list(_ranges(out))

    def _has(self, commit: str, file: str) -> bool:
        return run_status("cat-file", "-e", f"{commit}:{file}", cwd=self._repo.root)[0] == 0

    def _find_renames(self, start: str, end: str) -> dict[str, str]:
        args = ("diff", "--name-status", "-z", "-M", "--diff-filter=R", "--no-ext-diff")
        out = self._repo.git(*args, start, end, "--").decode("utf-8", "surrogateescape")
        fields = out.split("\0")
        return dict(zip(fields[1::3], fields[2::3], strict=False))

    def _read_text(self, commit: str, file: str) -> Sequence[str]:
        args = ("rev-parse", "--quiet", "--verify", "--end-of-options", f"{commit}:{file}")
        status, out = run_status(*args, cwd=self._repo.root)
        if status:
            return ()
        content = next(self._repo.small_blobs([out.decode().strip()], _LIMIT), None)
        return (content or b"").decode("utf-8", "replace").splitlines()


def _ranges(diff: bytes) -> Iterable[tuple[int, int]]:
    """The old lines that each hunk changes. What is inserted between two lines changes both."""
    for match in _HUNK.finditer(diff):
        first, count = int(match[1]), int(match[2] or b"1")
        yield (first, first + count - 1) if count else (first, first + 1)


def _significant(code: str) -> list[str]:
    """Lines without their indentation; none if they could be anywhere."""
    lines = [line.strip() for line in code.splitlines()]
    return lines if sum(char.isalnum() for line in lines for char in line) >= 8 else []


def _contains(text: Sequence[str], lines: list[str]) -> bool:
    stripped = [line.strip() for line in text]
    return any(
        stripped[start : start + len(lines)] == lines
        for start in range(len(stripped) - len(lines) + 1)
        if stripped[start] == lines[0]
    )
