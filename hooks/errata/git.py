"""Every git call of the project, and the environment each runs in.

Bytes in, bytes out: paths and messages need not be UTF-8. Nothing here may run a program that the
repository's configuration names (diff drivers, textconv, fsmonitor, pagers), and nothing touches
the index.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

from errata.errors import GitError

# The hook's own environment is kept: git names the index of `commit -a` and `commit -- path` in
# GIT_INDEX_FILE, and a linked worktree in GIT_DIR.
_POLICY = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    # Partial clones: answer with what is here rather than go to the network (git >= 2.44; older
    # ones fail the fetch instead, which reads the same to us).
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_LITERAL_PATHSPECS": "1",
    "LC_ALL": "C",
}
# Options of git itself that keep it from running what a configuration names.
SAFE = ("-c", "core.fsmonitor=false", "-c", "core.pager=cat", "-c", "log.showSignature=false")


def environment(**extra: str) -> dict[str, str]:
    """The environment for a git child process: ours as it is, plus the policy, plus ``extra``."""
    env = {**os.environ, **_POLICY, **extra}
    env.pop("GIT_EXTERNAL_DIFF", None)
    return env


def run(
    *args: str | bytes,
    cwd: Path | str | None = None,
    stdin: bytes | None = None,
    ok: Sequence[int] = (0,),
    env: dict[str, str] | None = None,
) -> bytes:
    """Run ``git ARGS`` and return its standard output.

    Raises:
        GitError: git is missing, or its exit status is not in ``ok``.
    """
    return run_status(*args, cwd=cwd, stdin=stdin, ok=ok, env=env)[1]


def run_status(
    *args: str | bytes,
    cwd: Path | str | None = None,
    stdin: bytes | None = None,
    ok: Sequence[int] | None = None,
    env: dict[str, str] | None = None,
) -> tuple[int, bytes]:
    """Like :func:`run`, with the exit status; ``ok=None`` accepts every status."""
    try:
        done = subprocess.run(
            ["git", *SAFE, *args],
            cwd=cwd,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            env=environment(**(env or {})),
            check=False,
        )
    except FileNotFoundError as error:
        raise GitError("git was not found", "install git, or put it on PATH") from error
    if ok is not None and done.returncode not in ok:
        what = next((a for a in args if not os.fsdecode(a).startswith("-")), "")
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise GitError(f"git {os.fsdecode(what)}: {said[-1] if said else done.returncode}")
    return done.returncode, done.stdout


class Repository:
    """A work tree (or bare repository) and where git keeps its data.

    Attributes:
        root: top of the work tree; of a bare repository, its git directory.
        git_dir: this work tree's git directory, or None outside git.
        common_dir: the git directory that all linked worktrees share, or None outside git.
    """

    def __init__(self, root: Path, git_dir: Path | None, common_dir: Path | None) -> None:
        self.root = root
        self.git_dir = git_dir
        self.common_dir = common_dir

    @classmethod
    def discover(cls, start: Path | None = None) -> Repository:
        """The repository around ``start`` (default: the current directory).

        Outside git the directory itself is the root, so that logs can be read and checked anywhere.

        Raises:
            GitError: git is missing, or refuses the repository (for example its ownership).
        """
        where = start or Path.cwd()
        args = ("rev-parse", "--path-format=absolute", "--git-dir", "--git-common-dir")
        if _inside_git(where):
            out = run(*args, "--is-bare-repository", cwd=where).decode().splitlines()
            git_dir, common = Path(out[0]), Path(out[1])
            if out[2] == "true":
                return cls(git_dir, git_dir, common)
            # Separate call: it fails where there is no work tree (inside .git itself).
            top = os.fsdecode(run("rev-parse", "--show-toplevel", cwd=where)[:-1])
            return cls(Path(top), git_dir, common)
        return cls(where.resolve(), None, None)

    @cached_property
    def state_dir(self) -> Path | None:
        """What is never committed: ``<git common dir>/errata``; None outside git."""
        return self.common_dir / "errata" if self.common_dir else None

    def git(
        self, *args: str | bytes, stdin: bytes | None = None, ok: Sequence[int] = (0,)
    ) -> bytes:
        """Run git here; see :func:`run`."""
        return run(*args, cwd=self.root, stdin=stdin, ok=ok)

    def blobs(self, oids: Iterable[str]) -> Iterator[bytes]:
        """Contents of objects, in order, from one process and without a second copy in memory.

        Raises:
            GitError: one of them is missing, as in a partial clone.
        """
        # The list goes first and as a whole, so it must fit a pipe (64 KiB on Linux, 16 on macOS).
        wanted = list(oids)
        assert len(wanted) < 200
        with subprocess.Popen(
            ["git", *SAFE, "cat-file", "--batch"],
            cwd=self.root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(),
        ) as child:
            assert child.stdin and child.stdout
            child.stdin.write("".join(f"{oid}\n" for oid in wanted).encode())
            child.stdin.close()
            for oid in wanted:
                head = child.stdout.readline().split()
                if len(head) != 3:
                    child.kill()
                    raise GitError(f"object {oid} is not in this repository", "fetch it first")
                yield child.stdout.read(int(head[2]))
                child.stdout.read(1)


def _inside_git(where: Path) -> bool:
    status, _ = run_status("rev-parse", "--git-dir", cwd=where)
    if status == 0:
        return True
    # 128 also means "dubious ownership": say that instead of treating the repository as none.
    if any((parent / ".git").exists() for parent in (where.resolve(), *where.resolve().parents)):
        run("rev-parse", "--git-dir", cwd=where)
    return False
