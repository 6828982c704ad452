"""Validate a whole log, in one process: ours, jsonschema line by line, and the bare loop.

The bare loop parses and checks every line and does nothing else: no duplicate keys, no ids, no
future dates, no line numbers. It is what the two libraries cost.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.figure import Figure
from bench.measure import ROOT, output
from bench.settings import Settings

# Of jsonschema; it takes minutes for what the others do in a second, and is the same per line.
_SAMPLE = 1_000


def run(settings: Settings) -> Iterator[Figure]:
    """Ours against both, in a process of its own so that this one stays small."""
    log = settings.logs()["finding"]
    command = [
        sys.executable,
        "-m",
        "bench.rows.validate",
        str(log),
        str(settings.runs),
        str(int(settings.cpu)),
    ]
    lines, ours, bare, slow = json.loads(output(command, ROOT))
    what = f"validate a whole log of {lines:,} records"
    note = f"jsonschema on {min(lines, _SAMPLE):,} of the lines, scaled"
    yield Figure(what, ours, "s", 30, "jsonschema per line", slow, at_least=True, note=note)
    yield Figure(what, ours, "s", 1.5, "parse and jsonschema-rs, bare loop", bare)


def _measure(log: Path, runs: int, cpu: bool) -> tuple[int, float, float, float]:
    """Number of lines, and the median seconds of ours, the bare loop and jsonschema."""
    import msgspec
    from jsonschema import Draft202012Validator

    from errata.records import instants, schema, validate
    from errata.records.model import Kind

    content = log.read_bytes()
    lines = content.split(b"\n")[:-1]
    decode, fast = msgspec.json.Decoder().decode, schema.checker(Kind.FINDING)
    slow = Draft202012Validator(schema.load(Kind.FINDING)).is_valid

    def ours() -> None:
        report = validate.check(Kind.FINDING, content, now=instants.clock())
        assert report.checked == len(lines) and not report.problems

    def bare() -> None:
        for line in content.split(b"\n"):
            if line:
                assert fast(decode(line))

    sample = lines[:: max(1, len(lines) // _SAMPLE)]

    def per_line() -> None:
        for line in sample:
            assert slow(decode(line))

    clock = time.process_time if cpu else time.perf_counter
    times: dict[Callable[[], None], list[float]] = {ours: [], bare: [], per_line: []}
    for turn in range(runs + 1):
        for function in times if turn % 2 else reversed(times):
            start = clock()
            function()
            if turn:
                times[function].append(clock() - start)
    middle = {function: statistics.median(took) for function, took in times.items()}
    return len(lines), middle[ours], middle[bare], middle[per_line] * len(lines) / len(sample)


if __name__ == "__main__":
    print(json.dumps(_measure(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "1")))
