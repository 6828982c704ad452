"""Run rules in a copy of this process, which is ended when it takes too long.

What a rule of a repository costs is not known in advance, a parser may end the process it runs in,
and neither can be interrupted. A hook imports this: keep imports few.
"""

from __future__ import annotations

import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any, NamedTuple

    from errata.checks.rule_file import Rule

    class File(NamedTuple):
        """A file to look at.

        Attributes:
            path: relative to the top of the work tree.
            text: as a whole.
            added: the numbers of its added lines, from 1.
            is_new: there was none before.
        """

        path: str
        text: str
        added: list[int]
        is_new: bool

    class Hit(NamedTuple):
        """What a check says.

        Attributes:
            path, line: where.
            check: its name, that of its file.
            message: what to do.
        """

        path: str
        line: int
        check: str
        message: str
else:
    from collections import namedtuple

    File = namedtuple("File", "path text added is_new")
    Hit = namedtuple("Hit", "path line check message")

_MAX_ANSWER = 4_000_000


def run(
    rules: Sequence[Rule], files: Iterable[File], seconds: float
) -> tuple[list[Hit], list[str]]:
    """What rules say about the added lines of files, and one line for each rule that failed.

    Args:
        seconds: how long all of it may take; what was found by then is returned.
    """
    from errata.checks import matching

    applied = []
    for file in files:
        chosen = [
            rule
            for rule in rules
            if matching.applies(rule, file.path, is_new=file.is_new)
            # Loading the parser takes longer than all else, and most commits need none.
            and all(name in file.text for name in rule["needs"])
        ]
        if chosen:
            applied.append((file, chosen))
    if not applied:
        return [], []
    try:
        answers, end = _in_copy(lambda say: _match(applied, say), seconds)
    except OSError as error:
        return [], [f"the checks are not run: {error.strerror}"]
    hits: list[Hit] = []
    errors: dict[str, None] = {}
    tried: list[Any] = ["", ""]
    for answer in answers:
        if answer[0] == "try":
            tried = answer[1:]
        elif answer[0] == "bad":
            errors[f"{answer[1]}: {answer[2]}"] = None
        else:
            hits.append(Hit(*answer[1:]))
    if end:
        errors[f"{tried[0]}: {end} at {tried[1]}; simplify or remove it"] = None
    once = {(hit.path, hit.line, hit.check): hit for hit in hits}
    return sorted(once.values()), list(errors)


def _match(applied: Sequence[tuple[File, list[Rule]]], say: Callable[[list[Any]], None]) -> None:
    from errata.checks import matching

    broken: set[str] = set()
    for file, chosen in applied:
        fit = [rule for rule in chosen if rule["path"] not in broken]
        while fit:
            at = [0]

            def before(
                place: int, at: list[int] = at, fit: list[Rule] = fit, file: File = file
            ) -> None:
                at[0] = place
                say(["try", fit[place]["path"], file.path])

            try:
                for place, line in matching.find_lines(fit, file.text, file.added, before):
                    rule = fit[place]
                    say(["hit", file.path, line, rule["check"], rule["message"]])
                break
            except Exception as error:
                rule = fit[at[0]]
                say(["bad", rule["path"], f"{rule['id']}: {_reason(error)}"])
                broken.add(rule["path"])
                fit = [other for other in fit[at[0] + 1 :] if other["path"] not in broken]


def _reason(error: Exception) -> str:
    """The last cause that the library names, on one line."""
    lines = [line.strip() for line in str(error).split("Stack backtrace")[0].splitlines()]
    lines = [line for line in lines if line and line != "Caused by:"]
    numbered = [line.partition(": ")[2] for line in lines if line[:1].isdigit() and ": " in line]
    return " ".join((numbered or lines or ["not a valid rule"])[-1].split())[:200]


def _in_copy(
    work: Callable[[Callable[[list[Any]], None]], None], seconds: float
) -> tuple[list[list[Any]], str]:
    """What the work says in a copy of this process, and why it was cut short, if it was."""
    import json
    import select
    import signal

    out, child = _start_copy(work)
    end = time.monotonic() + seconds
    parts: list[bytes] = []
    size, ended = 0, f"stopped after {seconds:g} s"
    try:
        # Unlike select, poll takes descriptors of any number.
        poller = select.poll()
        poller.register(out, select.POLLIN)
        while (wait := end - time.monotonic()) > 0 and poller.poll(wait * 1000):
            part = os.read(out, 1 << 16)
            size += len(part)
            if not part:
                ended = "the parser failed"
                break
            if size > _MAX_ANSWER:
                ended = "too many findings"
                break
            parts.append(part)
    finally:
        os.close(out)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    answers: list[list[Any]] = []
    for line in b"".join(parts).split(b"\n"):
        if line == b"end":
            ended = ""
        elif line:
            try:
                answers.append(json.loads(line))
            except ValueError:
                # It was stopped within a line.
                break
    return answers, ended


def _start_copy(work: Callable[[Callable[[list[Any]], None]], None]) -> tuple[int, int]:
    """What a copy of this process writes to, and its id. Raises OSError: there are too many."""
    out, into = os.pipe()
    try:
        child = os.fork()
    except OSError:
        os.close(out)
        os.close(into)
        raise
    if not child:
        _be_copy(work, into)
    os.close(into)
    return out, child


def _be_copy(work: Callable[[Callable[[list[Any]], None]], None], into: int) -> None:
    """Work, say what there is to say, and end this process."""
    import json

    try:
        # A library that panics prints its own state there.
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 1)
        os.dup2(null, 2)

        def say(answer: list[Any]) -> None:
            line = json.dumps(answer).encode() + b"\n"
            while line:
                line = line[os.write(into, line) :]

        work(say)
        os.write(into, b"end\n")
    finally:
        os._exit(0)
