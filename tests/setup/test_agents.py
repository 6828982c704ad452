"""Hooks, commands and skills of agent tools: installed once, and removed without a trace."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errata.core.config import Config
from errata.core.errors import ErrataError
from errata.setup import agents, agents_files, agents_hooks, agents_texts
from errata.setup.agents import TOOLS, changes, installed, notes, removals
from errata.setup.agents_hooks import FORMATS, install, uninstall
from errata.setup.file_change import FileChange

CONFIG = Config()
COMMAND = "errata"
COMMANDS_IN = (".augment", ".claude", ".cursor", ".factory", ".qwen")
JSON_TOOLS = [tool for tool in TOOLS if FORMATS[tool].is_json]


def apply(root: Path, planned: list[FileChange]) -> None:
    for change in planned:
        target = root / change.path
        if change.after is None:
            target.unlink(missing_ok=True)
        elif change.changed:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(change.after)


def files(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def commands(data: bytes) -> list[str]:
    return re.findall(r'"command": ?"((?:[^"\\]|\\.)*)"', data.decode())


# ------------------------------------------------------------------------------------ whole trees


@pytest.mark.parametrize("tool", TOOLS)
def test_install_and_removal_in_an_empty_repository(tmp_path: Path, tool: str) -> None:
    apply(tmp_path, changes(tmp_path, CONFIG, [tool], COMMAND))
    there = files(tmp_path)
    assert {file.path for file in agents_files.files(tool)} <= set(there)
    assert not any(change.changed for change in changes(tmp_path, CONFIG, [tool], COMMAND))
    assert {item.state for item in installed(tmp_path)[tool]} == {"present"}
    apply(tmp_path, removals(tmp_path, CONFIG))
    assert files(tmp_path) == {}
    assert {item.state for item in installed(tmp_path)[tool]} == {"missing"}


def test_files_that_are_written(tmp_path: Path) -> None:
    apply(tmp_path, changes(tmp_path, CONFIG, TOOLS, COMMAND))
    names = ("corrections", "evolve", "patterns", "trends")
    skills = ("learning-engine", "user-corrections")
    skill_folders = (".agents", ".augment", ".claude", ".cline", ".factory")
    command_folders = [f"{top}/commands" for top in COMMANDS_IN] + [".opencode/command"]
    command_folders += [".clinerules/workflows"]
    assert sorted(files(tmp_path)) == sorted(
        [
            *(file.path for tool in TOOLS for file in agents_files.files(tool)),
            *(f"{top}/skills/{name}/SKILL.md" for top in skill_folders for name in skills),
            *(f"{top}/{name}.md" for top in command_folders for name in names),
            *(f".gemini/commands/{name}.toml" for name in names),
            ".agents/plugins/errata/plugin.json",
        ]
    )
    settings_ = json.loads((tmp_path / ".claude/settings.json").read_bytes())["hooks"]
    assert list(settings_) == [
        *("SessionStart", "SubagentStart", "UserPromptSubmit", "PreToolUse"),
        *("PostToolUse", "PostToolUseFailure", "PostToolBatch", "SessionEnd"),
    ]
    (group,) = settings_["PostToolUse"]
    assert group["matcher"] == "Write|Edit|MultiEdit|NotebookEdit|Bash|PowerShell|Monitor"
    assert group["hooks"] == [
        {
            "type": "command",
            "command": "command -v errata >/dev/null 2>&1 || "
            "PATH=$PATH:$(git config errata.path || echo /); "
            "command -v errata >/dev/null 2>&1 || exit 0; "
            "PYTHONPATH= errata agent-hook --tool claude-code PostToolUse",
            "timeout": 5,
        }
    ]
    gemini = json.loads((tmp_path / ".gemini/settings.json").read_bytes())["hooks"]
    assert gemini["AfterTool"][0]["matcher"] == "write_file|replace|run_shell_command|invoke_agent"
    assert gemini["SessionStart"][0]["hooks"][0]["timeout"] == 5000
    cursor = json.loads((tmp_path / ".cursor/hooks.json").read_bytes())
    assert cursor["version"] == 1 and set(cursor["hooks"]["afterFileEdit"][0]) == {
        *("command", "timeout")
    }


@pytest.mark.parametrize("tool", TOOLS)
def test_errata_knows_every_event(tool: str) -> None:
    rules = Path(agents.__file__).parents[1] / "rules/agents.toml"
    known = tomllib.loads(rules.read_text())["tools"][tool]["events"]
    assert set(FORMATS[tool].events) <= {name for names in known.values() for name in names}


def test_tools_that_were_not_chosen_are_not_changed(tmp_path: Path) -> None:
    planned = changes(tmp_path, CONFIG, ["codex"], COMMAND)
    assert {change.path.split("/")[0] for change in planned} == {".codex", ".agents"}
    assert changes(tmp_path, CONFIG, [], COMMAND) == []


def test_own_files_with_our_names_are_kept(tmp_path: Path) -> None:
    mine = tmp_path / ".claude/commands/evolve.md"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine\n")
    apply(tmp_path, changes(tmp_path, CONFIG, ["claude-code"], COMMAND))
    assert mine.read_text() == "mine\n"
    assert notes(tmp_path, CONFIG, ["claude-code"]) == [
        ".claude/commands/evolve.md: kept your command (errata's is different)"
    ]
    apply(tmp_path, removals(tmp_path, CONFIG))
    assert files(tmp_path) == {".claude/commands/evolve.md": b"mine\n"}


def test_files_with_crlf_are_recognised(tmp_path: Path) -> None:
    apply(tmp_path, changes(tmp_path, CONFIG, TOOLS, COMMAND))
    for name, data in files(tmp_path).items():
        (tmp_path / name).write_bytes(data.replace(b"\n", b"\r\n"))
    assert not any(change.changed for change in changes(tmp_path, CONFIG, TOOLS, COMMAND))
    apply(tmp_path, removals(tmp_path, CONFIG))
    assert files(tmp_path) == {}


def test_a_link_out_of_the_repository_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "away").mkdir()
    (root / ".claude").symlink_to(tmp_path / "away")
    with pytest.raises(ErrataError, match="leads out"):
        changes(root, CONFIG, ["claude-code"], COMMAND)


def test_notes_name_settings_that_turn_hooks_off(tmp_path: Path) -> None:
    for path, text in (
        (".claude/settings.json", '{"disableAllHooks": true}'),
        (".gemini/settings.json", '{"hooksConfig": {"enabled": false}}'),
        (".codex/config.toml", "[features]\ncodex_hooks = false\n"),
    ):
        (tmp_path / path).parent.mkdir()
        (tmp_path / path).write_text(text)
    lines = notes(tmp_path, CONFIG, ["claude-code", "gemini", "codex"])
    assert sorted(line.split(":")[0] for line in lines[:3]) == [
        *(".claude/settings.json", ".codex/config.toml", ".gemini/settings.json")
    ]
    assert lines[0].endswith("disableAllHooks is true, so no hook of claude-code runs")
    assert lines[3].startswith("codex runs hooks of a project once you trust them")


# ----------------------------------------------------------------------------------- single files

OTHER = {"matcher": "Bash", "hooks": [{"type": "command", "command": "echo; errata-lint x"}]}
PRETTY = {
    "permissions": {"allow": ["Bash(ls:*)"], "deny": []},
    "hooks": {"PostToolUse": [OTHER], "Stop": []},
    "model": "x",
}


def layouts(value: Any) -> list[bytes]:
    """A value as usual formatters lay it out."""
    texts = [json.dumps(value, indent=indent) for indent in (2, 4, "\t")]
    texts += [json.dumps(value), json.dumps(value, separators=(",", ":"))]
    texts += [text.replace("[]", "[ ]").replace("{}", "{\n}") for text in texts[:1]]
    texts += [text.replace("\n", "\r\n") for text in texts]
    return [(text + end).encode() for text in texts for end in ("", "\n", "\r\n\r\n")]


@pytest.mark.parametrize("tool", JSON_TOOLS)
@pytest.mark.parametrize(
    "value",
    [
        PRETTY,
        {},
        {"hooks": {}},
        {"version": 1},
        {"version": 1, "hooks": {}},
        {"hooks": {"SessionStart": [], "sessionStart": []}},
        {"a": {}, "hooks": {"SessionStart": [OTHER]}},
    ],
    ids=json.dumps,
)
def test_uninstall_restores_the_meaning_of_a_file(tool: str, value: Any) -> None:
    for before in layouts(value):
        after = install(before, tool, COMMAND)
        assert install(after, tool, COMMAND) == after
        assert agents_hooks.events(after, tool) == set(FORMATS[tool].events)
        assert len([c for c in commands(after) if "agent-hook" in c]) == len(FORMATS[tool].events)
        assert meaning(uninstall(after, tool)) == meaning(before)


@pytest.mark.parametrize("tool", JSON_TOOLS)
@pytest.mark.parametrize("indent", [2, 4, "\t"])
def test_other_lines_keep_their_bytes(tool: str, indent: int | str) -> None:
    text = json.dumps(PRETTY, indent=indent).replace("{\n", "{ \n\n", 1) + "\n"
    text = re.sub(r'"allow": \[\s*("[^"]*")\s*\]', r'"allow": [ \1 ]', text)
    for before in (text.encode(), text.replace("\n", "\r\n").encode()):
        after = install(before, tool, COMMAND)
        lines = iter(after.splitlines())
        assert all(
            any(line == other.rstrip(b",") for other in lines)
            for line in (old.rstrip(b",") for old in before.splitlines())
        )
        assert uninstall(after, tool) == before


def meaning(data: bytes | None) -> Any:
    """What a file means to a tool: events without hooks are none."""
    value = json.loads((data or b"{}").decode("utf-8-sig"))
    hooks = {event: groups for event, groups in value.get("hooks", {}).items() if groups != []}
    return {key: item for key, item in value.items() if key != "hooks"} | (
        {"hooks": hooks} if hooks else {}
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)
GROUPS = st.lists(st.just(OTHER) | st.just({"hooks": []}) | JSON, max_size=2)
HOOKS = st.dictionaries(
    st.sampled_from(["SessionStart", "PostToolUse", "AfterTool", "sessionStart", "Stop"]), GROUPS
)
FILES = st.builds(
    lambda start, hooks, end: {**start, **hooks, **end},
    st.dictionaries(st.text(max_size=4), JSON, max_size=2),
    st.just({}) | st.builds(lambda h: {"hooks": h}, HOOKS),
    st.dictionaries(st.sampled_from(["version", "model", "é"]), JSON, max_size=2),
)
SEPARATORS = st.sampled_from([(",", ":"), (", ", ": "), (",", ": "), (" , ", " : ")])


@settings(deadline=None, max_examples=150)
@given(
    FILES,
    st.sampled_from(JSON_TOOLS),
    st.sampled_from([None, 0, 1, 2, 3, 4, "\t"]),
    SEPARATORS,
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["", "\n", "\r\n", " \n\n"]),
    st.booleans(),
    st.booleans(),
)
def test_law_uninstall_after_install_changes_nothing(
    value: dict[str, Any],
    tool: str,
    indent: int | str | None,
    separators: tuple[str, str],
    newline: str,
    end: str,
    plain: bool,
    mark: bool,
) -> None:
    text = json.dumps(value, indent=indent, separators=separators, ensure_ascii=plain)
    before = (("\ufeff" if mark else "") + text.replace("\n", newline) + end).encode(
        errors="replace"
    )
    after = install(before, tool, COMMAND)
    assert install(after, tool, COMMAND) == after
    assert meaning(uninstall(after, tool)) == meaning(before)
    was, now = json.loads(before.decode("utf-8-sig")), json.loads(after.decode("utf-8-sig"))
    assert {key: item for key, item in now.items() if key != "hooks"} == {
        key: item for key, item in was.items() if key != "hooks"
    }
    for event, groups in was.get("hooks", {}).items():
        assert now["hooks"][event][: len(groups)] == groups
    assert list(now)[: len(was)] == list(was)


def test_an_empty_object_behind_commas_with_spaces_is_not_repeated() -> None:
    value = {"": [{"": None}, {"": None}], "hooks": {}}
    before = json.dumps(value, indent=1, separators=(" , ", " : ")).encode()
    after = install(before, "claude-code", COMMAND)
    assert after.count(b'"hooks" : {') + after.count(b'\n "hooks": {') == 1
    assert install(after, "claude-code", COMMAND) == after


def test_new_members_use_the_indentation_of_the_file() -> None:
    before = b'{\n    "model": "x",\n    "hooks": {\n        "Stop": []\n    }\n}\n'
    after = install(before, "claude-code", COMMAND).decode()
    assert after.startswith(before.decode()[:-9])
    assert '        "Stop": [],\n        "SessionStart": [\n            {\n' in after
    crlf = install(before.replace(b"\n", b"\r\n"), "claude-code", COMMAND)
    assert crlf == after.encode().replace(b"\n", b"\r\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '{\n  // a comment\n  "a": 1\n}',
            ":2: not JSON: .*comments cannot be kept; remove them",
        ),
        ('{\n  "a": 1,\n}', ":[23]: not JSON: .*nothing was changed"),
        ("", ":1: not JSON"),
        ("[1]", ":1: the top must be an object"),
        ('{\n"hooks": []}', r":2: hooks must be an object \{ \}"),
        ('{"hooks": {"SessionStart": {}}}', ":1: hooks.SessionStart must be a list"),
        ('{"a": ' + "[" * 100_000, "not JSON that can be read"),
    ],
)
def test_refusals_are_one_line(text: str, message: str) -> None:
    with pytest.raises(ErrataError, match=message) as caught:
        install(text.encode(), "claude-code", COMMAND)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(".claude/settings.json:")


def test_uninstall_ignores_broken_files_without_errata() -> None:
    assert uninstall(b"// mine\n{", "claude-code") == b"// mine\n{"
    with pytest.raises(ErrataError, match="not UTF-8"):
        uninstall(b"\xff agent-hook", "claude-code")


def test_other_hooks_in_our_group_are_kept() -> None:
    data = json.loads(install(None, "claude-code", COMMAND))
    data["hooks"]["SessionStart"][0]["hooks"].append({"type": "command", "command": "mine"})
    left = uninstall(json.dumps(data, indent=2).encode(), "claude-code")
    assert json.loads(left or b"") == {
        "hooks": {"SessionStart": [{"hooks": [{"type": "command", "command": "mine"}]}]}
    }


def test_duplicates_are_removed_and_missing_programs_replaced() -> None:
    old = install(None, "claude-code", "/gone/bin/errata")
    twice = old.replace(b'"SessionStart": [', b'"SessionStart": [\n' + _group(old) + b",", 1)
    assert len(json.loads(twice)["hooks"]["SessionStart"]) == 2
    fresh = install(None, "claude-code", COMMAND)
    assert json.loads(install(twice, "claude-code", COMMAND)) == json.loads(fresh)
    assert install(old, "claude-code", COMMAND) == fresh


@pytest.mark.parametrize("tool", JSON_TOOLS)
def test_lines_of_earlier_versions_are_updated(
    tool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = install(None, tool, COMMAND)
    find = b"command -v errata >/dev/null 2>&1 || PATH=$PATH:$(git config errata.path || echo /); "
    old = fresh.replace(find, b"").replace(b"PYTHONPATH= ", b"")
    assert agents_hooks.events(old, tool) == set(FORMATS[tool].events)
    assert uninstall(old, tool) is None
    (tmp_path / "errata").write_text("#!/bin/sh\n")
    (tmp_path / "errata").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert install(old, tool, COMMAND) == fresh


def test_the_noted_folder_is_used(tmp_path: Path, repo: Any) -> None:
    (tmp_path / "errata").write_text('#!/bin/sh\necho "$2"\n')
    (tmp_path / "errata").chmod(0o755)
    repo.git("config", "errata.path", str(tmp_path))
    line = json.loads(f'"{commands(install(None, "codex", COMMAND))[0]}"')
    short = {**os.environ, "PATH": "/usr/bin:/bin"}
    done = subprocess.run(["sh", "-c", line], env=short, capture_output=True, check=False)
    assert done.stdout == b"--tool\n"


def _group(data: bytes) -> bytes:
    return json.dumps(json.loads(data)["hooks"]["SessionStart"][0]).encode()


def test_paths_of_an_existing_errata_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "errata"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    here = install(None, "gemini", str(program))
    assert install(here, "gemini", "/other/errata") == here
    monkeypatch.setenv("PATH", str(tmp_path))
    by_name = install(None, "gemini", "errata")
    assert install(by_name, "gemini", str(program)) == by_name


@pytest.mark.parametrize("command", ["errata", "'/a; b/c d/errata'", "/x/errata"])
@pytest.mark.parametrize("tool", JSON_TOOLS)
def test_errata_is_recognised_by_any_path(tool: str, command: str) -> None:
    data = install(b'{"a": 1}', tool, command)
    assert agents_hooks.events(data, tool) == set(FORMATS[tool].events)
    assert uninstall(data, tool) == b'{"a": 1}'


@pytest.mark.parametrize(
    "line",
    [
        "errata agent-hook --tool claude-code SessionStart; rm x",
        "cd x && errata agent-hook --tool claude-code SessionStart",
        "my-errata agent-hook --tool claude-code SessionStart",
        "echo errata",
    ],
)
def test_similar_commands_are_not_ours(line: str) -> None:
    value = {"hooks": {"SessionStart": [{"hooks": [{"type": "command", "command": line}]}]}}
    data = json.dumps(value).encode()
    assert uninstall(data, "claude-code") == data


# --------------------------------------------------------------------- what a shell makes of it


@pytest.mark.parametrize("tool", JSON_TOOLS)
def test_hook_command_is_silent_without_errata(tool: str, tmp_path: Path, repo: Any) -> None:  # noqa: ARG001
    data = install(None, tool, "errata")
    line = json.loads(f'"{commands(data)[0]}"')
    silent = {**os.environ, "PATH": "/usr/bin:/bin"}
    for shell in ("sh", "bash"):
        done = subprocess.run([shell, "-c", line], env=silent, capture_output=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    (tmp_path / "errata").write_text('#!/bin/sh\necho "$@"\n')
    (tmp_path / "errata").chmod(0o755)
    there = {**os.environ, "PATH": f"{tmp_path}:/usr/bin:/bin"}
    done = subprocess.run(["sh", "-c", line], env=there, capture_output=True, check=False)
    event = next(iter(FORMATS[tool].events))
    assert done.stdout.decode() == f"agent-hook --tool {tool} {event}\n"


def test_a_session_start_of_claude_code_gets_the_runbook(repo: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    repo.write(".claude/skills/runbooks/api-dev/RUNBOOK.md", "## Patterns\n\n- check sizes\n")
    repo.commit()
    line = json.loads(f'"{commands(install(None, "claude-code", "errata"))[0]}"')
    event = {"hook_event_name": "SessionStart", "session_id": "s", "cwd": str(repo.root)}
    done = subprocess.run(
        ["sh", "-c", line],
        input=json.dumps({**event, "source": "startup"}).encode(),
        env={**os.environ, "ERRATA_AGENT": "api-dev"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0 and b"- check sizes" in done.stdout


# ------------------------------------------------------------------------------------------- texts


NAMING = ("backfill --doubtful", "accept", "reject", "teach")
"""What `/corrections --analyze` runs, beside `errata corrections`."""


def test_commands_take_what_was_typed_and_run_no_shell() -> None:
    planned = agents_texts.wanted(TOOLS)
    names = [path for path in planned if re.search(r"/(commands?|workflows)/", path)]
    assert len(names) == 32
    for path in names:
        text = planned[path].decode()
        name = Path(path).stem
        assert f"`errata {name}`" in text
        # "!" before a backtick or a brace would run it before any model reads it.
        assert "!`" not in text and "!{" not in text and "@{" not in text
        if path.endswith(".toml"):
            data = tomllib.loads(text)
            assert set(data) == {"description", "prompt"} and data["prompt"].count("{{args}}") == 1
            assert "$ARGUMENTS" not in text
        elif not path.startswith((".cursor", ".cline")):
            typed = "{{args}}" if path.startswith(".qwen") else "$ARGUMENTS"
            assert text.startswith("---\ndescription: ") and text.count(typed) == 1
            others = "".join(f", Bash(errata {command}:*)" for command in NAMING)
            more = others if name == "corrections" else ""
            assert f"allowed-tools: Bash(errata {name}:*){more}\n" in text
        else:
            assert not text.startswith("---") and "$ARGUMENTS" not in text


def test_the_options_that_commands_name_exist() -> None:
    import click

    from errata.cli import COMMANDS
    from errata.commands.group import make

    group = make(COMMANDS)
    for path, data in agents_texts.wanted(["claude-code"]).items():
        if "/commands/" in path:
            known = {"--help"}
            for name in {Path(path).stem, *re.findall(r"errata ([a-z]+) --", data.decode())}:
                command = group.get_command(click.Context(group), name)
                assert command is not None
                known |= {name for param in command.params for name in param.opts}
            assert set(re.findall(r"--[a-z-]*[a-z]", data.decode())) <= known
