"""The steps that each tool goes through, without a terminal and at one, and what each must show."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from qa.agents.model import Reply, Rule
from qa.agents.place import LESSON, ROLE, ROLE_LESSON, Json, Place
from qa.agents.terminal import Terminal
from qa.agents.tools.base import Tool

STEPS = (
    *("start", "prompt", "correction", "write", "sub-agent", "commit by agent"),
    *("commit by person", "refusal", "resume", "compaction", "slash command", "uninstall"),
)
HEADLESS, TERMINAL = "headless", "terminal"
LINE = "    size = body['size']"
BETTER, BEST = "    size = int(body['size'])", "    size = Decimal(body['size'])"
WRONG = "no, that's wrong: use Decimal instead of int"
FORGOT = "you forgot to close the file"
REFUSAL = "you forgot the negative sizes"


def code(name: str) -> str:
    """A file that the agent writes."""
    return f"def {name}(body):\n{LINE}\n    return Volume(size)\n"


@dataclass(frozen=True)
class Result:
    """What one check of a step showed; ``fault`` is "" if it holds."""

    step: str
    mode: str
    check: str
    fault: str = ""


@dataclass
class Drive:
    """One tool at one place."""

    tool: Tool
    place: Place
    say: Callable[[str], None] = print
    results: list[Result] = field(default_factory=list)
    mode: str = HEADLESS

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Record the events inside for a step; an exception is a fault of the step."""
        self.name = name
        self.place.step(f"{self.mode}: {name}")
        try:
            yield
        except Exception as fault:
            self.check("runs", False, f"{type(fault).__name__}: {fault}")

    def check(self, text: str, holds: bool, evidence: object = "") -> None:
        """Note whether something holds."""
        fault = "" if holds else " ".join(str(evidence).split())[:500] or "does not hold"
        self.results.append(Result(self.name, self.mode, text, fault))
        word = "FAILS" if fault else "works"
        self.say(f"{self.tool.title}: {self.mode}: {self.name}: {text}: {word} {fault}")

    def new_corrections(self, source: str, before: list[Json]) -> list[Json]:
        """Corrections that were not there before."""
        return [one for one in self.place.corrections(source) if one not in before]


# -------------------------------------------------------------------------------- without terminal


def headless(drive: Drive) -> None:
    """All steps that need no terminal."""
    drive.mode = HEADLESS
    _first_session(drive)
    _resumed_session(drive)
    _edit_before_commit(drive)
    _agent_commit(drive)
    _sub_agent(drive)
    _slash_command(drive)


def _first_session(drive: Drive) -> None:
    tool, place = drive.tool, drive.place
    place.script(Rule("write the volumes", [tool.write("volumes.py", code("volumes")), Reply()]))
    with drive.step("start"):
        done = tool.ask("write the volumes in volumes.py")
        drive.check("the tool ends well", done.returncode == 0, done.stderr[-400:])
        sent = place.sent()
        drive.check("the lesson is in the first request", LESSON in (sent or [""])[0], done.stderr)
        others = any(ROLE_LESSON in request for request in sent)
        drive.check("no lesson of another role is", not others)
    with drive.step("prompt"):
        logged = place.corrections("explicit")
        drive.check("an ordinary prompt is not logged", not logged, logged)


def _resumed_session(drive: Drive) -> None:
    tool, place = drive.tool, drive.place
    place.script(Rule("Decimal instead", [Reply()]))
    since = len(place.model.requests)
    with drive.step("resume"):
        tool.ask(WRONG, resume=True)
        logged = place.corrections("explicit")
        drive.check("the correction is logged", len(logged) == 1, logged)
        file = [one["ai_action"].get("file") for one in logged]
        drive.check("it names what the session wrote before", file == ["volumes.py"], logged)
        first, last = (one.count(LESSON) for one in (place.sent()[0], place.sent(since)[-1]))
        drive.check("the lesson is not sent again", last <= first, f"{last} lines, not {first}")
    with drive.step("correction"):
        tool.ask(WRONG, resume=True)
        logged = place.corrections("explicit")
        drive.check("the same words count once", len(logged) == 1, logged)


def _edit_before_commit(drive: Drive) -> None:
    tool, place = drive.tool, drive.place
    with drive.step("write"):
        _check_persons_fix(drive, "volumes.py", tool.name)
        text = shlex.quote(code("copied"))
        place.script(Rule("by the shell", [tool.shell(f"printf %s {text} > copied.py"), Reply()]))
        tool.ask("write copied.py by the shell")
        drive.check("its shell wrote a file", (place.repo / "copied.py").exists())
        _check_persons_fix(drive, "copied.py", tool.name)


def _agent_commit(drive: Drive, name: str = "quota") -> None:
    tool, place = drive.tool, drive.place
    commit = tool.shell(f"git add -A && git commit -q -m 'feat: {name}'; note")
    place.script(Rule(f"add the {name}", [tool.write(f"{name}.py", code(name)), commit, Reply()]))
    with drive.step("commit by agent"):
        since = len(place.recorded())
        tool.ask(f"add the {name} and commit")
        drive.check("the agent committed", place.git("log", "-1", "--format=%s") == f"feat: {name}")
        _check_stamp(drive, tool.name, since)
    with drive.step("commit by person"):
        _check_persons_fix(drive, f"{name}.py", tool.name)


def _check_stamp(drive: Drive, agent: str, since: int) -> None:
    trailers = drive.place.trailers()
    if drive.tool.stamps:
        session = next(
            (one["session_id"] for one in drive.place.events(since) if "session_id" in one), ""
        )
        drive.check("the commit bears the agent", trailers.get("Agent") == agent, trailers)
        drive.check("and the session", trailers.get("Agent-Session") == session, trailers)


def _check_persons_fix(drive: Drive, path: str, agent: str) -> None:
    place = drive.place
    before = place.corrections("implicit")
    text = (place.repo / path).read_text()
    place.write({path: text.replace(LINE, BETTER)})
    place.commit(f"fix: {path} takes sizes as text")
    new = drive.new_corrections("implicit", before)
    drive.check(
        f"a person's fix of {path} is captured", [one["agent"] for one in new] == [agent], new
    )
    trailers = place.trailers()
    drive.check("the fix bears no agent", "Agent" not in trailers, trailers)


def _sub_agent(drive: Drive) -> None:
    tool, place = drive.tool, drive.place
    commit = tool.shell("git add -A && git commit -q -m 'feat: sub'; note")
    place.script(
        Rule("TASK-OF-ROLE", [tool.write("sub.py", code("sub")), commit, *tool.finish()]),
        Rule("delegate it", [*tool.delegate(ROLE, "TASK-OF-ROLE: do it"), Reply()]),
    )
    with drive.step("sub-agent"):
        since, mark = len(place.recorded()), len(place.model.requests)
        done = tool.ask("delegate it to the sub-agent")
        drive.check("it ran", (place.repo / "sub.py").exists(), done.stderr[-400:])
        sent = place.sent(mark)
        asked = next(
            (one for one in sent if "TASK-OF-ROLE" in one and "delegate it" not in one), ""
        )
        drive.check(
            "the lesson of the role is in its first request", ROLE_LESSON in asked, asked[:200]
        )
        _check_stamp(drive, ROLE, since)
        _check_persons_fix(drive, "sub.py", ROLE)
        if tool.sessions_of_roles:
            _session_of_role(drive)


def _session_of_role(drive: Drive) -> None:
    tool, place = drive.tool, drive.place
    commit = tool.shell("git add -A && git commit -q -m 'feat: acting'; note")
    place.script(Rule("act as it", [tool.write("acting.py", code("acting")), commit, Reply()]))
    since, mark = len(place.recorded()), len(place.model.requests)
    tool.ask("act as it", role=ROLE)
    sent = place.sent(mark)
    drive.check("a session of the role gets its lessons", any(ROLE_LESSON in one for one in sent))
    _check_stamp(drive, ROLE, since)
    _check_persons_fix(drive, "acting.py", ROLE)


def _slash_command(drive: Drive) -> None:
    tool, place = drive.tool, drive.place
    if "slash command" in tool.cannot:
        return
    place.script(Rule("Run `errata patterns`", [tool.shell("errata patterns"), Reply()]))
    with drive.step("slash command"):
        mark, before = len(place.model.requests), place.corrections("explicit")
        done = tool.ask("/patterns --all")
        _check_command(drive, mark, before, done.stdout + done.stderr)


def _check_command(drive: Drive, mark: int, before: list[Json], evidence: str) -> None:
    sent = drive.place.sent(mark)
    arrived = any("Run `errata patterns`" in request for request in sent)
    drive.check("its text reaches the model", arrived, evidence)
    ran = any("missing-error-handling" in request for request in sent)
    drive.check("what it runs is answered", ran, evidence[-300:])
    new = drive.new_corrections("explicit", before)
    drive.check("its text is not logged as a person's words", not new, new)


# ------------------------------------------------------------------------------------ at a terminal


def at_terminal(drive: Drive) -> None:
    """All steps that a person takes at a terminal."""
    drive.mode = TERMINAL
    tool, place = drive.tool, drive.place
    commit = tool.shell("git add -A && git commit -q -m 'feat: desk'; note")
    place.script(
        Rule("write the desk", [tool.write("desk.py", code("desk")), Reply("WROTE-IT")]),
        Rule("you forgot", [Reply("CORRECTED-IT")]),
        Rule("commit it", [commit, Reply("COMMITTED-IT")]),
        Rule("what now", [Reply("NOTHING-NOW")]),
        Rule("Run `errata patterns`", [tool.shell("errata patterns"), Reply("SHOWN-IT")]),
        Rule("use a decimal", [tool.edit("desk.py", BETTER, BEST), Reply("ANSWERED-IT")]),
        Rule("negative sizes", [Reply("ANSWERED-IT")]),
    )
    mark = len(place.model.requests)
    place.step(f"{TERMINAL}: start")
    with tool.open(allow=True) as terminal:
        _typed_prompts(drive, terminal, mark)
        _typed_commits(drive, terminal)
        _typed_commands(drive, terminal)
    place.step(f"{TERMINAL}: refusal")
    with tool.open(allow=False) as terminal, drive.step("refusal"):
        terminal.type("use a decimal in desk.py")
        before = place.corrections("explicit")
        tool.refuse(terminal, REFUSAL)
        terminal.wait_for("ANSWERED-IT")
        terminal.settle()
        words = json.dumps(drive.new_corrections("explicit", before))
        drive.check("the words are logged", REFUSAL in words, words)
        kept = (place.repo / "desk.py").read_text()
        drive.check("nothing was written", BEST not in kept, kept)


def _typed_prompts(drive: Drive, terminal: Terminal, mark: int) -> None:
    place = drive.place
    with drive.step("start"):
        before = place.corrections("explicit")
        drive.check("no errata message shows", "errata:" not in terminal.text(), terminal.text())
        terminal.type("write the desk in desk.py")
        drive.check("the tool answers", bool(terminal.wait_for("WROTE-IT")), terminal.text()[-600:])
        sent = place.sent(mark)
        drive.check("the lesson is in a request", any(LESSON in one for one in sent), len(sent))
    with drive.step("prompt"):
        logged = drive.new_corrections("explicit", before)
        drive.check("an ordinary prompt is not logged", not logged, logged)
    with drive.step("correction"):
        before = place.corrections("explicit")
        terminal.type(FORGOT)
        terminal.wait_for("CORRECTED-IT")
        terminal.settle()
        new = drive.new_corrections("explicit", before)
        files = [one["ai_action"].get("file") for one in new]
        drive.check("it is logged once, with the file", files == ["desk.py"], new)


def _typed_commits(drive: Drive, terminal: Terminal) -> None:
    tool, place = drive.tool, drive.place
    with drive.step("commit by agent"):
        since = len(place.recorded())
        terminal.type("commit it")
        terminal.wait_for("COMMITTED-IT")
        drive.check("the agent committed", place.git("log", "-1", "--format=%s") == "feat: desk")
        _check_stamp(drive, tool.name, since)
    with drive.step("commit by person"):
        before = place.corrections("implicit")
        place.write({"desk.py": code("desk").replace(LINE, BETTER)})
        tool.by_hand(terminal, "git commit -q -a -m 'fix: sizes as text'; note")
        terminal.settle(3)
        subject = place.git("log", "-1", "--format=%s")
        drive.check(
            "a person's !git commit works", subject.startswith("fix:"), terminal.text()[-400:]
        )
        trailers = place.trailers()
        drive.check("it bears no agent", "Agent" not in trailers, trailers)
        if not tool.stamps:
            place.run("errata", "backfill")
        new = drive.new_corrections("implicit", before)
        drive.check("the fix is captured", [one["agent"] for one in new] == [tool.name], new)


def _typed_commands(drive: Drive, terminal: Terminal) -> None:
    tool, place = drive.tool, drive.place
    if "slash command" not in tool.cannot:
        with drive.step("slash command"):
            mark, before = len(place.model.requests), place.corrections("explicit")
            terminal.type("/patterns")
            if not terminal.wait_for("SHOWN-IT", seconds=6):
                terminal.press("enter")  # The first one chose it from a list.
                terminal.wait_for("SHOWN-IT")
            _check_command(drive, mark, before, terminal.text())
    with drive.step("compaction"):
        terminal.type(tool.compact)
        terminal.settle(3)
        mark = len(place.model.requests)
        terminal.type("what now")
        terminal.wait_for("NOTHING-NOW")
        sent = place.sent(mark)
        drive.check("the lesson is there afterwards", any(LESSON in one for one in sent), len(sent))


# -------------------------------------------------------------------------------------------- end


def uninstall(drive: Drive, before: bytes) -> None:
    """Take errata out of the repository again."""
    place = drive.place
    drive.mode = HEADLESS
    with drive.step("uninstall"):
        errors = place.errors()
        drive.check("errata's log of errors is empty", not errors, errors)
        place.run("errata", "flush")
        place.git("add", "-A")
        place.run("git", "commit", "-q", "-m", "chore: corrections")
        done = place.run("errata", "uninstall", "--yes")
        after = (place.repo / drive.tool.settings).read_bytes()
        drive.check("the settings are as before", after == before, done.stdout[-300:] + done.stderr)
        drive.check("its hooks are gone", not (place.repo / ".pre-commit-config.yaml").exists())
