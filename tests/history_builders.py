"""Histories as data, written with one ``git fast-import`` each; and random histories."""

from __future__ import annotations

import difflib
import random
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FILE, EXECUTABLE, LINK, GITLINK = b"100644", b"100755", b"120000", b"160000"
Tree = dict[bytes, tuple[bytes, bytes]]
"""Path -> (mode, content); of a gitlink the content is its commit id."""

PERSON = "Ann Author <ann@example.org>"
AGENT = "Claude <noreply@anthropic.com>"
START = 1_736_942_400  # 2025-01-15T12:00:00Z
_GITLINKS = (b"1" * 40, b"2" * 40)
PATHS = (
    b"a.py",
    b"b c.txt",
    b"dir/d.py",
    b"dir/sub/e",
    b'q"uote.py',
    b"tab\there",
    b"new\nline.py",
    b"back\\slash",
    b"caf\xe9",
    "\u00fcn\u00ef \u2028.py".encode(),
    b"-dash",
    b":colon*?[x]",
    b" lead and trail ",
    b"dev/null",
    b"a/b/c/d",
)
_LINES = (
    b"}\n",
    b"\n",
    b"return None\n",
    b"\tindented\n",
    b"carriage\r\n",
    b"form\x0cfeed\n",
    b"vertical\x0btab\n",
    b"lone\rreturn\n",
    "separator\u2028paragraph\u2029\n".encode(),
    b"latin \xe9\xff\n",
    b"-- a/file\n",
    b"++ b/file\n",
    b"@@ -1,2 +3,4 @@\n",
    b"diff --git a/x b/x\n",
    b"\\ No newline at end of file\n",
    b"\x01\x02control\x1b\n",
)


_CODE = (
    b"print(item_%d)\n",
    b"total = compute(old, limit=%d)\n",
    b"if size_%d is None: raise ValueError(size)\n",
    b"import module_%d\n",
    b"# Note number %d\n",
    b"def function_%d(first, second=None): return first\n",
    b"return client.fetch_%d(first)\n",
)


@dataclass
class CommitSpec:
    """A commit to create; ``parents`` are positions in the list of commits."""

    parents: list[int]
    tree: Tree
    author: str = PERSON
    when: int = START
    committed: int | None = None
    message: bytes = b"change\n"
    encoding: bytes = b""


def quoted(path: bytes) -> bytes:
    """A path as fast-import reads it."""
    return (
        b'"'
        + b"".join(
            b"\\%03o" % byte if byte < 32 or byte > 126 or byte in b'"\\' else bytes([byte])
            for byte in path
        )
        + b'"'
    )


def _stream(number: int, commit: CommitSpec) -> bytes:
    """A commit as fast-import reads it."""
    committed = commit.when if commit.committed is None else commit.committed
    # Each commit needs its own branch: without "from", it would follow the previous commit.
    out = [b"commit refs/made/%d\nmark :%d\n" % (number, number)]
    out.append(f"author {commit.author} {commit.when} +0000\n".encode())
    out.append(f"committer {PERSON} {committed} +0000\n".encode())
    if commit.encoding:
        out.append(b"encoding " + commit.encoding + b"\n")
    out.append(b"data %d\n" % len(commit.message) + commit.message + b"\n")
    for word, parent in zip([b"from", *[b"merge"] * 15], commit.parents, strict=False):
        out.append(b"%s :%d\n" % (word, parent + 1))
    out.append(b"deleteall\n")
    for path, (mode, content) in sorted(commit.tree.items()):
        if mode == GITLINK:
            out.append(b"M %s %s %s\n" % (mode, content, quoted(path)))
        else:
            out.append(b"M %s inline %s\n" % (mode, quoted(path)))
            out.append(b"data %d\n" % len(content) + content + b"\n")
    return b"".join(out)


def build(root: Path, commits: Sequence[CommitSpec], *init: str) -> list[str]:
    """Create a repository of these commits, HEAD at the last; returns their ids in order."""
    root.mkdir(parents=True, exist_ok=True)
    subprocess.run(["git", "init", "-q", "-b", "main", *init, str(root)], check=True)
    marks = root / "marks"
    text = b"".join(_stream(number, commit) for number, commit in enumerate(commits, 1))
    text += b"reset refs/heads/main\nfrom :%d\n" % len(commits)
    subprocess.run(
        ["git", "fast-import", "--quiet", "--force", f"--export-marks={marks}"],
        cwd=root,
        input=text,
        check=True,
        capture_output=True,
    )
    shas = dict(line.split() for line in marks.read_text().splitlines())
    marks.unlink()
    return [shas[f":{number}"] for number in range(1, len(commits) + 1)]


class HistoryGenerator:
    """Generates random histories; the same random source gives the same history.

    No commit has several new files beside a deleted one, against any parent: then git pairs
    deleted with new files one to one where blame asks for each file by itself, and the two may
    answer differently (:func:`ambiguous`).
    """

    def __init__(
        self, choose: random.Random, *, distinct_lines: bool = False, code: bool = False
    ) -> None:
        """A source of random histories.

        Args:
            distinct_lines: no new line has the text of another, and no file is binary.
            code: the distinct lines are statements.
        """
        self.choose = choose
        self._templates = _CODE if code else (b"line number %d\n",)
        self._distinct_lines = distinct_lines
        self.commits: list[CommitSpec] = []
        self._fresh = 0

    def make(self, count: int) -> list[CommitSpec]:
        """A history of about ``count`` commits."""
        while len(self.commits) < count:
            if len(self.commits) > 2 and self.choose.random() < 0.3:
                self._merge()
            elif self.commits and self.choose.random() < 0.98:
                parent = self._recent()
                self._add([parent], self._changed(dict(self.commits[parent].tree)))
            else:
                self._add([], self._changed({}))
        last = len(self.commits) - 1
        heads = [n for n in range(last) if not any(n in c.parents for c in self.commits)]
        if heads:
            # Everything is reached from the last commit.
            self._add([last, *heads][:8], self.commits[last].tree)
        return self.commits

    def _add(self, parents: list[int], tree: Tree) -> None:
        olds = [self.commits[parent].tree for parent in parents]
        if any(ambiguous(old, tree) for old in olds):
            tree = olds[0]
            if any(ambiguous(old, tree) for old in olds):
                return
        agent = self.choose.random() < 0.5
        before = max((self.commits[p].when for p in parents), default=START)
        when = before + self.choose.choice((60, 3600, 86_400, 86_400 * 6, -3600))
        words = self.choose.choice((b"fix", b"add", b"oops: forgot", b"change", b"feat: more"))
        self.commits.append(
            CommitSpec(
                parents,
                tree,
                author=AGENT if agent else PERSON,
                when=when,
                # Now and then a clock is wrong, or a rebase keeps the author's date.
                committed=when + self._clock(),
                message=words + b" %d\n" % len(self.commits),
            )
        )

    def _clock(self) -> int:
        """Seconds between author date and committer date."""
        return self.choose.choices((0, 7200, 86_400 * 3, -86_400 * 20), (16, 2, 1, 1))[0]

    def _recent(self) -> int:
        return max(0, len(self.commits) - 1 - int(self.choose.random() ** 3 * 6))

    def _merge(self) -> None:
        wanted = self.choose.choice((2, 2, 2, 2, 3, 4))
        parents = list(dict.fromkeys(self._recent() for _ in range(wanted)))
        if len(parents) < 2:
            return
        tree = self.commits[parents[0]].tree
        for other in parents[1:]:
            tree = self._merged(tree, self.commits[other].tree)
        if self.choose.random() < 0.3:
            tree = self._changed(tree)
        self._add(parents, tree)

    def _merged(self, ours: Tree, theirs: Tree) -> Tree:
        tree: Tree = {}
        keep_ours, keep_theirs = self.choose.random() < 0.8, self.choose.random() < 0.8
        for path in sorted(ours.keys() | theirs.keys()):
            if path not in theirs:
                if keep_ours:
                    tree[path] = ours[path]
            elif path not in ours:
                if keep_theirs:
                    _place(tree, path, theirs[path])
            else:
                tree[path] = self._content(ours[path], theirs[path])
        return tree

    def _content(
        self, ours: tuple[bytes, bytes], theirs: tuple[bytes, bytes]
    ) -> tuple[bytes, bytes]:
        if ours == theirs:
            return ours
        if ours[0] != theirs[0] or ours[0] in (LINK, GITLINK) or b"\0" in ours[1] + theirs[1]:
            return self.choose.choice((ours, theirs))
        one, two = lines_of(ours[1]), lines_of(theirs[1])
        mixed: list[bytes] = []
        for tag, a, b, c, d in difflib.SequenceMatcher(None, one, two).get_opcodes():
            if tag == "equal":
                mixed += one[a:b]
            else:
                sides = (one[a:b], two[c:d], one[a:b] + two[c:d], self._lines(1), [])
                mixed += self.choose.choices(sides, (4, 4, 2, 1, 1))[0]
        return ours[0], b"".join(mixed)

    def _lines(self, most: int) -> list[bytes]:
        lines = []
        for _ in range(self.choose.randint(1, most)):
            if self._distinct_lines or self.choose.random() < 0.6:
                self._fresh += 1
                lines.append(self._template() % self._fresh)
            else:
                lines.append(self.choose.choice(_LINES))
        return lines

    def _template(self) -> bytes:
        # Without a choice, so that the other histories stay as they are.
        return self._templates[self._fresh % len(self._templates)]

    def _changed(self, tree: Tree) -> Tree:
        tree = dict(tree)
        for _ in range(self.choose.randint(1, 3)):
            name = self.choose.choices(
                ("edit", "create", "delete", "rename", "swap", "mode", "odd", "revert", "binary"),
                (10, 4, 1, 3, 1, 1, 2, 2, 1),
            )[0]
            getattr(self, f"_{name}")(tree)
        return tree

    def _file(self, tree: Tree, *modes: bytes) -> bytes | None:
        paths = [path for path, (mode, _) in sorted(tree.items()) if not modes or mode in modes]
        return self.choose.choice(paths) if paths else None

    def _edit(self, tree: Tree) -> None:
        path = self._file(tree, FILE, EXECUTABLE)
        if path is not None:
            tree[path] = (tree[path][0], self._edited(tree[path][1]))

    def _edited(self, content: bytes) -> bytes:
        lines = lines_of(content)
        for _ in range(self.choose.randint(1, 3)):
            at = self.choose.randint(0, len(lines))
            action = self.choose.randrange(5)
            if action == 0:
                lines[at:at] = self._lines(4)
            elif action == 1:
                del lines[at : at + self.choose.randint(1, 4)]
            elif action == 2:
                lines[at : at + self.choose.randint(1, 3)] = self._lines(3)
            elif action == 3:
                moved = lines[at : at + 2]
                del lines[at : at + 2]
                to = self.choose.randint(0, len(lines))
                lines[to:to] = moved
            elif lines:
                # With or without a final newline.
                end = lines[-1].removesuffix(b"\n")
                lines[-1] = end if end and lines[-1] != end else end + b"\n"
        text = b"".join(line if line.endswith(b"\n") else line + b"\n" for line in lines[:-1])
        return text + (lines[-1] if lines else b"")

    def _create(self, tree: Tree) -> None:
        content = b"".join(self._lines(12))
        if self.choose.random() < 0.1:
            content = content.removesuffix(b"\n")
        _place(tree, self.choose.choice(PATHS), (FILE, content))

    def _revert(self, tree: Tree) -> None:
        """Take one path back to what it was in some commit."""
        if self.commits:
            old = self.choose.choice(self.commits).tree
            path = self._file(old)
            if path is not None:
                tree.pop(path, None)
                _place(tree, path, old[path])

    def _delete(self, tree: Tree) -> None:
        path = self._file(tree)
        if path is not None:
            del tree[path]

    def _rename(self, tree: Tree) -> None:
        old = self._file(tree)
        new = self.choose.choice(PATHS)
        if old is not None and new not in tree:
            mode, content = tree.pop(old)
            if mode == FILE and self.choose.random() < 0.5 and b"\0" not in content:
                content = self._edited(content)
            _place(tree, new, (mode, content))

    def _swap(self, tree: Tree) -> None:
        one, two = self._file(tree), self._file(tree)
        if one is not None and two is not None:
            tree[one], tree[two] = tree[two], tree[one]

    def _mode(self, tree: Tree) -> None:
        path = self._file(tree, FILE, EXECUTABLE)
        if path is not None:
            mode, content = tree[path]
            tree[path] = (EXECUTABLE if mode == FILE else FILE, content)

    def _odd(self, tree: Tree) -> None:
        """A link, a submodule, an empty file or a copy; may change the type of a path."""
        path = self.choose.choice(PATHS)
        source = self._file(tree)
        entries = [(LINK, b"target/%d" % self.choose.randrange(3)), (FILE, b"")]
        entries.append((GITLINK, self.choose.choice(_GITLINKS)))
        if source is not None:
            entries.append(tree[source])
        tree.pop(path, None)
        _place(tree, path, self.choose.choice(entries))

    def _binary(self, tree: Tree) -> None:
        if self._distinct_lines:
            return
        path = self._file(tree, FILE, EXECUTABLE)
        if path is not None:
            mode, content = tree[path]
            binary = b"\0bin\n" + content
            tree[path] = (mode, content[5:] if content[:5] == binary[:5] else binary)


def _place(tree: Tree, path: bytes, entry: tuple[bytes, bytes]) -> None:
    """Add a file unless its path is a folder of another file, or the other way round."""
    for other in tree:
        if other.startswith(path + b"/") or path.startswith(other + b"/"):
            return
    tree[path] = entry


def lines_of(content: bytes) -> list[bytes]:
    """Lines as git sees them, with their ends."""
    lines = [line + b"\n" for line in content.split(b"\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def ambiguous(old: Tree, new: Tree) -> bool:
    """Whether more than one new file may be the rename of a deleted one."""
    return len(new.keys() - old.keys()) > 1 and bool(old.keys() - new.keys())
