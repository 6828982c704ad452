"""Fuzzes one target in a separate process, which libFuzzer ends: ``python -m qa.fuzz.child NAME``.

A finding does not stop the run. The first input of each kind is saved.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import hashlib
import json
import mmap
import os
import resource
import signal
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

from qa.fuzz import mutation, registry
from qa.fuzz.guard import Finding, Guard
from qa.fuzz.target import Target

_ADDRESSES = 4 << 30
_STOP = 60
_HANGS = 10
"""The run ends after this many hangs: each takes a second, and most are the same finding."""


class Counter:
    """Counts inputs in a file, which survives a killed process."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(8))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), 8)
        self.value: int = struct.unpack("<Q", self._map)[0]

    def add(self) -> None:
        self.value += 1
        self._map[:] = struct.pack("<Q", self.value)


class Run:
    """Passes inputs to a target, counts them, and saves the first input of each finding."""

    def __init__(self, target: Target, state: Path, found: Path) -> None:
        self.target = target
        self.counter = Counter(state / "count")
        self._report = state / "findings.jsonl"
        self._found = found
        self._seen: set[str] = set()
        self._hangs = 0
        self.guard = Guard(target.run)

    def __call__(self, data: bytes) -> None:
        self.counter.add()
        finding = self.guard.check(data)
        self._hangs += finding is not None and finding.kind == "hang"
        if finding and finding.where not in self._seen:
            self._seen.add(finding.where)
            self._save(finding, data)
        if self._hangs >= _HANGS:
            # libFuzzer offers no other way to end.
            os._exit(0)

    def _save(self, finding: Finding, data: bytes) -> None:
        self._found.mkdir(parents=True, exist_ok=True)
        file = self._found / f"{finding.kind}-{hashlib.sha256(data).hexdigest()[:12]}"
        file.write_bytes(data)
        line = {"file": str(file), "where": finding.where, "detail": finding.detail}
        with self._report.open("a", encoding="utf-8") as out:
            out.write(json.dumps(line) + "\n")


def main(argv: list[str] | None = None) -> int:
    """Fuzz one target. Does not return with atheris."""
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("--inputs", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--found", type=Path, required=True)
    parser.add_argument("--blind", action="store_true")
    args = parser.parse_args(argv)
    args.state.mkdir(parents=True, exist_ok=True)
    # The parent asks for a stack trace when there is no progress.
    faulthandler.register(signal.SIGUSR1)
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESSES, _ADDRESSES))
    with _instrumented(args.blind):
        target = registry.load(args.name)
        run = Run(target, args.state, args.found)
        # Run the seeds here, so that deferred imports are instrumented too.
        with run.guard:
            for seed in target.seeds():
                run(seed)
    with run.guard:
        (_blind if args.blind else _guided)(run, args.inputs, args.state)
    return 0


def _instrumented(blind: bool) -> contextlib.AbstractContextManager[object]:
    if blind:
        return contextlib.nullcontext()
    import atheris

    context: contextlib.AbstractContextManager[object] = atheris.instrument_imports(
        include=["errata", "qa.fuzz.control"]
    )
    return context


def mutants(target: Target, random: Random) -> Iterator[bytes]:
    """Endless inputs, each a mutation of a seed or of an earlier mutation."""
    pool = [seed[: target.limit] for seed in target.seeds()]
    change = target.mutate or (lambda data, r: mutation.words(data, r, target.words))
    while True:
        data = change(random.choice(pool), random)[: target.limit]
        if random.randrange(20) == 0:
            pool[random.randrange(len(pool))] = data
            pool = pool if random.randrange(50) else [s[: target.limit] for s in target.seeds()]
        yield data


def _blind(run: Run, inputs: int, _state: Path) -> None:
    """Run mutations of the seeds without coverage, for platforms without atheris."""
    for data in mutants(run.target, Random(1)):
        if run.counter.value >= inputs:
            return
        run(data)


def _guided(run: Run, inputs: int, state: Path) -> None:
    import atheris

    target, random = run.target, Random(1)
    change = target.mutate or (lambda data, r: mutation.words(data, r, target.words))

    def mutate(data: bytes, most: int, _seed: int) -> bytes:
        if random.randrange(3) == 0:
            mutated: bytes = atheris.Mutate(data, most)
            return mutated
        return change(data, random)[:most]

    corpus = state / "corpus"
    corpus.mkdir(exist_ok=True)
    for seed in target.seeds():
        (corpus / hashlib.sha256(seed).hexdigest()).write_bytes(seed[: target.limit])
    options: dict[str, object] = {
        "runs": max(1, inputs - run.counter.value + 2),
        "max_len": target.limit,
        "timeout": _STOP,
        "rss_limit_mb": 0,
        "artifact_prefix": f"{state}/",
        "print_final_stats": 1,
        "verbosity": 1,
    }
    if target.words:
        options["dict"] = state / "words"
        (state / "words").write_text("".join(f'"{_escaped(word)}"\n' for word in target.words))
    arguments = [f"-{name}={value}" for name, value in options.items()]
    atheris.Setup(
        [sys.argv[0], *arguments, str(corpus)], run, custom_mutator=mutate, internal_libfuzzer=True
    )
    atheris.Fuzz()


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word)


if __name__ == "__main__":
    sys.exit(main())
