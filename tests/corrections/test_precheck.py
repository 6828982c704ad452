"""The precheck skips most commits without reading the rules, and never one that is a correction."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from capture_builders import CODE, Story
from hypothesis import given
from hypothesis import strategies as st

import errata
from errata import rules as tables
from errata.corrections import git_state, precheck
from errata.provenance.commits import LOG
from errata.provenance.identity import CommitIdent, classify, parse_identity
from errata.provenance.rules import load_rules

RULES = tables.source("identities")
PEOPLE = ("Ann", "ann@example.org")


@pytest.fixture
def story(repo: Any) -> Story:
    return Story(repo, hooks=False)


def test_settings_that_the_precheck_does_not_read(story: Story) -> None:
    story.git("switch", "-q", "--orphan", "people")
    story.repo.write("api.py", CODE)
    story.commit("feat: handlers")
    story.fix(1)
    assert precheck.can_skip_head()
    for text in ("[capture]\nwindow_days = 30\n", '[[identities]]\nagent = "x"\nbody = "y"\n'):
        story.repo.write("errata.toml", text)
        assert not precheck.can_skip_head()
    story.repo.write("errata.toml", "[evolve]\nmin_occurrences = 5\n")
    assert precheck.can_skip_head()


@pytest.mark.parametrize(
    ("path", "text", "copying"),
    [
        ("rebase-merge/onto", "", True),
        ("rebase-apply/onto", "", True),
        ("CHERRY_PICK_HEAD", "", True),
        ("MERGE_HEAD", "", True),
        ("sequencer/todo", "pick 1234 x\n", True),
        ("sequencer/todo", "revert 1234 x\n", False),
        ("REVERT_HEAD", "", False),
        ("logs/HEAD", "0 1 Ann <a> 1 +0000\tcommit (cherry-pick): x\n", True),
        ("logs/HEAD", "0 1 Ann <a> 1 +0000\tcommit: about commit (cherry-pick): x\n", False),
        ("BISECT_LOG", "", False),
    ],
)
def test_commits_that_git_copies_are_skipped(
    story: Story, path: str, text: str, copying: bool
) -> None:
    story.fix(1)
    story.repo.write(f".git/{path}", text)
    assert git_state.is_copying(str(story.root / ".git")) is copying
    assert precheck.can_skip_head() is copying


def examples() -> list[str]:
    """What the rules for agents must match, from identities.toml."""
    matches = [text for rule in RULES["agent"] for text in rule["match"]]
    ours = ["Agent: api-dev", "  Agent : claude-code"]
    return [*matches, *RULES["policies"]["match"], *ours]


@pytest.mark.parametrize("text", examples())
def test_every_agent_bears_a_sign(text: str) -> None:
    lowered = text.encode().lower()
    assert any(sign in lowered for sign in precheck.AGENT_SIGNS)


def test_the_examples_are_agents() -> None:
    """Otherwise the test above would prove nothing."""
    rules = load_rules()
    for text in examples():
        kinds = {
            classify(CommitIdent(*author, *PEOPLE, message), rules).kind
            for author, message in (
                (parse_identity(text), "x\n"),
                (PEOPLE, f"x\n\n{text}\n"),
                (PEOPLE, f"x\n\nCo-authored-by: {text}\n"),
            )
        }
        assert "agent" in kinds, text


def test_a_skipped_commit_costs_an_interpreter_and_a_git_log(story: Story) -> None:
    """The bench has the figures; this test keeps imports out."""
    story.git("switch", "-q", "--orphan", "people")
    for _ in range(3):
        story.commit("docs: more")
    commands = (
        [sys.executable, "-m", "errata.githooks.capture"],
        [sys.executable, "-c", "pass"],
        ["git", *LOG, "HEAD"],
    )
    seconds: list[list[float]] = [[], [], []]
    for _ in range(9):
        for command, times in zip(commands, seconds, strict=True):
            start = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            times.append(time.perf_counter() - start)
    hook, interpreter, log = map(statistics.median, seconds)
    assert hook <= 2 * (interpreter + log)


def test_a_skipped_commit_imports_almost_nothing(story: Story) -> None:
    story.git("switch", "-q", "--orphan", "people")
    story.commit("docs: more")
    code = (
        "import sys\nfrom errata.githooks import capture\n"
        "capture.main()\nprint(*sorted(sys.modules))"
    )
    source = str(Path(errata.__file__).parents[1])
    modules = subprocess.run(
        [sys.executable, "-S", "-c", code],
        check=True,
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": source},
    ).stdout.split()
    assert not {"re", "subprocess", "pathlib", "dataclasses", "tomllib", "json"} & set(modules)
    assert "errata.corrections.precheck" in modules


# Addresses that only agents have


def printed(author: tuple[str, str], message: str) -> bytes:
    """A commit as git prints it for the precheck."""
    name, email = author
    return f"0,,1,1,{name} <{email}> Ann <ann@example.org>\n{message}".encode()


def test_addresses_that_only_agents_have_are_agents() -> None:
    addresses = tables.load("identities")["sure"]
    assert "noreply@anthropic.com" in addresses
    for address in addresses:
        for author, message in (
            (("Ann", address), "x\n"),
            (PEOPLE, f"x\n\nCo-Authored-By: Ann <{address.upper()}>\n"),
        ):
            assert precheck.is_surely_agent(printed(author, message))
            assert classify(CommitIdent(*author, *PEOPLE, message), load_rules()).kind == "agent"


ADDRESSES = st.sampled_from(
    ["noreply@anthropic.com", "NoReply@Anthropic.com", "ann@example.org", "codex@openai.com", "x>y"]
)
LINES = st.one_of(
    st.sampled_from(
        ["fix: it", "", "Agent: api-dev", "Signed-off-by: Ann <ann@example.org>", "\\n"]
    ),
    st.builds(
        lambda margin, key, sep, name, address, tail: f"{margin}{key}{sep}{name}<{address}>{tail}",
        st.sampled_from(["", "  ", "* ", "> ", "- "]),
        st.sampled_from(["Co-authored-by", "CO-AUTHORED-BY", "Cc", "not co-authored-by"]),
        st.sampled_from([":", ": ", " : ", "\\n"]),
        st.sampled_from(["", "Ann ", "A <b> ", "Claude ", "a\\nb "]),
        ADDRESSES,
        st.sampled_from(["", " <ann@example.org>", ">", " x"]),
    ),
)


@given(
    ADDRESSES, st.sampled_from(["Ann", "dependabot[bot]", "Claude"]), st.lists(LINES, max_size=4)
)
def test_a_sure_agent_is_no_person_by_the_rules(email: str, name: str, lines: list[str]) -> None:
    author, message = (name, email.replace(">", "")), "\n".join(lines)
    if precheck.is_surely_agent(printed(author, message)):
        provenance = classify(CommitIdent(*author, *PEOPLE, message), load_rules())
        assert provenance.kind in ("agent", "bot")


def test_an_agents_commit_is_skipped_without_the_rules(story: Story) -> None:
    """Nothing heavy is imported, though an agent's commit is in the window."""
    story.agent("feat: more", **{"api.py": CODE + "more = 1\n"})
    code = (
        "import sys\nfrom errata.githooks import capture\ncapture.main()\n"
        "sys.exit(' '.join({'json', 'errata.core.config', 'errata.provenance.identity'}"
        " & set(sys.modules)) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=story.root, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr.strip()) == (0, "")
