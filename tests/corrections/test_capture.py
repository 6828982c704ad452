"""The gate before capture: when is there anything to look at?"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from capture_builders import CLAUDE, CODE, Story, fixed, limit
from hypothesis import given
from hypothesis import strategies as st

from errata import rules as tables
from errata.core.config import Config, parse
from errata.core.git import Repository
from errata.corrections import capture, git_state, precheck
from errata.corrections.candidates import find_candidate
from errata.corrections.classify import token_diff
from errata.corrections.commit_classifier import CommitClassifier
from errata.provenance.commits import LOG
from errata.provenance.identity import CommitIdent, classify, parse_identity
from errata.provenance.rules import load_rules

RULES = tables.source("identities")


@pytest.fixture
def story(repo: Any) -> Story:
    return Story(repo, hooks=False)


def opened(story: Story, config: Config | None = None, revision: str = "HEAD") -> bool:
    """What the gate says; where the quick look sees nothing, nothing must be found behind it."""
    config = config or Config()
    whose = CommitClassifier(config)
    found = find_candidate(story.root, config, whose, revision)
    if found is not None and revision == "HEAD" and config == Config() and precheck.can_skip_head():
        assert capture.detect(Repository.discover(story.root), config, found, whose) == []
    return found is not None


def test_open_to_a_person_after_an_agent(story: Story) -> None:
    story.fix(1)
    found = find_candidate(story.root, Config(), CommitClassifier(Config()))
    assert found is not None
    assert found.commit.sha == story.head()
    assert list(found.agent_commits) == [story.git("rev-parse", "HEAD~1")]


@pytest.mark.parametrize(
    ("message", "env"),
    [
        (["fix: limits", CLAUDE], {}),
        (["fix: limits"], {"GIT_AUTHOR_NAME": "Ann Author (aider)"}),
        (["fix: limits", "Agent: api-dev"], {}),
        (["Bump x"], {"GIT_AUTHOR_NAME": "dependabot[bot]"}),
    ],
    ids=["agent", "aider", "ours", "bot"],
)
def test_shut_to_who_is_no_person(story: Story, message: list[str], env: dict[str, str]) -> None:
    story.edit(1)
    story.commit(*message, **env)
    assert not opened(story)


def test_shut_to_roots_merges_and_before_the_first_commit(story: Story, tmp_path: Path) -> None:
    root = story.git("rev-list", "--max-parents=0", "HEAD")
    assert not opened(story, revision=root)
    story.git("switch", "-qc", "topic")
    story.fix(1)
    story.git("switch", "-q", "main")
    story.git("merge", "-q", "--no-ff", "--no-edit", "topic")
    assert not opened(story)
    assert opened(story, revision="topic")
    assert not opened(story, revision="nothing")
    empty = tmp_path / "empty"
    story.git("init", "-q", str(empty))
    assert find_candidate(empty, Config(), CommitClassifier(Config())) is None


def test_shut_without_an_agent(story: Story) -> None:
    story.git("switch", "-q", "--orphan", "people")
    story.repo.write("api.py", CODE)
    story.commit("feat: handlers")
    story.fix(1)
    assert not opened(story)
    assert precheck.can_skip_head()


@pytest.mark.parametrize(("days", "window"), [(13, 14), (15, 14), (15, 16), (2, 1)])
def test_the_window(story: Story, days: int, window: int) -> None:
    # Enough commits behind the agent's that their dates end the walk.
    story._clock += days * 86_400
    story.fix(1)
    config = parse({"capture": {"window_days": window}})
    assert opened(story, config) is (days < window)
    assert opened(story) is (days < 14)


def test_an_agents_commit_beyond_the_window_ends_the_quick_look(story: Story) -> None:
    """Also with many commits since, at which the walk ends, and with dates out of order."""
    story._clock += 15 * 86_400
    for _ in range(15):
        story.commit("docs: more")
    assert precheck.can_skip_head()
    assert not opened(story)
    story._clock -= 3 * 86_400
    story.commit("feat: from an older clock", CLAUDE)
    story._clock += 3 * 86_400
    story.commit("fix: limits")
    assert opened(story)


def test_settings_that_the_quick_look_cannot_know(story: Story) -> None:
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
    ("path", "text", "busy"),
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
def test_states_of_git(story: Story, path: str, text: str, busy: bool) -> None:
    story.fix(1)
    story.repo.write(f".git/{path}", text)
    assert git_state.is_copying(str(story.root / ".git")) is busy
    assert precheck.can_skip_head() is busy


def examples() -> list[str]:
    """What the rules for agents are made to match, in the file's own words."""
    found = [text for rule in RULES["agent"] for text in rule["match"]]
    ours = ["Agent: api-dev", "  Agent : claude-code", "* Agent: x"]
    return [*found, *RULES["policies"]["match"], *ours]


@pytest.mark.parametrize("text", examples())
def test_no_agent_goes_without_a_sign(text: str) -> None:
    lowered = text.encode().lower()
    assert any(sign in lowered for sign in precheck.AGENT_SIGNS)


def test_the_examples_are_agents() -> None:
    """Otherwise the test above would prove nothing."""
    rules = load_rules()
    for text in examples():
        name, email = parse_identity(text)
        people = ("Ann", "ann@example.org")
        for author, message in (((name, email), "x\n"), (people, f"x\n\n{text}\n"),
                                (people, f"x\n\nCo-authored-by: {text}\n")):  # fmt: skip
            if classify(CommitIdent(*author, *people, message), rules).kind == "agent":
                break
        else:
            pytest.fail(text)


def test_with_nothing_to_do_it_costs_an_interpreter_and_a_git_log(story: Story) -> None:
    """The bench has the figures; this holds that nobody makes it load what it does not need."""
    story.git("switch", "-q", "--orphan", "people")
    for _ in range(3):
        story.commit("docs: more")
    commands = (
        [sys.executable, "-m", "errata.githooks.capture"],
        [sys.executable, "-c", "pass"],
        ["git", *LOG, "HEAD"],
    )
    taken: list[list[float]] = [[], [], []]
    for _ in range(9):
        for command, times in zip(commands, taken, strict=True):
            start = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            times.append(time.perf_counter() - start)
    ours, interpreter, log = map(statistics.median, taken)
    assert ours <= 2 * (interpreter + log)
    loaded = subprocess.run(
        [sys.executable, "-S", "-c", "import sys\nfrom errata.githooks import capture\n"
         "capture.main()\nprint(*sorted(sys.modules))"],
        check=True, capture_output=True, text=True, env={"PATH": _path(), "PYTHONPATH": _source()},
    ).stdout.split()  # fmt: skip
    assert not {"re", "subprocess", "pathlib", "dataclasses", "tomllib", "json"} & set(loaded)
    assert "errata.corrections.precheck" in loaded


def _path() -> str:
    import os

    return os.environ["PATH"]


def _source() -> str:
    import errata

    return str(Path(errata.__file__).parents[1])


@pytest.mark.parametrize("ending", [".py", ".rs", ".ts", ".h", ".m", "Makefile", ".none"])
def test_lexer_is_the_one_that_a_search_by_file_name_finds(ending: str) -> None:
    from pygments.lexers import find_lexer_class_for_filename

    found = find_lexer_class_for_filename(f"x{ending}" if ending[0] == "." else ending)
    lexer = token_diff.lexer_for(ending.lower())
    assert (lexer and type(lexer)) == found


def test_into_an_empty_file(story: Story) -> None:
    """Nobody's lines stand around it, and blame knows no line of it."""
    story.repo.write("empty.py", "")
    story.agent("feat: empty")
    story.repo.write("empty.py", "x = 1\n")
    story.repo.write("api.py", CODE.replace(limit(1), fixed(1)))
    story.commit("fix: wrong limit")
    config = Config()
    whose = CommitClassifier(config)
    found = find_candidate(story.root, config, whose)
    from errata.core.git import Repository

    assert found is not None
    assert len(capture.detect(Repository.discover(story.root), config, found, whose)) == 1


# ----------------------------------------------------------------- what a sure address settles


PEOPLE = ("Ann", "ann@example.org")


def printed(author: tuple[str, str], message: str) -> bytes:
    """As git prints a commit for the quick look."""
    name, email = author
    return f"0 1 1 {name} <{email}> Ann <ann@example.org>\n{message}".encode()


def test_the_sure_addresses_are_agents_and_there_are_some() -> None:
    sure = tables.load("identities")["sure"]
    assert "noreply@anthropic.com" in sure
    for address in sure:
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
def test_what_the_quick_look_settles_is_no_persons(email: str, name: str, lines: list[str]) -> None:
    author, message = (name, email.replace(">", "")), "\n".join(lines)
    if precheck.is_surely_agent(printed(author, message)):
        found = classify(CommitIdent(*author, *PEOPLE, message), load_rules())
        assert found.kind in ("agent", "bot")


def test_an_agents_commit_is_settled_without_the_rules(story: Story) -> None:
    """With an agent in the window and an agent's own commit on top, nothing heavy is imported."""
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
