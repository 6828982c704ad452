"""No module grows beyond what one person reads in one go, and no function beyond a screen."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LINES = 400
BODY = 40
"""Lines of a function; blank ones, its docstring and comments do not count."""
SOURCES = sorted(
    path
    for folder in ("hooks/errata", "bench")
    for path in (ROOT / folder).rglob("*.py")
    # Made by a program, for a program.
    if path.parent.name != "compiled"
)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def long_functions(source: str) -> list[tuple[str, int]]:
    """Functions with more lines of code than allowed, with how many."""
    lines = source.splitlines()
    code = {
        number
        for number, line in enumerate(lines, 1)
        if line.strip() and not line.strip().startswith("#")
    }
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            told = ast.get_docstring(node) is not None
            start = (first.end_lineno or 0) + 1 if told else first.lineno
            count = sum(number in code for number in range(start, (node.end_lineno or 0) + 1))
            if count > BODY:
                found.append((node.name, count))
    return found


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_a_module_and_its_functions_are_short(path: Path) -> None:
    source = path.read_text("utf-8")
    assert len(source.splitlines()) <= LINES
    assert long_functions(source) == []


def test_lines_of_a_function_are_counted_without_its_docstring() -> None:
    body = "\n".join(["    a = 1"] * BODY)
    assert (
        long_functions(f'def f():\n    """One.\n\n    Two.\n    """\n    # three\n\n{body}\n') == []
    )
    assert long_functions(f"def f():\n{body}\n    b = 2\n") == [("f", BODY + 1)]
