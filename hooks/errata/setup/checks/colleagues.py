"""What works here, and not in the clones of colleagues."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from errata import __version__
from errata.core import git
from errata.records import instants
from errata.records.model import DAY
from errata.setup import hook_calls, hook_source, managers, uncommitted_files
from errata.setup.checks import Diagnostic, DoctorContext, note, problem, shell, shortened
from errata.setup.checks.hooks import INIT, manager_of, on_another_branch, set_up
from errata.setup.precommit import entries

_MAX_LINE = 1 << 20


def hooks_without_fallback(context: DoctorContext) -> Iterator[Diagnostic]:
    """Hooks that refuse a commit where errata, or the hook manager, is missing."""
    layout, manager = context.layout, manager_of(context)
    if layout is None or manager is None or not set_up(context) or on_another_branch(context):
        return
    for call in hook_calls.unguarded(layout, manager):
        program = "errata" if call.program.startswith("errata") else call.program
        where = f"{call.path}:{call.line}" if call.line else call.path
        message = f"{where}: {call.program} has no fallback; nobody without {program} can commit"
        yield problem(message, _fix(call))


def _fix(call: hook_calls.HookCall) -> str:
    if not call.line:
        return INIT
    path = shell(call.path)
    if call.program.startswith("errata"):
        # Our own block, which init adds, runs it where it exists.
        return f"perl -ni -e 'print unless $. == {call.line}' {path} && {INIT}"
    guard = f"command -v {call.program} >/dev/null || exit 0; "
    return f"perl -pi -e 's{{^}}{{{guard}}} if $. == {call.line}' {path}"


def versions(context: DoctorContext) -> Iterator[Diagnostic]:
    """Hooks that a framework clones at another version than the one that is installed."""
    layout, manager = context.layout, manager_of(context)
    if layout is None or manager is None or manager.name not in managers.FRAMEWORKS:
        return
    repos: Any = hook_calls.framework_data(layout, manager.file).get("repos")
    for index, _ in entries(repos):
        url, rev = str(repos[index].get("repo", "")), str(repos[index].get("rev", ""))
        version = hook_source.version(rev)
        if version is not None and version != hook_source.version(__version__):
            program, shown = manager.name, rev.removeprefix("v")
            message = f"{manager.file}: hooks of errata {shown}, and {__version__} is installed"
            yield note(message, f"{program} autoupdate --repo {shell(url)}")


def untracked_files(context: DoctorContext) -> Iterator[Diagnostic]:
    """Files for the team that nobody has added to git for a day."""
    layout = context.layout
    if layout is None or not set_up(context) or on_another_branch(context):
        return
    installed = context.manifest.files if context.manifest else ()
    paths = [*installed, *uncommitted_files.shared_paths(context.config)]
    wanted = [path for path in dict.fromkeys(paths) if not path.startswith(".git/")]
    args = ("ls-files", "-z", "--others", "--exclude-standard", "--", *wanted)
    untracked = [path for path in git.run(*args, cwd=layout.root).decode().split("\0") if path]
    old = [path for path in untracked if _since(context, path) < context.now - DAY]
    if old:
        message = f"git does not track {shortened(old)}, so nobody else gets them"
        yield note(message, f"git add {' '.join(map(shell, old))}")


def _since(context: DoctorContext, path: str) -> int:
    """The time of a log's oldest record, or of a file's last change (microseconds)."""
    file = context.root / path
    try:
        if file.suffix == ".jsonl":
            with file.open("rb") as log:
                record = json.loads(log.readline(_MAX_LINE))
            return instants.parse(str(record.get("timestamp") or record.get("date")))
        return file.stat().st_mtime_ns // 1000
    except (OSError, ValueError, AttributeError, RecursionError):
        return context.now
