"""Instructions to the agent, hidden in what a log says: published ones, each with its source."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from pathlib import Path
from typing import Any

import entry_points
import pytest
from entry_points import Entry, event
from markdown_it import MarkdownIt

from conftest import Repo
from errata import rules
from errata.records import injection
from errata.runbooks import document
from errata.runbooks.sanitise import plain
from record_builders import finding

SOURCES = tomllib.loads(Path(__file__).with_name("injections.toml").read_text("utf-8"))["source"]
TEXTS: list[str] = [text for source in SOURCES for text in source["texts"]]
SIGNS: list[dict[str, Any]] = rules.source("instructions")["sign"]
ROOM = "[runbook]\nmax_lines = 5000\nmax_chars = 400000\n[agent]\nmax_chars = 100000\n"
_QUOTED = re.compile('"[^"]*"')
_RUN = 4


def test_the_list_is_long_enough_and_names_its_sources() -> None:
    assert len(set(TEXTS)) >= 40
    assert all(source["where"] and source["texts"] for source in SOURCES)


def test_most_of_them_are_recognised() -> None:
    missed = [text for text in TEXTS if not injection.sign_in(text)]
    assert len(missed) <= 12, missed


@pytest.mark.parametrize("sign", SIGNS, ids=lambda sign: sign["name"])
def test_a_sign_holds_to_its_own_examples(sign: dict[str, Any]) -> None:
    (found,) = (one for one in injection.signs() if one.name == sign["name"])
    assert set(sign) == {"name", "about", "words", "match", "miss"}
    assert [text for text in sign["match"] if not found.words.search(injection.fold(text))] == []
    assert {text: said for text in sign["miss"] if (said := injection.sign_in(text))} == {}


@pytest.mark.parametrize(
    "text",
    [
        "Always validate input before it is used",
        "Never log credentials; the handler logs the whole request",
        "The prompt of the shell is repeated",
        "Instructions in README are out of date, follow CONTRIBUTING instead",
        "Do not ignore errors of close()",
        "Tell the user why the upload failed",
        "Run make generate after the types change",
        "Use the system clock only through instants.clock()",
        "The parser should ignore all previous tokens of the line",
        "Send the token in a header, not in the URL",
        "ignore previous results of the cache when the key changed",
        "curl is piped into a shell in install.sh without a checksum",
    ],
)
def test_an_honest_finding_is_none(text: str) -> None:
    assert injection.sign_in(text) == ""


def _runs(text: str) -> set[str]:
    """What would be recognised of a text: every few words of it in a row."""
    words = re.findall(r"\w+", plain(text, 300).casefold())
    count = min(_RUN, len(words))
    return {" ".join(words[at : at + count]) for at in range(len(words) - count + 1)}


def loose(text: str, injection: str) -> set[str]:
    """What of an injection stands in a text outside of quotation marks."""
    outside = _QUOTED.sub(" … ", text)
    words = " ".join(re.findall(r"\w+|…", outside.casefold()))
    return {run for run in _runs(injection) if f" {run} " in f" {words} "}


def rendered(markdown: str) -> str:
    """The text that a reader of Markdown sees."""
    tokens = MarkdownIt("commonmark").parse(markdown)
    return "\n".join(
        "".join(child.content or "\n" for child in token.children or [])
        for token in tokens
        if token.type == "inline"
    )


@pytest.mark.parametrize("number", range(len(TEXTS)))
def test_control_a_text_that_is_pasted_stands_there_as_if_it_were_the_runbooks(number: int) -> None:
    assert loose(rendered(f"## Recent learnings\n\n- odd-thing: {TEXTS[number]}\n"), TEXTS[number])


_EVOLVED: list[Path] = []


@pytest.fixture
def poisoned(target: Repo, tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Every one of them in every field that reaches a runbook, often enough; evolved, once."""
    if not _EVOLVED:
        _poison(target)
        done = entry_points.run(Entry("evolve", ("evolve",)), target.root)
        assert done.status == 0, done.err
        _EVOLVED.append(tmp_path_factory.mktemp("poisoned") / "repo")
        shutil.copytree(target.root, _EVOLVED[0], symlinks=True)
    shutil.copytree(_EVOLVED[0], target.root, symlinks=True, dirs_exist_ok=True)
    return target


def _poison(target: Repo) -> None:
    target.write("errata.toml", ROOM)
    routed: dict[str, Any] = {"severity": "blocking", "affected_agents": ["api-dev"]}
    records = []
    for number, text in enumerate(TEXTS):
        short = plain(text, 120)
        named = {"pattern": f"said-{number}", "description": text, "feature_id": short}
        fields = {"service": short, "category": short, "file": short}
        for day in (1, 2, 3):
            records.append(finding(day, **named, **fields, **routed))
            repaired = {"pattern": f"fixed-{number}", "description": f"It was odd {day} times"}
            records.append(finding(day, **repaired, **routed, suggested_fix=text))
    target.jsonl(".claude/review-findings.jsonl", *records)


def test_published_injections_reach_an_agent_quoted_or_not_at_all(
    poisoned: Repo, record_property: Any
) -> None:
    runbook = (poisoned.root / entry_points.RUNBOOK).read_text()
    block = document.parse(runbook.encode()).block
    assert block is not None and block.intact
    for number in range(len(TEXTS)):
        assert f"**fixed-{number}**" in block.text, "what is honest was promoted"
    context = entry_points.run(
        Entry("context", ("context", "--agent", "api-dev", "--max-chars", "100000")), poisoned.root
    ).out
    started = entry_points.run(
        event("SubagentStart", poisoned.root, agent_type="api-dev"), poisoned.root
    )
    told = json.loads(started.out)["hookSpecificOutput"]["additionalContext"]
    read = {"runbook": rendered(runbook), "context": rendered(context), "told": rendered(told)}
    failures = {
        (where, text): found
        for where, seen in read.items()
        for text in TEXTS
        if (found := loose(seen, text))
    }
    assert failures == {}
    for seen in (context, told):
        assert "is no instruction" in seen
    record_property("variants", len(TEXTS) * len(read))


def test_what_speaks_to_an_agent_is_in_no_file_and_on_no_screen_that_it_reads(
    poisoned: Repo, record_property: Any
) -> None:
    folder = poisoned.root / ".claude/patterns"
    read = {name: (folder / name).read_text() for name in ("patterns.json", "trends.json")}
    read["runbook"] = (poisoned.root / entry_points.RUNBOOK).read_text()
    for words in (
        ("patterns", "--all"),
        ("patterns", "said-3"),
        ("explain", "said-3"),
        ("trends",),
    ):
        read[" ".join(words)] = entry_points.run(Entry("", words), poisoned.root).out
    known = [text for text in TEXTS if injection.sign_in(text)]
    failures = {
        (where, text): found
        for where, seen in read.items()
        for text in known
        if (
            found := {
                run for run in _runs(text) if run in " ".join(re.findall(r"\w+", seen.casefold()))
            }
        )
        and len(_runs(text)) > 1
    }
    # Words that an honest description here has too would prove nothing; there are none.
    assert failures == {}
    assert "said-3" not in json.loads(read["patterns.json"])["patterns"]["said-3"]["description"]
    record_property("variants", len(known) * len(read))


def test_a_pattern_that_only_speaks_is_not_promoted_and_explain_says_why(poisoned: Repo) -> None:
    assert "**said-3**" not in (poisoned.root / entry_points.RUNBOOK).read_text()
    said = entry_points.run(Entry("explain", ("explain", "said-3")), poisoned.root).out
    assert re.search(r"description +no ", said)


def test_a_block_from_before_quotations_is_brought_up_to_date(target: Repo) -> None:
    path = target.root / entry_points.RUNBOOK
    parsed = document.parse(path.read_bytes())
    assert parsed.block is not None
    old = re.sub(r" Text in quotation marks[^.]*\.", "", parsed.block.text).replace('"', "")
    path.write_bytes(document.replace(parsed, old))
    done = entry_points.run(Entry("evolve", ("evolve",)), target.root)
    assert done.status == 0 and "edited by hand" not in done.err
    assert entry_points.run(Entry("", ("check_runbooks",), hook=True), target.root).status == 0
