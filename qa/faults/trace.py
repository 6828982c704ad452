"""Run a function in a child of its own, and disturb one of its system calls.

The calls are real ones. The child asks the kernel (seccomp) to stop it at those calls only that can
change a file, and its parent looks at each of them through ptrace: which file it is about, and
whether it is the one to be disturbed. Programs that the child starts are watched too, so that they
go on, but never disturbed.
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
    else "needs Linux on x86_64: registers of system calls are read as they are there"
)

# Name -> (number on x86_64, which arguments are what): f a descriptor, d one of a folder that the
# path after it is relative to, p a path.
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
    """What is done to a system call."""

    KILL_BEFORE = "killed before"
    KILL_AFTER = "killed after"
    TEAR = "torn"
    SHORT = "short"
    FAIL = "fails"


@dataclass(frozen=True, slots=True)
class Fault:
    """One disturbance: of the call with this number (of those about files in the repository)."""

    number: int
    act: Act
    errno: int = 0

    def __str__(self) -> str:
        name = errno.errorcode[self.errno] if self.errno else ""
        return f"#{self.number} {self.act.value} {name}".rstrip()


@dataclass(frozen=True, slots=True)
class Call:
    """One system call about a file of the repository."""

    name: str
    path: str
    size: int = 0

    def __str__(self) -> str:
        return f"{self.name} {self.path}"


@dataclass(slots=True)
class Run:
    """What came of a run.

    Attributes:
        status: the exit status; negative is the signal that ended it.
        calls: about files in the repository, in order.
        out, err: what was printed.
        seconds: how long it took.
    """

    status: int = 0
    calls: list[Call] = field(default_factory=list)
    out: str = ""
    err: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class How:
    """The surroundings of a run.

    Attributes:
        size: the largest file that may be written, in bytes.
        uid: to run as, or None.
        limit: seconds after which the run counts as stuck, and is killed.
        first: called in the child before all else.
    """

    size: int | None = None
    uid: int | None = None
    limit: float = 60.0
    first: Callable[[], None] | None = None


class StuckError(Exception):
    """A run did not end."""


def run(root: Path, work: Callable[[], int], fault: Fault | None = None, how: How = How()) -> Run:
    """Run ``work`` in a child, in the folder ``root``, whose calls are watched and disturbed.

    Raises:
        StuckError: it took longer than it may.
    """
    start = time.monotonic()
    # Pipes, for a limit of files' sizes is none of theirs; large ones, for nobody reads meanwhile.
    pipes = [os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC) for _ in range(2)]
    for _, into in pipes:
        fcntl.fcntl(into, fcntl.F_SETPIPE_SZ, 1 << 20)
        os.set_blocking(into, True)
    try:
        sys.stdout.flush()
        sys.stderr.flush()
        child = os.fork()
        if child == 0:
            _child(root, work, [into for _, into in pipes], how)
        done = _Tracer(child, str(root), fault, start + how.limit).follow()
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


def _child(root: Path, work: Callable[[], int], into: Sequence[int], how: How) -> None:
    status = 70
    try:
        os.chdir(root)
        null = os.open(os.devnull, os.O_RDONLY)
        for fd, number in ((null, 0), (into[0], 1), (into[1], 2)):
            os.dup2(fd, number)
        # The old ones believe in the files that were there, for instance that one can seek in them.
        sys.stdout, sys.stderr = (
            io.TextIOWrapper(io.FileIO(fd, "w", closefd=False), "utf-8", write_through=True)
            for fd in (1, 2)
        )
        if how.size is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (how.size, resource.RLIM_INFINITY))
        if how.uid is not None:
            os.setgroups([])
            os.setgid(how.uid)
            os.setuid(how.uid)
        if how.first is not None:
            how.first()
        # A child that changed its user is traced as well, but only if it may be dumped.
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
    """From here on the kernel stops this process at the calls of the table."""
    program = bytes(_program())
    buffer = ctypes.create_string_buffer(program)
    head = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(buffer))
    _libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
    if _libc.prctl(22, 2, ctypes.create_string_buffer(head), 0, 0):  # PR_SET_SECCOMP
        raise OSError(ctypes.get_errno(), "seccomp")


def _program() -> Iterator[int]:
    """The filter in the kernel's language: which call, and with which flags."""
    load, equal, any_of, end = 0x20, 0x15, 0x45, 0x06
    allow, stop = 0x7FFF0000, 0x7FF00000
    plain = [
        number for name, (number, _) in _CALLS.items() if name not in ("open", "openat", "fcntl")
    ]
    # One block for each call: if it is this one, its verdict; else the next block.
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
    """Follows one child and all that it starts to their ends."""

    def __init__(self, child: int, root: str, fault: Fault | None, end: float) -> None:
        self._child = child
        self._root = root
        self._fault = fault
        self._end = end
        self._alive = {child}
        self._leaving: Act | None = None
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
                self._one(pid, status)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, old)
        return self._run

    def _stuck(self, *_: object) -> None:
        for pid in self._alive:
            with _gone():
                os.kill(pid, signal.SIGKILL)
        raise StuckError(f"did not end; killed; last: {self._run.calls[-3:]}")

    def _one(self, pid: int, status: int) -> None:
        if not os.WIFSTOPPED(status):
            self._alive.discard(pid)
            if pid == self._child:
                self._run.status = os.waitstatus_to_exitcode(status)
            return
        self._alive.add(pid)
        stopped, event = os.WSTOPSIG(status), status >> 16
        pass_on = 0
        with _gone():
            if event == _EVENT_SECCOMP:
                if pid == self._child and self._call(pid):
                    _ptrace(_SYSCALL, pid)
                    return
            elif stopped == signal.SIGTRAP | 0x80:
                # The disturbed call has been carried out.
                os.kill(pid, signal.SIGKILL)
            elif not event and stopped not in (signal.SIGSTOP, signal.SIGTRAP):
                pass_on = stopped
            _ptrace(_CONT, pid, pass_on)

    def _call(self, pid: int) -> bool:
        """Look at a call, and disturb it if it is the one; True to be told when it is done."""
        registers = (ctypes.c_ulonglong * _REGISTERS)()
        _ptrace(_GETREGS, pid, registers)
        call = self._named(pid, registers)
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

    def _named(self, pid: int, registers: ctypes.Array[ctypes.c_ulonglong]) -> Call | None:
        name = _NAMES[registers[_ORIG_RAX]]
        values = [registers[at] for at in (_RDI, _RSI, _RDX, _R10)]
        found, start = [], _link(f"/proc/{pid}/cwd")
        for kind, value in zip(_CALLS[name][1], values, strict=False):
            number = ctypes.c_int(value).value
            if kind == "f":
                found.append(_link(f"/proc/{pid}/fd/{number}"))
            elif kind == "d":
                start = _link(f"/proc/{pid}/{'cwd' if number == _HERE else f'fd/{number}'}")
            else:
                found.append(os.path.join(start, _text(pid, value)))
        path = next((p for p in reversed(found) if p.startswith(f"{self._root}/")), None)
        if path is None and self._root not in found:
            return None
        size = values[2] if name in ("write", "pwrite64") else 0
        return Call(name, os.path.relpath(path or self._root, self._root), size)


class _gone:
    """A process that was killed meanwhile is no trouble."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: object, trace: object) -> bool:
        return isinstance(error, ProcessLookupError)


def _link(path: str) -> str:
    try:
        return os.readlink(path)
    except OSError:
        return ""


def _text(pid: int, address: int) -> str:
    """The string at an address of another process."""
    data = b""
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        while b"\0" not in data and len(data) < 4096:
            # To the end of the page: the next one need not be there.
            size = 4096 - (address + len(data)) % 4096
            memory.seek(address + len(data))
            data += memory.read(min(size, 256))
    return os.fsdecode(data.split(b"\0")[0])


def _ptrace(request: int, pid: int, data: object = 0) -> None:
    value = ctypes.cast(data, ctypes.c_void_p) if isinstance(data, ctypes.Array) else data
    if _libc.ptrace(request, pid, None, value) < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
