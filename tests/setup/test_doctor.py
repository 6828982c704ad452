"""Each check on a repository that is broken in that way, and the command that fixes it, run."""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import Repo
from doctor_builders import BIN, Doctor, environment, everything, run, set_up
from errata.core.config import Config
from errata.core.errors import ErrataError
from errata.core.git import Repository
from errata.records import instants
from errata.setup import checks
from errata.setup.checks import DoctorContext, all_checks, problem, programs, run_check
from errata.setup.hooks import STAGES
from errata.state import error_log, retry_queue
from record_builders import CORRECTIONS, FINDINGS, PROMOTIONS, correction, finding, runbook

NOW = instants.clock()
HOUR = 3_600_000_000


def fresh(hours: float, **more: object) -> dict[str, object]:
    """A finding of so many hours ago by the clock, which is the doctor's."""
    return {**finding(1), "timestamp": instants.iso(NOW - int(hours * HOUR)), **more}


def logged(repo: Repo, count: int = 4) -> None:
    repo.jsonl(FINDINGS, *(fresh(n + 1, severity="blocking") for n in range(count)))


# ------------------------------------------------------------------------------------- as a whole


def test_healthy_prints_one_line(healthy: Repo) -> None:
    done = run(healthy.root, "doctor")
    assert (done.returncode, done.stdout, done.stderr) == (0, "healthy\n", "")


def test_nothing_set_up(repo: Repo) -> None:
    doctor = Doctor(repo.root)
    assert doctor.fix("not set up") == "errata init"
    assert doctor.diagnostics() == []


def test_doctor_writes_nothing(healthy: Repo, doctor: Doctor) -> None:
    logged(healthy)
    healthy.jsonl(CORRECTIONS, {"no": "correction"})
    healthy.write(".claude/reviews.jsonl", '{"a": 1}\n')
    before = everything(healthy.root)
    assert len(doctor.diagnostics()) >= 2
    assert run(healthy.root, "doctor", "--propose-aliases").returncode == 0
    assert everything(healthy.root) == before


def test_each_diagnostic_has_two_lines(healthy: Repo) -> None:
    healthy.jsonl(FINDINGS, {"bad": 1})
    error_log.append(healthy.root / ".git/errata", "agent-hook Stop", "no such file", NOW)
    done = run(healthy.root, "doctor")
    lines = done.stdout.splitlines()
    assert done.returncode == 1
    heads = [n for n, line in enumerate(lines) if line.startswith(("problem: ", "note: "))]
    assert all(line.startswith("  fix: ") for n, line in enumerate(lines[:-1]) if n not in heads)
    assert lines[-1] == "1 problem, 2 notes"
    assert [lines[n].split(":")[0] for n in heads] == ["problem", "note", "note"]


def test_notes_do_not_fail(healthy: Repo) -> None:
    error_log.append(healthy.root / ".git/errata", "agent-hook Stop", "no such file", NOW)
    done = run(healthy.root, "doctor")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "healthy, 2 notes")


def test_logs_are_checked_outside_git(tmp_path: Path) -> None:
    log = tmp_path / FINDINGS
    log.parent.mkdir(parents=True)
    log.write_text('{"torn\n')
    doctor = Doctor(tmp_path)
    assert "not JSON" in doctor.diagnostic("bad line")["what"]
    assert doctor.fix("not a git repository") == "git init"


def test_a_bare_repository_and_one_without_commits(tmp_path: Path, repo: Repo) -> None:
    subprocess.run(["git", "init", "-q", "--bare", tmp_path / "bare"], check=True)
    [diagnostic] = Doctor(tmp_path / "bare").diagnostics()
    assert (diagnostic["level"], diagnostic["what"]) == ("problem", "this repository is bare")
    assert diagnostic["fix"] == "run it in a clone with a work tree"
    assert len(Doctor(repo.root).diagnostics()) == 1


def test_broken_files_cause_no_traceback(healthy: Repo, doctor: Doctor) -> None:
    """Everything broken at once: each thing is still one finding."""
    for path in (".gitattributes", ".pre-commit-config.yaml", ".claude/settings.json"):
        healthy.write(path, b"\xff\xfe[{\n<<<<<<< \x00")
    healthy.write(FINDINGS, b"\x00\xff\n<<<<<<< HEAD\n")
    healthy.write(PROMOTIONS, b"\xff\n")
    healthy.write(runbook(), b"<!-- errata:begin sha256=0 -->\n\xff")
    healthy.write("errata.toml", b"\xff = [")
    healthy.write(".git/errata/outbox.jsonl", b"{]\n")
    healthy.write(".git/errata/installed.json", b"{]\n")
    healthy.write(".claude/skills/x/SKILL.md", b"---\n\xff")
    (healthy.root / CORRECTIONS).mkdir()
    diagnostics = doctor.diagnostics()
    assert len(diagnostics) >= 6
    assert [
        diagnostic for diagnostic in diagnostics if "could not be checked" in diagnostic["what"]
    ] == []
    assert all("\n" not in diagnostic["what"] + diagnostic["fix"] for diagnostic in diagnostics)


def test_a_failing_check_is_one_diagnostic(repo: Repo) -> None:
    def shelf_of_books(_case: DoctorContext):  # type: ignore[no-untyped-def]
        yield problem("one")
        raise ZeroDivisionError("two\nlines")

    def kitchen(_case: DoctorContext):  # type: ignore[no-untyped-def]
        raise ErrataError("what", "hint")
        yield

    case = DoctorContext(Repository.discover(repo.root), Config(), None, NOW)
    first, failure = run_check(shelf_of_books, case)
    assert first.message == "one"
    assert failure.message == "shelf of books: could not be checked: ZeroDivisionError: two lines"
    assert [(d.message, d.fix) for d in run_check(kitchen, case)] == [("what", "hint")]


def check_functions() -> Iterator[object]:
    """Every public function that yields diagnostics about a context."""
    for module in pkgutil.iter_modules(checks.__path__, f"{checks.__name__}."):
        for name, function in vars(importlib.import_module(module.name)).items():
            wanted = {"context": "DoctorContext", "return": "Iterator[Diagnostic]"}
            hints = getattr(function, "__annotations__", {})
            if not name.startswith("_") and hints == wanted:
                yield function


def test_all_checks_are_listed_once() -> None:
    assert len(all_checks.CHECKS) == len(set(all_checks.CHECKS))
    assert set(all_checks.CHECKS) == set(check_functions())


def test_ten_thousand_commits_take_less_than_two_seconds(healthy: Repo) -> None:
    who = "Ann Author <ann@example.org>"
    parts = []
    for number in range(10_000):
        message = f"Change {number}\n\nCo-authored-by: Bob Builder <bob@example.org>\n"
        parts.append(
            f"commit refs/heads/big\nauthor {who} {1_700_000_000 + number} +0000\n"
            f"committer {who} {1_700_000_000 + number} +0000\ndata {len(message)}\n{message}\n"
        )
    subprocess.run(
        ["git", "fast-import", "--quiet"],
        cwd=healthy.root,
        input="".join(parts).encode(),
        check=True,
    )
    healthy.git("symbolic-ref", "HEAD", "refs/heads/big")
    logged(healthy, 200)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    # A real process: others do not count as this one's children.
    words = [sys.executable, "-m", "errata", "doctor"]
    subprocess.run(words, cwd=healthy.root, capture_output=True, check=False, env=environment())
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Processor time, for others may be at work on the machine.
    took = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert 0.1 < took < 2


# ------------------------------------------------------------------------- programs and settings


def test_invalid_settings(healthy: Repo, doctor: Doctor) -> None:
    healthy.write("errata.toml", "[evolve]\nmin_occurences = 2\n")
    diagnostic = doctor.diagnostic("errata.toml")
    assert "min_occurences: unknown key" in diagnostic["what"]
    assert "min_occurrences" in diagnostic["fix"]


def _without(tmp_path: Path, *names: str) -> str:
    """A PATH that has git and little else."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("git", "sh", "bash", "perl", *names):
        if program := shutil.which(name):
            (folder / name).symlink_to(program)
    return str(folder)


def test_errata_not_on_path(healthy: Repo, tmp_path: Path) -> None:
    path = _without(tmp_path)
    diagnostics = json.loads(run_plain(healthy.root, path).stdout)["found"]
    diagnostic = next(d for d in diagnostics if "errata is not on PATH" in d["what"])
    assert diagnostic["level"] == "note"
    fixed = subprocess.run(
        ["sh", "-c", f"{diagnostic['fix']} && errata doctor"],
        cwd=healthy.root,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PATH": path},
    )
    assert "not on PATH" not in fixed.stdout + fixed.stderr


def run_plain(root: Path, path: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [f"{BIN}/python", "-m", "errata", "doctor", "--format", "json"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PATH": path},
    )


def test_an_old_git(healthy: Repo, tmp_path: Path) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    (folder / "git").write_text("#!/bin/sh\necho git version 2.25.1\n")
    (folder / "git").chmod(0o755)
    done = run_plain(healthy.root, f"{folder}:{os.environ['PATH']}")
    [diagnostic] = json.loads(done.stdout)["found"]
    assert (done.returncode, diagnostic["level"]) == (1, "problem")
    assert "git 2.25 is too old; errata needs 2.31" in diagnostic["what"]
    assert programs.GIT == (2, 31)


def test_hook_manager_not_installed(repo: Repo, tmp_path: Path) -> None:
    repo.write("lefthook.yml", "pre-commit:\n  commands: {}\n")
    done = run_plain(repo.root, _without(tmp_path))
    diagnostics = json.loads(done.stdout)["found"]
    [diagnostic] = [
        diagnostic
        for diagnostic in diagnostics
        if "lefthook, which is not on PATH" in diagnostic["what"]
    ]
    assert diagnostic["fix"] == "pip install lefthook"


@pytest.mark.parametrize("text", ["{", '{"version": 1}', '{"version": 0}', "[]"])
def test_damaged_install_manifest(healthy: Repo, doctor: Doctor, text: str) -> None:
    healthy.write(".git/errata/installed.json", text)
    command = doctor.fix("installed.json: cannot be read")
    assert command == "rm .git/errata/installed.json"
    assert run(healthy.root, "uninstall").returncode == 0


def test_install_manifest_is_a_directory(healthy: Repo, doctor: Doctor) -> None:
    path = healthy.root / ".git/errata/installed.json"
    path.unlink()
    path.mkdir()
    assert doctor.fix("installed.json: not a regular file").startswith("mv ")


def test_two_hook_managers(healthy: Repo, doctor: Doctor) -> None:
    healthy.write(".husky/pre-commit", "npm test\n")
    diagnostic = doctor.diagnostic("side by side")
    assert (diagnostic["level"], "pre-commit and husky" in diagnostic["what"]) == ("note", True)


def test_errors_of_hooks_are_shown_and_cleared(healthy: Repo, doctor: Doctor) -> None:
    for number in range(5):
        error_log.append(healthy.root / ".git/errata", "agent-hook Stop", f"failure {number}", NOW)
    text = [diagnostic["what"] for diagnostic in doctor.diagnostics()]
    assert [line[-9:] for line in text[:3]] == ["failure 2", "failure 3", "failure 4"]
    assert doctor.fix("5 errors of hooks", "note") == "errata doctor --clear-errors"
    assert doctor.diagnostics() == []


# ------------------------------------------------------------------------------------- git's hooks


def test_no_hook_is_installed(healthy: Repo, doctor: Doctor) -> None:
    shutil.rmtree(healthy.root / ".git/hooks")
    assert doctor.fix("no git hook is installed").startswith("pre-commit install --hook-type=")


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_whose_hook_is_missing(healthy: Repo, doctor: Doctor, stage: str) -> None:
    (healthy.root / ".git/hooks" / stage).unlink()
    assert doctor.fix(f"not installed: {stage}") == (
        f"pre-commit install --hook-type={stage} --allow-missing-config"
    )


@pytest.mark.skipif(shutil.which("prek", path=BIN) is None, reason="prek is not installed")
def test_stages_of_another_manager(healthy: Repo, doctor: Doctor) -> None:
    shutil.rmtree(healthy.root / ".git/hooks")
    words = ["prek", "install", *(f"--hook-type={stage}" for stage in STAGES[:2])]
    subprocess.run(words, cwd=healthy.root, check=True, capture_output=True, env=environment())
    assert "not installed: commit-msg" in doctor.diagnostic("not installed")["what"]
    command = doctor.fix("prek has git's hooks for pre-commit, prepare-commit-msg")
    assert command.startswith("prek uninstall --hook-type=pre-commit")
    doctor.fix("not installed: commit-msg")
    assert doctor.diagnostics() == []
    assert list((healthy.root / ".git/hooks").glob("*.legacy")) == []


def test_a_hook_that_is_no_longer_configured(healthy: Repo, doctor: Doctor) -> None:
    config = healthy.root / ".pre-commit-config.yaml"
    text = config.read_text()
    start = text.index("- id: errata-capture")
    indent = " " * (start - text.rindex("\n", 0, start) - 1)
    after = text.find(f"\n{indent}- id:", start)
    cut = text.rindex("\n", 0, start)
    config.write_text(text[:cut] + (text[after:] if after >= 0 else "\n"))
    assert doctor.fix("not configured: errata-capture") == "errata init"


@pytest.mark.parametrize("scope", ["local", "global"])
def test_hooks_path_overrides_installed_hooks(healthy: Repo, doctor: Doctor, scope: str) -> None:
    healthy.git("config", f"--{scope}", "core.hooksPath", "/elsewhere/hooks")
    command = doctor.fix("core.hooksPath")
    assert command == f"git config --{scope} --unset-all core.hooksPath"
    assert doctor.diagnostics() == []


def test_plain_scripts(tmp_path: Path) -> None:
    root = tmp_path / "plain"
    set_up(root, "plain")
    doctor = Doctor(root)
    assert doctor.diagnostics() == []
    (root / ".git/hooks/post-merge").chmod(0o644)
    assert doctor.fix("not executable").startswith("chmod +x ")
    (root / ".git/hooks/pre-commit").unlink()
    diagnostic = doctor.diagnostic("not configured")
    assert "errata-validate-logs" in diagnostic["what"]
    assert doctor.fix("not configured") == "errata init"


# ------------------------------------------------------------------------------ merges, and agents


def test_no_merge_attributes(healthy: Repo, doctor: Doctor) -> None:
    # Without the file git would read it from the index.
    healthy.write(".gitattributes", "")
    assert doctor.fix("no merge driver for .claude/review-findings.jsonl") == "errata init"


def test_later_attribute_lines_win(healthy: Repo, doctor: Doctor) -> None:
    """Git's own answer is asked for, so what overrides our lines is seen, and is theirs to say."""
    with (healthy.root / ".gitattributes").open("a") as file:
        file.write("*.jsonl -merge\n.claude/incidents.jsonl !merge\n")
    diagnostic = doctor.diagnostic(".claude/user-corrections.jsonl")
    text = ".claude/user-corrections.jsonl: kept your -merge (errata would use union)"
    assert (diagnostic["level"], diagnostic["what"], diagnostic["fix"]) == ("note", text, "")
    assert "kept your !merge" in doctor.diagnostic(".claude/incidents.jsonl")["what"]


def test_merge_driver_chosen_by_a_person(repo: Repo) -> None:
    repo.write(".gitattributes", f"{FINDINGS} merge=binary\n")
    text = run(repo.root, "init").stdout
    [diagnostic] = Doctor(repo.root).diagnostics()
    assert (diagnostic["level"], diagnostic["fix"]) == ("note", "")
    assert f"note: {diagnostic['what']}\n" in text


def test_a_clone_without_the_driver(healthy: Repo, doctor: Doctor) -> None:
    healthy.git("config", "--remove-section", "merge.errata")
    assert doctor.fix("not configured in this clone").startswith("git config merge.errata.driver")


def test_merge_driver_does_not_exist(healthy: Repo, doctor: Doctor) -> None:
    healthy.git("config", "merge.errata.driver", "/gone/errata merge-file --ours %A")
    doctor.fix("runs /gone/errata")
    assert doctor.diagnostics() == []


def test_incomplete_setup_of_a_tool(healthy: Repo, doctor: Doctor) -> None:
    path = healthy.root / ".claude/settings.json"
    settings = json.loads(path.read_text())
    del settings["hooks"]["SessionStart"]
    path.write_text(json.dumps(settings))
    command = doctor.fix("claude-code: missing: SessionStart")
    assert command == "errata init --agent claude-code"
    (healthy.root / ".claude/commands/evolve.md").unlink()
    doctor.fix("missing: .claude/commands/evolve.md")


def test_hooks_that_are_turned_off(healthy: Repo, doctor: Doctor) -> None:
    path = healthy.root / ".claude/settings.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "disableAllHooks": True}))
    assert doctor.diagnostic("no hook of claude-code runs")["level"] == "note"


def test_a_faulty_skill(healthy: Repo, doctor: Doctor) -> None:
    healthy.write(".claude/skills/deploy/SKILL.md", "---\nname: Deploy\n---\nHow to\n")
    diagnostics = [
        diagnostic for diagnostic in doctor.diagnostics() if "skills/deploy" in diagnostic["what"]
    ]
    assert {diagnostic["fix"] for diagnostic in diagnostics} == {"errata skills --check"}


def test_a_skill_that_two_tools_reach_by_a_link_is_reported_once(
    healthy: Repo, doctor: Doctor
) -> None:
    (healthy.root / ".agents").mkdir()
    (healthy.root / ".claude/skills").rename(healthy.root / ".agents/skills")
    (healthy.root / ".claude/skills").symlink_to("../.agents/skills")
    assert run(healthy.root, "init", "--yes", "--agent", "codex").returncode == 0
    shutil.rmtree(healthy.root / ".agents/skills/learning-engine")
    assert doctor.fix(": missing: .") == "errata init --agent claude-code"
    healthy.write(".agents/skills/deploy/SKILL.md", "---\nname: deploy\n---\nHow to\n")
    what = doctor.diagnostic("skills/deploy")["what"]
    assert what.startswith(".agents/skills/deploy/SKILL.md:1: description: missing")


# -------------------------------------------------------------------------------------------- logs


def test_a_directory_in_place_of_a_log(healthy: Repo, doctor: Doctor) -> None:
    (healthy.root / FINDINGS).mkdir(parents=True)
    doctor.fix("is a directory")


def test_a_link_out_of_the_repository(healthy: Repo, doctor: Doctor, tmp_path: Path) -> None:
    (healthy.root / FINDINGS).symlink_to(tmp_path / "outside.jsonl")
    assert doctor.fix("leads out of the repository") == f"rm {FINDINGS}"


def test_a_link_loop(healthy: Repo, doctor: Doctor) -> None:
    (healthy.root / FINDINGS).symlink_to("review-findings.jsonl")
    doctor.fix("lead nowhere")


def test_read_only_log_and_folder(healthy: Repo, doctor: Doctor) -> None:
    logged(healthy, 1)
    (healthy.root / FINDINGS).chmod(0o444)
    assert doctor.fix("cannot be written") == f"chmod u+rw {FINDINGS}"
    (healthy.root / FINDINGS).unlink()
    healthy.write("errata.toml", '[logs]\nfindings = "notes/a b/f.jsonl"\n')
    (healthy.root / "notes").mkdir()
    (healthy.root / "notes").chmod(0o555)
    assert doctor.fix("its folder cannot be written") == "chmod u+rwx notes"


def test_a_file_in_place_of_a_folder(healthy: Repo, doctor: Doctor) -> None:
    healthy.write("errata.toml", '[logs]\nfindings = "notes/f.jsonl"\n')
    healthy.write("notes", "shopping\n")
    doctor.fix("notes: must be a folder")


def test_unusable_state_folder(healthy: Repo, doctor: Doctor) -> None:
    state = healthy.root / ".git/errata"
    state.chmod(0o555)
    doctor.fix("errata: cannot be written")
    shutil.rmtree(state)
    state.write_text("")
    doctor.fix("must be a folder")


def test_torn_lines_are_reported(healthy: Repo, doctor: Doctor) -> None:
    healthy.write(f"{FINDINGS}.torn", '{"half\n')
    healthy.write(".git/errata/outbox.jsonl.torn", '{"half\n')
    doctor.fix(f"{FINDINGS}.torn", "note")
    doctor.fix("outbox.jsonl.torn", "note")


@pytest.mark.parametrize(("days", "reported"), [(8, True), (6, False)])
def test_unflushed_corrections(healthy: Repo, doctor: Doctor, days: int, reported: bool) -> None:
    record = {**correction(1), "timestamp": instants.iso(NOW - days * 24 * HOUR), "id": "cor-1"}
    healthy.jsonl(".git/errata/outbox.jsonl", record)
    if reported:
        assert doctor.fix("waiting since", "note") == "errata flush"
        assert "cor-1" in (healthy.root / CORRECTIONS).read_text()
    else:
        assert doctor.diagnostics() == []


def test_commits_in_the_retry_queue(healthy: Repo, doctor: Doctor) -> None:
    retry_queue.add_commit(Repository.discover(healthy.root), healthy.git("rev-parse", "HEAD"))
    assert doctor.fix("left to be looked at", "note") == "errata flush"


def test_damaged_lines(healthy: Repo, doctor: Doctor) -> None:
    logged(healthy)
    with (healthy.root / FINDINGS).open("a") as file:
        file.write('{"torn": \n\n')
    diagnostic = doctor.diagnostic("2 bad lines")
    assert diagnostic["fix"] == f"errata validate {FINDINGS}"
    done = run(healthy.root, *diagnostic["fix"].split()[1:])
    assert done.stderr.splitlines()[-1] == f"{FINDINGS}: 2 bad lines"


def test_only_the_end_of_a_very_large_log_is_read(
    healthy: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    from errata.setup.checks import log_tail

    healthy.write(FINDINGS, "{torn\n")
    logged(healthy, 4)
    monkeypatch.setattr(log_tail, "MAX_BYTES", 600)
    data = log_tail.read_tail(healthy.root / FINDINGS)
    assert data is not None
    assert data.startswith(b'{"timestamp"')
    assert 300 < len(data) <= 600


def test_records_in_the_future(healthy: Repo, doctor: Doctor) -> None:
    logged(healthy)
    healthy.jsonl(FINDINGS, fresh(-49), fresh(-20))
    assert "1 record more than a day in the future" in doctor.diagnostic("future")["what"]


def test_conflict_markers_in_a_log(healthy: Repo, doctor: Doctor) -> None:
    mine, theirs = (json.dumps(fresh(n, description=f"d{n}")) for n in (1, 2))
    healthy.write(FINDINGS, f"<<<<<<< HEAD\n{mine}\n=======\n{theirs}\n>>>>>>> topic\n")
    doctor.fix("conflict markers")
    assert (healthy.root / FINDINGS).read_text() == f"{mine}\n{theirs}\n"
    assert doctor.diagnostics() == []


# ---------------------------------------------------------------------------------------- runbooks


def evolved(healthy: Repo) -> Path:
    logged(healthy)
    done = run(healthy.root, "evolve")
    assert done.returncode == 0, done.stderr
    return healthy.root / runbook()


def test_a_stale_block(healthy: Repo, doctor: Doctor) -> None:
    evolved(healthy)
    healthy.write(".claude/agents/api-dev.md", "---\nname: api-dev\n---\n")
    assert doctor.diagnostics() == []
    healthy.jsonl(FINDINGS, fresh(0.1, severity="blocking", description="Another one"))
    assert doctor.fix("behind the logs", "note") == "errata evolve"


def test_a_block_edited_by_hand(healthy: Repo, doctor: Doctor) -> None:
    path = evolved(healthy)
    path.write_text(path.read_text().replace("missing-widget-check", "other"))
    assert doctor.fix("edited by hand") == "errata evolve --rebuild --agent api-dev"


def test_a_damaged_block(healthy: Repo, doctor: Doctor) -> None:
    path = evolved(healthy)
    path.write_text(path.read_text().replace("<!-- errata:end -->", ""))
    diagnostic = doctor.diagnostic("RUNBOOK.md:")
    assert diagnostic["level"] == "problem"
    assert diagnostic["fix"]


def test_conflict_markers_in_what_evolve_writes(healthy: Repo, doctor: Doctor) -> None:
    path = evolved(healthy)
    lines = path.read_text().splitlines(keepends=True)
    at = next(n for n, line in enumerate(lines) if "errata:begin" in line)
    end = next(n for n, line in enumerate(lines) if "errata:end" in line)
    block = "".join(lines[at + 1 : end])
    torn = f"<<<<<<< HEAD\n{block}=======\n{block}>>>>>>> topic\n"
    path.write_text("".join(lines[: at + 1]) + torn + "".join(lines[end:]))
    assert doctor.fix("RUNBOOK.md: conflict markers") == "errata evolve"
    log = healthy.root / PROMOTIONS
    text = log.read_text()
    log.write_text(f"<<<<<<< HEAD\n{text}=======\n{text}>>>>>>> topic\n")
    assert doctor.fix("promotion-log.jsonl: conflict markers") == "errata evolve"


# ------------------------------------------------------------------------------------------ clocks


def commit_at(repo: Repo, hours: float) -> None:
    when = f"{NOW // 1_000_000 + int(hours * 3600)} +0000"
    hooks = ("-c", "core.hooksPath=/dev/null")
    repo.git(
        *(*hooks, "commit", "-q", "--allow-empty", "-m", "x"),
        env={"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when},
    )


@pytest.mark.parametrize(
    ("hours", "text"), [(30, "more than a day in the future"), (2, "and the clock says"), (0, "")]
)
def test_commits_in_the_future(healthy: Repo, doctor: Doctor, hours: float, text: str) -> None:
    commit_at(healthy, hours)
    diagnostics = doctor.diagnostics()
    assert [diagnostic["level"] for diagnostic in diagnostics] == ["problem"] * bool(text)
    assert text in (diagnostics[0]["what"] if diagnostics else "")


def test_files_in_the_future(healthy: Repo, doctor: Doctor) -> None:
    later = time.time() + 3600
    os.utime(healthy.root / ".git/HEAD", (later, later))
    assert "and the clock says" in doctor.diagnostic("git's own files")["what"]
