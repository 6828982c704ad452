"""One ordinary commit under pre-commit and under prek: what all our hooks add to it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench import generate, installed, workspace
from bench.figure import Figure
from bench.measure import ROOT, BenchError, Sample, git, output, process, take_turns
from bench.rows import commits
from bench.settings import Settings

_STAGES = ("pre-commit", "prepare-commit-msg", "commit-msg", "post-commit", "post-rewrite")
_SHORT = 200
_LOG = ".claude/review-findings.jsonl"
_GOAL = 250.0


def run(settings: Settings) -> Iterator[Figure]:
    """Ours against a hook that does nothing at the same stages; then long history against short."""
    # What is put on top is to lie before what is measured, which is committed by the clock.
    earlier = replace(settings, end=settings.end - 40 * workspace.DAY)
    short = replace(earlier, commits=_SHORT, repo=None).history()
    for name, command in _frameworks().items():
        with workspace.scratch_dir() as folder:
            desks = {
                f"{kind} {size}": _desk(folder / f"{kind}-{size}", source, command, kind, records)
                for size, source, records in (
                    ("long", earlier.history(), settings.records // 20),
                    ("short", short, 20),
                )
                for kind in ("ours", "nothing", *(["bare"] if size == "long" else []))
            }
            samples = take_turns(
                {key: _committing(desk) for key, desk in desks.items()}, settings.runs * 2
            )
        took = {key: settings.median(found) * 1e3 for key, found in samples.items()}
        yield from _figures(name, earlier.where(), took)


def _figures(name: str, where: str, took: dict[str, float]) -> Iterator[Figure]:
    """What our hooks add, in milliseconds, beside what a commit takes with other hooks."""
    long = took["ours long"] - took["nothing long"]
    yield Figure(
        f"one commit under {name}: what our hooks add ({where})",
        long,
        "ms",
        _GOAL,
        absolute=True,
        peer=f"{name} with hooks that do nothing",
        theirs=took["nothing long"],
        note="git commit as a whole, less the same with a no-op hook at each stage; an agent "
        "committed to other files days before",
    )
    yield Figure(
        "the same, against interpreters that only start",
        long,
        "ms",
        None,
        "as many hooks, each a bare interpreter",
        max(1.0, took["bare long"] - took["nothing long"]),
        note="a hook that is written in Python cannot cost less",
    )
    yield Figure(
        f"the same, against {_SHORT} commits and a log of 20 lines",
        long,
        "ms",
        1.5,
        "short history, short log",
        max(1.0, took["ours short"] - took["nothing short"]),
        note="what would grow with the history or the logs would show here",
    )


def _frameworks() -> dict[str, list[str]]:
    prek = shutil.which("prek", path=str(Path(sys.executable).parent)) or shutil.which("prek")
    if prek is None:
        raise BenchError("prek is not installed; it comes with the extra `test`")
    return {"pre-commit": [sys.executable, "-m", "pre_commit"], "prek": [prek]}


def _desk(folder: Path, source: Path, framework: list[str], kind: str, records: int) -> Path:
    """A clone with a log that git tracks, an agent's commit, and one kind of hooks installed."""
    folder.mkdir(parents=True)
    commits.clone(folder, source)
    commits.without_agents(folder)
    commits.by_agent(folder)
    (folder / _LOG).parent.mkdir(parents=True, exist_ok=True)
    logs = folder / ".logs"
    generate.write(logs, records, workspace.today())
    shutil.move(generate.paths(logs)["finding"], folder / _LOG)
    shutil.rmtree(logs)
    config = _nothing() if kind == "nothing" else _ours(bare=kind == "bare")
    (folder / ".pre-commit-config.yaml").write_text(config)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "Hooks and a log")
    kinds = [word for stage in _STAGES for word in ("--hook-type", stage)]
    output([*framework, "install", *kinds], folder)
    return folder


def _committing(folder: Path) -> Any:
    def commit() -> Sample:
        file = folder / "docs/steps.md"
        file.write_bytes(file.read_bytes() + b"One step more.\n")
        before = git(folder, "rev-parse", "HEAD")
        sample = process(["git", "commit", "-qam", "Describe one step more"], folder)
        if git(folder, "rev-parse", "HEAD^") != before:
            raise BenchError("the commit was not made")
        return sample

    return commit


def _ours(bare: bool) -> str:
    """Our hooks; or, in the place of each, an interpreter that starts and ends."""
    from ruamel.yaml import YAML

    hooks = YAML(typ="safe").load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    lines = ["repos:", "  - repo: local", "    hooks:"]
    for hook in hooks:
        entry = f"{installed.python()} -c pass" if bare else installed.script(hook["entry"])
        hook |= {"entry": entry, "language": "system"}
        hook.pop("minimum_pre_commit_version", None)
        pairs = [f"{key}: {_flow(value)}" for key, value in hook.items()]
        lines += [f"      - {pairs[0]}", *(f"        {pair}" for pair in pairs[1:])]
    return "\n".join(lines) + "\n"


def _flow(value: Any) -> str:
    import json

    return json.dumps(value)


def _nothing() -> str:
    lines = ["repos:", "  - repo: local", "    hooks:"]
    for stage in _STAGES:
        lines += [
            f"      - {{id: nothing-{stage}, name: nothing, entry: 'true', language: system,",
            f"         stages: [{stage}], always_run: true, pass_filenames: false}}",
        ]
    return "\n".join(lines) + "\n"
