"""Ctrl-C ends every hook with one line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import errata

HOOKS = [path.stem for path in (Path(errata.__file__).parent / "githooks").glob("[!_]*.py")]
# As a signal does: between two instructions, in the first function that the hook calls.
PROBE = """
import sys
from errata.githooks import {module} as hook

def interrupt(frame, event, _):
    if event == "call" and "githooks/{module}.py" in frame.f_code.co_filename:
        if frame.f_code.co_name != "main":
            sys.setprofile(None)
            raise KeyboardInterrupt

sys.setprofile(interrupt)
sys.exit(hook.main({args!r}))
"""
ARGUMENTS = {"check_trailers": [".git/MESSAGE"], "stamp": [".git/MESSAGE"], "rewrite": ["amend"]}


@pytest.mark.parametrize("module", sorted(HOOKS))
def test_interrupt(repo: Any, module: str) -> None:
    repo.jsonl(".claude/review-findings.jsonl", {"timestamp": "2025-01-15"})
    repo.commit()
    repo.git("update-ref", "ORIG_HEAD", "HEAD")
    repo.jsonl(".claude/review-findings.jsonl", {"timestamp": "2025-01-16"})
    repo.git("add", "-A")
    repo.write(".git/MESSAGE", "Change\n\nAgent: nobody in particular\n")
    probe = PROBE.format(module=module, args=ARGUMENTS.get(module, []))
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=False
    )
    if module == "capture":
        # It never stops a commit: the next run does what is left.
        assert done.returncode == 0 and "Traceback" not in done.stderr
    else:
        assert (done.returncode, done.stdout, done.stderr) == (130, "", "errata: interrupted\n")
