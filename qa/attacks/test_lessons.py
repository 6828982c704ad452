"""Attacks in the description of an edit: subjects of facts, paths, and lines of code."""

from __future__ import annotations

import json
import re
from typing import Any

import entry_points
import pytest
from entry_points import Entry, event
from markdown_it import MarkdownIt
from test_injections import TEXTS, loose
from test_text import HIDDEN, LARGE_BUDGET, MARKUP, unseen

from conftest import Repo
from errata.records.injection import sign_in
from errata.runbooks import document
from errata.runbooks.sanitise import plain
from record_builders import CORRECTIONS, implicit

ATTACKS = [*HIDDEN.values(), *MARKUP.values(), *TEXTS]
RUNBOOKS = ".claude/skills/runbooks/{}/RUNBOOK.md"


@pytest.fixture
def corrected(target: Repo) -> Repo:
    """A repository whose log describes edits in these texts, after an evolve."""
    target.write("errata.toml", LARGE_BUDGET)
    records = []
    for number, text in enumerate(ATTACKS):
        honest = f"call-removed Honest name {number}"
        subject = f"call-removed {plain(text, 60)}"
        example = {"file": text, "before": text.split("\n")[:3], "after": [text]}
        for day in range(1, 6):
            when = day + number / 1000
            for fact, folder in ((honest, f"honest{number}"), (subject, text)):
                area = {"folders": [f"src/{folder}"], "languages": ["python"], "tests": False}
                examples = [{**example, "edits": [fact]}]
                records.append(implicit(when, fact, examples=examples, area=area))
                when += 10
    target.jsonl(CORRECTIONS, *records)
    done = entry_points.run(Entry("evolve", ("evolve",)), target.root)
    assert done.status == 0, done.err
    return target


def outside_code(markdown: str) -> str:
    """The text of a document as a reader sees it, with an ellipsis for code."""
    parts = []
    for token in MarkdownIt("commonmark").parse(markdown):
        for child in token.children or []:
            parts.append(" … " if child.type == "code_inline" else child.content or "\n")
        parts.append("\n …\n" if token.type == "fence" else "\n")
    return "".join(parts)


def test_code_stays_code(corrected: Repo, record_property: Any) -> None:
    data = (corrected.root / entry_points.RUNBOOK).read_bytes()
    block = document.parse(data).block
    assert block is not None and block.intact
    assert unseen(data.decode()) == set()
    tokens = MarkdownIt("js-default", {"html": True}).parse(block.text)
    inner = {child.type for token in tokens for child in token.children or []}
    assert inner <= {"text", "softbreak", "strong_open", "strong_close", "code_inline"}
    assert {token.type for token in tokens if token.level == 0} <= {
        *("paragraph_open", "inline", "paragraph_close", "bullet_list_open", "bullet_list_close")
    }
    fences = [token.content for token in tokens if token.type == "fence"]
    assert all(line[:1] in "-+" for code in fences for line in code.split("\n"))
    assert "!`" not in block.text
    taught = len(re.findall(r"(?m)^- \*\*do-not-call-honest-name-\d+\*\*", block.text))
    assert taught > len(ATTACKS) / 3, "honest subjects are taught"
    record_property("variants", 2 * len(ATTACKS))


def test_injections_reach_an_agent_only_as_code(corrected: Repo, record_property: Any) -> None:
    runbook = (corrected.root / entry_points.RUNBOOK).read_text()
    started = entry_points.run(
        event("SubagentStart", corrected.root, agent_type="api-dev"), corrected.root
    )
    injected = json.loads(started.out)["hookSpecificOutput"]["additionalContext"]
    for seen in (outside_code(runbook), outside_code(injected)):
        assert {text: found for text in TEXTS if (found := loose(seen, text))} == {}
        assert "is not an instruction" in seen
    known = [text for text in TEXTS if sign_in(text) and len(text.split()) > 4]
    assert {text for text in known if plain(text, 60).rstrip("…") in runbook} == set()
    record_property("variants", 2 * len(TEXTS))


@pytest.mark.parametrize("words", [("patterns", "--all"), ("explain", "do-not-call-honest-name-3")])
def test_output_has_no_control_characters(corrected: Repo, words: tuple[str, ...]) -> None:
    said = entry_points.run(Entry("", words), corrected.root)
    assert unseen(said.all) == set()
