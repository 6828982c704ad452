"""``errata`` as a process of its own, without what each process pays for its imports.

One server for a test run has imported everything and forks for each call, so a call has its own
directory, environment, standard streams and memory, and leaves nothing behind. That imports are
late, and what happens at the start and the end of a real process, other tests see.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO, Any, NoReturn

# What a process reads once, at its start.
_AT_START = ("PYTHON", "LC_", "LANG", "TZ")
_PACKAGES = ("errata.commands", "errata.setup", "errata.githooks", "errata.runbooks")
_LIBRARIES = ("ruamel.yaml", "jsonschema_rs", "msgspec")


def run(
    words: Sequence[str],
    *,
    module: str = "errata",
    cwd: Path | str | None = None,
    env: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run ``python -m MODULE WORDS`` with nothing on standard input.

    ``env`` is the whole environment, by default this process's.
    """
    env = dict(os.environ if env is None else env)
    started = {key: value for key, value in env.items() if key.startswith(_AT_START)}
    with tempfile.NamedTemporaryFile() as out, tempfile.NamedTemporaryFile() as err:
        order = {"module": module, "words": list(words), "env": env, "cwd": str(cwd or Path.cwd())}
        order["streams"] = [out.name, err.name]
        server = _server(tuple(sorted(started.items())), os.getpid())
        assert server.stdin and server.stdout
        server.stdin.write(json.dumps(order) + "\n")
        server.stdin.flush()
        status = int(server.stdout.readline())
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode())
    return subprocess.CompletedProcess([module, *words], status, *texts)


@cache
def _server(environment: tuple[tuple[str, str], ...], _: int) -> subprocess.Popen[str]:
    """One that was started with these variables by this process."""
    base = {key: value for key, value in os.environ.items() if not key.startswith(_AT_START)}
    return subprocess.Popen(
        [sys.executable, __file__],
        env={**base, **dict(environment)},
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _serve(orders: IO[str]) -> None:
    for package in _PACKAGES:
        found = importlib.import_module(package)
        for one in pkgutil.walk_packages(found.__path__, f"{package}."):
            importlib.import_module(one.name)
    for name in _LIBRARIES:
        importlib.import_module(name)
    for line in orders:
        child = os.fork()
        if not child:
            _call(json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def _call(order: dict[str, Any]) -> NoReturn:
    status = 1
    try:
        for number, path in enumerate((os.devnull, *order["streams"])):
            file = os.open(path, os.O_RDWR)
            os.dup2(file, number)
            os.close(file)
        os.chdir(order["cwd"])
        os.environ.clear()
        os.environ.update(order["env"])
        name = order["module"]
        module = importlib.import_module("errata.cli" if name == "errata" else name)
        file = importlib.import_module("errata.__main__" if name == "errata" else name).__file__
        sys.argv = [str(file), *order["words"]]
        sys.path[0] = order["cwd"]
        status = module.main(order["words"])
    except SystemExit as stop:
        status = stop.code if isinstance(stop.code, int) else 0 if stop.code is None else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    _serve(sys.stdin)
