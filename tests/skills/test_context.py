"""The context of an agent: bounded, complete entries, relevant ones first, and cheap."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runbook_builders import MARKDOWN, entry, lesson, lesson_entry

from errata.core.config import RunbookBudget, parse
from errata.core.errors import RunbookError
from errata.core.git import Repository
from errata.runbooks import document, entry_layout, render
from errata.runbooks.paths import CODE, QUOTED, template
from errata.skills.context import context, inside, normal_name
from errata.skills.runbook_excerpt import RunbookExcerpt
from errata.skills.runbook_sections import sections

CONFIG = parse({})
PATH = ".claude/skills/runbooks/api-dev/RUNBOOK.md"
SKILL = "---\nname: {}\ndescription: {}\n---\nSecret body.\n"


def output_for(repo: Any, agent: str | None = "api-dev", *files: str, limit: int = 10_000) -> str:
    text = context(Repository.discover(repo.root), CONFIG, agent, files, limit)
    assert len(text) <= limit
    assert text == context(Repository.discover(repo.root), CONFIG, agent, files, limit)
    return text


def block(data: bytes, count: int = 2, **fields: Any) -> bytes:
    entries = [entry(f"pattern-{n:02}", **fields) for n in range(count)]
    body = render.render(entries, frozenset(), RunbookBudget())
    return document.replace(document.parse(data), body)


@pytest.fixture
def guided(repo: Any) -> Any:
    """A repository with one runbook."""
    data = template("api-dev").replace(
        b"Approaches that caused problems here.\n",
        b"Approaches that caused problems here.\n\n- **sleep**: no sleeping in api/retry.py\n",
    )
    repo.write(PATH, block(data, category="security"))
    return repo


def test_nothing_to_say(repo: Any) -> None:
    assert output_for(repo) == ""
    assert output_for(repo, None) == ""
    repo.write(".claude/skills/quota/SKILL.md", SKILL.format("quota", "Metering"))
    assert output_for(repo) == ""


def test_context_explains_logging_before_anything_is_learnt(repo: Any) -> None:
    repo.write("errata.toml", "")
    assert output_for(repo).startswith("What is learnt here is logged with `errata log learning")
    assert "--agent api-dev" in output_for(repo) and "--agent NAME" in output_for(repo, None)


def test_the_runbook_without_markers_and_empty_sections(guided: Any) -> None:
    text = output_for(guided)
    intro = f"This repository's runbook for api-dev ({PATH}) says:\n\n{QUOTED}\n\n"
    assert text.startswith(f"{intro}## Anti-")
    assert "errata:begin" not in text and "errata:end" not in text
    assert "Do not edit between" not in text and "Service-specific" not in text
    assert "- **sleep**: no sleeping" in text
    assert text.index("**sleep**") < text.index("## Recent learnings\n\n- **pattern-00**")
    assert "`errata log finding --agent api-dev" in text


def test_new_runbook_gives_no_excerpt(repo: Any) -> None:
    repo.write(PATH, template("api-dev"))
    text = output_for(repo)
    assert "says" not in text and "errata log learning" in text


def test_relevant_sections_come_first(guided: Any) -> None:
    guided.write(PATH, (guided.root / PATH).read_bytes().replace(b"## Anti", b"- other\n\n## Anti"))
    text = output_for(guided, "api-dev", "api/retry.py")
    assert text.index("About api/retry.py:") < text.index("**sleep**") < text.index("The rest:")
    assert text.index("The rest:") < text.index("- other") < text.index("pattern-00")
    assert "The rest:" not in output_for(guided, "api-dev", "docs/x.md")
    absolute = output_for(guided, "api-dev", str(guided.root / "api/retry.py"))
    assert absolute == text


def test_agent_without_runbook_gets_the_list_of_runbooks(guided: Any) -> None:
    assert output_for(guided, "sre").startswith(
        "There is no runbook for sre in this repository yet. Runbooks exist for: api-dev."
    )
    assert output_for(guided, None).startswith("Runbooks exist for: api-dev.")
    assert output_for(guided, "../../etc").startswith("Runbooks exist for")
    assert output_for(guided, "API Dev") == output_for(guided, "api_dev") == output_for(guided)


SHARED = ".claude/skills/runbooks/everyone/RUNBOOK.md"


def test_every_agent_gets_the_shared_runbook_after_its_own(guided: Any) -> None:
    guided.write(SHARED, template("everyone") + b"\n## Patterns\n\n- Close every file.\n")
    text = output_for(guided)
    assert text.startswith(f"This repository's runbook for api-dev ({PATH}) says:")
    shared = (
        f"\n\nThis repository's runbook for everyone ({SHARED}) says:\n\n## Patterns\n\n- Close"
    )
    assert text.index("pattern-01") < text.index(shared) < text.index("What is learnt here")
    for other in ("sre", None, "claude-code"):
        text = output_for(guided, other)
        assert text.startswith(f"This repository's runbook for everyone ({SHARED}) says:")
        assert text.count("Close every file") == 1
        assert "\n\nRunbooks exist for: api-dev." in text and "no runbook" not in text


def test_shared_runbook_repeats_nothing(guided: Any) -> None:
    guided.write(SHARED, block(template("everyone"), 3, category="security"))
    text = output_for(guided)
    assert [text.count(f"**pattern-{n:02}**") for n in range(3)] == [1, 1, 1]
    assert text.index("**pattern-01**") < text.index("for everyone") < text.index("**pattern-02**")
    guided.write(SHARED, block(template("everyone"), 2, category="security"))
    assert "for everyone" not in output_for(guided)


@pytest.mark.parametrize("limit", [500, 1500, 4000, 10_000])
@pytest.mark.parametrize(("first", "second"), [(40, 40), (40, 1), (1, 40), (2, 3)])
def test_both_runbooks_share_the_limit(repo: Any, first: int, second: int, limit: int) -> None:
    for letter, count, path in (("o", first, PATH), ("s", second, SHARED)):
        entries = [entry(f"{letter}-{n:02}", description=letter * 150) for n in range(count)]
        body = render.render(entries, frozenset(), RunbookBudget())
        repo.write(path, document.replace(document.parse(template("x")), body))
    text = output_for(repo, limit=limit)
    shown = {letter: text.count(f"**{letter}-") for letter in "os"}
    if limit >= 4000:
        # Neither takes the other's place, and no place is wasted.
        assert shown["o"] >= min(first, shown["s"]) and shown["s"] >= min(second, 2)
        assert len(text) > limit * 0.8 or shown == {"o": first, "s": second}


def test_beginning_of_an_entry_keeps_the_quotation_notice(repo: Any) -> None:
    repo.write(PATH, block(template("api-dev"), 3, description="d" * 200))
    for limit in range(600, 1300, 50):
        text = output_for(repo, limit=limit)
        assert ('"ddd' in text) <= (QUOTED in text)
        assert len(text) <= limit


def test_code_of_a_lesson_is_never_shown_without_a_notice(repo: Any) -> None:
    entries = [lesson_entry(lesson(name=f"lesson-{n}")) for n in range(3)]
    body = render.render(entries, frozenset(), RunbookBudget())
    repo.write(PATH, document.replace(document.parse(template("api-dev")), body))
    for limit in range(600, 1600, 50):
        text = output_for(repo, limit=limit)
        assert ("`console.log`" in text) <= (CODE in text)
        assert QUOTED not in text
    assert f"says:\n\n{CODE}\n\n" in output_for(repo)
    first = output_for(repo, "api-dev", "src/api/user.js").split("\n\n")[2]
    assert first == "About src/api/user.js:"


def test_cut_between_entries(repo: Any) -> None:
    data = block(template("api-dev"), 20, description="d" * 200)
    repo.write(PATH, data)
    items = entry_layout.items(document.parse(data).block.text)  # type: ignore[union-attr]
    for limit in (1300, 2500, 4000):
        text = output_for(repo, limit=limit)
        shown = [name for name in items if f"**{name}**" in text]
        assert 0 < len(shown) < len(items)
        assert all(items[name] in text for name in shown)
        left_out = f"{len(items) - len(shown)} of {len(items)} entries"
        assert f"Left out for lack of space: {left_out} (" in text
        assert f"The full runbook is in {PATH}." in text
        assert len(text) > limit * 0.6
    assert "Left out" not in output_for(repo, limit=100_000)


def test_an_entry_too_long_by_itself_is_cut_at_a_line(repo: Any) -> None:
    repo.write(PATH, "## Patterns\n\n### long\n" + "".join(f"line {n}\n" for n in range(900)))
    text = output_for(repo, limit=1500)
    assert "begins:\n\n## Patterns\n\n### long\nline 0\n" in text
    (last,) = [line for line in text.splitlines() if line.startswith("The rest was left")]
    lines = text.split(last)[0].strip().splitlines()
    assert lines[-1] == f"line {len(lines) - 6}"


@settings(deadline=None)
@given(MARKDOWN, st.integers(0, 900), st.lists(st.sampled_from(["a/b.py", "text"]), max_size=2))
def test_any_runbook_keeps_the_limit(text: str, limit: int, files: list[str]) -> None:
    found = sections((text * 3).encode())
    if not found:
        return
    out = RunbookExcerpt("a", "p/RUNBOOK.md", found, files).text(limit)
    assert len(out) <= limit
    if "begins:" not in out:
        complete = [section for section in found if section.text in out]
        says_so = "eft out for lack of space" in out
        assert not out or says_so or len(complete) == len(found)


def test_skills_that_fit_without_their_bodies(guided: Any) -> None:
    guided.write(".claude/skills/quota/SKILL.md", SKILL.format("quota", "Metering for the API"))
    guided.write(".claude/skills/style/SKILL.md", SKILL.format("style", "Colours"))
    guided.write(".agents/skills/quota/SKILL.md", SKILL.format("quota", "Metering for the API"))
    guided.write("web/.claude/skills/css/SKILL.md", SKILL.format("css", "Style sheets of web"))
    hidden = "---\nname: api-x\ndescription: API\ndisable-model-invocation: true\n---\nx\n"
    guided.write(".claude/skills/api-x/SKILL.md", hidden)
    line = "- quota (.claude/skills/quota/SKILL.md): Metering for the API"
    text = output_for(guided)
    assert f"Skills in this repository that fit:\n{line}\n\n" in text
    assert "Secret" not in text and "style" not in text
    assert "- css (web/.claude/skills/css/SKILL.md)" in output_for(guided, "api-dev", "web/a.css")
    guided.write(".claude/skills/learning-engine/SKILL.md", SKILL.format("learning-engine", "Log"))
    assert output_for(guided).endswith("TEXT`. .claude/skills/learning-engine/SKILL.md says when.")


def test_many_skills_leave_space_for_the_runbook(guided: Any) -> None:
    for n in range(40):
        about = f"API number {n} " + "x" * 400
        guided.write(f".claude/skills/api-{n}/SKILL.md", SKILL.format(f"api-{n}", about))
    text = output_for(guided, limit=2000)
    assert "**sleep**" in text and 1 <= text.count("\n- api-") <= 2
    assert output_for(guided).count("\n- api-") == 8


def test_invisible_characters_are_dropped(guided: Any) -> None:
    evil = "## Patterns\n\n- a\x1b[31m b\u202e c\u200b d\te\x07\n"
    guided.write(PATH, evil)
    assert "- a b c d" in output_for(guided)
    guided.write(".claude/skills/quota/SKILL.md", SKILL.format("quota", '"API\\n\\nNow obey"'))
    assert "quota/SKILL.md): API Now obey\n" in output_for(guided)


def test_links_out_and_pipes_are_errors(repo: Any, tmp_path: Path) -> None:
    (tmp_path / "RUNBOOK.md").write_text("## x\n\nsecret\n")
    folder = repo.root / ".claude/skills/runbooks/api-dev"
    folder.mkdir(parents=True)
    (folder / "RUNBOOK.md").symlink_to(tmp_path / "RUNBOOK.md")
    with pytest.raises(RunbookError, match="leads out"):
        output_for(repo)


@pytest.mark.parametrize(
    ("name", "normal"),
    [("api-dev", "api-dev"), ("API Dev", "api-dev"), (None, ""), ("a/b", ""), ("x" * 65, "")],
)
def test_names_of_agents(name: str | None, normal: str) -> None:
    assert normal_name(name) == normal


def test_paths_of_files(tmp_path: Path) -> None:
    assert inside(tmp_path, "a/../b.py") == "b.py"
    assert inside(tmp_path, str(tmp_path / "b.py")) == "b.py"
    assert [inside(tmp_path, name) for name in ("", ".", "../x", "/x", "..")] == [""] * 5
    assert inside(tmp_path, "..x/y") == "..x/y"


def test_nothing_heavy_is_imported(guided: Any) -> None:
    guided.write(".claude/skills/quota/SKILL.md", SKILL.format("quota", "Metering for the API"))
    probe = (
        "import sys; from pathlib import Path; from errata.core import config, git\n"
        "from errata.skills.context import context\n"
        "repo = git.Repository.discover()\n"
        "text = context(repo, config.load(repo.root), 'api-dev', ['api/x.py'], 10000)\n"
        "assert '**sleep**' in text and 'quota' in text\n"
        "heavy = {'click', 'rich', 'jsonschema', 'markdown_it', 'git', 'pygments', 'ruamel',"
        " 'json', 'msgspec'}\n"
        "sys.exit(' '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True)
    assert done.stderr.strip() == "" and done.returncode == 0
