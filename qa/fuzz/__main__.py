"""``python -m qa.fuzz [TARGET...]``: coverage-guided fuzzing of every parser.

Each target runs in a separate process, from a corpus in ``build/fuzz``. A run that was interrupted
continues where it stopped. Findings are saved below ``qa/fuzz/found``; the test suite replays them.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from qa.counts import Counts
from qa.fuzz import registry

HERE = Path(__file__).parent
FOUND = HERE / "found"
_FEATURES = re.compile(r"cov: (\d+) ft: (\d+)")
_EVERY = 30.0
_STILL = 6
"""This many checks without a new input are a hang outside of the guard."""
_ROOT = HERE.parents[1]
# The seeds come from builders of the tests.
_PATHS = (_ROOT, _ROOT / "tests", _ROOT / "tests" / "runbooks")
_ENV = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, _PATHS))}


@dataclass
class Result:
    """The result of one target."""

    name: str
    inputs: int
    cpu: float
    features: int
    failures: list[str] = field(default_factory=list)

    def line(self) -> str:
        """One line for display."""
        rate = self.inputs / self.cpu if self.cpu else 0
        return (
            f"{self.name:<18} {self.inputs:>10,} inputs {self.cpu:>7.0f} s {rate:>8,.0f}/s "
            f"{self.features:>6,} features {len(self.failures)} findings"
        )


def main(argv: list[str] | None = None) -> int:
    """Run targets; return the exit status."""
    args = _arguments(argv)
    counts = Counts("fuzz")
    names = args.targets or list(registry.NAMES)
    with ThreadPoolExecutor(args.jobs) as pool:
        results = list(pool.map(lambda name: _fuzz(name, args), names))
    print("\n".join(result.line() for result in results), file=sys.stderr)
    for result in results:
        counts.add("inputs", result.inputs)
        counts.failures += result.failures
    counts.add("parsers", len(results))
    return counts.close(args.write)


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m qa.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=" ".join(registry.NAMES))
    parser.add_argument("--inputs", type=int, default=1_000_000, help="for each parser")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--state", type=Path, default=Path("build/fuzz"))
    parser.add_argument("--found", type=Path, default=FOUND)
    parser.add_argument("--fresh", action="store_true", help="discard the corpus of earlier runs")
    parser.add_argument("--blind", action="store_true", help="run without coverage (and atheris)")
    parser.add_argument("--write", action="store_true", help="write the counts to SECURITY.md")
    args = parser.parse_args(argv)
    for name in args.targets:
        if name not in (*registry.NAMES, *registry.CONTROLS):
            parser.error(f"unknown target {name!r}; choose from: {' '.join(registry.NAMES)}")
    return args


def _fuzz(name: str, args: argparse.Namespace) -> Result:
    state = args.state / name
    if args.fresh:
        shutil.rmtree(state, ignore_errors=True)
    state.mkdir(parents=True, exist_ok=True)
    inputs = round(args.inputs * registry.share(name))
    command = [sys.executable, "-m", "qa.fuzz.child", name, f"--inputs={inputs}"]
    command += [f"--state={state}", f"--found={args.found / name}"]
    command += ["--blind"] if args.blind else []
    with (state / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=_ROOT, env=_ENV)
        _watch(name, state, process)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    log_text = (state / "log").read_text("utf-8", "replace")
    features = _FEATURES.findall(log_text)
    result = Result(
        name, _count(state), used.ru_utime + used.ru_stime, int(features[-1][1]) if features else 0
    )
    result.failures = [*_findings(state), *_ended(name, state, process.returncode, log_text, args)]
    if not process.returncode and result.inputs < inputs:
        result.failures.append(f"{name}: only {result.inputs:,} of {inputs:,} inputs")
    for done in ("count", "findings.jsonl"):
        (state / done).unlink(missing_ok=True)
    print(result.line(), file=sys.stderr, flush=True)
    return result


def _watch(name: str, state: Path, process: subprocess.Popen[bytes]) -> None:
    """Report progress; without progress, get a stack trace and kill the process."""

    def watch() -> None:
        before, still = -1, 0
        while not _ended_within(process.pid, _EVERY):
            count = _count(state)
            print(f"{name}: {count:,} inputs", file=sys.stderr, flush=True)
            before, still = count, still + 1 if count == before else 0
            if still >= _STILL:
                process.send_signal(signal.SIGUSR1)
                time.sleep(2)
                process.kill()

    threading.Thread(target=watch, daemon=True).start()


def _ended_within(pid: int, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not Path(f"/proc/{pid}").exists():
            return True
        time.sleep(0.5)
    return False


def _count(state: Path) -> int:
    path = state / "count"
    return int.from_bytes(path.read_bytes(), "little") if path.exists() else 0


def _findings(state: Path) -> list[str]:
    path = state / "findings.jsonl"
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    findings = [json.loads(line) for line in lines]
    return [f"{item['file']}: {item['where']}\n{item['detail']}" for item in findings]


def _ended(name: str, state: Path, code: int, log: str, args: argparse.Namespace) -> list[str]:
    """The failure of a process that died. Saves the input that killed it."""
    if not code:
        return []
    kept = []
    for file in (*state.glob("crash-*"), *state.glob("timeout-*"), *state.glob("oom-*")):
        (args.found / name).mkdir(parents=True, exist_ok=True)
        kept.append(str(shutil.move(file, args.found / name / file.name[:18])))
    last = "\n".join(log.splitlines()[-15:])
    return [f"{name}: the process ended with {code}; {' '.join(kept) or 'no input saved'}\n{last}"]


if __name__ == "__main__":
    sys.exit(main())
