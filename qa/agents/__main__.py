"""``python -m qa.agents``: drive coding agents' tools against a scripted model.

docs/driven-agents.md describes the steps.

Needs npm, and the network for the packages only. The tools themselves talk to 127.0.0.1; where
`unshare` allows it, they run in a network namespace that has nothing else.
"""

from __future__ import annotations

import argparse
import datetime
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from qa.agents import packages, recording, table
from qa.agents.model import Model
from qa.agents.place import Place
from qa.agents.steps import Drive, Result, at_terminal, headless, uninstall
from qa.agents.table import Run
from qa.agents.tools.base import Tool
from qa.agents.tools.claude import Claude
from qa.agents.tools.codex import Codex
from qa.agents.tools.gemini import Gemini

TOOLS: dict[str, type[Tool]] = {tool.name: tool for tool in (Claude, Codex, Gemini)}
_ISOLATED = "ERRATA_QA_ISOLATED"


def main() -> int:
    """Run the steps; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m qa.agents", description=__doc__)
    parser.add_argument("--tool", action="append", choices=sorted(TOOLS), help="only this one")
    parser.add_argument("--version", help="another version than the pinned one; needs --tool")
    parser.add_argument("--packages", type=Path, metavar="DIR", help="installed already, by tool")
    parser.add_argument("--mode", action="append", choices=["headless", "terminal"])
    parser.add_argument("--record", action="store_true", help="replace the recorded events")
    parser.add_argument("--write", action="store_true", help="write the table of its document")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="work here and leave it")
    options = parser.parse_args()
    names = options.tool or list(TOOLS)
    if options.version and len(names) != 1:
        parser.error("--version needs one --tool")
    if options.write and names != list(TOOLS):
        parser.error("--write needs all tools")
    if (options.write or options.record) and options.mode:
        parser.error("--write and --record need all modes")
    versions = {
        name: options.version or packages.pinned(name, TOOLS[name].package) for name in names
    }
    folders = {
        name: options.packages / name
        if options.packages
        else packages.install(name, TOOLS[name].package, versions[name])
        for name in names
    }
    isolate()
    runs = []
    with tempfile.TemporaryDirectory() as temporary:
        for name in names:
            place = (options.keep or Path(temporary)).resolve() / name
            results = drive(TOOLS[name], versions[name], folders[name], place, options)
            runs.append(Run(TOOLS[name], versions[name], results))
    return report(runs, write=options.write)


def report(runs: Sequence[Run], *, write: bool) -> int:
    """Print the table and the closing line; return the exit status."""
    shown = table.render(runs, datetime.date.today())
    if write:
        text = table.DOCUMENT.read_text("utf-8")
        table.DOCUMENT.write_text(table.update(text, shown), "utf-8")
    checks = [result for run in runs for result in run.results]
    faults = sum(bool(result.fault) for result in checks)
    print(f"\n{shown}\ntest-agents: {len(runs)} tools, {len(checks)} checks, {faults} failures")
    return 1 if faults else 0


def isolate() -> None:
    """Go on in a network namespace with a loopback device only, where the system allows it."""
    if os.environ.get(_ISOLATED):
        return
    unshare = ["unshare", "--net", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    try:
        works = subprocess.run([*unshare, "ip", "link", "set", "lo", "up"], capture_output=True)
        possible = works.returncode == 0
    except OSError:
        possible = False
    if not possible:
        print("no network namespace here: the tools could reach the network", file=sys.stderr)
        return
    os.environ[_ISOLATED] = "1"
    again = shlex.join([sys.executable, "-m", "qa.agents", *sys.argv[1:]])
    os.execvp("unshare", [*unshare, "sh", "-c", f"ip link set lo up; exec {again}"])


def drive(
    kind: type[Tool], version: str, folder: Path, where: Path, options: argparse.Namespace
) -> list[Result]:
    """Take one tool through all steps."""
    with Model() as model:
        place = Place(where, model)
        tool = kind(folder, place)
        tool.prepare()
        place.write({tool.settings: tool.own_settings, **tool.role_files()})
        before = (place.repo / tool.settings).read_bytes()
        place.set_up_errata(tool.name)
        here = Drive(tool, place, say=lambda line: print(line, flush=True))
        for mode, steps in (("headless", headless), ("terminal", at_terminal)):
            if not options.mode or mode in options.mode:
                steps(here)
        if options.record:
            print(f"recorded: {recording.write(place, kind, version)}")
        uninstall(here, before)
    return here.results


if __name__ == "__main__":
    raise SystemExit(main())
