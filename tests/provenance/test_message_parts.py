"""Which lines of a message speak for its commit: quotations, copies and squashes."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errata.corrections.precheck import is_surely_agent
from errata.provenance.identity import CommitIdent, Provenance, classify, load_rules
from errata.provenance.message_parts import read_parts

CLAUDE = "Co-authored-by: Claude <noreply@anthropic.com>"
REVIEWER = "Co-authored-by: Copilot <175728472+Copilot@users.noreply.github.com>"
CODER = "Co-authored-by: Copilot <223556219+Copilot@users.noreply.github.com>"
SIGNATURE = "🤖 Generated with [Claude Code](https://claude.ai/code)"
SHA = "0123456789" * 4


def who(message: str) -> Provenance:
    ident = CommitIdent("Ann", "ann@example.org", "Ann", "ann@example.org", message)
    return classify(ident, load_rules())


PERSON = {
    "quotation": f"fix: docs\n\n> feat: volumes\n>\n> {CLAUDE}\n",
    "quoted signature": f"fix: docs\n\nThe commit said\n\n> {SIGNATURE}\n",
    "nested quotation": f"fix: docs\n\n  >> {CLAUDE}\n",
    "fence": f"test: parser\n\nFor example:\n\n```\nfeat: x\n\n{CLAUDE}\n```\n",
    "fence with a language": f"test: parser\n\n~~~text\n{CLAUDE}\n~~~~\n\nMore.\n",
    "indented fence": f"test: parser\n\n- so:\n  ```\n  {CLAUDE}\n  ```\n",
    "longer fence": f"test: parser\n\n````\n```\n{CLAUDE}\n```\n````\n",
    "revert": f'Revert "feat: x"\n\nThis reverts commit {SHA}.\n\n    feat: x\n\n    {CLAUDE}\n',
    "revert, only its trailer": f'Revert "feat: x"\n\nOriginal message\n\n    {CLAUDE}\n',
    "revert, all indented": f'Revert "feat: x"\n\n    feat: x\n\n    {CLAUDE}\n',
    "revert by its body": f"Undo volumes\n\nThis reverts commit {SHA}.\n\n\tx\n\n\t{CLAUDE}\n",
    "revert with a list": f"Reland x\n\n* The message was\n\n    {CLAUDE}\n",
    "report": f"fix: parser\n\nThe nightly build fails on\n\n    feat: x\n\n    {CLAUDE}\n",
    "introduced": f"fix: parser\n\nThis line was lost:\n\n    {CLAUDE}\n",
    "introduced in Chinese": f"fix: 解析\n\n丢失了这一行：\n\n    {CLAUDE}\n",
    # dekobon/big-code-analysis#812
    "a reverted message": (
        f'Revert "feat: thing"\n\nThis reverts a commit whose message read:\n\n    {CLAUDE}\n'
        "\nSigned-off-by: Real Author <real@example.com>\n"
    ),
    "in the middle": f"fix: parser\n\nWe wrote\n\n    {CLAUDE}\n\nwhich is too long.\n",
    "fixup of a message": f"amend! feat: x\n\nfeat: x\n\n{CLAUDE}\n\nAgent: api-dev\n",
    "reviewer of a reviewer": "fix: x (#3)\n\nReviewed-by: Copilot <copilot@github.com>\n",
    "other bots": (
        "Add volumes (#12)\n\n* Add volumes\n\n* fixes\n\n---------\n\n"
        "Co-authored-by: coderabbitai[bot] <136622811+coderabbitai[bot]@users.noreply.github.com>\n"
        "Co-authored-by: pre-commit-ci[bot] <66853113+pre-commit-ci[bot]@users.noreply.github.com>"
        "\n"
        "Co-authored-by: dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>\n"
    ),
}
UNKNOWN = {
    "suggestion": (
        f"Add volumes (#12)\n\n* Add volumes\n\n* Delete volumes\n\n* Update api.py\n\n{REVIEWER}\n"
        f"\n---------\n\n{REVIEWER}\n"
    ),
    "suggestion, only the title": f"Add volumes (#12)\n\n{REVIEWER}\n",
    # rust-lang/bors#775
    "suggestion, bors": f"Squash of #9\n\n* Add volumes\n* Update api.py\n\n{REVIEWER}\n\n"
    "See merge request a/b!9\n",
    "suggestion, GitLab": f"Add volumes\n\n{REVIEWER}\n\nSee merge request group/project!12\n",
    "one of two": f"Add (#1)\n\n* a\n\n{CLAUDE}\n\n* b\n\n---------\n\n{CLAUDE}\n",
    "one of three, stamped": "Add (#1)\n\n* a\n\nAgent: api-dev\n\n* b\n\n* c\n",
    "only at the end": f"Add (#1)\n\n* a\n\n* b\n\n---------\n\n{CLAUDE}\n",
    "without a number": f"Add\n\n* a\n\n{CLAUDE}\n\n* b\n\nSigned-off-by: B <b@x>\n\n* c\n",
    "kept comments": (
        f"# This is a combination of 2 commits.\n# This is the 1st commit message:\n\nfeat: a\n\n"
        f"{CLAUDE}\n\n# This is the commit message #2:\n\nfix: b\n"
    ),
    "git merge --squash": (
        f"Squashed commit of the following:\n\ncommit {SHA}\nAuthor: Ann <ann@example.org>\n"
        f"Date:   Sat Nov 1 2025\n\n    fix: b\n\ncommit {SHA[::-1]}\nAuthor: Ann <a@example.org>\n"
        f"Date:   Sat Nov 1 2025\n\n    feat: a\n\n    {CLAUDE}\n"
    ),
    "original message, not marked": (
        f'Reland "feat: x"\n\nOriginal commit message:\n\nfeat: x\n\n{CLAUDE}\n'
    ),
    "an editor's co-author": "Add\n\nCo-authored-by: Copilot <copilot@github.com>\n",
    "aider": "aider: feat: create volumes\n",
    "checkpoint": "Add\n\nEntire-Checkpoint: a3b2c4d5e6f7\n",
    "checkpoint by ULID": "Add\n\nEntire-Checkpoint: 01KFN3ZQ4T8W6JX2M5R7VABCDE\n",
}
AGENT = {
    "plain": f"feat: x\n\n{CLAUDE}\n",
    "open fence": f"feat: x\n\n```\nforgotten\n\n{CLAUDE}\n",
    "own revert": f'Revert "feat: x"\n\nThis reverts commit {SHA}.\n\n{CLAUDE}\n',
    "indented body": f"feat: x\n\n    Text of a here-document.\n\n    {CLAUDE}\n",
    "indented trailers": f"feat: x\n\nText.\n\n    {SIGNATURE}\n\n    {CLAUDE}\n",
    "a list": f"feat: x\n\n* a\n* b\n\n{CLAUDE}\n",
    "a loose list": f"feat: x\n\n* a\n\n* b\n\n{CLAUDE}\n",
    "quotation and trailer": f"fix: x\n\n> it crashes\n\n{CLAUDE}\n",
    "forge, one commit": f"feat: x (#12)\n\nText.\n\n{CLAUDE}\n",
    "most of a squash": (
        f"Add (#1)\r\n\r\n* a\r\n\r\n{CLAUDE}\r\n\r\n* Merge branch 'main' into x\r\n\r\n"
        f"* b\r\n\r\n{SIGNATURE}\r\n\r\n* c\r\n"
    ),
    "one suggestion": f"Update api.py\n\n{REVIEWER}\n",
    # Cotal-AI/Cotal#1386: each commit of the branch, and a list at the end
    "every part of a squash": (
        "Isolate workflows (#1350)\n\n"
        + "".join(f"* step {n}\n\n{CLAUDE}\n\n" for n in range(9))
        + f"---------\n\n{CLAUDE}\n"
    ),
    # apache/texera#4696
    "backport": f"fix: x (#3)\n\nBody.\n\n{CLAUDE}\n\n(backported from commit abc1234)\n",
    "coding agent in a squash": f"Add volumes (#12)\n\n{CODER}\n",
    "git merge --squash of an agent's": (
        f"Squashed commit of the following:\n\ncommit {SHA}\n"
        "Author: Claude <noreply@anthropic.com>\nDate:   Sat Nov 1 2025\n\n    fix: b\n"
    ),
    "a name in another script": "Add\n\nAgent: 代码助手\n",
    "a name with accents": "Add\n\nAgent: Größen-Ägent\n",
}


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        pytest.param(kind, message, id=f"{kind}: {name}")
        for kind, messages in (("person", PERSON), ("unknown", UNKNOWN), ("agent", AGENT))
        for name, message in messages.items()
    ],
)
def test_what_speaks_for_a_commit(kind: str, message: str) -> None:
    got = who(message)
    assert got.kind == kind, got.evidence
    head = b"1 1 Ann <ann@example.org> Ann <ann@example.org>\n"
    assert kind == "agent" or not is_surely_agent(head + message.encode())


@pytest.mark.parametrize(
    "message",
    [
        "Agent: refactor\n",
        "Agent: refactor\n\nMove the loop.\n",
        "\nAgent: refactor\n",
        "Clean up\n\n- Agent: refactor\n- UI: colours\n",
        "Clean up (#12)\n\n* Agent: refactor\n\n* Fix tests\n\n---------\n\nx\n",
        "Clean up\n\nChanges:\nAgent: refactor\nUI: fix\n",
        "Clean up\n\nAgent: refactor\nWe also changed its loop.\n",
    ],
)
def test_component_called_agent_is_no_trailer(message: str) -> None:
    assert who(message).kind == "person"


@pytest.mark.parametrize(
    "message",
    [
        "Add\n\nAgent: api-dev\n",
        "Add\n\nWhy.\n\n    Agent: api-dev\n    Feature: feat-1\n",
        "Add\n\nSigned-off-by: A <a@b.c>\nAgent: api-dev\n(cherry picked from commit 0123456)\n",
        "Add\n\nAgent: api-dev\n\nCo-authored-by: Bob <b@c.d>\n",
    ],
)
def test_trailer_of_an_agent_counts(message: str) -> None:
    assert who(message).role == "api-dev"


def test_names_in_any_script_become_roles() -> None:
    assert who("Add\n\nAgent: Größen-Ägent\n").role == "grossen-agent"
    assert who("Add\n\nAgent: 代码助手\n").role == who("Fix\n\nAgent: 代码助手\n").role
    assert who("Add\n\nAgent: zwei Wörter\n").kind == "person"


@given(
    st.lists(
        st.sampled_from(
            ["", "text", "* item", "    code", "```", "> quote", CLAUDE, f"    {CLAUDE}", "-" * 9]
        )
    )
)
def test_no_line_is_invented_and_none_counts_twice(lines: list[str]) -> None:
    message = "\n".join(["subject (#1)", *lines])
    parts = read_parts(message)
    read = [line for part in (*parts.parts, parts.shared, parts.uncertain) for line in part]
    texts = [line.removeprefix("* ") for line in ["subject (#1)", *lines]]
    assert all(read.count(line) <= texts.count(line.removeprefix("* ")) for line in read)


@pytest.mark.parametrize(
    "lines",
    [
        ["`" * (3 + n % 5000) for n in range(10_000)],
        ["text", "", f"    {CLAUDE}", ""] * 5_000,
        ["* item", "", CLAUDE, ""] * 5_000,
        [f"commit {SHA}", "Author: A <a@b>", "", "    text"] * 5_000,
    ],
    ids=["open fences", "indented", "items", "commits"],
)
def test_the_time_grows_with_the_length(lines: list[str]) -> None:
    begun = time.perf_counter()
    read_parts("\n".join(["subject (#1)", "", "Squashed commit of the following:", "", *lines]))
    read_parts("\n".join(["subject (#1)", "", *lines]))
    assert time.perf_counter() - begun < 2
