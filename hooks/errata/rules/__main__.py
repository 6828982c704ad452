"""``python -m errata.rules``: write the tables as they are read at run time."""

from __future__ import annotations

from errata import rules
from errata.rules import compile


def main() -> None:
    """Write them all; what has no TOML any more goes."""
    target = rules.folder() / "compiled"
    for old in target.glob("[!_]*.py"):
        if old.stem not in compile.names():
            old.unlink()
    for name in compile.names():
        (target / f"{name}.py").write_text(compile.text(name), "utf-8")


if __name__ == "__main__":
    main()
