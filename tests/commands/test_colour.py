"""When there is colour, and when there are symbols."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

from record_builders import AS_OF, FINDINGS, finding, lines, put
from terminals import run_on_terminal

AT = ("--as-of", AS_OF)


def on_terminal(args: tuple[str, ...], env: dict[str, str], columns: int = 80) -> str:
    """What a command prints on a terminal."""
    argv = [sys.executable, "-m", "errata", *args]
    status, shown = run_on_terminal(argv, columns=columns, env=env)
    assert status == 0
    return shown


@pytest.mark.parametrize(
    ("args", "env", "terminal", "colour", "symbols"),
    [
        ((), {}, True, True, True),
        ((), {"NO_COLOR": "1"}, True, False, True),
        ((), {"NO_COLOR": ""}, True, True, True),
        ((), {"CLICOLOR": "0"}, True, False, True),
        ((), {"FORCE_COLOR": "0"}, True, False, True),
        ((), {"TERM": "dumb"}, True, False, False),
        (
            (),
            {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
            True,
            False,
            False,
        ),
        (("--color", "never"), {}, True, False, True),
        (("--color", "never"), {"FORCE_COLOR": "1"}, True, False, True),
        ((), {}, False, False, False),
        ((), {"FORCE_COLOR": "1"}, False, True, True),
        ((), {"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, False, True, True),
        (("--color", "always"), {"NO_COLOR": "1"}, False, True, True),
    ],
)
def test_colour_and_symbols(
    repo: Any,
    args: tuple[str, ...],
    env: dict[str, str],
    terminal: bool,
    colour: bool,
    symbols: bool,
) -> None:
    put(repo.root, FINDINGS, lines(finding(1)))
    command = (*args, "patterns", *AT)
    if terminal:
        shown = on_terminal(command, env)
    else:
        inherited = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
        process = [sys.executable, "-m", "errata", *command]
        shown = subprocess.check_output(process, env={**inherited, **env}, text=True)
    assert ("\x1b" in shown, "═" in shown) == (colour, symbols)


@pytest.mark.parametrize("columns", [40, 60, 100, 300])
def test_lines_fit_the_terminal(repo: Any, columns: int) -> None:
    put(repo.root, FINDINGS, lines(finding(1, affected_agents=["api-dev", "frontend-dev"])))
    shown = on_terminal(("patterns", *AT), {"NO_COLOR": "1"}, columns).splitlines()
    assert max(map(len, shown)) <= max(60, columns)
    assert any(line.startswith("    Count") for line in shown) == (columns <= 60)
