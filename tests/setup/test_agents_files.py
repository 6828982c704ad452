"""Plugins and scripts that call errata: written, run and removed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from conftest import Repo
from errata.core.config import Config
from errata.setup import agents, agents_files
from errata.setup.agents_files import HookFile, install, uninstall
from errata.setup.agents_hooks import FORMATS

OWN = [
    file for tool in agents.TOOLS if not FORMATS[tool].is_json for file in agents_files.files(tool)
]
IDS = [file.path for file in OWN]
NODE = shutil.which("node")
SHORT = "/usr/bin:/bin"


def fake(folder: Path, text: str = '{"additional_context": "LESSON"}') -> str:
    """A folder with an errata that notes what it is called with, and answers."""
    folder.mkdir(exist_ok=True)
    program = folder / "errata"
    program.write_text(
        f"#!/bin/sh\n{{ echo \"$*\"; cat; echo; }} >>{folder}/calls\nprintf '%s' '{text}'\n"
    )
    program.chmod(0o755)
    return str(folder)


def calls(folder: Path) -> list[tuple[str, dict[str, Any]]]:
    """(event, what was sent) of each call of the errata in the folder."""
    text = (folder / "calls").read_text("utf-8") if (folder / "calls").exists() else ""
    pairs = zip(text.splitlines()[::2], text.splitlines()[1::2], strict=True)
    return [(line.split()[-1], json.loads(sent)) for line, sent in pairs]


@pytest.mark.parametrize("file", OWN, ids=IDS)
def test_written_once_and_removed(file: HookFile) -> None:
    data = install(None, file, "errata")
    assert install(data, file, "errata") == data
    assert agents_files.events(data, file) == set(file.events)
    assert [event for event, _ in agents_files.commands(data, file)] == list(file.events)
    assert "__" not in data.decode()
    assert uninstall(data, file) is None
    crlf = data.replace(b"\n", b"\r\n")
    assert install(crlf, file, "errata") == crlf
    assert uninstall(crlf, file) is None


@pytest.mark.parametrize("file", OWN, ids=IDS)
def test_an_earlier_version_is_replaced(file: HookFile) -> None:
    data = install(None, file, "errata")
    earlier = data.replace(b"PYTHONPATH= ", b"") + b"\n"
    assert install(earlier, file, "errata") == data
    assert uninstall(earlier, file) is None


@pytest.mark.parametrize("file", OWN, ids=IDS)
def test_the_path_of_an_existing_errata_is_kept(file: HookFile, tmp_path: Path) -> None:
    program = f"{fake(tmp_path / 'bin')}/errata"
    here = install(None, file, program)
    assert install(here, file, "errata") == here
    assert agents_files.missing_programs(here, file) == []
    Path(program).unlink()
    assert agents_files.missing_programs(here, file) == [program]
    assert install(here, file, "errata") == install(None, file, "errata")


@pytest.mark.parametrize("file", OWN, ids=IDS)
def test_a_persons_own_file_is_kept(file: HookFile, tmp_path: Path) -> None:
    mine = tmp_path / file.path
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"mine\n")
    planned = {c.path: c for c in agents.changes(tmp_path, Config(), [file.tool], "errata")}
    assert not planned[file.path].changed
    said = agents.notes(tmp_path, Config(), [file.tool])
    call = f"errata agent-hook --tool {file.tool} {file.events[0]}"
    assert f"{file.path}: kept yours; to run errata's hook, let it call `{call}`" in said
    assert not any(change.changed for change in agents.removals(tmp_path, Config()))
    mine.write_text(f"#!/bin/sh\n{call}\n")
    states = {part.name: part.state for part in agents.components(tmp_path, file.tool)}
    assert states[file.events[0]] == "present"


# --------------------------------------------------------------------------------------- scripts


SCRIPTS = [file for file in OWN if file.executable]


@pytest.mark.parametrize("file", SCRIPTS, ids=[file.path for file in SCRIPTS])
def test_a_script_always_answers(file: HookFile, tmp_path: Path, repo: Repo) -> None:
    script = tmp_path / file.events[0]
    script.write_bytes(install(None, file, "errata"))
    script.chmod(0o755)

    def answer(path: str) -> Any:
        done = subprocess.run(
            [script], cwd=repo.root, env={**os.environ, "PATH": path}, input=b"{}",
            capture_output=True, check=True,
        )  # fmt: skip
        assert done.stderr == b""
        return json.loads(done.stdout)

    assert answer(SHORT) == {"cancel": False}
    given = fake(tmp_path / "bin", '{"cancel": false, "contextModification": "a \\"b\\" %s"}')
    assert answer(f"{given}:{SHORT}")["contextModification"] == 'a "b" %s'
    assert answer(f"{fake(tmp_path / 'bin', '')}:{SHORT}") == {"cancel": False}
    assert calls(tmp_path / "bin") == [(file.events[0], {})] * 2


def test_scripts_are_executable(repo: Repo, errata: Any) -> None:
    assert errata("init", "--yes", "--agent", "cline", "--manager", "plain").returncode == 0
    for file in SCRIPTS:
        assert os.access(repo.root / file.path, os.X_OK)
    assert errata("uninstall", "--yes").returncode == 0
    assert not (repo.root / ".clinerules").exists()


# --------------------------------------------------------------------------------------- plugins


def plugin(tool: str, folder: Path) -> Path:
    (file,) = agents_files.files(tool)
    (folder / "package.json").write_text('{"type": "module"}')
    path = folder / "plugin.js"
    path.write_bytes(install(None, file, "errata"))
    return path


def node(script: str, cwd: Path, path: str) -> Any:
    """What a script prints."""
    assert NODE is not None
    done = subprocess.run(
        [NODE, "--input-type=module", "-e", script],
        cwd=cwd,
        env={**os.environ, "PATH": path, "ERRATA_AGENT": ""},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stderr == ""
    return json.loads(done.stdout)


OPENCODE = """
import { Errata } from "%s"
const parents = { child: "main" }
const client = { session: { get: async ({ path }) => ({ data: { parentID: parents[path.id] } }) } }
const hooks = await Errata({ client, directory: process.cwd() })
const said = (text) => ({ message: { agent: "build" }, parts: [{ type: "text", text }] })
const system = async (sessionID) => {
  const output = { system: ["base"] }
  await hooks["experimental.chat.system.transform"]({ sessionID, model: {} }, output)
  return output.system
}
const env = async (input) => {
  const output = { env: {} }
  await hooks["shell.env"]({ cwd: "/", ...input }, output)
  return output.env
}
await hooks["chat.message"]({ sessionID: "main" }, said('"fix it"'))
await hooks["chat.message"]({ sessionID: "main" }, said("now"))
await hooks["chat.message"]({ sessionID: "child", agent: "reviewer" }, said("look"))
await hooks["command.execute.before"]({ command: "evolve", sessionID: "main" }, { parts: [] })
await hooks["chat.message"]({ sessionID: "main" }, said("template"))
const edit = { tool: "edit", sessionID: "child", callID: "c1" }
const args = { filePath: process.cwd() + "/package.json", oldString: "a", newString: "b" }
await hooks["tool.execute.before"](edit, { args })
const result = { output: "done" }
await hooks["tool.execute.after"]({ ...edit, args }, result)
await hooks["tool.execute.before"]({ tool: "bash", sessionID: "child", callID: "c2" }, { args: {} })
const tools = await env({ sessionID: "child", callID: "c2" })
const bash = { tool: "bash", sessionID: "child", callID: "c2", args: { command: "ls" } }
await hooks["tool.execute.after"](bash, { output: "" })
const own = await env({ sessionID: "main", callID: "typed" })
await hooks.event({ event: { type: "session.deleted", properties: { info: { id: "main" } } } })
await hooks.event({ event: { type: "session.idle", properties: { sessionID: "main" } } })
console.log(JSON.stringify({
  main: await system("main"), child: await system("child"), other: await system(undefined),
  tools, own, output: result.output,
}))
"""


@pytest.mark.skipif(NODE is None, reason="needs Node.js")
def test_the_plugin_of_opencode(tmp_path: Path) -> None:
    script = OPENCODE % plugin("opencode", tmp_path)
    folder = tmp_path / "bin"
    got = node(script, tmp_path, f"{fake(folder)}:{Path(NODE or '').parent}:{SHORT}")
    assert got["main"] == ["base"]  # It ended.
    assert got["child"] == ["base", "LESSON"]
    assert got["other"] == ["base"]
    assert got["output"] == "done\n\nLESSON"
    assert got["tools"] == {"ERRATA_AGENT": "reviewer", "OPENCODE_SESSION_ID": "child"}
    assert got["own"] == {"ERRATA_AGENT": "0", "OPENCODE_SESSION_ID": "main"}
    sent = calls(folder)
    assert [event for event, _ in sent] == [
        *("SessionStart", "UserPromptSubmit", "UserPromptSubmit"),
        *("SubagentStart", "PostToolUse", "PreToolUse", "PostToolUse", "SessionEnd"),
    ]
    events = [data for _, data in sent]
    assert "agent_type" not in events[0]
    assert [events[1]["prompt"], events[2]["prompt"]] == ["fix it", "now"]
    assert (events[3]["agent_type"], events[3]["parent_id"]) == ("reviewer", "main")
    assert events[4]["tool_input"]["oldString"] == "a"
    assert events[4]["original"] == '{"type": "module"}'
    assert events[5]["tool_use_id"] == events[6]["tool_use_id"] == "c2"
    assert events[7]["session_id"] == "main"


@pytest.mark.skipif(NODE is None, reason="needs Node.js")
def test_the_plugin_of_opencode_without_errata(tmp_path: Path) -> None:
    script = OPENCODE % plugin("opencode", tmp_path)
    got = node(script, tmp_path, f"{Path(NODE or '').parent}:{SHORT}")
    assert got["child"] == ["base"]
    assert got["output"] == "done"


AMP = """
import errata from "%s"
const handlers = {}
errata({
  system: { workspaceRoot: "file://" + process.cwd() },
  helpers: {
    filePathFromURI: (uri) => uri.replace("file://", ""),
    filesModifiedByToolCall: (event) => event.input.files ?? null,
  },
  on: (name, handler) => { handlers[name] = handler },
})
const thread = { id: "T-1" }
const first = await handlers["agent.start"]({ thread, message: "fix it", id: 1 })
const second = await handlers["agent.start"]({ thread, message: "ship", changesWorkflow: "ship" })
const input = { files: ["file:///a"], old_str: "a" }
const write = { thread, tool: "edit_file", status: "done", input }
await handlers["tool.result"](write)
await handlers["tool.result"]({ ...write, status: "error" })
await handlers["tool.result"]({ thread, tool: "Bash", status: "done", input: {} })
console.log(JSON.stringify({ first, second }))
"""


@pytest.mark.skipif(NODE is None, reason="needs Node.js")
def test_the_plugin_of_amp(tmp_path: Path) -> None:
    script = AMP % plugin("amp", tmp_path)
    folder = tmp_path / "bin"
    got = node(script, tmp_path, f"{fake(folder)}:{Path(NODE or '').parent}:{SHORT}")
    assert got["first"]["message"]["content"].startswith("LESSON")
    sent = calls(folder)
    names = ["SessionStart", "UserPromptSubmit", "UserPromptSubmit", "PostToolUse"]
    assert [event for event, _ in sent] == names
    assert sent[1][1]["prompt"] == "fix it" and "changes_workflow" not in sent[1][1]
    assert sent[2][1]["changes_workflow"] == "ship"
    assert sent[3][1]["tool_input"]["path"] == "/a"
    assert re.fullmatch(r"\{\}|\{\"message.*", json.dumps(got["second"]))
