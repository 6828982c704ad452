"""Every git call of the project, and the environment each runs in.

Bytes in, bytes out: paths and messages need not be UTF-8. Nothing here may run a program that the
repository's configuration names (diff drivers, textconv, fsmonitor, pagers), and nothing touches
the index.
"""

from __future__ import annotations

import os

from errata.core.errors import GitError

# A hook that runs after every commit imports this module, and nearly always runs git once, through
# `spawn_stream`: importing subprocess and pathlib would take as long as git.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence
    from pathlib import Path

# The hook's own environment is kept: git names the index of `commit -a` and `commit -- path` in
# GIT_INDEX_FILE, and a linked worktree in GIT_DIR.
_POLICY = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    # Partial clones: answer from local objects, do not fetch (git >= 2.44).
    "GIT_NO_LAZY_FETCH": "1",
    # Older versions start a fetch for every missing object: allow no transport, so that it fails.
    "GIT_ALLOW_PROTOCOL": "none",
    # Read history as it was committed: replacements and grafts are local to this clone.
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": f"{os.devnull}/none",
    "GIT_LITERAL_PATHSPECS": "1",
    "LC_ALL": "C",
}
# These name a program to run, or add context lines, and command-line options do not override them.
_DROPPED = (
    *("GIT_EXTERNAL_DIFF", "GIT_DIFF_OPTS"),
    # Refused beside GIT_LITERAL_PATHSPECS.
    *("GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS"),
)
# Options that keep git from running programs of the configuration, and make it answer the same in
# every clone: blame reads the last two from the configuration only.
SAFE = (
    *("-c", "core.fsmonitor=false", "-c", "core.pager=cat", "-c", "log.showSignature=false"),
    *("-c", "diff.algorithm=myers", "-c", "diff.indentHeuristic=true"),
)


# `git diff-index --cached` would expand a sparse index, which costs as much as a full one.
STAGED = (
    *("diff", "--cached", "--no-ext-diff", "--no-textconv", "--no-color", "--no-relative"),
    *("--ita-invisible-in-index", "--ignore-submodules=none"),
)
"""The command that compares a commit with the index."""
# These read the index, and expand a sparse one, for nothing but attributes of files that are not in
# the work tree. No index is at this path.
_WITHOUT_INDEX = {"diff-tree", "check-attr"}
_NO_INDEX = f"{os.devnull}-no-index"


def environment_for(args: Sequence[str | bytes], **extra: str) -> dict[str, str]:
    """The environment for ``git ARGS``; see :func:`environment`."""
    if not _WITHOUT_INDEX.isdisjoint(args[:1]):
        extra["GIT_INDEX_FILE"] = _NO_INDEX
    return environment(**extra)


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
            env=environment_for(args, **(env or {})),
            check=False,
            timeout=timeout,
        )
    except subprocess.TimeoutExpired as error:
        raise TimeoutError from error
    except FileNotFoundError as error:
        raise GitError("git was not found", "install git, or put it on PATH") from error
    if ok is not None and done.returncode not in ok:
        subcommand = next((arg for arg in map(os.fsdecode, args) if arg[:1] != "-"), "")
        reason = error_line(done.stderr.decode("utf-8", "replace")) or done.returncode
        raise GitError(f"git {subcommand}: {reason}")
    return done.returncode, done.stdout


def error_line(stderr: str) -> str:
    """The line of git's standard error with the error, without warnings and advice."""
    lines = stderr.strip().splitlines()
    fatal = (line for line in lines if line.startswith("fatal: "))
    return next(fatal, lines[-1] if lines else "").strip()


def spawn_stream(*args: str, strict: bool = False) -> Generator[bytes, None, None]:
    """Run ``git ARGS`` here and yield its output piece by piece, split at NUL, as it arrives.

    Git is stopped when the caller closes the generator. Its standard error is dropped.

    Raises:
        GitError: git is missing, or with ``strict`` fails.
    """
    child, out = _spawn(args)
    try:
        rest = b""
        while block := os.read(out, 1 << 16):
            *pieces, rest = (rest + block).split(b"\0")
            yield from pieces
        if rest:
            yield rest
    finally:
        # Close the pipe first: git exits when nobody reads.
        os.close(out)
        _, status = os.waitpid(child, 0)
    if strict and status:
        raise GitError("git stopped before its end", "`git fsck` says whether objects are missing")


def list_files(git_dir: Path) -> tuple[str, ...]:
    """The command that lists files of the index; it does not expand a sparse one."""
    # Older versions of git know neither the option nor a sparse index.
    sparse = os.path.exists(f"{git_dir}/info/sparse-checkout")  # noqa: PTH110
    return ("ls-files", "-z", *(("--sparse",) if sparse else ()))


PIPE_CAPACITY = 1 << 14
"""The bytes that every system buffers in a pipe before anybody reads it."""


def spawn_status(*args: str | bytes, stdin: bytes = b"") -> tuple[int, bytes]:
    """Like :func:`run_status`, for a short answer, without importing subprocess.

    Args:
        stdin: at most :data:`PIPE_CAPACITY` bytes, since they are written before git reads them.

    Raises:
        GitError: git is missing.
    """
    assert len(stdin) <= PIPE_CAPACITY
    child, out = _spawn(args, stdin)
    try:
        output = b"".join(iter(lambda: os.read(out, 1 << 16), b""))
    finally:
        os.close(out)
        _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), output


def _spawn(args: Sequence[str | bytes], stdin: bytes = b"") -> tuple[int, int]:
    """Start git here; returns its process id and the descriptor to read its output from."""
    out, child_out = os.pipe()
    child_in, into = os.pipe()
    os.write(into, stdin)
    os.close(into)
    actions = [
        (os.POSIX_SPAWN_DUP2, child_in, 0),
        (os.POSIX_SPAWN_DUP2, child_out, 1),
        (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
    ]
    env = environment_for(args)
    try:
        child = os.posix_spawnp("git", ["git", *SAFE, *args], env, file_actions=actions)
    except FileNotFoundError as error:
        os.close(out)
        raise GitError("git was not found", "install git, or put it on PATH") from error
    finally:
        os.close(child_out)
        os.close(child_in)
    return child, out


_REV_PARSE = (
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
            GitError: git is missing, or refuses the repository (for example its ownership); or the
                directory is git's own, or does not exist any more.
        """
        from pathlib import Path

        where = start or _current_folder()
        # Nearly always one process answers all questions.
        status, out = run_status(*_REV_PARSE, "--show-toplevel", cwd=where)
        answers = os.fsdecode(out[:-1]).split("\n")
        if status == 0 and len(answers) == 4 and answers[2] == "false":
            return cls(Path(answers[3]), Path(answers[0]), Path(answers[1]))
        if not _inside_git(where):
            return cls(where.resolve(), None, None)
        git_dir, common_dir, bare = _git_dirs(where)
        if bare == "true":
            return cls(Path(git_dir), Path(git_dir), Path(common_dir))
        if run("rev-parse", "--is-inside-git-dir", cwd=where).strip() == b"true":
            raise GitError(f"{where} is inside git's own directory", "go to the work tree")
        top = os.fsdecode(run("rev-parse", "--show-toplevel", cwd=where)[:-1])
        return cls(Path(top), Path(git_dir), Path(common_dir))

    def require_git(self) -> None:
        """Raise GitError outside git."""
        if self.git_dir is None:
            raise GitError("this is not a git repository", "run it inside one, or `git init` first")

    def require_work_tree(self) -> None:
        """Raise GitError outside git, and in a repository without a work tree."""
        self.require_git()
        if self.root != self.git_dir:
            return
        if self.root.name == ".git" or self.git_dir != self.common_dir:
            # Some tools set it in a clone that has files, and linked worktrees may inherit it.
            hint = "`git config core.bare false` if it has a work tree"
            raise GitError("git takes this repository for bare (core.bare is true)", hint)
        raise GitError("this repository is bare", "run it in a clone with a work tree")

    @property
    def state_dir(self) -> Path | None:
        """Where errata keeps its state: ``<git common dir>/errata``; None outside git.

        Raises:
            GitError: there is a symbolic link in its place.
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
        """Yield the contents of objects, in order, read from one process.

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
                header = child.stdout.readline().split()
                if len(header) != 3:
                    child.kill()
                    raise GitError(f"object {oid} is not in this repository", "fetch it first")
                yield child.stdout.read(int(header[2]))
                child.stdout.read(1)

    def small_blobs(self, oids: Iterable[str], limit: int) -> Iterator[bytes | None]:
        """Yield the contents of any number of blobs, in order, read from one process.

        None stands for an object that is missing, or longer than ``limit`` bytes. An object may
        also be named ``COMMIT:PATH``, with surrogates for bytes that are not UTF-8.
        """
        import subprocess
        import tempfile

        wanted = list(oids)
        with tempfile.TemporaryFile() as names:
            names.write("".join(f"{oid}\n" for oid in wanted).encode("utf-8", "surrogateescape"))
            names.seek(0)
            with subprocess.Popen(
                ["git", *SAFE, "cat-file", "--batch"],
                cwd=self.root,
                stdin=names,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment(),
            ) as child:
                assert child.stdout
                for _ in wanted:
                    header = child.stdout.readline().split()
                    size = int(header[2]) if len(header) == 3 else -1
                    if size > limit:
                        for start in range(0, size, 1 << 20):
                            child.stdout.read(min(1 << 20, size - start))
                    yield child.stdout.read(size) if 0 <= size <= limit else None
                    if size >= 0:
                        child.stdout.read(1)


def state_folder(git_dir: Path, *below: str) -> Path:
    """Errata's folder in a git directory, or one below it; it need not exist.

    Raises:
        GitError: there is a symbolic link in its place, which would lead writes elsewhere.
    """
    folder = git_dir
    for name in ("errata", *below):
        folder = folder / name
        if os.path.islink(folder):  # noqa: PTH114
            raise GitError(
                f"{folder}: is a symbolic link", "remove it; errata makes a folder there"
            )
    return folder


def _current_folder() -> Path:
    from pathlib import Path

    try:
        return Path.cwd()
    except FileNotFoundError as error:
        raise GitError("the current folder is gone", "go to one that exists") from error


def _git_dirs(where: Path) -> list[str]:
    """The git directory, the common directory, and "true" if the repository is bare."""
    answers = os.fsdecode(run(*_REV_PARSE, cwd=where)[:-1]).split("\n")
    if len(answers) == 3:
        return answers
    # A path holds a line end: ask one question at a time.
    return [os.fsdecode(run(*_REV_PARSE[:2], name, cwd=where)[:-1]) for name in _REV_PARSE[2:]]


def _inside_git(where: Path) -> bool:
    status, _ = run_status("rev-parse", "--git-dir", cwd=where)
    if status == 0:
        return True
    # 128 also means "dubious ownership": say that instead of treating the repository as none.
    if any((parent / ".git").exists() for parent in (where.resolve(), *where.resolve().parents)):
        run("rev-parse", "--git-dir", cwd=where)
    return False
