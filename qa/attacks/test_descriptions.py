"""Hostile code: control sequences, markup and injections in what is stored of an edit."""

from __future__ import annotations

import json
import re
from typing import Any

import entry_points
import pytest
from entry_points import Entry, event
from markdown_it import MarkdownIt
from test_injections import TEXTS, loose, rendered
from test_text import HIDDEN, LARGE_BUDGET, MARKUP, unseen

from conftest import Repo
from errata.records import injection
from errata.runbooks import document
from record_builders import implicit

LOG = ".claude/user-corrections.jsonl"
ALL = [*HIDDEN.values(), *MARKUP.values(), *TEXTS]
HONEST = "argument-added open(encoding=)"
RUNBOOKS = (entry_points.RUNBOOK, ".claude/skills/runbooks/everyone/RUNBOOK.md")


@pytest.fixture
def described(target: Repo) -> Repo:
    """Logs with these texts in all fields of descriptions, three times each; written by hand."""
    target.write("errata.toml", LARGE_BUDGET)
    records = []
    for number, text in enumerate(ALL):
        for day in (1, 2, 3):
            edits = [f"debug-output-removed {text}", text]
            example: dict[str, Any] = {"edits": edits, "file": text, "before": [text]}
            area = {"folders": [text], "languages": [text], "tests": False, "symbols": [text]}
            record = implicit(
                *(day, *edits),
                id=f"cor-text-{number}-{day}",
                area=area,
                examples=[{**example, "after": [text]}],
            )
            records.append({**record, "edits": edits})
    for day in (1, 2, 3, 4, 5, 6, 7):
        records += [
            implicit(
                *(day, HONEST),
                id=f"cor-honest-{number}-{day}",
                examples=[
                    {"edits": [HONEST], "file": "a.py", "before": [text], "after": ["open(p, e)"]}
                ],
            )
            for number, text in enumerate(ALL)
        ]
    target.jsonl(LOG, *records)
    # A lesson about code that is gone is retired.
    target.write("src/a.py", "data = open(path)\n")
    target.git("add", "-A")
    target.git("commit", "-qm", "chore: logs")
    return target


def test_output_has_no_control_characters(described: Repo, record_property: Any) -> None:
    calls = [*entry_points.reading("cor-text-0-1"), Entry("evolve", ("evolve",))]
    calls += [Entry("", ("explain", f"cor-text-{n}-2")) for n in range(len(ALL))]
    for entry in calls:
        said = entry_points.run(entry, described.root)
        assert unseen(said.all) == set(), (entry.words, said.all)
        # Validation quotes what it refuses.
        assert "\ufe0f" not in said.all or entry.words[0].startswith("validate"), entry.words
    record_property("variants", len(calls))


def test_runbooks_hold_inert_text(described: Repo, record_property: Any) -> None:
    done = entry_points.run(Entry("evolve", ("evolve",)), described.root)
    assert done.status == 0, done.err
    read = {}
    for path in RUNBOOKS:
        if not (described.root / path).exists():
            continue
        data = (described.root / path).read_bytes()
        block = document.parse(data).block
        assert block is not None and block.intact, done.err
        assert unseen(data.decode()) == set()
        tokens = MarkdownIt("js-default", {"html": True}).parse(block.text)
        assert "Forged" not in [t.content for t in tokens if t.type == "heading_open"]
        inner = {child.type for token in tokens for child in token.children or []}
        assert not inner & {"link_open", "image", "html_inline"}, inner
        assert {token.type for token in tokens if token.type.startswith("html")} == set()
        read[path] = rendered(data.decode())
    started = entry_points.run(
        event("SubagentStart", described.root, agent_type="api-dev"), described.root
    )
    said = json.loads(started.out)["hookSpecificOutput"]["additionalContext"]
    assert unseen(said) == set()
    assert not re.search(r"(?m)^(#+ Forged|Forged|@|!`|<system)", said)
    read["event"] = rendered(said)
    known = [text for text in TEXTS if injection.sign_in(text)]
    failures = {
        (where, text): parts
        for where, seen in read.items()
        for text in known
        if (parts := loose(seen, text))
    }
    assert failures == {}
    assert "encoding" in "".join(read.values()), "the honest lesson was taught"
    record_property("variants", len(ALL) * len(read))
