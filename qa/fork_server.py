"""Runs ``errata`` in a new process without the cost of its imports.

A test run starts one server, which imports all of errata and forks for each call. A call has its
own directory, environment, standard streams and memory, and leaves nothing behind. Other tests
cover what this skips: deferred imports, and the start and the end of a real process.
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

# Python reads variables with these prefixes only when it starts.
_READ_AT_START = ("PYTHON", "LC_", "LANG", "TZ")
_PACKAGES = ("errata.commands", "errata.setup", "errata.githooks", "errata.runbooks")
_LIBRARIES = ("ruamel.yaml", "jsonschema_rs", "msgspec")


def run(
    arguments: Sequence[str],
    *,
    module: str = "errata",
    cwd: Path | str | None = None,
    env: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run ``python -m MODULE ARGUMENTS`` with an empty standard input.

    ``env`` is the whole environment; the default is the environment of this process.
    """
    env = dict(os.environ if env is None else env)
    start_variables = {key: value for key, value in env.items() if key.startswith(_READ_AT_START)}
    with tempfile.NamedTemporaryFile() as out, tempfile.NamedTemporaryFile() as err:
        call = {
            "module": module,
            "arguments": list(arguments),
            "env": env,
            "cwd": str(cwd or Path.cwd()),
            "streams": [out.name, err.name],
        }
        server = _server(tuple(sorted(start_variables.items())), os.getpid())
        assert server.stdin and server.stdout
        server.stdin.write(json.dumps(call) + "\n")
        server.stdin.flush()
        status = int(server.stdout.readline())
        outputs = []
        for file in (out, err):
            file.seek(0)
            outputs.append(file.read().decode())
    return subprocess.CompletedProcess([module, *arguments], status, *outputs)


@cache
def _server(
    start_variables: tuple[tuple[str, str], ...],
    _pid: int,
) -> subprocess.Popen[str]:
    """The server of this process for these variables; a forked test worker gets its own."""
    inherited = {k: value for k, value in os.environ.items() if not k.startswith(_READ_AT_START)}
    return subprocess.Popen(
        [sys.executable, __file__],
        env={**inherited, **dict(start_variables)},
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _serve(calls: IO[str]) -> None:
    for name in _PACKAGES:
        package = importlib.import_module(name)
        for module in pkgutil.walk_packages(package.__path__, f"{name}."):
            importlib.import_module(module.name)
    for name in _LIBRARIES:
        importlib.import_module(name)
    for line in calls:
        child = os.fork()
        if not child:
            _run_in_child(json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def _run_in_child(call: dict[str, Any]) -> NoReturn:
    status = 1
    try:
        for number, path in enumerate((os.devnull, *call["streams"])):
            descriptor = os.open(path, os.O_RDWR)
            os.dup2(descriptor, number)
            os.close(descriptor)
        os.chdir(call["cwd"])
        os.environ.clear()
        os.environ.update(call["env"])
        name = call["module"]
        module = importlib.import_module("errata.cli" if name == "errata" else name)
        program = importlib.import_module("errata.__main__" if name == "errata" else name).__file__
        sys.argv = [str(program), *call["arguments"]]
        sys.path[0] = call["cwd"]
        status = module.main(call["arguments"])
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
