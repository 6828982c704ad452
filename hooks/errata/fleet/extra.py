"""The libraries of the extras: checked before the work begins."""

from __future__ import annotations

from importlib.util import find_spec

from errata.core.errors import ErrataError

_INSTALL = (
    "install the extra `{extra}`: `pip install 'errata-hooks[{extra}]'`, or from a clone "
    "`uv tool install 'CLONE[{extra}]'`"
)
_NEEDED = {"fleet": ("ibis", "duckdb", "pyarrow"), "spark": ("ibis", "pyspark")}


def check(extra: str = "fleet") -> None:
    """Raise ErrataError where a library of the extra is not installed."""
    if not all(map(find_spec, _NEEDED[extra])):
        raise ErrataError(
            "this needs libraries that are not installed", _INSTALL.format(extra=extra)
        )
