"""Command lines that run our hooks, and skip them where errata is missing or broken.

People who do not have errata share the configuration with those who do, and graphical clients
start git with a short PATH. So a hook looks for its program on PATH, then in the folder that
`errata init` noted in this clone's git configuration. A hook that fails, and cannot even print its
help, is broken (a moved environment, a version manager without this version) and is skipped too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from errata.setup.hook_source import is_ours, updated

SETTING = "errata.path"
"""The key in git's configuration of the folder that has errata's commands."""
FIND = "PATH=$PATH:$(git config errata.path || echo /)"
"""A shell assignment that also looks for commands in that folder."""
# A check refuses with 1, and cannot read something with 2. No ": " and no " #", so that YAML needs
# no quotes around it.
_ENTRY = (
    f"""sh -c 'command -v "$0" >/dev/null || {FIND}; """
    """command -v "$0" >/dev/null && { PYTHONPATH= "$0" "$@" && exit; s=$?; """
    """[ $s -le 2 ] && PYTHONPATH= "$0" --help >/dev/null 2>&1 && exit $s; }; """
    """echo "$0 skipped, errata is not on PATH or does not start" >&2' """
)
_WORD = r"'[^'\n]*'|[^\s'\"]+"
_GUARDED = re.compile(rf"(?:sh -c '[^']*' )?({_WORD})((?:\s.*)?)", re.DOTALL)


def entry(name: str) -> str:
    """The guarded command of a console script; arguments may follow it."""
    return f"{_ENTRY}{name}"


def guarded(line: str, name: str) -> str:
    """A command line that begins with our console script ``name``, guarded as by this version.

    Other command lines stay, except for outdated paths of the script.
    """
    line = updated(line, name)
    match = _GUARDED.fullmatch(line)
    return f"{entry(match[1])}{match[2]}" if match and is_ours(match[1], name) else line


def script(stage: str, names: Sequence[str], checks: bool) -> list[str]:
    """The lines of a shell script that run these hooks.

    They get git's arguments, but not its input, which the rest of the script reads.

    ``checks``: whether a failure stops the script.
    """
    return [
        "(",
        f"  command -v errata >/dev/null || {FIND}",
        "  command -v errata >/dev/null || {",
        f"    echo 'errata is not on PATH: its {stage} hooks are skipped' >&2",
        "    exit 0",
        "  }",
        f"  for hook in {' '.join(names)}; do",
        '    PYTHONPATH= "$hook" "$@" && continue',
        "    status=$?",
        '    [ $status -le 2 ] && PYTHONPATH= "$hook" --help >/dev/null 2>&1 && exit $status',
        '    echo "$hook skipped: errata does not start" >&2',
        "  done",
        f") </dev/null || {'exit $?' if checks else ':'}",
    ]
