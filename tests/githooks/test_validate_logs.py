"""``errata-validate-logs`` as git runs it."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from conftest import Repo

LOG = ".claude/review-findings.jsonl"
FINDING = {
    "timestamp": "2025-01-15T14:30:00Z",
    "severity": "nit",
    "file": "a.py",
    "description": "d",
}


def text(*records: dict[str, Any]) -> str:
    return "".join(json.dumps({**FINDING, **record}) + "\n" for record in records)


A, B, BAD = text({"file": "a"}), text({"file": "b"}), text({"severity": "bad"})
SAID = "$.severity: 'bad' is not allowed; allowed: blocking, warning, nit"


@pytest.fixture
def hooked(repo: Repo) -> Repo:
    """A repository with one commit, and the hook as a plain script."""
    command = shlex.join([sys.executable, "-m", "errata.githooks.validate_logs"])
    hook = repo.write(".git/hooks/pre-commit", f"#!/bin/sh\nexec {command}\n")
    hook.chmod(0o755)
    repo.write(LOG, A)
    repo.write("code.py", "pass\n")
    repo.commit()
    return repo


def commit(repo: Repo, *args: str, cwd: Path | None = None, **env: str) -> tuple[int, str]:
    """``git commit ARGS``: its status and what the hook said."""
    done = subprocess.run(
        ["git", "commit", "-q", "-m", "m", *args],
        cwd=cwd or repo.root,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **env},
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def hook(*args: str, cwd: Path | None = None, **env: str) -> tuple[int, str]:
    """The hook by itself: status and output."""
    done = subprocess.run(
        [sys.executable, "-m", "errata.githooks.validate_logs", *args],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **env},
    )
    assert "Traceback" not in done.stderr and done.stdout == ""
    return done.returncode, done.stderr


def test_a_good_record_is_committed(hooked: Repo) -> None:
    hooked.write(LOG, A + B)
    hooked.git("add", "-A")
    assert commit(hooked) == (0, "")


def test_a_bad_record_is_refused_with_its_line(hooked: Repo) -> None:
    hooked.write(LOG, A + B + BAD)
    hooked.git("add", "-A")
    assert commit(hooked) == (1, f"{LOG}:3: {SAID}\n")


def test_what_is_staged_counts_not_the_work_tree(hooked: Repo) -> None:
    hooked.write(LOG, A + BAD)
    hooked.git("add", "-A")
    hooked.write(LOG, A + B)
    assert commit(hooked)[0] == 1
    hooked.git("add", "-A")
    hooked.write(LOG, A + B + BAD)
    assert commit(hooked) == (0, "")


def test_commit_all(hooked: Repo) -> None:
    hooked.write(LOG, A + BAD)
    assert commit(hooked, "-a") == (1, f"{LOG}:2: {SAID}\n")
    hooked.write(LOG, A + B)
    assert commit(hooked, "-a") == (0, "")


def test_commit_of_paths_leaves_the_rest_alone(hooked: Repo) -> None:
    hooked.write(LOG, A + BAD)
    hooked.git("add", LOG)
    hooked.write("code.py", "print()\n")
    assert commit(hooked, "--", "code.py") == (0, "")
    assert commit(hooked, "--", LOG) == (1, f"{LOG}:2: {SAID}\n")


def test_amend_keeps_the_lines_of_head(hooked: Repo) -> None:
    hooked.write(LOG, A + B)
    hooked.git("add", "-A")
    assert commit(hooked, "--amend") == (0, "")
    hooked.write(LOG, A)
    hooked.git("add", "-A")
    status, said = commit(hooked, "--amend")
    assert status == 1 and said.startswith(f"{LOG}:2: this committed line was removed")


def test_linked_worktree(hooked: Repo, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    hooked.git("worktree", "add", "-q", str(linked))
    (linked / LOG).write_text(A + BAD)
    assert commit(hooked, "-a", cwd=linked) == (1, f"{LOG}:2: {SAID}\n")
    (linked / LOG).write_text(A + B)
    assert commit(hooked, "-a", cwd=linked / ".claude") == (0, "")


def test_first_commit(repo: Repo) -> None:
    repo.write(LOG, A + BAD)
    repo.git("add", "-A")
    assert hook() == (1, f"{LOG}:2: {SAID}\n")


def test_an_edit_is_refused_and_can_be_permitted(hooked: Repo) -> None:
    hooked.write(LOG, B)
    status, said = commit(hooked, "-a")
    assert status == 1 and said.startswith(f"{LOG}:1: this committed line was changed or removed")
    hooked.git("add", "-A")
    assert hook("--allow-rewrite") == (0, "")
    assert commit(hooked, ERRATA_ALLOW_REWRITE="1") == (0, "")


def test_permission_to_rewrite_does_not_permit_bad_records(hooked: Repo) -> None:
    hooked.write(LOG, BAD)
    hooked.git("add", "-A")
    assert hook("--allow-rewrite") == (1, f"{LOG}:1: {SAID}\n")


def test_deleting_a_log(hooked: Repo) -> None:
    hooked.git("rm", "-q", LOG)
    status, said = commit(hooked)
    assert status == 1 and said.startswith(f"{LOG}: deletes the log and its committed lines")
    assert hook("--allow-rewrite") == (0, "")


def test_a_log_that_becomes_a_link(hooked: Repo) -> None:
    (hooked.root / LOG).unlink()
    (hooked.root / LOG).symlink_to("../code.py")
    assert commit(hooked, "-a") == (1, f"{LOG}: is a symbolic link; a log must be a plain file\n")


def test_mode_change_alone(hooked: Repo) -> None:
    (hooked.root / LOG).chmod(0o755)
    assert commit(hooked, "-a") == (0, "")


def test_merge_of_two_logs(hooked: Repo) -> None:
    hooked.git("checkout", "-q", "-b", "topic")
    hooked.write(LOG, A + B)
    assert commit(hooked, "-a")[0] == 0
    hooked.git("checkout", "-q", "main")
    hooked.write(LOG, A + text({"file": "m"}))
    assert commit(hooked, "-a")[0] == 0
    hooked.git("merge", "topic", ok=False)
    hooked.write(LOG, A + text({"file": "m"}))
    status, said = commit(hooked, "-a")
    assert status == 1 and "line 2 of the log in parent 2 of this merge is missing" in said
    marked = A + "<<<<<<< HEAD\n" + text({"file": "m"}) + "=======\n" + B + ">>>>>>> topic\n"
    hooked.write(LOG, marked)
    status, said = commit(hooked, "-a")
    assert [one.split(":")[1] for one in said.splitlines()] == ["2", "4", "6"]
    hooked.write(LOG, A + B + text({"file": "m"}))
    assert commit(hooked, "-a") == (0, "")


def test_many_problems_are_counted(hooked: Repo) -> None:
    hooked.write(LOG, A + BAD * 250)
    status, said = commit(hooked, "-a")
    lines = said.splitlines()
    assert (status, len(lines), lines[-1]) == (1, 101, "and 150 more")


def test_files_that_are_not_staged_are_checked_whole(hooked: Repo) -> None:
    hooked.write(LOG, A + BAD)
    hooked.git("add", "-A")
    hooked.git("commit", "-q", "--no-verify", "-m", "bad")
    assert hook() == (0, "")
    assert hook("code.py", "missing.jsonl") == (0, "")
    assert hook(LOG, "code.py", LOG) == (1, f"{LOG}:2: {SAID}\n")
    inside = hooked.root / ".claude"
    assert hook("review-findings.jsonl", cwd=inside) == (1, f"{LOG}:2: {SAID}\n")
    assert hook(str(hooked.root / LOG), cwd=inside) == (1, f"{LOG}:2: {SAID}\n")


def test_a_staged_file_is_checked_from_its_appended_lines(hooked: Repo) -> None:
    hooked.write(LOG, A + BAD)
    hooked.git("add", "-A")
    hooked.git("commit", "-q", "--no-verify", "-m", "bad")
    hooked.write(LOG, A + BAD + B)
    hooked.git("add", "-A")
    assert hook(LOG) == (0, "")


def test_another_path_and_dialect(hooked: Repo) -> None:
    hooked.write(
        "errata.toml",
        '[logs]\nfindings = "notes/f.ndjson"\n[aliases.finding.fields]\nsev = "severity"\n',
    )
    record = {key: value for key, value in FINDING.items() if key != "severity"}
    hooked.write("notes/f.ndjson", json.dumps({**record, "sev": "nit"}) + "\n")
    hooked.write(LOG, "no longer a log\n")
    hooked.git("add", "-A")
    assert hook() == (0, "")
    hooked.write("notes/f.ndjson", json.dumps({**record, "sev": "bad"}) + "\n")
    hooked.git("add", "-A")
    assert hook() == (1, f"notes/f.ndjson:1: {SAID}\n")


def test_bad_settings_and_no_repository(hooked: Repo, tmp_path: Path) -> None:
    hooked.write("errata.toml", "[log]\n")
    status, said = hook()
    assert status == 2 and said.startswith("errata-validate-logs: errata.toml: log: unknown key")
    outside = tmp_path / "outside"
    outside.mkdir()
    status, said = hook(cwd=outside)
    assert status == 2 and "not a git repository" in said


def test_nothing_to_do_imports_nothing_heavy(hooked: Repo) -> None:
    hooked.write("code.py", "print()\n")
    hooked.git("add", "-A")
    program = (
        "import sys; from errata.githooks.validate_logs import main; assert main([]) == 0;"
        "print(' '.join(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "errata.records.precheck" in loaded
    heavy = {
        "errata.core.config",
        "errata.records.staged_logs",
        "click",
        "filelock",
        "git",
        "jsonschema",
        "jsonschema_rs",
        "markdown_it",
        "msgspec",
        "pygments",
        "rich",
        "unidiff",
    }
    assert not loaded & heavy


def test_the_manifest_offers_it() -> None:
    root = Path(__file__).parents[2]
    hooks = yaml.safe_load((root / ".pre-commit-hooks.yaml").read_text())
    [mine] = [one for one in hooks if one["id"] == "errata-validate-logs"]
    assert mine["entry"] == "errata-validate-logs"
    assert mine["always_run"] and mine["require_serial"] and mine["stages"] == ["pre-commit"]
    assert (
        'errata-validate-logs = "errata.githooks.validate_logs:main"'
        in (root / "pyproject.toml").read_text()
    )


def test_a_missing_package_refuses_no_commit(repo: Any) -> None:
    repo.write(".claude/review-findings.jsonl", BAD)
    repo.git("add", "-A")
    code = "import sys; sys.modules['jsonschema_rs'] = None\n"
    code += "from errata.githooks.validate_logs import main; sys.exit(main([]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (0, 1)
    assert done.stderr.startswith("errata-validate-logs: skipped: ")
