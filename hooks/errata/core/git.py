"""Every git call of the project, and the environment each runs in.

Bytes in, bytes out: paths and messages need not be UTF-8. Nothing here may run a program that the
repository's configuration names (diff drivers, textconv, fsmonitor, pagers), and nothing touches
the index.
"""

from __future__ import annotations

import os

from errata.core.errors import GitError

# A hook that runs after every commit imports this module, and nearly always only to ask one thing
# through `stream`: subprocess and pathlib would cost as much as the answer.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence
    from pathlib import Path

# The hook's own environment is kept: git names the index of `commit -a` and `commit -- path` in
# GIT_INDEX_FILE, and a linked worktree in GIT_DIR.
_POLICY = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    # Partial clones: answer with what is here rather than go to the network (git >= 2.44; older
    # ones fail the fetch instead, which reads the same to us).
    "GIT_NO_LAZY_FETCH": "1",
    # Older ones would start a fetch for every missing object: let it find no transport to use.
    "GIT_ALLOW_PROTOCOL": "none",
    # History as it was committed: replacements and grafts are this clone's alone.
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": f"{os.devnull}/none",
    "GIT_LITERAL_PATHSPECS": "1",
    "LC_ALL": "C",
}
# A program to run, and context lines where none are asked for: options do not win over these.
_DROPPED = (
    *("GIT_EXTERNAL_DIFF", "GIT_DIFF_OPTS"),
    # Refused beside GIT_LITERAL_PATHSPECS.
    *("GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS"),
)
# Options of git itself that keep it from running what a configuration names, and from answering
# otherwise than in the next clone: blame takes the last two from the configuration alone.
SAFE = (
    *("-c", "core.fsmonitor=false", "-c", "core.pager=cat", "-c", "log.showSignature=false"),
    *("-c", "diff.algorithm=myers", "-c", "diff.indentHeuristic=true"),
)


def environment(**extra: str) -> dict[str, str]:
    """The environment for a git child process: ours as it is, plus the policy, plus ``extra``."""
    env = {**os.environ, **_POLICY, **extra}
    for name in _DROPPED:
        env.pop(name, None)
    return env


def run(
    *args: str | bytes,
    cwd: Path | str | None = None,
    stdin: bytes | None = None,
    ok: Sequence[int] = (0,),
    env: dict[str, str] | None = None,
    timeout: float | None = None,
) -> bytes:
    """Run ``git ARGS`` and return its standard output.

    Raises:
        GitError: git is missing, or its exit status is not in ``ok``.
        TimeoutError: it took longer than ``timeout`` seconds, and was stopped.
    """
    return run_status(*args, cwd=cwd, stdin=stdin, ok=ok, env=env, timeout=timeout)[1]


def run_status(
    *args: str | bytes,
    cwd: Path | str | None = None,
    stdin: bytes | None = None,
    ok: Sequence[int] | None = None,
    env: dict[str, str] | None = None,
    timeout: float | None = None,
) -> tuple[int, bytes]:
    """Like :func:`run`, with the exit status; ``ok=None`` accepts every status."""
    import subprocess

    try:
        done = subprocess.run(
            ["git", *SAFE, *args],
            cwd=cwd,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            env=environment(**(env or {})),
            check=False,
            timeout=timeout,
        )
    except subprocess.TimeoutExpired as error:
        raise TimeoutError from error
    except FileNotFoundError as error:
        raise GitError("git was not found", "install git, or put it on PATH") from error
    if ok is not None and done.returncode not in ok:
        what = next((a for a in args if not os.fsdecode(a).startswith("-")), "")
        raise GitError(f"git {os.fsdecode(what)}: {_said(done.stderr) or done.returncode}")
    return done.returncode, done.stdout


def _said(errors: bytes) -> str:
    """What git says is wrong: below it there may be advice, above it warnings."""
    lines = errors.decode("utf-8", "replace").strip().splitlines()
    fatal = (line for line in lines if line.startswith("fatal: "))
    return next(fatal, lines[-1] if lines else "").strip()


def stream(*args: str) -> Generator[bytes, None, None]:
    """What ``git ARGS`` prints here, in pieces that end in NUL, as it comes; without the NULs.

    Git is stopped when the caller is done with it, and what it says on standard error is dropped.

    Raises:
        GitError: git is missing.
    """
    child, out = _spawn(args)
    try:
        rest = b""
        while block := os.read(out, 1 << 16):
            *whole, rest = (rest + block).split(b"\0")
            yield from whole
        if rest:
            yield rest
    finally:
        # Closed first: git ends by itself when nobody reads.
        os.close(out)
        os.waitpid(child, 0)


PIPE = 1 << 14
"""Bytes that a pipe takes on every system before somebody reads it."""


def answer(*args: str | bytes, stdin: bytes = b"") -> tuple[int, bytes]:
    """As :func:`run_status` for one quick question here, without what that needs to be imported.

    Args:
        stdin: at most :data:`PIPE` bytes, since they are written before git reads them.

    Raises:
        GitError: git is missing.
    """
    assert len(stdin) <= PIPE
    child, out = _spawn(args, stdin)
    try:
        found = b"".join(iter(lambda: os.read(out, 1 << 16), b""))
    finally:
        os.close(out)
        _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), found


def _spawn(args: Sequence[str | bytes], stdin: bytes = b"") -> tuple[int, int]:
    """Start git here: its process, and where its output can be read."""
    out, into = os.pipe()
    given, give = os.pipe()
    os.write(give, stdin)
    os.close(give)
    actions = [
        (os.POSIX_SPAWN_DUP2, given, 0),
        (os.POSIX_SPAWN_DUP2, into, 1),
        (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
    ]
    try:
        child = os.posix_spawnp("git", ["git", *SAFE, *args], environment(), file_actions=actions)
    except FileNotFoundError as error:
        os.close(out)
        raise GitError("git was not found", "install git, or put it on PATH") from error
    finally:
        os.close(into)
        os.close(given)
    return child, out


_ASKED = (
    *("rev-parse", "--path-format=absolute"),
    *("--git-dir", "--git-common-dir", "--is-bare-repository"),
)


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
        from pathlib import Path

        where = start or Path.cwd()
        # Nearly always one process tells all of it.
        status, out = run_status(*_ASKED, "--show-toplevel", cwd=where)
        found = os.fsdecode(out[:-1]).split("\n")
        if status == 0 and len(found) == 4 and found[2] == "false":
            return cls(Path(found[3]), Path(found[0]), Path(found[1]))
        if _inside_git(where):
            first, second, bare = _asked(where)
            git_dir, common = Path(first), Path(second)
            if bare == "true":
                return cls(git_dir, git_dir, common)
            # Separate call: it fails where there is no work tree (inside .git itself).
            top = os.fsdecode(run("rev-parse", "--show-toplevel", cwd=where)[:-1])
            return cls(Path(top), git_dir, common)
        return cls(where.resolve(), None, None)

    @property
    def state_dir(self) -> Path | None:
        """What is never committed: ``<git common dir>/errata``; None outside git.

        Raises:
            GitError: a link stands in its place.
        """
        return state_folder(self.common_dir) if self.common_dir else None

    def git(
        self,
        *args: str | bytes,
        stdin: bytes | None = None,
        ok: Sequence[int] = (0,),
        timeout: float | None = None,
    ) -> bytes:
        """Run git here; see :func:`run`."""
        return run(*args, cwd=self.root, stdin=stdin, ok=ok, timeout=timeout)

    def blobs(self, oids: Iterable[str]) -> Iterator[bytes]:
        """Contents of objects, in order, from one process and without a second copy in memory.

        Raises:
            GitError: one of them is missing, as in a partial clone.
        """
        # The list goes first and as a whole, so it must fit a pipe (64 KiB on Linux, 16 on macOS).
        wanted = list(oids)
        assert len(wanted) < 200
        import subprocess

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


def state_folder(git_dir: Path, *below: str) -> Path:
    """Errata's folder in a git directory, or one below it; it need not exist.

    Raises:
        GitError: a link stands in its place: what is written there would be elsewhere.
    """
    folder = git_dir
    for name in ("errata", *below):
        folder = folder / name
        if os.path.islink(folder):  # noqa: PTH114
            what = f"{folder}: is a symbolic link"
            raise GitError(what, "remove it; errata makes a folder there")
    return folder


def _asked(where: Path) -> list[str]:
    """The git directory, the one that is shared, and whether the repository is bare."""
    found = os.fsdecode(run(*_ASKED, cwd=where)[:-1]).split("\n")
    if len(found) == 3:
        return found
    # A path that holds a line end; git has no other way to set its answers apart.
    return [os.fsdecode(run(*_ASKED[:2], name, cwd=where)[:-1]) for name in _ASKED[2:]]


def _inside_git(where: Path) -> bool:
    status, _ = run_status("rev-parse", "--git-dir", cwd=where)
    if status == 0:
        return True
    # 128 also means "dubious ownership": say that instead of treating the repository as none.
    if any((parent / ".git").exists() for parent in (where.resolve(), *where.resolve().parents)):
        run("rev-parse", "--git-dir", cwd=where)
    return False
