"""Ctrl-C: one line, exit status 130, and nothing half written."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from errata.records import log_lock
from record_builders import FINDINGS, finding, tree

LINE = "errata: interrupted\n"
FINDING = ("log", "finding", "--severity", "nit", "--description", "x", "--file", "a.py")


def start(*args: str, **more: Any) -> subprocess.Popen[str]:
    """A real process, with pipes."""
    return subprocess.Popen(
        [sys.executable, "-m", "errata", *args],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **more,
    )


def wait_until_it_waits(process: subprocess.Popen[str]) -> None:
    """Return once the process has slept for a while: it reads, asks or waits for a lock."""
    stat, idle, last = Path(f"/proc/{process.pid}/stat"), 0, ""
    end = time.monotonic() + 30
    while idle < 5 and time.monotonic() < end:
        time.sleep(0.05)
        fields = stat.read_text().rpartition(")")[2].split()
        used = " ".join(fields[11:13])
        idle = idle + 1 if fields[0] == "S" and used == last else 0
        last = used


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
@pytest.mark.parametrize(
    "args",
    [("explain", "--message", "-"), ("log", "finding", "--json", "-")],
    ids=lambda args: args[0],
)
def test_while_reading(repo: Any, args: tuple[str, ...]) -> None:
    before = tree(repo.root)
    process = start(*args)
    wait_until_it_waits(process)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, "", LINE)
    assert tree(repo.root) == before


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_while_waiting_for_a_lock(repo: Any) -> None:
    repo.jsonl(FINDINGS, finding(1))
    before = (repo.root / FINDINGS).read_bytes()
    with log_lock.locked(repo.root / FINDINGS, root=repo.root):
        process = start(*FINDING)
        wait_until_it_waits(process)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, "", LINE)
    assert (repo.root / FINDINGS).read_bytes() == before


@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["Ctrl-C", "Ctrl-D"])
def test_at_a_question(repo: Any, key: str) -> None:
    repo.write("README.md", "one\n")
    repo.commit()
    before = tree(repo.root)
    pid, master = pty.fork()
    if not pid:
        os.execv(sys.executable, [sys.executable, "-m", "errata", "init", "--manager", "plain"])
    shown = ""
    while "?" not in shown or select.select([master], [], [], 2)[0]:
        shown += os.read(master, 65536).decode()
    os.write(master, key.encode())
    after = ""
    try:
        while more := os.read(master, 65536).decode():
            after += more
    except OSError:  # The process has ended.
        pass
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 130
    os.close(master)
    assert after.replace("\r", "").endswith(f"\n{LINE}") and after.count("\n") == 2
    assert tree(repo.root) == before
