"""README, docs, hook manifest, package metadata and ``--help`` are consistent.

``python tests/test_docs.py`` prints ``docs/commands.md`` as it should be, without examples.
"""

from __future__ import annotations

import importlib
import inspect
import itertools
import json
import re
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

import agents_page
import errata
import manual_page
from errata.cli import COMMANDS
from errata.commands.group import make
from errata.core import config
from errata.records.model import Source

ROOT = Path(__file__).parents[1]
group = make(COMMANDS)
README = (ROOT / "README.md").read_text("utf-8")
REFERENCE, SETTINGS, SETUP, HOOK_PAGE, LOG_PAGE, LESSON_PAGE, PERFORMANCE = (
    (ROOT / f"docs/{name}.md").read_text("utf-8")
    for name in ("commands", "configuration", "setup", "hooks", "logs", "lessons", "performance")
)
PAGES = sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md"))
EVERYTHING = "\n".join(page.read_text("utf-8") for page in PAGES)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
MANIFEST: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
HOOKS = {hook["id"]: hook for hook in MANIFEST}
SCRIPTS: dict[str, str] = PROJECT["scripts"]


def section(heading: str, text: str = README) -> str:
    """The text below a heading, up to the next one of the same or a higher level."""
    level = heading.split(" ")[0]
    match = re.search(
        rf"^{re.escape(heading)}\n(.*?)(?=^#{{1,{len(level)}}} |\Z)", text, re.MULTILINE | re.DOTALL
    )
    assert match, f"no heading {heading!r}"
    return match[1]


def blocks(text: str, *languages: str) -> Iterator[str]:
    """The code blocks in these languages."""
    for language, body in re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        if language in languages:
            yield body


def shell_lines(text: str) -> Iterator[list[str]]:
    """The words of every command line in the shell blocks, without comments."""
    for block in blocks(text, "sh"):
        for line in block.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            if words[:2] == ["uvx", "--from"]:
                words = words[3:]
            for joined, command in itertools.groupby(words, lambda word: word == "&&"):
                if not joined:
                    yield list(command)


def load(name: str) -> click.Command:
    """A subcommand by name."""
    found = group.get_command(click.Context(group), name)
    assert found is not None
    return found


# ------------------------------------------------------------------------------------ commands


def options(command: click.Command) -> Iterator[click.Option]:
    """The options that a command declares."""
    yield from (param for param in command.params if isinstance(param, click.Option))


def row(option: click.Option) -> str:
    """The row for an option in the reference."""
    names = ", ".join([*option.opts, *option.secondary_opts])
    value = f" {option.metavar}" if option.metavar else ""
    meaning = [option.help or ""]
    if isinstance(option.type, click.Choice):
        meaning.append("One of " + ", ".join(f"`{choice}`" for choice in option.type.choices) + ".")
    if not option.is_flag and isinstance(option.default, str | int | float):
        meaning.append(f"Default: `{option.default}`.")
    return f"| `{names}{value}` | {' '.join(filter(None, meaning))} |"


def heading(name: str, command: click.Command) -> str:
    """The heading for a command in the reference: its usage."""
    pieces = command.collect_usage_pieces(click.Context(command, info_name=name))
    return f"## `errata {name} {' '.join(pieces)}`"


def kinds(command: click.Group) -> Iterator[str]:
    """One line for each subcommand of a group, with its options, required ones first."""
    for name, subcommand in command.commands.items():
        declared = options(subcommand)
        ordered = sorted(declared, key=lambda o: not (o.help or "").endswith("Required."))
        shown = [
            f"**`{o.opts[0]}`**" if (o.help or "").endswith("Required.") else f"`{o.opts[0]}`"
            for o in ordered
        ]
        yield f"- `{name}`: {', '.join(shown)}" if shown else f"- `{name}`"


def reference() -> Iterator[tuple[str, list[str]]]:
    """The heading of each command, and the lines required below it in the reference."""
    for name, about in COMMANDS.items():
        command = load(name)
        rows = list(kinds(command)) if isinstance(command, click.Group) else []
        yield heading(name, command), [about, *rows, *(row(option) for option in options(command))]


@pytest.mark.parametrize(("head", "lines"), list(reference()))
def test_reference_describes_command_and_options(head: str, lines: list[str]) -> None:
    written = section(head, REFERENCE).splitlines()
    assert [line for line in lines if line not in written] == []
    assert [line for line in written if line.startswith("| `--") and line not in lines] == []


def test_reference_has_no_other_commands() -> None:
    found = re.findall(r"^#+ `errata (\S+)", EVERYTHING, re.MULTILINE)
    assert sorted(found) == sorted(COMMANDS)


def test_reference_lists_exactly_all_commands() -> None:
    written = section("## All commands", REFERENCE)
    rows = [line for line in written.splitlines() if line.startswith("| `")]
    assert rows == [f"| `errata {name}` | {about} |" for name, about in COMMANDS.items()]


@pytest.mark.parametrize("name", COMMANDS)
def test_list_of_commands_matches_their_help(name: str) -> None:
    command = load(name)
    assert command.name == name
    assert command.help is not None
    assert inspect.cleandoc(command.help).splitlines()[0] == COMMANDS[name]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_help(name: str) -> None:
    command = load(name)
    parts = command.commands.values() if isinstance(command, click.Group) else [command]
    assert [o.opts for part in parts for o in options(part) if not o.help] == []


def test_every_command_module_is_listed() -> None:
    modules = {path.stem for path in (ROOT / "hooks/errata/commands").glob("[!_]*.py")}
    names = {
        m.replace("_", "-")
        for m in modules
        if hasattr(importlib.import_module(f"errata.commands.{m}"), "command")
    }
    assert names == set(COMMANDS)


def test_page_of_agents_is_current() -> None:
    assert agents_page.PAGE.read_text("utf-8") == agents_page.text(), "run `make agents-page`"


def test_manual_page_is_current() -> None:
    assert manual_page.PAGE.read_text("utf-8") == manual_page.page(), "run `make man`"


def test_manual_page_is_valid_roff() -> None:
    if not shutil.which("groff"):
        pytest.skip("groff is not installed")
    command = ["groff", "-man", "-ww", "-z", "-Tutf8", str(manual_page.PAGE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_manual_page_shows_every_option() -> None:
    text = manual_page.page().replace("\\-", "-")
    missing = [
        option.opts[0]
        for name in COMMANDS
        for option in options(load(name))
        if f"{option.opts[0]}" not in text
    ]
    assert missing == []


def parse(words: list[str]) -> None:
    """Parse a command line without running it. Raises click.UsageError."""
    command: click.Command = group
    context = click.Context(group, info_name="errata")
    end = next((i for i, word in enumerate(words) if word in (">", "|")), len(words))
    rest = words[1:end]
    if rest[:1] == ["--color"]:
        rest = rest[2:]
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        subcommand = command.get_command(context, rest[0])
        if subcommand is None and command.params and command is not group:
            # A group that shows something if no command is named.
            command.make_context("errata", rest, parent=context)
            return
        assert subcommand is not None, f"no such command: {shlex.join(words)}"
        command, rest = subcommand, rest[1:]
    if not isinstance(command, click.Group):
        command.make_context("errata", rest, parent=context)


LINES = [words for words in shell_lines(EVERYTHING) if words[0] == "errata"]


@pytest.mark.parametrize("words", LINES, ids=shlex.join)
def test_command_line_in_the_docs_is_valid(words: list[str]) -> None:
    parse(words)


def test_invalid_command_lines_are_detected() -> None:
    assert len(LINES) > 50
    with pytest.raises(click.UsageError):
        parse(["errata", "evolve", "--no-such-option"])
    with pytest.raises(AssertionError):
        parse(["errata", "no-such-command"])


# --------------------------------------------------------------------------------------- hooks


def test_hooks_and_console_scripts_match() -> None:
    assert set(SCRIPTS) == {*HOOKS, "errata"}
    assert {hook["id"]: hook["entry"] for hook in MANIFEST} == {name: name for name in HOOKS}


@pytest.mark.parametrize("name", SCRIPTS)
def test_console_script_exists(name: str) -> None:
    module, _, function = SCRIPTS[name].partition(":")
    assert callable(getattr(importlib.import_module(module), function))


@pytest.mark.parametrize("name", HOOKS)
def test_docs_list_hook_with_its_stages(name: str) -> None:
    stages = ", ".join(HOOKS[name]["stages"])
    assert f"| `{name}` | {stages} |" in HOOK_PAGE


def test_docs_list_no_other_hooks() -> None:
    rows = re.findall(r"^\| `(errata-[\w-]+)` \|", HOOK_PAGE, re.MULTILINE)
    assert sorted(rows) == sorted(HOOKS)


def test_example_configuration_has_every_hook_and_stage() -> None:
    found = next(blocks(SETUP, "yaml"))
    written = yaml.safe_load(found)
    (repo,) = written["repos"]
    assert [hook["id"] for hook in repo["hooks"]] == sorted(HOOKS)
    # There are no tags; `pre-commit autoupdate --bleeding-edge` pins a commit.
    assert repo["rev"] == "HEAD"
    stages = {stage for hook in MANIFEST for stage in hook["stages"]}
    assert set(written["default_install_hook_types"]) == stages


def test_hook_programs_named_in_shell_blocks_exist() -> None:
    named = {words[0] for words in shell_lines(EVERYTHING) if words[0].startswith("errata-")}
    assert named <= set(SCRIPTS)


# ------------------------------------------------------------------------------------ settings

SECTIONS = {
    name: type(value)
    for name, value in zip(config.Config._fields, config.Config(), strict=True)
    if hasattr(value, "_fields")
}


def test_documented_errata_toml_has_every_key_with_its_default() -> None:
    data = tomllib.loads(next(blocks(SETTINGS, "toml")))
    assert config.parse(data) == config.Config()
    for name, kind in SECTIONS.items():
        assert list(data[name]) == list(kind._fields), name


def test_examples_of_errata_toml_are_valid() -> None:
    _, *examples = blocks(SETTINGS, "toml")
    assert len(examples) == 3
    examples += blocks(LOG_PAGE, "toml")
    assert len(examples) == 4
    for example in examples:
        assert config.parse(tomllib.loads(example)) != config.Config()


@pytest.mark.parametrize("kind", [config.Alias, config.Identity], ids=lambda kind: kind.__name__)
def test_keys_of_tables_without_default_are_documented(kind: Any) -> None:
    text = SETTINGS
    assert [name for name in kind._fields if f"`{name}`" not in text] == []
    sections = set(config.Config._fields)
    assert {name for name in sections if f"[{name}" not in text} == set()


def test_docs_say_whether_capture_is_used() -> None:
    absent = "nothing reads it in this version" in SETTINGS
    assert absent == ("errata-capture" not in HOOKS)


# --------------------------------------------------------------------------------------- logs


@pytest.mark.parametrize("kind", config.KINDS)
def test_docs_list_every_field_of_a_record(kind: str) -> None:
    schema = json.loads((ROOT / f"schemas/{kind}.json").read_text("utf-8"))
    assert [name for name in schema["properties"] if f"`{name}`" not in LOG_PAGE] == []


def test_weights_in_the_docs_match_the_code() -> None:
    written = section("## Confidence", LESSON_PAGE)
    for source in Source:
        assert f"| {source.label} | {source.weight} |" in written


# ----------------------------------------------------------------------------- other


def test_make_targets_in_the_docs_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = {words[1] for words in shell_lines(EVERYTHING) if words[0] == "make"}
    assert {t for t in targets if not re.search(rf"^{t}:", makefile, re.MULTILINE)} == set()


def test_ci_runs_lowest_versions_then_everything() -> None:
    lines = (ROOT / ".ci/run").read_text().splitlines()
    assert [line for line in lines if line.startswith("make ")] == [
        "make test-lowest || status=$?",
        "make test-all || status=$?",
    ]
    assert lines[-1] == 'exit "$status"'


def test_version_is_consistent() -> None:
    assert PROJECT["version"] == errata.__version__
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    newest = re.search(r"^## (\d\S+)", changelog, re.MULTILINE)
    assert newest is not None
    assert newest[1] == errata.__version__


if __name__ == "__main__":
    for head, lines in reference():
        about, *rows = lines
        table = (
            ["", "| Option | Meaning |", "|---|---|"] if rows[:1] and rows[0][0] == "|" else [""]
        )
        print("\n".join([head, "", about, *table, *rows]), end="\n\n")
