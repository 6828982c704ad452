"""Every command tells the same story: whatever two commands say of a pattern, they agree.

All commands run over one repository (``voice_history.py``), in text and in JSON, at three moments.
A reader for each of them turns its output into facts: figures, states and reasons. A new command
needs a row in ``VIEWS``, or in ``SILENT`` with the reason why it says nothing of patterns.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import voice_history
from voice_history import (
    DISMISSED,
    DUE,
    LESSON,
    PAST,
    PATTERNS,
    PINNED,
    REJECTED,
    RETIRED,
    RETURNED,
    TAUGHT,
)

from conftest import CALLER_PREFIXES, Repo
from errata.cli import COMMANDS, main
from errata.commands.group import make
from errata.records import instants
from record_builders import CORRECTIONS, correction

Facts = Iterator[tuple[str, str, object]]
"""What is said: of which pattern (or "" for all records), which figure, and its value."""
Row = tuple[tuple[str, ...], Callable[[str], Facts]]

_TRENDS = "increasing|decreasing|stable|new|resolved|quiet|regressed"


def _field(pattern: str, text: str) -> str:
    """What the first group matches, which must be there."""
    match = re.search(pattern, text, re.M)
    assert match, (pattern, text)
    return match[1]


def _seen(name: str, text: str) -> Facts:
    """``12 occurrences in 1 session``; without sessions, each record is its own."""
    match = re.match(r"(\d+) occurrences?(?: in (\d+) sessions?)?", text)
    assert match, text
    yield name, "occurrences", int(match[1])
    yield name, "sessions", int(match[2] or match[1])


def _verdict(name: str, text: str) -> Facts:
    """The state in the words of :attr:`errata.runbooks.promotions.Verdict.text`."""
    text = text[:1].lower() + text[1:]
    match = re.match(r"(promoted to|due for|archived on|not promoted)(?: (\S+(?:, \S+)*))?", text)
    assert match, text
    status = {"promoted to": "promoted", "archived on": "archived"}.get(match[1], "tracked")
    yield name, "status", status
    pending = re.search(r"; due to be archived: (.*); run `errata evolve`$", text)
    following = "promoted" if match[1] in ("promoted to", "due for") else status
    yield name, "next", "archived" if pending else following
    if pending:
        yield name, "why", pending[1]
    if match[1] == "not promoted":
        yield name, "why", text.removeprefix("not promoted (").removesuffix(")")
    if match[1] == "archived on":
        yield name, "why", text.partition(": ")[2]
    if match[1] == "promoted to":
        yield name, "runbooks", text.removeprefix("promoted to ").partition(" on ")[0]
        yield name, "came back", "came back" in text


def _entry(entry: dict[str, Any]) -> Facts:
    """An entry of the registry."""
    name = entry["name"]
    yield name, "occurrences", entry["count"]
    yield name, "sessions", entry["sessions"]
    yield name, "window", entry["window_count"]
    yield name, "previous", entry["previous_count"]
    yield name, "trend", entry["trend"]
    yield name, "confidence", f"{entry['confidence']:.2f}"
    yield name, "status", entry["status"]
    yield name, "agents", ", ".join(entry["affected_agents"])
    if entry["runbooks"]:
        yield name, "runbooks", ", ".join(path.split("/")[-2] for path in entry["runbooks"])


def _evolve(text: str) -> Facts:
    for label, figure in (("Findings analyzed", "findings"), ("User corrections", "corrections")):
        if match := re.search(rf"^{label}: (\d+)$", text, re.M):
            yield "", figure, int(match[1])
    yield "", "patterns", int(_field(r"^Patterns identified: (\d+)$", text))
    row = rf"^  (\S+) +\[(\d+) (occurrences?|in all)\] +\[({_TRENDS})\] +-> (.*)$"
    for name, count, of, trend, outcome in re.findall(row, text, re.M):
        yield name, "occurrences" if of == "in all" else "window", int(count)
        yield name, "trend", trend
        word, _, rest = outcome.partition(" (")
        if word == "Not promoted":
            yield name, "next", "tracked"
            if rest != "below threshold)":
                yield name, "why", rest.removesuffix(")")
        elif outcome.startswith("Archived"):
            yield name, "next", "archived"
            yield name, "why", outcome.partition(": ")[2]
        else:
            yield name, "next", "promoted"
            if outcome.startswith("Promoted to: "):
                yield name, "runbooks", outcome.removeprefix("Promoted to: ")
    changes = r"(?:INCREASING|DECREASING): (\S+) \(was (\d+), now (\d+)\)"
    for name, previous, current in re.findall(changes, text):
        yield name, "previous", int(previous)
        yield name, "window", int(current)
    for trend, name in re.findall(rf"^  ({_TRENDS.upper()}): (\S+) ", text, re.M):
        yield name, "trend", trend.lower()


def _evolve_json(text: str) -> Facts:
    found = json.loads(text)
    yield "", "findings", found["analyzed"]["finding"]
    yield "", "corrections", found["analyzed"]["correction"]
    yield "", "patterns", len(found["patterns"])
    for entry in found["patterns"]:
        for name, figure, value in _entry(entry):
            # What an evolve decided counts already.
            yield name, "next" if figure == "status" else figure, value
        if entry["why"]:
            yield entry["name"], "why", entry["why"]


def _table(text: str) -> Facts:
    # A title with two days is about everything that happened between them.
    figure = "occurrences" if re.match(r"\w+ PATTERNS \(\d+-\d+-\d+ to ", text) else "window"
    row = rf"^ *\d+  (\S+) +(\d+) +(?:(\d+) +)?({_TRENDS}) +\S+ +(\S.*)$"
    for name, current, total, trend, agents in re.findall(row, text, re.M):
        yield name, figure, int(current)
        if total:
            yield name, "occurrences", int(total)
        yield name, "trend", trend
        yield name, "agents", agents


def _patterns_json(text: str) -> Facts:
    for entry in json.loads(text):
        yield from _entry(entry)


def _pattern(text: str) -> Facts:
    name = text.splitlines()[0].removeprefix("PATTERN: ")
    yield name, "trend", _field(r"^Trend: (\w+)", text)
    yield name, "agents", _field(r"^Agents affected: (.*)$", text)
    if outcome := re.search(r"^Outcome: (\D+?) \(", text, re.M):
        yield name, "verdict", outcome[1]
    if seen := re.search(r"^Seen: (.*)$", text, re.M):
        yield from _seen(name, seen[1])
    first, *rest = text.partition("Runbook entry:\n")[2].splitlines()
    if not first.startswith("  Location: "):
        yield from _verdict(name, first.strip())
        return
    yield name, "status", "promoted"
    places = [line.split("/")[-2] for line in (first, *rest) if "Location: " in line]
    yield name, "runbooks", ", ".join(places)


def _pattern_json(text: str) -> Facts:
    return _entry(json.loads(text))


def _trends(text: str) -> Facts:
    sections = {
        "IMPROVING:": "decreasing",
        "RESOLVED:": "resolved",
        "QUIET:": "quiet",
        "STABLE:": "stable",
        "REGRESSED:": "regressed",
        "NEW:": "new",
    }
    section, name = "", ""
    for line in text.splitlines():
        section = line if line in (*sections, "ALERTS:") else section
        if match := re.match(r"  ([a-z]\S+) (?:is ([A-Z]+) )?\((\d+) -> (\d+) occurrences\)", line):
            name = match[1]
            yield name, "trend", match[2].lower() if match[2] else sections[section]
            yield name, "previous", int(match[3])
            yield name, "window", int(match[4])
        elif match := re.match(r"  ([a-z]\S+) has no occurrences in 30 days", line):
            name = match[1]
            yield name, "trend", sections[section]
            yield name, "window", 0
        elif "; archived on" in line:
            yield name, "status", "archived"
        elif match := re.search(r"the entry in the (.*) runbook", line):
            yield name, "status", "promoted"
            yield name, "runbooks", match[1]


def _comparison(text: str) -> Facts:
    row = rf"^  (\S+) +(\d+) +(\d+) +\S+ +({_TRENDS})$"
    for name, previous, current, trend in re.findall(row, text, re.M):
        yield name, "previous", int(previous)
        yield name, "window", int(current)
        yield name, "trend", trend


def _trends_json(text: str) -> Facts:
    found = json.loads(text)
    for row in (*found["trends"], *found["alerts"]):
        yield row["pattern"], "previous", row["previous_count"]
        yield row["pattern"], "window", row["current_count"]
        yield row["pattern"], "trend", row["trend"]


def _explanation(text: str) -> Facts:
    name = text.splitlines()[0].removeprefix("PATTERN: ")
    yield name, "confidence", _field(r"^CONFIDENCE: (\S+) ", text)
    total = float(_field(r"^  sum +(\S+)$", text))
    yield name, "sum", f"{total:.4f}"
    yield name, "trend", _field(r"^TREND: (\w+)$", text)
    windows = re.search(r"this window (\d+), the one before (\d+), earlier (\d+)", text)
    assert windows
    yield name, "window", int(windows[1])
    yield name, "previous", int(windows[2])
    yield name, "occurrences", sum(map(int, windows.groups()))
    if row := re.search(r"^  occurrences +\w+ +(\d+) ", text, re.M):
        yield name, "occurrences", int(row[1])
    yield from _verdict(name, _field(r"^PROMOTION: (.*)$", text))
    yield name, "agents", _field(r"^WHO SHOULD LEARN IT:\n  (.*?): ", text)
    if members := re.search(r"^MEMBERS \((\d+)\):$", text, re.M):
        yield name, "occurrences", int(members[1])
    if outcome := re.search(r"^OUTCOME: (\D+?) \(", text, re.M):
        yield name, "verdict", outcome[1]


def _explanation_json(text: str) -> Facts:
    found = json.loads(text)
    name = found["pattern"]
    yield name, "occurrences", found["occurrences"]
    yield name, "sessions", found["sessions"]
    yield name, "confidence", f"{found['confidence_shown']:.2f}"
    yield name, "sum", f"{found['confidence']:.4f}"
    yield name, "trend", found["trend"]
    yield name, "window", found["windows"]["current"]
    yield name, "previous", found["windows"]["previous"]
    yield name, "agents", ", ".join(found["learners"]["agents"])
    yield from _verdict(name, found["promotion"]["verdict"])
    if found["outcome"]:
        yield name, "verdict", found["outcome"]


def _outcomes(text: str) -> Facts:
    rows = re.findall(r"^  (\S+) +\d{4}-.* {2,}([a-z ]+)$", text, re.M)
    yield "", "outcomes", len(rows)
    for name, verdict in rows:
        yield name, "verdict", verdict


def _outcomes_json(text: str) -> Facts:
    rows = json.loads(text)["outcomes"]
    yield "", "outcomes", len(rows)
    for row in rows:
        yield row["name"], "verdict", row["verdict"]


def _corrections(text: str) -> Facts:
    if text.startswith("No corrections."):
        yield "", "corrections", 0
        return
    yield "", "corrections", int(_field(r"^Total: (\d+) ", text))
    for name, count in re.findall(r"^  (\S+) +(\d+) occurrences?  \(", text, re.M):
        yield name, "corrections", int(count)
    yield from _counts(text)


def _counts(text: str) -> Facts:
    """The corrections by type, and by agent."""
    for figure in ("TYPE", "AGENT"):
        block = text.partition(f"BY {figure}:\n")[2].partition("\n\n")[0]
        for name, count in re.findall(r"^  (\S+) +(\d+)\b", block, re.M):
            yield name, figure, int(count)


def _analysis(text: str) -> Facts:
    for block in text.split("\n\n")[1:]:
        name, *lines = block.strip("\n").splitlines() or [""]
        if len(lines) < 3:
            continue
        yield name, "corrections", int(lines[0].split()[0])
        match = re.match(r"  In all: (.*), confidence (\S+)$", lines[1])
        assert match, lines
        yield from _seen(name, match[1])
        yield name, "confidence", match[2]
        yield from _verdict(name, lines[-1].strip())


def _corrections_json(text: str) -> Facts:
    found = json.loads(text)
    yield "", "corrections", found["total"]
    for kind, count in found["by_type"].items():
        yield kind, "TYPE", count
    for agent, count in found["by_agent"].items():
        yield agent, "AGENT", count
    for row in found["patterns"]:
        yield row["pattern"], "corrections", row["count"]
        yield row["pattern"], "occurrences", row["occurrences"]
        yield from _verdict(row["pattern"], row["promotion"]["verdict"])


def _list(text: str) -> Facts:
    """One line for each correction."""
    # Without a column of agents where all are of one.
    agents = r"(?:(?:api-dev|claude-code|cursor) +)?"
    row = rf"^(?:cor-|sha256:)\S+ +\d{{4}}-\d\d-\d\d +{agents}(\S+) .*"
    names = [name for name in re.findall(row, text, re.M) if name != "rejected"]
    yield "", "corrections", len(names)
    for name, count in Counter(names).items():
        if name != "-":
            yield name, "corrections", count


def _list_json(text: str) -> Facts:
    rows = [row for row in json.loads(text)["corrections"] if row["state"] != "rejected"]
    yield "", "corrections", len(rows)
    for name, count in Counter(row["pattern"] for row in rows).items():
        if name:
            yield name, "corrections", count


def _backfill(text: str) -> Facts:
    """The lessons that would be taught; the corrections are only those of commits."""
    heading = r"^ *\d+\. (\S+): (.*), confidence (\S+) -> (.*)$"
    for name, seen, confidence, agents in re.findall(heading, text, re.M):
        yield from _seen(name, seen)
        yield name, "confidence", confidence
        yield name, "next", "promoted"
        yield name, "agents", agents
    nearest = text.partition("The nearest:\n")[2]
    for name, seen, rest in re.findall(r"^  (\S+): (.*)\n((?:    .*\n)+)", nearest, re.M):
        yield from _seen(name, seen)
        *_, verdict = re.sub(r"\n {6}", " ", rest).splitlines()
        yield from _verdict(name, verdict.strip())


def _runbook(text: str) -> Facts:
    items = re.split(r"^- \*\*", text, flags=re.M)[1:]
    for item in items:
        name = item.partition("**")[0]
        match = re.search(
            r"(?:Seen|People corrected this) (\d+) times?(?: in (\d+) sessions?)?", item
        )
        assert match, item
        yield name, "occurrences", int(match[1])
        yield name, "sessions", int(match[2] or match[1])
        yield name, "trend", _field(rf"[(;] ?({_TRENDS})\b", item)
        yield name, "confidence", _field(r"confidence (\d\.\d\d)", item)
        yield name, "status", "promoted"
        yield name, "came back", "came back" in item


NAMES = (*PATTERNS, LESSON)
VIEWS: dict[str, list[Row]] = {
    "evolve": [
        (("evolve", "--dry-run"), _evolve),
        (("evolve", "--dry-run", "--json"), _evolve_json),
    ],
    "patterns": [
        (("patterns",), _table),
        (("patterns", "--all"), _table),
        (("patterns", "--all", "--json"), _patterns_json),
        *((("patterns", name), _pattern) for name in NAMES),
        *((("patterns", name, "--json"), _pattern_json) for name in NAMES),
    ],
    "trends": [
        (("trends",), _trends),
        (("trends", "--compare"), _comparison),
        (("trends", "--json"), _trends_json),
    ],
    "outcome": [
        (("outcome",), _outcomes),
        (("outcome", "--json"), _outcomes_json),
    ],
    "explain": [
        *((("explain", name), _explanation) for name in NAMES),
        *((("explain", name, "--json"), _explanation_json) for name in NAMES),
    ],
    "corrections": [
        (("corrections", "--since", "36500"), _corrections),
        (("corrections", "--since", "36500", "--analyze"), _analysis),
        (("corrections", "--since", "36500", "--json"), _corrections_json),
        (("corrections", "--list"), _list),
        (("corrections", "--list", "--json"), _list_json),
    ],
    "review": [(("review",), _list)],
    "backfill": [(("backfill", "--dry-run"), _backfill)],
    "try": [(("try",), _backfill)],
    "context": [
        (("context", "--agent", "api-dev"), _runbook),
        (("context", "--agent", "sre"), _runbook),
    ],
}
DECISIONS = ("confirm", "dismiss", "merge", "pin", "rename")
SILENT = {
    "init": "changes the set-up",
    "uninstall": "changes the set-up",
    "validate": "says what is wrong with lines",
    "accept": "writes a decision",
    "reject": "writes a decision",
    "teach": "writes a decision",
    "undo": "writes a decision",
    **{f"patterns {verb}": "writes a decision" for verb in DECISIONS},
    "log finding": "writes a record",
    "log learning": "writes a record",
    "log correction": "writes a record",
    "log incident": "writes a record",
    "import": "writes records",
    "who": "says whose commit it is",
    "flush": "moves records",
    "report": "writes a file; tests/commands/test_report.py compares it with `errata try`",
    "export": "writes a bundle; tests/fleet compares it with `errata patterns`",
    "fleet": "is about many repositories; tests/fleet compares it with `errata patterns`",
    "skills": "lists skills",
    "checks propose": "writes rules, with figures of its own",
    "checks accept": "moves a rule",
    "doctor": "checks the set-up",
    "help": "shows help",
    "completion": "prints a script",
    "merge-file": "git calls it",
    "agent-hook": "gives agents what `context` prints",
}


def leaves(group: click.Group, prefix: str = "") -> Iterator[str]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            if name in VIEWS:  # It does something by itself, too.
                yield name
            yield from leaves(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}"


def test_every_command_has_a_row() -> None:
    known = [*VIEWS, *SILENT]
    assert sorted(set(leaves(make(COMMANDS)))) == sorted(known)


@pytest.fixture(scope="module")
def built(
    tmp_path_factory: pytest.TempPathFactory, empty_repository: Path
) -> Iterator[tuple[Path, ...]]:
    """The repository before the last evolve, after it, and long after it, when all is quiet."""
    folder = tmp_path_factory.mktemp("voice")
    shutil.copytree(empty_repository, folder / "before")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder / "before")
        patch.setenv("HOME", str(folder))
        for name in [name for name in os.environ if name.startswith(CALLER_PREFIXES)]:
            patch.delenv(name)
        for who in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{who}_NAME", "Ann Author")
            patch.setenv(f"GIT_{who}_EMAIL", "ann@example.org")

        def evolve() -> None:
            assert main(["evolve", "--json"]) == 0

        voice_history.build(Repo(folder / "before"), evolve)
        assert main(["backfill", "--json"]) == 0
        for words in voice_history.DECISIONS:
            assert main(list(words)) == 0
        shutil.copytree(folder / "before", folder / "after")
        patch.chdir(folder / "after")
        evolve()
        # Counts what became of what is promoted now.
        assert main(["backfill", "--json"]) == 0
        shutil.copytree(folder / "after", folder / "later")
        Repo(folder / "later").jsonl(CORRECTIONS, correction(-200, None))
    yield tuple(folder / name for name in ("before", "after", "later"))


def said(
    capsys: pytest.CaptureFixture[str], *options: str, but: tuple[str, ...] = ()
) -> dict[tuple[str, str], dict[object, list[str]]]:
    """Pattern and figure -> its values -> the commands that say so."""
    facts: dict[tuple[str, str], dict[object, list[str]]] = defaultdict(lambda: defaultdict(list))
    for command, rows in VIEWS.items():
        for words, read in rows if command not in but else ():
            status = main([*words, *options])
            out, err = capsys.readouterr()
            if status and options:
                assert "no pattern named" in err  # nobody knew it then
                continue
            assert status == 0, (words, err)
            count = 0
            for name, figure, value in read(out):
                facts[name, figure][value].append(" ".join(words))
                count += 1
            assert count or options or "Nothing in the" in out, f"nothing was read: {words}\n{out}"
    return facts


def disagreements(facts: dict[tuple[str, str], dict[object, list[str]]]) -> list[str]:
    return [
        f"{name} {figure}: {dict(values)}"
        for (name, figure), values in facts.items()
        if len(values) > 1
    ]


MOMENTS: dict[str, tuple[int, tuple[str, ...], tuple[str, ...]]] = {
    # Runbooks are as of the last evolve.
    "something is due": (0, (), ("context",)),
    "nothing is due": (1, (), ()),
    # There is no backfill or review of another day, and a runbook has its present state only.
    "all is quiet": (2, (), ("context",)),
    "another day": (1, ("--as-of", PAST), ("context", "backfill", "try", "review")),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_commands_agree(
    built: tuple[Path, ...],
    moment: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    which, options, but = MOMENTS[moment]
    monkeypatch.chdir(built[which])
    facts = said(capsys, *options, but=but)
    assert disagreements(facts) == []
    known = (RETIRED, RETURNED) if options else NAMES
    for name in known:
        for figure in ("occurrences", "sessions", "confidence", "trend", "status", "window"):
            (commands,) = facts[name, figure].values()
            assert len({command.split()[0] for command in commands}) >= 2, (name, figure, commands)
        (status,) = facts[name, "status"]
        (following,) = facts[name, "next"]
        if following == "tracked" or status == "archived":
            (commands,) = facts[name, "why"].values()
            assert len(commands) >= 2, (name, commands)
    if which and not options:
        (commands,) = facts[TAUGHT, "verdict"].values()
        assert len({command.split()[0] for command in commands}) == 3
    if not options:
        assert (*facts[DUE, "next"],) == (("promoted", "promoted", "archived")[which],)
        assert (*facts[DUE, "status"],) == (("tracked", "promoted", "promoted")[which],)


def test_another_day_is_as_if_nothing_had_been_logged_since(
    built: tuple[Path, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What a command says with --as-of is what it would say of the logs as they were then."""
    then = tmp_path / "then"
    shutil.copytree(built[1], then)
    limit = instants.as_of(PAST)
    for log in (then / ".claude").rglob("*.jsonl"):
        rows = [json.loads(line) for line in log.read_text().splitlines()]
        times = [row.get("timestamp") or row.get("date") or row["as_of"] for row in rows]
        kept = [r for r, when in zip(rows, times, strict=True) if instants.parse(when) <= limit]
        log.write_text("".join(json.dumps(row) + "\n" for row in kept))
    shutil.rmtree(then / ".git/errata", ignore_errors=True)
    views = [words for rows in VIEWS.values() for words, _ in rows]
    compared = 0
    for words in (
        words
        for words in views
        if words[0] not in ("context", "backfill", "try", "evolve", "review")
    ):
        answers = []
        for folder in (built[1], then):
            monkeypatch.chdir(folder)
            status = main([*words, "--as-of", PAST])
            answers.append((status, *capsys.readouterr()))
        assert answers[0] == answers[1], words
        compared += answers[0][0] == 0
    assert compared > 10


def test_every_id_and_commit_that_is_named_is_explained(
    built: tuple[Path, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And the explanation of a correction says of its pattern what all commands say."""
    monkeypatch.chdir(built[0])
    facts = said(capsys, but=("context",))
    named: set[str] = set()
    for words in (("corrections", "--list"), ("review",), ("explain", LESSON), ("backfill",)):
        assert main(words if words != ("backfill",) else (*words, "--dry-run")) == 0
        out, _ = capsys.readouterr()
        named.update(re.findall(r"\b(?:cor-\w+|sha256:\w+|[0-9a-f]{12}(?= ))", out))
    assert len(named) > 15
    patterns = set()
    for name in sorted(named):
        assert main(["explain", name]) == 0, name
        assert name[:12] in capsys.readouterr().out
        if (main(["explain", name, "--json"]) == 0 and ":" in name) or "-" in name:
            answer = json.loads(capsys.readouterr().out)
            pattern = answer["pattern"]
            if pattern is None:  # rejected, or nothing that recurs
                continue
            patterns.add(pattern)
            for _, figure, value in _verdict(pattern, answer["promotion"]["verdict"]):
                assert [*facts[pattern, figure]] == [value]
        capsys.readouterr()
    assert patterns == {DUE, LESSON, REJECTED}


def test_the_history_has_every_state(
    built: tuple[Path, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(built[0])
    facts = said(capsys, but=("context",))
    states = {name: next(iter(facts[name, "status"])) for name in NAMES}
    assert facts[PINNED, "next"].keys() == {"promoted"}
    assert "dismissed: by Ann Author on" in next(iter(facts[DISMISSED, "why"]))
    assert facts[REJECTED, "corrections"].keys() == {1}
    assert states[TAUGHT] == states[RETURNED] == "promoted"
    assert states[RETIRED] == "archived" and states[DUE] == states[LESSON] == "tracked"
    trends = {next(iter(facts[name, "trend"])) for name in NAMES}
    assert {"increasing", "new", "resolved", "regressed", "quiet"} <= trends
