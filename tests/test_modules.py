"""Limits on the length of modules and functions, and no use of private names in tests."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
MODULE_LINES = 400
FUNCTION_LINES = 40
"""Lines of code: blank lines, comments and the docstring do not count."""


def sources(*folders: str) -> Iterator[Path]:
    """The Python files in these folders, without generated ones."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if path.parent.name != "compiled":
                yield path


def long_functions(source: str) -> Iterator[tuple[str, int]]:
    """Each function that is too long, with its lines of code."""
    code_lines = {
        number
        for number, line in enumerate(source.splitlines(), 1)
        if line.strip() and not line.strip().startswith("#")
    }
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first, last = node.body[0], node.end_lineno or 0
            has_docstring = ast.get_docstring(node) is not None
            start = (first.end_lineno or 0) + 1 if has_docstring else first.lineno
            count = sum(number in code_lines for number in range(start, last + 1))
            if count > FUNCTION_LINES:
                yield node.name, count


def test_modules_and_functions_are_short() -> None:
    too_long = []
    for path in sources("hooks/errata", "bench"):
        source, name = path.read_text("utf-8"), path.relative_to(ROOT).as_posix()
        if (count := len(source.splitlines())) > MODULE_LINES:
            too_long.append(f"{name}: {count} lines")
        too_long += [f"{name}: {func}: {count} lines" for func, count in long_functions(source)]
    assert too_long == []


def test_docstrings_comments_and_blank_lines_do_not_count() -> None:
    body = "\n".join(["    a = 1"] * FUNCTION_LINES)
    short = f'def f():\n    """One.\n\n    Two.\n    """\n    # three\n\n{body}\n'
    assert [*long_functions(short)] == []
    assert [*long_functions(f"def f():\n{body}\n    b = 2\n")] == [("f", FUNCTION_LINES + 1)]


# ------------------------------------------------------------------------------- private names

PRIVATE = re.compile(r"_[^_]\w*")
# Public in spite of their names.
NAMEDTUPLE = {"_asdict", "_field_defaults", "_fields", "_make", "_replace"}
PATCHING = {"delattr", "getattr", "object", "patch", "setattr"}
OURS = ("bench", "errata", "qa", "tests")


def imports_ours(node: ast.AST) -> bool:
    """Whether a node imports something of this repository."""
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").partition(".")[0] in OURS
    return isinstance(node, ast.Import) and node.names[0].name.partition(".")[0] in OURS


def private_names(source: str) -> Iterator[tuple[int, str]]:
    """Line and expression of each use of another module's private name."""
    nodes = list(ast.walk(ast.parse(source)))
    imports = [n for n in nodes if isinstance(n, ast.Import | ast.ImportFrom) and imports_ours(n)]
    aliases = [(node, alias) for node in imports for alias in node.names]
    local_names = {(alias.asname or alias.name).partition(".")[0] for _, alias in aliases}
    for node, alias in aliases:
        if PRIVATE.fullmatch(alias.name):
            yield node.lineno, f"import {alias.name}"
    for node in nodes:
        if isinstance(node, ast.Attribute) and PRIVATE.fullmatch(node.attr):
            if node.attr not in NAMEDTUPLE and root_name(node) in local_names:
                yield node.lineno, ast.unparse(node)
        elif isinstance(node, ast.Call) and patches_private_name(node):
            yield node.lineno, ast.unparse(node)


def root_name(node: ast.expr) -> str | None:
    """``a`` of ``a.b().c``."""
    while isinstance(node, ast.Attribute | ast.Call):
        node = node.value if isinstance(node, ast.Attribute) else node.func
    return node.id if isinstance(node, ast.Name) else None


def patches_private_name(call: ast.Call) -> bool:
    """Whether a call like ``setattr(module, "_name", ...)`` or ``patch("module._name")``."""
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    texts = [arg.value for arg in call.args[:2] if isinstance(arg, ast.Constant)]
    return name in PATCHING and any(
        isinstance(text, str) and PRIVATE.fullmatch(text.rpartition(".")[2]) for text in texts
    )


def private_name_offenders() -> list[str]:
    """``path:line: expression`` for each private name that a test uses."""
    return [
        f"{path.relative_to(ROOT).as_posix()}:{line}: {expression}"
        for path in sources("tests", "qa")
        for line, expression in private_names(path.read_text("utf-8"))
    ]


def test_tests_use_public_names_only() -> None:
    assert private_name_offenders() == []


def test_private_names_are_found() -> None:
    source = (
        "from errata.core import git\nfrom errata.core.git import _run\nimport os\n"
        "git._run()\nos._exit(0)\ngit.Repository().x._y\nmonkeypatch.setattr(git, '_run', 1)\n"
        "git.Commit()._replace(a=1)\n"
    )
    assert sorted(line for line, _ in private_names(source)) == [2, 4, 6, 7]


if __name__ == "__main__":
    print("\n".join(private_name_offenders()))
