"""errata-check-lessons on real repositories: added lines only, it warns, and nothing stops it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from check_builders import RULE, RULES, WORDS, accept
from conftest import Repo
from errata.githooks.check_lessons import main

TEXT = "src/a.ts:{}: Do not log to the console. (check no-console-log)\n"


def said(capfd: pytest.CaptureFixture[str], *args: str) -> tuple[int, str]:
    status = main(args)
    out, err = capfd.readouterr()
    assert out == ""
    return status, err


def stage(repo: Repo, before: str, after: str, path: str = "src/a.ts") -> None:
    repo.write(path, before)
    repo.commit()
    repo.write(path, after)
    repo.git("add", "-A")


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ("f();\n", "f();\nconsole.log(1);\n", [2]),
        ("console.log(1);\n", "console.log(1);\nf();\n", []),
        ("console.log(1);\n", "if (a) {\n  console.log(1);\n}\n", []),
        ("console.log(1);\nf();\ng();\n", "f();\ng();\nconsole.log(1);\n", []),
        ("console.log(1);\n", "console.log(1);\nf();\nconsole.log(1);\n", [3]),
        # A longer call that was there, of which an argument is new.
        ("console.log(\n  1,\n);\n", "console.log(\n  1,\n  2,\n);\n", []),
        ("f();\n", "// console.log(1)\n'console.log(1)';\n", []),
        ("f();", "f();\nconsole.log(1)", [2]),
    ],
)
def test_only_lines_that_are_new_count(
    repo: Repo, capfd: pytest.CaptureFixture[str], before: str, after: str, lines: list[int]
) -> None:
    accept(repo)
    stage(repo, before, after)
    assert said(capfd) == (0, "".join(TEXT.format(line) for line in lines))
    assert said(capfd, "--strict")[0] == bool(lines)


def test_block_that_moves_to_another_file_is_not_new(
    repo: Repo, capfd: pytest.CaptureFixture[str]
) -> None:
    accept(repo)
    stage(repo, "f();\nconsole.log(1);\n", "f();\n")
    repo.write("src/b.ts", "\tconsole.log(1);\n")
    repo.git("add", "-A")
    assert said(capfd, "--strict") == (0, "")


def test_first_commit_and_words(repo: Repo, capfd: pytest.CaptureFixture[str]) -> None:
    accept(repo)
    accept(repo, WORDS, "no-rockets")
    repo.write("src/a.ts", "console.log(1);\n")
    repo.write("README \u00fc.md", "# Start\n\nGo \U0001f680\n")
    repo.git("add", "-A")
    _, err = said(capfd)
    assert err == "README \u00fc.md:3: No rockets. (check no-rockets)\n" + TEXT.format(1)


@pytest.mark.parametrize("how", [["-a"], ["--", "src/a.ts"]])
def test_index_that_git_names(repo: Repo, how: list[str]) -> None:
    """Of `commit -a` and `commit -- path`, what these commit is checked, not what was staged."""
    accept(repo)
    repo.write("src/a.ts", "f();\n")
    repo.write("src/b.ts", "f();\n")
    repo.commit()
    hook = repo.root / ".git/hooks/pre-commit"
    hook.write_text(f"#!/bin/sh\nexec {sys.executable} -m errata.githooks.check_lessons --strict\n")
    hook.chmod(0o755)
    repo.write("src/b.ts", "console.log(2);\n")
    if how != ["-a"]:
        repo.git("add", "-A")
    repo.write("src/a.ts", "console.log(1);\n")
    done = subprocess.run(
        ["git", "commit", "-qm", "x", *how], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert TEXT.format(1) in done.stderr
    assert ("src/b.ts" in done.stderr) is (how == ["-a"])


def test_agents_only(
    repo: Repo, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    accept(repo)
    stage(repo, "f();\n", "console.log(1);\n")
    assert said(capfd, "--agents-only") == (0, "")
    monkeypatch.setenv("ERRATA_AGENT", "api-dev")
    assert said(capfd, "--agents-only", "--strict") == (1, TEXT.format(1))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "id: a\nlanguage: Klingon\nrule: {pattern: f}\n",
            "'language' is 'Klingon'; allowed: bash, ",
        ),
        ("id: a\nlanguage: text\nrule: {regex: '('}\n", "regex parse error"),
        ("id: a\nlanguage: TypeScript\nrule: {kind: nothing}\n", "Kind `nothing` is invalid."),
        ("id: [\n", "not YAML"),
        ("a: &a [1]\nb: [*a, *a]\n", "anchors and aliases (&, *) are not allowed"),
        ("id: " + "[" * 60, "nested deeper than 24 levels"),
        ("# " + "x" * 70_000, "at most 64000"),
        ("id: a\nlanguage: text\nrule: {regex: 'a{1000}{1000}{9}'}\n", "size limit"),
        ("id: a\nlanguage: Go\nrule: {}\n", "rule 1: 'rule' must be what to look for"),
        ("id: a\nlanguage: Go\nrule: {pattern: 2024-01-01}\n", "'2024-01-01' is a date;"),
        ("id: a\nlanguage: Go\nrule: {2024-01-01: f}\n", "the key '2024-01-01' is not a text"),
        ("id: a\nlanguage: Go\nrule: {any: !!set {f}}\n", "is a set; a rule has texts"),
        ("id: a\nlanguage: Go\nrule: {pattern: !!binary aA==}\n", "is a bytes; a rule has texts"),
        (f"id: a\nlanguage: {'K' * 9_000}\nrule: {{pattern: f}}\n", f"'{'K' * 40}'; allowed: "),
    ],
)
def test_bad_rule_is_one_line_and_blocks_nothing(
    repo: Repo, capfd: pytest.CaptureFixture[str], text: str, message: str
) -> None:
    accept(repo)
    repo.write(f"{RULES}/bad.yml", text)
    stage(repo, "f();\n", "f();\nconsole.log(1);\n")
    status, err = said(capfd)
    assert status == 0 and TEXT.format(2) in err
    bad = [line for line in err.splitlines() if line.startswith(f"{RULES}/bad.yml: ")]
    assert len(bad) == 1 and message in bad[0]
    assert len(bad[0]) < 400
    # As it was read from the cache.
    assert said(capfd, "--strict") == (1, err)


def test_broken_rule_is_named_before_many_findings(
    repo: Repo, capfd: pytest.CaptureFixture[str]
) -> None:
    accept(repo)
    repo.write(f"{RULES}/bad.yml", "id: bad\n")
    stage(repo, "f();\n", "console.log(1);\n" * 103)
    _, err = said(capfd)
    first, *shown, last = err.splitlines()
    assert first.startswith(f"{RULES}/bad.yml: ")
    assert "".join(f"{line}\n" for line in shown) == "".join(TEXT.format(n + 1) for n in range(100))
    assert last == "and 3 more"


@pytest.mark.parametrize(
    "parsed",
    [
        {},
        {"rules": 3, "errors": []},
        {"rules": [{}], "errors": []},
        {"rules": [], "errors": [3]},
        {"rules": [{"needs": [3]}], "errors": []},
    ],
)
def test_cache_that_somebody_else_wrote_is_read_anew(
    repo: Repo, capfd: pytest.CaptureFixture[str], parsed: dict[str, Any]
) -> None:
    accept(repo)
    stage(repo, "f();\n", "f();\nconsole.log(1);\n")
    expected = said(capfd, "--strict")
    assert expected == (1, TEXT.format(2))
    cache = repo.root / ".git/errata/checks.json"
    kept = json.loads(cache.read_text())
    rules = kept["parsed"]["rules"]
    if isinstance(parsed.get("rules"), list) and any(parsed["rules"]):
        parsed = {**parsed, "rules": [{**rules[0], **parsed["rules"][0]}]}
    cache.write_text(json.dumps({**kept, "parsed": parsed}))
    assert said(capfd, "--strict") == expected


def test_order_of_files_that_is_missing(repo: Repo, capfd: pytest.CaptureFixture[str]) -> None:
    """Git fails on such a setting, and no line would be checked."""
    accept(repo)
    stage(repo, "f();\n", "f();\nconsole.log(1);\n")
    repo.git("config", "diff.orderFile", "missing")
    assert said(capfd) == (0, TEXT.format(2))


def test_link_is_not_code(repo: Repo, capfd: pytest.CaptureFixture[str]) -> None:
    accept(repo)
    link = repo.root / "src/link.ts"
    stage(repo, "f();\n", "f();\nconsole.log(1);\n")
    for target in ("console.log(1)", "console.log(2)"):
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        repo.git("add", "-A")
        assert said(capfd) == (0, TEXT.format(2))
        repo.git("commit", "-qm", "Link", "src/link.ts")


@pytest.mark.parametrize(
    ("what", "error"),
    [
        ("errata.checks.isolated.os.fork", OSError(11, "Resource temporarily unavailable")),
        ("errata.checks.accepted.load", RuntimeError("\x1b[31mfailed\n")),
    ],
)
def test_failure_blocks_no_commit(
    repo: Repo,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    what: str,
    error: Exception,
) -> None:
    def fail(*_: object) -> None:
        raise error

    accept(repo)
    stage(repo, "f();\n", "f();\nconsole.log(1);\n")
    monkeypatch.setattr(what, fail)
    status, err = said(capfd)
    assert status == 0 and err.count("\n") == 1
    assert err.rstrip("\n").isprintable()
    assert said(capfd, "--strict") == (1, err)


def test_index_that_git_cannot_read_is_not_checked(
    repo: Repo, capfd: pytest.CaptureFixture[str]
) -> None:
    accept(repo)
    stage(repo, "f();\n", "f();\nconsole.log(1);\n")
    tree = repo.git("rev-parse", "HEAD^{tree}")
    (repo.root / ".git/objects" / tree[:2] / tree[2:]).unlink()
    status, err = said(capfd)
    assert status == 0 and err.count("\n") == 1
    assert err.startswith("errata-check-lessons: skipped: git diff: ")
    assert said(capfd, "--strict") == (2, err)


def test_rule_that_never_ends_is_stopped(
    repo: Repo, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("errata.githooks.check_lessons.SECONDS", 0.5)
    # Each level looks through all that is below: time grows with the power of the levels.
    rule = "regex: never"
    for _ in range(9):
        rule = f"kind: call_expression, has: {{stopBy: end, {rule}}}"
    repo.write(
        f"{RULES}/endless.yml",
        f"id: endless\nlanguage: TypeScript\nrule: {{{rule}}}\n",
    )
    stage(repo, "f();\n", "f(" * 300 + "1" + ")" * 300 + ";\n" * 50)
    start = time.monotonic()
    status, err = said(capfd)
    assert status == 0 and time.monotonic() - start < 10
    assert err == f"{RULES}/endless.yml: stopped after 0.5 s at src/a.ts; simplify or remove it\n"


def test_merge_and_deleted_and_binary_files_are_left_alone(
    repo: Repo, capfd: pytest.CaptureFixture[str]
) -> None:
    accept(repo)
    stage(repo, "console.log(1);\n", "console.log(1);\n")
    repo.git("rm", "-q", "src/a.ts")
    repo.write("src/b.ts", b"console.log(1);\n\0\n")
    repo.git("add", "-A")
    assert said(capfd, "--strict") == (0, "")
    repo.write("src/c.ts", "console.log(1);\n")
    repo.git("add", "-A")
    assert said(capfd)[1]
    (repo.root / ".git/MERGE_HEAD").write_text(repo.git("rev-parse", "HEAD") + "\n")
    assert said(capfd, "--strict") == (0, "")


def test_link_among_the_rules_is_not_followed(
    repo: Repo, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "rule.yml").write_text(RULE)
    (repo.root / RULES).mkdir(parents=True)
    (repo.root / RULES / "a.yml").symlink_to(tmp_path / "rule.yml")
    stage(repo, "f();\n", "console.log(1);\n")
    status, err = said(capfd)
    assert status == 0 and "it must be a regular file" in err and "Do not log" not in err
