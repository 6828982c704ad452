"""Runs a function in a child process and injects a fault into one of its system calls.

The child asks the kernel (seccomp) to stop it at the calls that can change a file. The parent
inspects each of them through ptrace: which file it concerns, and whether it is the one to fail.
Programs that the child starts are traced too, so that they continue, but get no faults.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import io
import os
import platform
import resource
import signal
import struct
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

UNABLE = (
    ""
    if sys.platform == "linux" and platform.machine() == "x86_64"
    else "needs Linux on x86_64, whose registers it reads"
)

# Name -> (number on x86_64, kinds of arguments): f is a descriptor, p a path, d the descriptor of
# the folder that the next path is relative to.
_CALLS = {
    "write": (1, "f"),
    "pwrite64": (18, "f"),
    "writev": (20, "f"),
    "fsync": (74, "f"),
    "fdatasync": (75, "f"),
    "ftruncate": (77, "f"),
    "flock": (73, "f"),
    "fcntl": (72, "f"),
    "fchmod": (91, "f"),
    "truncate": (76, "p"),
    "rename": (82, "pp"),
    "renameat": (264, "dpdp"),
    "renameat2": (316, "dpdp"),
    "mkdir": (83, "p"),
    "mkdirat": (258, "dp"),
    "rmdir": (84, "p"),
    "creat": (85, "p"),
    "link": (86, "pp"),
    "linkat": (265, "dpdp"),
    "unlink": (87, "p"),
    "unlinkat": (263, "dp"),
    "symlink": (88, "pp"),
    "symlinkat": (266, "pdp"),
    "chmod": (90, "p"),
    "fchmodat": (268, "dp"),
    "open": (2, "p"),
    "openat": (257, "dp"),
}
_NAMES = {number: name for name, (number, _) in _CALLS.items()}
_LOCKS = (6, 7, 37, 38)  # F_SETLK, F_SETLKW, and the same for open files.
_HERE = -100  # AT_FDCWD
_CHANGING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

_TRACEME, _CONT, _SETOPTIONS, _SYSCALL = 0, 7, 0x4200, 24
_GETREGS, _SETREGS = 12, 13
# TRACESYSGOOD, FORK, VFORK, CLONE, EXEC, SECCOMP, EXITKILL
_OPTIONS = 0x1 | 0x2 | 0x4 | 0x8 | 0x10 | 0x80 | 0x100000
_EVENT_SECCOMP, _WALL = 7, 0x40000000
_R10, _RAX, _RDX, _RSI, _RDI, _ORIG_RAX = 7, 10, 12, 13, 14, 15
_REGISTERS = 27

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = (ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)
_libc.ptrace.restype = ctypes.c_long


class Act(Enum):
    """What happens to a system call."""

    KILL_BEFORE = "killed before"
    KILL_AFTER = "killed after"
    TEAR = "torn"
    SHORT = "short"
    FAIL = "fails"


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault in one call, by its number among the calls on files of the repository."""

    number: int
    act: Act
    errno: int = 0

    def __str__(self) -> str:
        name = errno.errorcode[self.errno] if self.errno else ""
        return f"#{self.number} {self.act.value} {name}".rstrip()


@dataclass(frozen=True, slots=True)
class Call:
    """One system call on a file of the repository."""

    name: str
    path: str
    size: int = 0

    def __str__(self) -> str:
        return f"{self.name} {self.path}"


@dataclass(slots=True)
class Run:
    """The result of a run.

    Attributes:
        status: the exit status, or the negative number of the signal that ended it.
        calls: on files of the repository, in order.
        out, err: standard output and standard error.
        seconds: duration.
    """

    status: int = 0
    calls: list[Call] = field(default_factory=list)
    out: str = ""
    err: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class RunOptions:
    """The environment of a run.

    Attributes:
        size: limit for the size of a file, in bytes.
        uid: user to run as, or None.
        limit: seconds until the run counts as stuck and is killed.
        first: called in the child at its start.
    """

    size: int | None = None
    uid: int | None = None
    limit: float = 60.0
    first: Callable[[], None] | None = None


class StuckError(Exception):
    """A run did not end."""


def run(
    root: Path,
    work: Callable[[], int],
    fault: Fault | None = None,
    options: RunOptions = RunOptions(),
) -> Run:
    """Run ``work`` in a traced child process, in the folder ``root``.

    Raises:
        StuckError: it exceeded the time limit.
    """
    start = time.monotonic()
    # Pipes, because file size limits do not apply to them; large, because nobody reads meanwhile.
    pipes = [os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC) for _ in range(2)]
    for _, into in pipes:
        fcntl.fcntl(into, fcntl.F_SETPIPE_SZ, 1 << 20)
        os.set_blocking(into, True)
    try:
        sys.stdout.flush()
        sys.stderr.flush()
        child = os.fork()
        if child == 0:
            _child(root, work, [into for _, into in pipes], options)
        done = _Tracer(child, str(root), fault, start + options.limit).follow()
        done.out, done.err = (_all(source) for source, _ in pipes)
        done.seconds = time.monotonic() - start
        return done
    finally:
        for pair in pipes:
            for fd in pair:
                os.close(fd)


def _all(source: int) -> str:
    try:
        return os.read(source, 1 << 20).decode("utf-8", "replace")
    except BlockingIOError:
        return ""


def _child(root: Path, work: Callable[[], int], into: Sequence[int], options: RunOptions) -> None:
    status = 70
    try:
        os.chdir(root)
        null = os.open(os.devnull, os.O_RDONLY)
        for fd, number in ((null, 0), (into[0], 1), (into[1], 2)):
            os.dup2(fd, number)
        # The inherited objects cache properties of the old files, such as being seekable.
        sys.stdout, sys.stderr = (
            io.TextIOWrapper(io.FileIO(fd, "w", closefd=False), "utf-8", write_through=True)
            for fd in (1, 2)
        )
        if options.size is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (options.size, resource.RLIM_INFINITY))
        if options.uid is not None:
            os.setgroups([])
            os.setgid(options.uid)
            os.setuid(options.uid)
        if options.first is not None:
            options.first()
        # After a change of user, a process can be traced only if it is dumpable.
        _libc.prctl(4, 1, 0, 0, 0)
        _libc.ptrace(_TRACEME, 0, None, None)
        os.kill(os.getpid(), signal.SIGSTOP)
        _filter()
        status = work()
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else 1
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(status & 0xFF)


def _filter() -> None:
    """Make the kernel stop this process at the calls of the table."""
    program = bytes(_program())
    buffer = ctypes.create_string_buffer(program)
    head = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(buffer))
    _libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
    if _libc.prctl(22, 2, ctypes.create_string_buffer(head), 0, 0):  # PR_SET_SECCOMP
        raise OSError(ctypes.get_errno(), "seccomp")


def _program() -> Iterator[int]:
    """The filter as BPF: selects calls by number and flags."""
    load, equal, any_of, end = 0x20, 0x15, 0x45, 0x06
    allow, stop = 0x7FFF0000, 0x7FF00000
    plain = [
        number for name, (number, _) in _CALLS.items() if name not in ("open", "openat", "fcntl")
    ]
    # One block per call: return its verdict if it matches, else continue with the next block.
    yield from struct.pack("HBBI", load, 0, 0, 0)
    for number in plain:
        yield from struct.pack("HBBI", equal, 0, 1, number)
        yield from struct.pack("HBBI", end, 0, 0, stop)
    for name, argument in (("open", 1), ("openat", 2)):
        yield from struct.pack("HBBI", equal, 0, 4, _CALLS[name][0])
        yield from struct.pack("HBBI", load, 0, 0, 16 + 8 * argument)
        yield from struct.pack("HBBI", any_of, 0, 1, _CHANGING)
        yield from struct.pack("HBBI", end, 0, 0, stop)
        yield from struct.pack("HBBI", end, 0, 0, allow)
    yield from struct.pack("HBBI", equal, 0, 2 + 2 * len(_LOCKS), _CALLS["fcntl"][0])
    yield from struct.pack("HBBI", load, 0, 0, 16 + 8)
    for command in _LOCKS:
        yield from struct.pack("HBBI", equal, 0, 1, command)
        yield from struct.pack("HBBI", end, 0, 0, stop)
    yield from struct.pack("HBBI", end, 0, 0, allow)
    yield from struct.pack("HBBI", end, 0, 0, allow)


class _Tracer:
    """Follows one child and all processes that it starts until they end."""

    def __init__(self, child: int, root: str, fault: Fault | None, end: float) -> None:
        self._child = child
        self._root = root
        self._fault = fault
        self._end = end
        self._alive = {child}
        self._run = Run()

    def follow(self) -> Run:
        os.waitpid(self._child, _WALL)
        _ptrace(_SETOPTIONS, self._child, _OPTIONS)
        _ptrace(_CONT, self._child)
        signal.setitimer(signal.ITIMER_REAL, max(0.01, self._end - time.monotonic()))
        old = signal.signal(signal.SIGALRM, self._stuck)
        try:
            while self._alive:
                try:
                    pid, status = os.waitpid(-1, _WALL)
                except ChildProcessError:
                    break
                self._handle_stop(pid, status)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, old)
        return self._run

    def _stuck(self, *_: object) -> None:
        for pid in self._alive:
            with _ignore_missing_process():
                os.kill(pid, signal.SIGKILL)
        raise StuckError(f"did not end; killed; last: {self._run.calls[-3:]}")

    def _handle_stop(self, pid: int, status: int) -> None:
        if not os.WIFSTOPPED(status):
            self._alive.discard(pid)
            if pid == self._child:
                self._run.status = os.waitstatus_to_exitcode(status)
            return
        self._alive.add(pid)
        stopped, event = os.WSTOPSIG(status), status >> 16
        pass_on = 0
        with _ignore_missing_process():
            if event == _EVENT_SECCOMP:
                if pid == self._child and self._handle_call(pid):
                    _ptrace(_SYSCALL, pid)
                    return
            elif stopped == signal.SIGTRAP | 0x80:
                # The call with the fault has returned.
                os.kill(pid, signal.SIGKILL)
            elif not event and stopped not in (signal.SIGSTOP, signal.SIGTRAP):
                pass_on = stopped
            _ptrace(_CONT, pid, pass_on)

    def _handle_call(self, pid: int) -> bool:
        """Record a call and inject the fault if it is due; True to stop again when it returns."""
        registers = (ctypes.c_ulonglong * _REGISTERS)()
        _ptrace(_GETREGS, pid, registers)
        call = self._describe(pid, registers)
        if call is None:
            return False
        self._run.calls.append(call)
        fault = self._fault
        if fault is None or len(self._run.calls) - 1 != fault.number:
            return False
        if fault.act is Act.KILL_BEFORE:
            os.kill(pid, signal.SIGKILL)
            return False
        if fault.act in (Act.TEAR, Act.SHORT):
            registers[_RDX] = max(1, registers[_RDX] // 2)
        elif fault.act is Act.FAIL:
            registers[_ORIG_RAX] = ctypes.c_ulonglong(-1).value
            registers[_RAX] = ctypes.c_ulonglong(-fault.errno).value
        _ptrace(_SETREGS, pid, registers)
        return fault.act in (Act.TEAR, Act.KILL_AFTER)

    def _describe(self, pid: int, registers: ctypes.Array[ctypes.c_ulonglong]) -> Call | None:
        name = _NAMES[registers[_ORIG_RAX]]
        values = [registers[at] for at in (_RDI, _RSI, _RDX, _R10)]
        paths, start = [], _read_link(f"/proc/{pid}/cwd")
        for kind, value in zip(_CALLS[name][1], values, strict=False):
            number = ctypes.c_int(value).value
            if kind == "f":
                paths.append(_read_link(f"/proc/{pid}/fd/{number}"))
            elif kind == "d":
                start = _read_link(f"/proc/{pid}/{'cwd' if number == _HERE else f'fd/{number}'}")
            else:
                paths.append(os.path.join(start, _read_string(pid, value)))
        path = next((p for p in reversed(paths) if p.startswith(f"{self._root}/")), None)
        if path is None and self._root not in paths:
            return None
        size = values[2] if name in ("write", "pwrite64") else 0
        return Call(name, os.path.relpath(path or self._root, self._root), size)


class _ignore_missing_process:
    """Ignores that a process no longer exists."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: object, trace: object) -> bool:
        return isinstance(error, ProcessLookupError)


def _read_link(path: str) -> str:
    try:
        return os.readlink(path)
    except OSError:
        return ""


def _read_string(pid: int, address: int) -> str:
    """The C string at an address of another process."""
    data = b""
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        while b"\0" not in data and len(data) < 4096:
            # Up to the end of the page: the next page may not be mapped.
            size = 4096 - (address + len(data)) % 4096
            memory.seek(address + len(data))
            data += memory.read(min(size, 256))
    return os.fsdecode(data.split(b"\0")[0])


def _ptrace(request: int, pid: int, data: object = 0) -> None:
    value = ctypes.cast(data, ctypes.c_void_p) if isinstance(data, ctypes.Array) else data
    if _libc.ptrace(request, pid, None, value) < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
