"""``python -m errata.rules``: compile the TOML tables to the modules that hooks load."""

from __future__ import annotations

from errata import rules
from errata.rules import compile


def main() -> None:
    """Write all modules and delete those that have no TOML file."""
    target = rules.folder() / "compiled"
    for path in target.glob("[!_]*.py"):
        if path.stem not in compile.names():
            path.unlink()
    for name in compile.names():
        (target / f"{name}.py").write_text(compile.text(name), "utf-8")


if __name__ == "__main__":
    main()
