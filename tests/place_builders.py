"""Places in which a person may run a command: each builds one, and returns where to run it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from conftest import Repo
from record_builders import FINDINGS, finding, lines, put

AGENT = "Add b\n\nCo-Authored-By: Claude <noreply@anthropic.com>"


def with_history(root: Path) -> Repo:
    """Three commits: a person's, an agent's, and a person's that corrects it; and a log."""
    root.mkdir(parents=True)
    repo = Repo(root)
    repo.git("init", "-q")
    repo.write("a.py", "a = 1\n")
    repo.commit("Add a")
    repo.write("b.py", "".join(f"value_{n} = {n}\n" for n in range(9)))
    repo.commit(AGENT)
    repo.write("b.py", "".join(f"value_{n} = {n if n != 4 else 40}\n" for n in range(9)))
    repo.commit("Fix value 4")
    put(root, FINDINGS, lines(*(finding(day) for day in (1, 2, 3))))
    return repo


def _git(*words: str | Path, cwd: Path) -> None:
    subprocess.run(["git", *words], cwd=cwd, check=True, capture_output=True)


def _outside(base: Path) -> Path:
    (base / "outside").mkdir()
    return base / "outside"


def _empty(base: Path) -> Path:
    _git("init", "-q", "empty", cwd=base)
    return base / "empty"


def _bare(base: Path) -> Path:
    with_history(base / "origin")
    _git("clone", "-q", "--bare", "origin", "bare", cwd=base)
    return base / "bare"


def _taken_for_bare(base: Path) -> Path:
    repo = with_history(base / "here")
    repo.git("config", "core.bare", "true")
    return repo.root


def _worktree_taken_for_bare(base: Path) -> Path:
    """With settings for each worktree, a linked one inherits what a tool set for all."""
    repo = with_history(base / "here")
    repo.git("worktree", "add", "-q", "../linked")
    repo.git("config", "extensions.worktreeConfig", "true")
    repo.git("config", "core.bare", "true")
    return base / "linked"


def _git_directory(base: Path) -> Path:
    return with_history(base / "here").root / ".git"


def _submodule(base: Path) -> Path:
    with_history(base / "part")
    top = with_history(base / "top")
    top.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "../part", "sub")
    put(top.root / "sub", FINDINGS, lines(finding(1)))
    return top.root / "sub"


def _linked_worktree(base: Path) -> Path:
    repo = with_history(base / "here")
    repo.git("worktree", "add", "-q", "../linked")
    put(base / "linked", FINDINGS, lines(finding(1)))
    return base / "linked"


def _worktree_of_bare(base: Path) -> Path:
    bare = Repo(_bare(base))
    bare.git("worktree", "add", "-q", "../tree", "main")
    put(base / "tree", FINDINGS, lines(finding(1)))
    return base / "tree"


def _clone(base: Path, *options: str) -> Path:
    origin = with_history(base / "origin")
    origin.git("config", "uploadpack.allowFilter", "true")
    _git("clone", "-q", *options, f"file://{origin.root}", "clone", cwd=base)
    put(base / "clone", FINDINGS, lines(finding(1)))
    return base / "clone"


def _detached(base: Path) -> Path:
    repo = with_history(base / "here")
    repo.git("checkout", "-q", "--detach")
    return repo.root


def _claude_file(base: Path) -> Path:
    root = with_history(base / "here").root
    (root / FINDINGS).unlink()
    (root / ".claude").rmdir()
    put(root, ".claude", b"text\n")
    return root


def _claude_link(base: Path, target: Path) -> Path:
    root = with_history(base / "here").root
    target = root / target
    target.parent.mkdir(exist_ok=True)
    (root / ".claude").rename(target)
    (root / ".claude").symlink_to(target)
    return root


def _ignored(base: Path) -> Path:
    root = with_history(base / "here").root
    put(root, ".gitignore", b".claude/\n")
    return root


def _nobody(base: Path) -> Path:
    repo = with_history(base / "here")
    repo.git("config", "user.useConfigOnly", "true")
    return repo.root


def _sha256(base: Path) -> Path:
    root = base / "here"
    root.mkdir()
    repo = Repo(root)
    repo.git("init", "-q", "--object-format=sha256")
    repo.write("a.py", "a = 1\n")
    repo.commit(AGENT)
    put(root, FINDINGS, lines(finding(1)))
    return root


def _line_end_in_path(base: Path) -> Path:
    return with_history(base / "first\nsecond").root


def _sparse(base: Path) -> Path:
    repo = with_history(base / "here")
    repo.write("src/c.py", "c = 1\n")
    repo.commit("Track the log")
    repo.git("sparse-checkout", "set", "src")
    return repo.root


def _unfinished_rebase(base: Path) -> Path:
    repo = with_history(base / "here")
    repo.git("switch", "-q", "-c", "topic", "HEAD~1")
    repo.write("b.py", "other\n")
    repo.git("commit", "-qam", "Other")
    repo.git("rebase", "main", ok=False)
    return repo.root


NOT_GIT = "this is not a git repository"
BARE = "this repository is bare"
INSIDE = "is inside git's own directory"

REFUSED: dict[str, tuple[Callable[[Path], Path], dict[str, str]]] = {
    "outside": (_outside, {"logs": NOT_GIT, "work tree": NOT_GIT, "commits": NOT_GIT}),
    "bare": (_bare, {"logs": BARE, "work tree": BARE}),
    "taken for bare": (
        _taken_for_bare,
        {"logs": "core.bare is true", "work tree": "core.bare is true"},
    ),
    "worktree taken for bare": (
        _worktree_taken_for_bare,
        {"logs": "core.bare is true", "work tree": "core.bare is true"},
    ),
    "git directory": (_git_directory, {"logs": INSIDE, "work tree": INSIDE, "commits": INSIDE}),
    ".claude is a file": (
        _claude_file,
        {"logs": ".claude: must be a folder", "work tree": ".claude: must be a folder"},
    ),
    ".claude leads out": (
        lambda base: _claude_link(base, Path("..", "elsewhere")),
        {"logs": "leads out of the repository", "work tree": "leads out of the repository"},
    ),
    "empty": (_empty, {"commits": "this repository has no commit yet"}),
}
"""Place -> how to build it, and what commands with a need are told there."""

ANSWERED: Mapping[str, Callable[[Path], Path]] = {
    "submodule": _submodule,
    "linked worktree": _linked_worktree,
    "worktree of a bare repository": _worktree_of_bare,
    "shallow clone": lambda base: _clone(base, "--depth=1"),
    "partial clone": lambda base: _clone(base, "--filter=blob:none"),
    "detached HEAD": _detached,
    ".claude is a link": lambda base: _claude_link(base, Path("agents")),
    ".claude is ignored": _ignored,
    "nobody's name": _nobody,
    "SHA-256": _sha256,
    "line end in the path": _line_end_in_path,
    "sparse checkout": _sparse,
    "unfinished rebase": _unfinished_rebase,
}
"""Places in which every command works."""


def environment(place: str) -> dict[str, str]:
    """The environment of a command there."""
    env = {**os.environ, "GIT_CEILING_DIRECTORIES": "/"}
    if place == "nobody's name":
        for name in ("NAME", "EMAIL"):
            env.pop(f"GIT_AUTHOR_{name}", None)
            env.pop(f"GIT_COMMITTER_{name}", None)
    return env
