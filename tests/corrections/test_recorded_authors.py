"""What git-ai and Agent Trace recorded decides, online and in backfill alike."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from capture_builders import CLAUDE, Story, call, install, run

from attribution import backfill_records, capture_records
from errata.commands.evolve import command as evolve
from errata.commands.flush import command as flush
from errata.commands.who import command as who
from errata.core.config import Config
from errata.core.git import Repository
from errata.corrections import precheck
from errata.setup.checks import DoctorContext
from errata.setup.checks.recorders import unreadable_records

SESSION = "s_c9883b05a2487d"
BODY = "".join(f"def handler_{n}(body):\n    return body['{n}']\n" for n in range(10))


@pytest.fixture
def story(repo: Any, monkeypatch: pytest.MonkeyPatch) -> Story:
    story = Story(repo, hooks=False)
    monkeypatch.chdir(story.root)
    return story


def note_text(path: str, *entries: str, version: str = "authorship/3.0.0") -> str:
    metadata = {
        "schema_version": version,
        "base_commit_sha": "0" * 40,
        "prompts": {"abcd1234abcd1234": {"agent_id": {"tool": "cursor", "id": "c", "model": "m"}}},
        "humans": {"h_31dce776f88375": {"author": "Ann <ann@example.org>"}},
        "sessions": {SESSION: {"agent_id": {"tool": "claude", "id": "conv-1", "model": "opus-4"}}},
    }
    attested = [path, *(f"  {entry}" for entry in entries)] if entries else []
    return "\n".join([*attested, "---", json.dumps(metadata, indent=2)])


def annotate(story: Story, *entries: str, path: str = "b.py", **options: str) -> str:
    """Commit ``BODY`` as a person, with a note; the commit."""
    story.repo.write(path, BODY)
    sha = story.commit("feat: more handlers")
    story.git("notes", "--ref=ai", "add", "-m", note_text(path, *entries, **options), sha)
    return sha


def answer(revision: str = "HEAD") -> dict[str, Any]:
    (data,) = call(who, revision, "--format", "json")
    return dict(data)


def fix(story: Story, number: int, path: str = "b.py") -> str:
    """A person fixes one line, numbered from 1."""
    lines = (story.root / path).read_text().splitlines(keepends=True)
    lines[number - 1] = lines[number - 1].replace("body", "payload.body")
    (story.root / path).write_text("".join(lines))
    return story.commit(f"fix: wrong name in line {number}")


def corrected(story: Story, sha: str) -> list[str]:
    """The agents that a commit corrects; capture and backfill must agree."""
    online, history = capture_records(story.root, [sha]), backfill_records(story.root)
    assert online.get(sha, []) == history.get(sha, [])
    return [record["agent"] for record in online.get(sha, [])]


@pytest.mark.parametrize(
    ("entries", "kind", "tool"),
    [
        ([f"{SESSION}::t_9f8e7d6c5b4a32 1-20"], "agent", "claude-code"),
        ([f"{SESSION}::t_9f8e7d6c5b4a32 1-11"], "agent", "claude-code"),
        (["abcd1234abcd1234 1-5,7,9-20"], "agent", "cursor"),
        ([f"{SESSION}::t_1 1-10"], "person", ""),
        ([f"{SESSION}::t_1 1-5", "h_31dce776f88375 6-20"], "person", ""),
        (["h_31dce776f88375 1-20"], "person", ""),
        ([f"{SESSION}::t_1 1-20", "h_31dce776f88375 1-20"], "person", ""),
        (["s_unknown::t_1 1-20"], "agent", "agent"),
        ([], "person", ""),
    ],
)
def test_who_wrote_most_lines_made_the_commit(
    story: Story, entries: list[str], kind: str, tool: str
) -> None:
    annotate(story, *entries)
    data = answer()
    assert (data["kind"], data["tool"]) == (kind, tool)
    assert kind == "person" or data["source"] == "git-ai note"


@pytest.mark.parametrize(
    ("entries", "kind"),
    [
        (["h_31dce776f88375 1-20"], "person"),
        (["h_31dce776f88375 1-10"], "unknown"),
        ([f"{SESSION}::t_1 1-5"], "unknown"),
        ([], "unknown"),
        ([f"{SESSION}::t_1 1-15"], "agent"),
    ],
)
def test_a_note_goes_before_trailers(story: Story, entries: list[str], kind: str) -> None:
    sha = annotate(story, *entries)
    story.git("commit", "--amend", "-qm", "feat: more handlers", "-m", CLAUDE)
    story.git("notes", "--ref=ai", "copy", sha, "HEAD")
    assert answer()["kind"] == kind


def test_a_role_of_ours_is_kept(story: Story) -> None:
    story.repo.write("b.py", BODY)
    sha = story.commit("feat: more", "Agent: api-dev\nFeature: feat-7")
    text = note_text("b.py", f"{SESSION}::t_1 1-20")
    story.git("notes", "--ref=ai", "add", "-m", text, sha)
    data = answer()
    assert (data["name"], data["tool"]) == ("api-dev", "claude-code")
    assert (data["model"], data["session"], data["feature"]) == ("opus-4", "conv-1", "feat-7")


def test_each_line_belongs_to_who_wrote_it(story: Story) -> None:
    annotate(story, f"{SESSION}::t_1 1-6", "h_31dce776f88375 7-20")
    assert answer()["lines"] == {"claude-code": 6, "person": 14}
    assert corrected(story, fix(story, 2)) == ["claude-code"]
    assert corrected(story, fix(story, 20)) == []


def test_the_persons_lines_of_an_agents_commit(story: Story) -> None:
    annotate(story, f"{SESSION}::t_1 1-16", "h_31dce776f88375 17-20")
    assert answer()["kind"] == "agent"
    assert corrected(story, fix(story, 2)) == ["claude-code"]
    assert corrected(story, fix(story, 18)) == []


def test_what_an_agent_wrote_is_no_persons_correction(story: Story) -> None:
    sha = story.fix(1)
    assert corrected(story, sha) == ["claude-code"]
    number = (story.root / "api.py").read_text().splitlines().index('    limit = LIMITS["1"]') + 1
    text = note_text("api.py", f"{SESSION}::t_1 {number}")
    story.git("notes", "--ref=ai", "add", "-m", text, sha)
    assert corrected(story, sha) == []


def test_the_agents_part_of_a_persons_commit_is_no_correction(story: Story) -> None:
    sha = story.fix(1, 2, 3)
    texts = (story.root / "api.py").read_text().splitlines()
    number = texts.index('    limit = LIMITS["2"]') + 1
    text = note_text("api.py", f"{SESSION}::t_1 {number}")
    story.git("notes", "--ref=ai", "add", "-m", text, sha)
    (record,) = capture_records(story.root, [sha])[sha]
    assert record["lines"]["removed"] == 2
    assert corrected(story, sha) == ["claude-code"]


def test_the_precheck_sees_notes(story: Story) -> None:
    story.wait(30)
    annotate(story, f"{SESSION}::t_1 1-20")
    fix(story, 2)
    assert not precheck.can_skip_head()
    story.git("update-ref", "-d", "refs/notes/ai")
    assert precheck.can_skip_head()


@pytest.mark.parametrize("command", [flush, evolve])
def test_a_note_that_comes_after_the_hook_withdraws(story: Story, command: Any) -> None:
    install(story.root)
    sha = story.fix(1)
    story.fix(2)
    assert len(story.captured()) == 2
    number = (story.root / "api.py").read_text().splitlines().index('    limit = LIMITS["1"]') + 1
    text = note_text("api.py", f"{SESSION}::t_1 {number}")
    story.git("notes", "--ref=ai", "add", "-m", text, sha)
    run(command)
    assert (story.captured(), story.ids()) == ([], story.history())
    assert len(story.ids()) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not a note",
        "b.py\n  s_1::t_1 1-20\n---\nno json",
        "b.py\n  s_1::t_1 1-20\n---\n[]",
        '  s_1::t_1 1-20\n---\n{"schema_version": "authorship/3.0.0"}',
        'b.py\n  s_1::t_1 20-1\n---\n{"schema_version": "authorship/3.0.0"}',
        'b.py\n  s_1::t_1\n---\n{"schema_version": "authorship/3.0.0"}',
        'b.py\n  s_1::t_1 x\n---\n{"schema_version": "authorship/3.0.0", "sessions": 3}',
        note_text("b.py", f"{SESSION}::t_1 1-20", version="authorship/9.0.0"),
        note_text("b.py", f"{SESSION}::t_1 1-20").replace("opus-4", "x" * (5 << 20)),
    ],
)
def test_a_note_that_cannot_be_read_says_nothing(story: Story, text: str, tmp_path: Path) -> None:
    story.repo.write("b.py", BODY)
    sha = story.commit("feat: more handlers", CLAUDE)
    file = tmp_path / "note"
    file.write_text(text)
    story.git("notes", "--ref=ai", "add", "--allow-empty", "-F", str(file), sha)
    assert (answer()["kind"], answer()["source"]) == ("agent", "co-author")
    assert notes_of_the_doctor(story) == [f"1 unreadable git-ai note ignored: {sha[:12]}"]
    assert corrected(story, fix(story, 2)) == ["claude-code"]


def test_a_note_with_absurd_ranges_costs_little(story: Story) -> None:
    annotate(story, *(f"{SESSION}::t_{n} 1-999999999999" for n in range(2000)))
    assert answer()["kind"] == "agent"


def trace(story: Story, revision: str, *ranges: dict[str, Any], **fields: Any) -> None:
    """Append a record that names ``b.py``, and keep the file out of git."""
    record = {
        "version": "0.1.0",
        "id": "550e8400-e29b-41d4-a716-446655440000",
        "timestamp": "2026-01-23T14:30:00Z",
        "vcs": {"type": "git", "revision": revision},
        "tool": {"name": "cursor"},
        "files": [{"path": "b.py", "conversations": list(ranges)}],
        **fields,
    }
    path = story.root / ".agent-trace/traces.jsonl"
    path.parent.mkdir(exist_ok=True)
    with path.open("a") as file:
        file.write(json.dumps(record) + "\n")
    (story.root / ".git/info/exclude").write_text(".agent-trace/\n")


def conversation(start: int, stop: int, kind: str = "ai", **fields: Any) -> dict[str, Any]:
    contributor = {"type": kind, "model_id": "anthropic/claude-opus-4-5"}
    lines = {"start_line": start, "end_line": stop, **fields}
    return {"contributor": contributor, "ranges": [lines]}


@pytest.mark.parametrize(
    ("traced", "kind", "tool"),
    [
        (conversation(1, 20), "agent", "cursor"),
        (conversation(1, 20, "human"), "person", ""),
        (conversation(1, 20, "mixed"), "person", ""),
        (conversation(1, 20, "unknown"), "person", ""),
        (conversation(1, 20, "human", contributor={"type": "ai"}), "agent", "cursor"),
        (conversation(1, 5), "person", ""),
    ],
)
def test_a_trace_at_the_commit(story: Story, traced: dict[str, Any], kind: str, tool: str) -> None:
    story.repo.write("b.py", BODY)
    trace(story, story.commit("feat: more handlers"), traced)
    assert (answer()["kind"], answer()["tool"]) == (kind, tool)


@pytest.mark.parametrize(
    ("traced", "kind"), [(conversation(1, 20), "agent"), (conversation(1, 3), "unknown")]
)
def test_a_trace_of_an_edit_names_the_commit_before(
    story: Story, traced: dict[str, Any], kind: str
) -> None:
    trace(story, story.head(), traced)
    story.repo.write("b.py", BODY)
    story.commit("feat: more handlers")
    assert (answer()["kind"], answer()["source"]) == (kind, "agent-trace record")
    assert corrected(story, fix(story, 2)) == (["cursor"] if kind == "agent" else [])
    assert not precheck.can_skip_head()


def test_damaged_traces_are_left_out(story: Story) -> None:
    trace(story, story.head(), conversation(1, 20), version="9.0")
    trace(story, story.head(), {"ranges": "all"})
    trace(story, story.head(), conversation(1, 20), vcs={"type": "jj", "revision": "kk"})
    with (story.root / ".agent-trace/traces.jsonl").open("a") as file:
        file.write("{\n\n[]\nnull\n")
    story.repo.write("b.py", BODY)
    story.commit("feat: more handlers")
    assert answer()["kind"] == "person"
    (found,) = notes_of_the_doctor(story)
    assert found == ".agent-trace/traces.jsonl: 6 unreadable lines ignored"


def notes_of_the_doctor(story: Story) -> list[str]:
    context = DoctorContext(Repository.discover(story.root), Config(), None, 0)
    return [diagnostic.message for diagnostic in unreadable_records(context)]


def test_a_note_goes_before_a_trace(story: Story) -> None:
    sha = annotate(story, "h_31dce776f88375 1-20")
    trace(story, sha, conversation(1, 20))
    assert (answer()["kind"], answer()["source"]) == ("person", "git-ai note")
