"""errata-stamp through real git, under every way in which a message comes about."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trailer_hooks import editor, install

from errata.githooks.check_trailers import FORMATS
from errata.githooks.stamp import corrects, main
from errata.provenance import trailers
from errata.provenance.environment import fallback_name
from errata.runbooks.digest import of_bytes

AGENT = "Agent: api-dev\n"


@pytest.fixture
def work(repo: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A repository with one commit, both stages installed, and an agent at the keyboard."""
    repo.write("base.txt", "base\n")
    repo.commit("Base")
    for stage in ("prepare-commit-msg", "commit-msg"):
        install(repo.root / ".git/hooks", stage, "stamp")
    monkeypatch.setenv("ERRATA_AGENT", "api-dev")
    monkeypatch.delenv("GIT_EDITOR", raising=False)
    return repo


def change(repo: Any, name: str = "a.txt") -> None:
    path = repo.root / name
    path.write_text((path.read_text() if path.exists() else "") + "more\n")
    repo.git("add", "-A")


def message(repo: Any, revision: str = "HEAD") -> bytes:
    done = subprocess.run(
        ["git", "cat-file", "commit", revision], cwd=repo.root, capture_output=True, check=True
    )
    return done.stdout.split(b"\n\n", 1)[1]


def test_a_message_from_the_command_line(work: Any) -> None:
    change(work)
    work.git("commit", "-qm", "Add quota")
    assert message(work) == b"Add quota\n\n" + AGENT.encode()


def test_a_person_is_left_alone(work: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ERRATA_AGENT")
    change(work)
    work.git("commit", "-qm", "Add quota")
    assert message(work) == b"Add quota\n"


def test_everything_known_is_written_once(work: Any) -> None:
    runbook = work.write(".claude/skills/runbooks/api-dev/RUNBOOK.md", "# api-dev\n")
    work.git("switch", "-qc", "feat-042-quota")
    change(work)
    work.git("commit", "-qm", "Add quota", env={"ERRATA_SESSION": "s-1", "CLAUDECODE": "1"})
    digest = hashlib.sha256(runbook.read_bytes()).hexdigest()[:12]
    assert message(work).decode() == (
        "Add quota\n\nAgent: api-dev\nAgent-Session: s-1\nFeature: feat-042\n"
        f"Runbook: api-dev@{digest}\n"
    )
    shared = work.write(".claude/skills/runbooks/everyone/RUNBOOK.md", "# everyone\n")
    change(work)
    work.git("commit", "-qm", "Add another")
    both = f"Runbook: api-dev@{digest}\nRunbook: everyone@{of_bytes(shared.read_bytes())}\n"
    assert message(work).decode().endswith(both)


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({"CLAUDECODE": "1", "CLAUDE_CODE_SESSION_ID": "abc"}, ["claude-code", "abc"]),
        ({"CODEX_THREAD_ID": "019d-1"}, ["codex", "019d-1"]),
        ({"CODEX_SANDBOX": "seatbelt"}, ["codex"]),
        ({"CURSOR_AGENT": "1"}, ["cursor"]),
        ({"GEMINI_CLI": "1"}, ["gemini"]),
        ({"OPENCODE": "1"}, ["opencode"]),
        ({"COPILOT_CLI": "1"}, ["copilot"]),
        ({"CLAUDECODE": "0"}, []),
        ({"CLAUDECODE": "1", "ERRATA_AGENT": "off"}, []),
        ({"ERRATA_AGENT": "API Dev\nAgent: x"}, ["api-dev"]),
        ({"ERRATA_AGENT": "!!!"}, [fallback_name("!!!")]),
        ({"ERRATA_AGENT": "代码助手"}, [fallback_name("代码助手")]),
        ({"ERRATA_AGENT": "代码助手", "CLAUDECODE": "1"}, ["claude-code"]),
        ({"ERRATA_AGENT": "Größen-Ägent"}, ["grossen-agent"]),
        ({"ERRATA_AGENT": "sre", "ERRATA_SESSION": "a b\x1b[31m\nc"}, ["sre", "ab31m"]),
        ({"ERRATA_AGENT": "x" * 200}, ["x" * 64]),
    ],
)
def test_who_is_at_the_keyboard(work: Any, env: dict[str, str], expected: list[str]) -> None:
    change(work)
    work.git("commit", "-qm", "Add quota", env={"ERRATA_AGENT": "", **env})
    keys = ("Agent", "Agent-Session")
    lines = [f"{key}: {value}\n" for key, value in zip(keys, expected, strict=False)]
    assert message(work).decode() == "Add quota\n" + ("\n" if lines else "") + "".join(lines)


MESSAGES = {
    "subject": "Subject\n",
    "no-newline": "Subject",
    "body": "Subject\n\nBody one.\nBody two.\n",
    "trailers": "Subject\n\nBody.\n\nReviewed-by: Ann <ann@example.org>\n",
    "untidy-trailers": "Subject\n\nReviewed-by:Ann   \nFixes:   #3\n",
    "continued": "Subject\n\nBody.\n\nNote: one\n two\n three\n",
    "divider": "Subject\n\nBefore\n---\nafter\n",
    "looks-like-trailer": "fix: the thing\n",
    "not-utf8": b"Caf\xe9\n\nBody \xff.\n",
    "unicode": "Größe 🎉\n\nText — ok\n",
    "crlf": "Subject\r\n\r\nBody\r\n",
    "lone-cr": "Sub\rject\n\nBo\rdy\n",
    "heading": "Subject\n\n# Heading\n\ntext\n# last\n",
    "scissors": "Subject\n\n# ------------------------ >8 ------------------------\nkept\n",
    "semicolon": "Subject\n\n; kept\n",
    "control": "Subject\n\nbell \x07 and \x01 here\n\x01line\n",
    "two-line-subject": "Subject\nsecond: line\n",
    "blank-end": "Subject\n\nBody\n\n\n\n",
    "trailing-space": "Subject  \n\n  indented  \n",
}


@pytest.mark.parametrize("cleanup", ["default", "verbatim", "whitespace", "strip", "scissors"])
@pytest.mark.parametrize("name", MESSAGES)
def test_the_text_stays_as_it_was_written(work: Any, name: str, cleanup: str) -> None:
    raw = MESSAGES[name]
    body = raw if isinstance(raw, bytes) else raw.encode()
    work.git("config", "commit.cleanup", cleanup)
    file = work.root.parent / "message"
    file.write_bytes(body)
    change(work)
    work.git("commit", "-qF", str(file), env={"ERRATA_AGENT": "off"})
    plain = message(work)
    change(work)
    work.git("commit", "-qF", str(file))
    got = message(work)
    assert got.count(AGENT.encode()) == 1
    left = got.replace(AGENT.encode(), b"")
    # Only blank lines at the place of the trailers may differ: git tidies those itself, and in a
    # verbatim message the one between text and trailers is ours.
    assert left.rstrip(b"\n") == plain.rstrip(b"\n") or squeeze(left) == squeeze(plain)
    assert got.startswith(plain.rstrip(b"\n"))
    # git's own reader stops at a scissors line, even at one that was kept as text.
    if cleanup != "verbatim" and name != "scissors":
        assert "Agent: api-dev" in work.git("log", "-1", "--format=%(trailers)")


def squeeze(text: bytes) -> list[bytes]:
    return [line for line in text.split(b"\n") if line]


@pytest.mark.parametrize("char", ["#", ";", "auto", "%"])
@pytest.mark.parametrize("verbose", ["false", "true"])
@pytest.mark.parametrize("cleanup", ["default", "scissors", "strip", "whitespace", "verbatim"])
def test_a_message_from_an_editor(
    work: Any, tmp_path: Path, char: str, verbose: str, cleanup: str
) -> None:
    work.git("config", "core.commentChar", char)
    work.git("config", "commit.verbose", verbose)
    work.git("config", "commit.cleanup", cleanup)
    write = editor(tmp_path, "text = b'Subject\\n\\nBody.\\n' + text.lstrip(b'\\n')")
    change(work)
    work.git("commit", "-q", env={"GIT_EDITOR": write, "ERRATA_AGENT": "off"})
    plain = message(work)
    change(work)
    work.git("commit", "-q", env={"GIT_EDITOR": write})
    got = message(work)
    assert got.count(AGENT.encode()) == 1
    if cleanup in ("whitespace", "verbatim"):
        # The person left git's hints in, and asked for them to be kept.
        assert b"will be kept" in plain and got.startswith(b"Subject\n\nBody.\n")
        return
    assert got == plain + b"\n" + AGENT.encode()


@pytest.mark.parametrize("char", ["#", ";", "auto"])
@pytest.mark.parametrize("cleanup", ["default", "scissors"])
def test_an_edited_message_keeps_the_trailers_above_the_hints(
    work: Any, tmp_path: Path, char: str, cleanup: str
) -> None:
    work.git("config", "core.commentChar", char)
    work.git("config", "commit.cleanup", cleanup)
    write = editor(tmp_path, "text = text.replace(b'Draft', b'Final')")
    change(work)
    work.git("commit", "-qvem", "Draft", "-m", "Body.", env={"GIT_EDITOR": write})
    assert message(work) == b"Final\n\nBody.\n\n" + AGENT.encode()


@pytest.mark.parametrize("signoff", [(), ("-s",)])
def test_closing_the_editor_still_gives_up(
    work: Any, tmp_path: Path, signoff: tuple[str, ...]
) -> None:
    before = work.git("rev-parse", "HEAD")
    change(work)
    out = work.git("commit", "-q", *signoff, ok=False, env={"GIT_EDITOR": editor(tmp_path, "")})
    assert (out, work.git("rev-parse", "HEAD")) == ("", before)


def test_an_untouched_template_still_gives_up(work: Any, tmp_path: Path) -> None:
    work.write("../template", "Why:\n\n# say why\nHow:\n")
    work.git("config", "commit.template", str(tmp_path / "template"))
    before = work.git("rev-parse", "HEAD")
    change(work)
    work.git("commit", "-q", ok=False, env={"GIT_EDITOR": editor(tmp_path, "")})
    assert work.git("rev-parse", "HEAD") == before
    write = editor(tmp_path, "text = text.replace(b'Why:', b'Why: quotas')")
    work.git("commit", "-q", env={"GIT_EDITOR": write})
    assert message(work) == b"Why: quotas\n\nHow:\n\n" + AGENT.encode()


def test_an_amend_neither_doubles_nor_claims(work: Any, tmp_path: Path) -> None:
    change(work)
    work.git("commit", "-qm", "Mine")
    for args in (["--no-edit"], ["-m", "Mine again"]):
        change(work)
        work.git("commit", "-q", "--amend", *args)
        assert message(work).count(AGENT.encode()) == 1
    change(work)
    work.git("commit", "-qm", "Theirs", env={"ERRATA_AGENT": "off"})
    for env in ({}, {"GIT_EDITOR": editor(tmp_path, "text = text.replace(b'T', b't')")}):
        change(work)
        work.git("commit", "-q", "--amend", *([] if env else ["--no-edit"]), env=env)
        assert b"Agent" not in message(work)
    change(work)
    work.git("commit", "-qm", "Mine")
    assert message(work).count(AGENT.encode()) == 1


def test_an_agent_that_is_named_already_is_kept(work: Any) -> None:
    change(work)
    work.git("commit", "-qm", "Add", "-m", "Agent: sre\nFeature: feat-001")
    assert message(work) == b"Add\n\nAgent: sre\nFeature: feat-001\n"


@pytest.mark.parametrize("option", ["--fixup=HEAD", "--squash=HEAD", "--fixup=amend:HEAD"])
def test_a_commit_meant_to_be_folded_is_left_alone(work: Any, tmp_path: Path, option: str) -> None:
    change(work)
    env = {"GIT_EDITOR": editor(tmp_path, "")}
    work.git("commit", "-q", option, "-m", "why" if "squash" in option else "", env=env, ok=False)
    work.git("commit", "-q", option, env=env, ok=False)
    assert work.git("rev-list", "--count", "HEAD") == "2"
    assert b"Agent" not in message(work)


def diverge(work: Any) -> None:
    """main and topic with a conflict in a.txt."""
    off = {"ERRATA_AGENT": "off"}
    work.git("switch", "-qc", "topic")
    work.write("a.txt", "topic\n")
    work.git("add", "-A")
    work.git("commit", "-qm", "On topic", env=off)
    work.git("switch", "-q", "main")
    work.write("a.txt", "main\n")
    work.git("add", "-A")
    work.git("commit", "-qm", "On main", env=off)


@pytest.mark.parametrize("way", ["merge", "squash", "rebase", "cherry-pick"])
@pytest.mark.parametrize("conflict", [True, False])
def test_what_git_copies_or_joins_is_left_alone(work: Any, way: str, conflict: bool) -> None:
    diverge(work)
    if not conflict:
        work.git("rm", "-q", "a.txt")
        work.git("commit", "-qm", "Away", env={"ERRATA_AGENT": "off"})
        work.write("b.txt", "b\n")
        work.git("add", "-A")
        work.git("commit", "-qm", "Other", env={"ERRATA_AGENT": "off"})
        work.git("switch", "-q", "topic")
        work.git("reset", "-q", "--hard", "main~1")
        work.write("c.txt", "c\n")
        work.git("add", "-A")
        work.git("commit", "-qm", "Topic again", env={"ERRATA_AGENT": "off"})
        work.git("switch", "-q", "main")
    quiet = {"GIT_EDITOR": "true", "GIT_MERGE_AUTOEDIT": "no"}
    commands = {
        "merge": ["merge", "topic"],
        "squash": ["merge", "--squash", "topic"],
        "rebase": ["rebase", "topic"],
        "cherry-pick": ["cherry-pick", "topic"],
    }
    work.git(*commands[way], ok=False, env=quiet)
    if conflict:
        work.write("a.txt", "both\n")
        work.git("add", "-A")
    if conflict or way == "squash":
        again = {"rebase": ["rebase", "--continue"], "cherry-pick": ["cherry-pick", "--continue"]}
        # Who resolves the conflicts of a merge writes a commit; a copy stays its author's.
        env = {**quiet, "ERRATA_AGENT": "off"} if way == "merge" else quiet
        work.git(*again.get(way, ["commit", "-q", "--no-edit"]), env=env)
    assert work.git("status", "--porcelain", "--untracked-files=no") == ""
    assert "Agent" not in work.git("log", "--format=%B")
    change(work, "d.txt")
    work.git("commit", "-qm", "Next")
    assert message(work) == b"Next\n\n" + AGENT.encode()


@pytest.mark.parametrize("command", [["commit", "-q", "--no-edit"], ["merge", "--continue"]])
def test_an_agent_that_resolves_a_merge_is_named(work: Any, command: list[str]) -> None:
    diverge(work)
    work.git("merge", "topic", ok=False)
    work.write("a.txt", "both\n")
    work.git("add", "-A")
    work.git(*command, env={"GIT_EDITOR": "true"})
    assert trailer_names(work) == ["api-dev"]


@pytest.mark.parametrize("conflict", [True, False])
def test_a_revert_is_a_commit_of_its_own(work: Any, conflict: bool) -> None:
    for text in ("one\n", "two\n", "three\n"):
        work.write("base.txt", text)
        work.git("add", "-A")
        work.git("commit", "-qm", text.strip(), env={"ERRATA_AGENT": "off"})
    work.git("revert", "--no-edit", "HEAD~1" if conflict else "HEAD", ok=False)
    if conflict:
        work.write("base.txt", "four\n")
        work.git("add", "-A")
        work.git("commit", "-q", "--no-edit")
    assert trailer_names(work) == ["api-dev"]


@pytest.mark.parametrize(
    "todo",
    ["1s/^pick/edit/", "1a break", "1a exec false", "1a exec git commit -q --allow-empty -m x"],
)
def test_what_an_agent_commits_at_a_stop_of_a_rebase_is_its_own(work: Any, todo: str) -> None:
    for name in "ab":
        change(work, name)
        work.git("commit", "-qm", name, env={"ERRATA_AGENT": "off"})
    env = {"GIT_SEQUENCE_EDITOR": f"sed -i '{todo}'", "GIT_EDITOR": "true"}
    work.git("rebase", "-q", "-i", "HEAD~2", env=env, ok=False)
    if "commit" not in todo:
        change(work, "new")
        work.git("commit", "-qm", "new")
        work.git("rebase", "--continue", env=env)
    assert work.git("log", "-3", "--format=%s %(trailers:key=Agent,valueonly,separator=)") in (
        "b \nnew api-dev\na ",
        "b \nx api-dev\na ",
    )


def test_after_the_conflict_of_a_copy_new_work_is_new(work: Any) -> None:
    diverge(work)
    change(work, "second.txt")
    work.git("commit", "-qm", "Second", env={"ERRATA_AGENT": "off"})
    work.git("rebase", "topic", ok=False)
    work.write("a.txt", "both\n")
    work.git("add", "-A")
    work.git("commit", "-qm", "On main")
    assert trailer_names(work) == []
    change(work, "new.txt")
    work.git("commit", "-qm", "New")
    assert trailer_names(work) == ["api-dev"]
    work.git("rebase", "--continue", env={"GIT_EDITOR": "true"})
    assert (work.git("log", "-1", "--format=%s"), trailer_names(work)) == ("Second", [])


def test_a_bisection_is_no_copy(work: Any) -> None:
    work.git("bisect", "start")
    change(work)
    work.git("commit", "-qm", "Probe")
    assert trailer_names(work) == ["api-dev"]


def trailer_names(work: Any) -> list[str]:
    """The agents that the last commit names."""
    return list(work.git("log", "-1", "--format=%(trailers:key=Agent,valueonly)").split())


def test_a_name_that_cannot_be_used_is_said(work: Any) -> None:
    change(work)
    env = {**os.environ, "ERRATA_AGENT": "代码助手"}
    done = subprocess.run(["git", "commit", "-qm", "Add"], capture_output=True, text=True, env=env)
    assert done.stderr == (
        "errata-stamp: ERRATA_AGENT='代码助手' has no letter a-z and no digit: the agent is called"
        f" {fallback_name('代码助手')}; set a name such as api-dev\n"
    )


def test_in_a_linked_work_tree(work: Any, tmp_path: Path) -> None:
    work.git("worktree", "add", "-q", "-b", "feat-007", str(tmp_path / "linked"))
    linked = type(work)(tmp_path / "linked")
    change(linked)
    linked.git("commit", "-qm", "There")
    assert message(linked) == b"There\n\nAgent: api-dev\nFeature: feat-007\n"


def test_the_users_trailer_settings_run_nothing(work: Any) -> None:
    work.git("config", "trailer.sign.key", "X-Sign")
    work.git("config", "trailer.sign.command", "touch pwned")
    work.git("config", "trailer.agent.key", "Renamed")
    work.git("config", "trailer.where", "start")
    change(work)
    work.git("commit", "-qm", "Add", "-m", "Reviewed-by: Ann <ann@example.org>")
    assert message(work) == b"Add\n\nReviewed-by: Ann <ann@example.org>\n" + AGENT.encode()
    assert not (work.root / "pwned").exists()


def test_a_runbook_outside_the_repository_is_not_read(work: Any, tmp_path: Path) -> None:
    (tmp_path / "api-dev").mkdir()
    (tmp_path / "api-dev/RUNBOOK.md").write_text("# elsewhere\n")
    (work.root / ".claude/skills").mkdir(parents=True)
    (work.root / ".claude/skills/runbooks").symlink_to(tmp_path)
    change(work)
    work.git("commit", "-qm", "Add")
    assert b"Runbook" not in message(work)


def test_a_damaged_setting_is_said_and_stops_nothing(work: Any) -> None:
    work.write("errata.toml", "[logz]\n")
    work.git("add", "-A")
    done = subprocess.run(["git", "commit", "-qm", "Add"], capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stderr.startswith("errata-stamp: not stamped: errata.toml: logz: unknown key")
    assert message(work) == b"Add\n"


def test_under_a_framework_the_source_comes_in_the_environment(
    work: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = work.root / ".git/COMMIT_EDITMSG"
    file.write_bytes(b"Subject\n")
    monkeypatch.setenv("PRE_COMMIT_COMMIT_MSG_SOURCE", "merge")
    assert main([str(file)]) == 0
    assert file.read_bytes() == b"Subject\n"
    monkeypatch.setenv("PRE_COMMIT_COMMIT_MSG_SOURCE", "message")
    assert main([str(file)]) == 0
    assert file.read_bytes() == b"Subject\n\n" + AGENT.encode()


def test_called_without_a_file_it_says_how(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "usage: errata-stamp FILE" in capsys.readouterr().err


def test_nothing_to_do_costs_one_git_log_and_no_import(repo: Any) -> None:
    """A person at work where no agent was: the message is not even read."""
    repo.commit("by a person")
    code = (
        "import sys; from errata.githooks.stamp import main; main(['x']); "
        "print(sorted({'tomllib', 'dataclasses', 'argparse', 'click', 'msgspec', 'pygments', "
        "'errata.core.config', 'errata.provenance.rules'} & set(sys.modules) - base))"
    )
    import sys

    dates = ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE")
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; base = set(sys.modules); {code}"],
        capture_output=True,
        text=True,
        env={k: v for k, v in os.environ.items() if k not in dates} | {"ERRATA_AGENT": ""},
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


LINES = st.lists(
    st.one_of(
        st.text(alphabet="ab#;:-> \t\r\x01é", max_size=12),
        st.sampled_from(["Agent-x: y", "Fixes:z", "---", " folded", "# x", ""]),
    ),
    max_size=8,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(lines=LINES, mode=st.sampled_from(["default", "strip", "scissors", "verbatim"]))
def test_adding_trailers_adds_and_changes_nothing(lines: list[str], mode: str) -> None:
    raw = ("Subject\n" + "\n".join(lines)).encode()
    how = trailers.Settings(mode, "#", "", editor=True)
    parted = trailers.split(raw, how)
    assert parted.text + parted.rest == raw
    got = trailers.append(parted, [("Agent", "api-dev"), ("Feature", "feat-1")])
    block = b"Agent: api-dev\nFeature: feat-1\n"
    assert got.count(block) == 1
    before, after = got.split(block)
    assert after == parted.rest
    assert before in (parted.text, parted.text + b"\n", parted.text + b"\n\n")
    again = trailers.split(got, how)
    assert ("Agent", "api-dev") in trailers.parse(again.text)


SUBJECTS = [
    "feat: short",
    "feat(volumes): create and delete volumes through the interface, with names of any size",
    "x" * 500,
    "機能: ボリュームを作成および削除するためのインターフェースを追加し、名前とサイズを検証します",
    "feat: 🚀🎉🔥🚀🎉🔥🚀🎉🔥🚀🎉🔥🚀🎉🔥🚀🎉🔥🚀🎉🔥🚀🎉🔥🚀🎉🔥🚀🎉🔥🚀🎉🔥",
    "Добавить создание и удаление томов через интерфейс с именами любого размера",
    "e\u0301" * 80,
    "a\nAgent: x\tb\x1b[31m",
    'Revert "feat: "quoted""',
]


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("sha", ["0123456789abcdef" * 2, "0123456"])
def test_corrects_fits_every_check_of_messages(subject: str, sha: str) -> None:
    line = f"Corrects: {corrects(sha, subject)}"
    assert re.fullmatch(FORMATS["corrects"][2], corrects(sha, subject))
    assert len(line.encode()) <= 100
    assert len(line.encode("utf-16-le")) // 2 <= 100
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in line)
    marks = sum(unicodedata.combining(char) > 0 for char in line)
    assert len(line) + wide - marks <= 72
    assert not unicodedata.combining(line.partition("…")[2][:1] or " ")


def test_corrects_keeps_a_subject_that_fits() -> None:
    subject = "x" * 45
    assert len(f"Corrects: {corrects('0123456789ab', subject)}") == 72
    assert corrects("0123456789ab", subject) == f'0123456789ab ("{subject}")'
    assert corrects("0123456789ab", f"{subject}y") == f'0123456789ab ("{"x" * 44}…")'


@given(st.text(max_size=120))
def test_law_corrects_is_one_short_line(subject: str) -> None:
    line = f"Corrects: {corrects('0123456789ab', subject)}"
    assert line.isprintable()
    assert len(line.encode()) <= 100
