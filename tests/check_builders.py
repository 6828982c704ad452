"""Histories in which people correct an agent, of which checks are made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from conftest import Repo

RULE = """\
id: no-console-log
language: TypeScript
severity: warning
message: Do not log to the console.
rule:
  pattern: console.log($$$)
"""
WORDS = """\
id: no-rockets
language: text
message: No rockets.
rule:
  regex: '\\U0001F680'
"""
RULES = ".claude/checks/rules"
PROPOSED = ".claude/checks/proposed"
AGENT = {"GIT_AUTHOR_NAME": "Claude", "GIT_AUTHOR_EMAIL": "noreply@anthropic.com"}
_OTHERS = (
    "export const {n} = (a: number) => a + {i};\n",
    "export function {n}(rows: string[]) {{\n  return rows.map((row) => row.trim());\n}}\n",
    "export const {n} = new Map<string, number>();\n",
)


def accept(repo: Repo, text: str = RULE, name: str = "no-console-log") -> Path:
    """Put a rule among the accepted ones."""
    folder = ".claude/checks/words" if "language: text" in text else RULES
    return repo.write(f"{folder}/{name}.yml", text)


def day(number: int) -> dict[str, str]:
    """The dates of a commit."""
    date = f"2025-01-{1 + number // 20:02d}T{number % 20:02d}:00:00 +0000"
    return {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}


def corrected_history(
    repo: Repo,
    errata: Callable[..., Any],
    *,
    corrected: int = 6,
    kept: int = 0,
    clean: int = 10,
    later: int = 20,
) -> None:
    """An agent that logs to the console, which people remove; and other work of it.

    Args:
        corrected: its commits in which a person removed the call.
        kept: those in which nobody did.
        clean: those without one.
        later: how many days later a person commits again.
    """
    repo.write("README.md", "Shop\n")
    repo.commit("Begin", **day(0))
    number = 1
    kinds = ["corrected"] * corrected + ["kept"] * kept + ["clean"] * clean
    # Neither all at the beginning nor all at the end; 7 must not divide their number.
    kinds = [kinds[index * 7 % len(kinds)] for index in range(len(kinds))]
    for index, kind in enumerate(kinds):
        path, name = f"src/m{index}.ts", f"load{index}"
        body = _OTHERS[index % 3].format(n=name, i=index)
        call = f"console.log('loaded', {name});\n"
        repo.write(path, body + (call if kind != "clean" else ""))
        repo.commit(f"feat: add {name}", **AGENT, **day(number))
        number += 1
        if kind == "corrected":
            repo.write(path, body)
            repo.commit(f"fix: no debug output in {name}", **day(number))
            number += 1
    repo.write("README.md", "A shop\n")
    repo.commit("Reword", **day(number + later * 20))
    assert errata("backfill").returncode == 0
    assert errata("flush").returncode == 0
