"""``errata skills``: list the repository's skills, rank them for an agent, or check them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from errata.commands import complete, options, place
from errata.core.config import Config
from errata.core.errors import ErrataError
from errata.runbooks.sanitise import plain, terminal
from errata.skills import check, find, relevance
from errata.skills.check import Violation
from errata.skills.context import normal_name
from errata.skills.find import Skill

_DESCRIPTION = 160


@click.command(name="skills")
@click.option(
    "--for",
    "agent",
    metavar="AGENT",
    shell_complete=complete.agents,
    help="Only those that fit AGENT, best first.",
)
@click.option("--check", "checked", is_flag=True, help="Print every error; exit 1 if there is one.")
@options.output
def command(agent: str | None, checked: bool, form: str) -> int:
    """List the skills of the repository, or check them."""
    as_json = form == "json"
    if agent is not None and checked:
        raise ErrataError("--for together with --check", "--check always checks every skill")
    if agent is not None and not normal_name(agent):
        raise ErrataError(f"{agent!r} is not an agent name", "lower-case words joined by -")
    repo, config = place.anywhere()
    skills = find.everywhere(repo, config)
    if not skills or repo.git_dir is not None:
        repo.require_work_tree()
    if checked:
        return _check(repo.root, config, skills, as_json)
    shown = find.unique(skills)
    if agent is not None:
        offered = [skill for skill in shown if not skill.hidden]
        shown = [skill for skill, _ in relevance.rank(offered, normal_name(agent))]
    else:
        shown.sort(key=lambda skill: (skill.folder, skill.path))
    _list(shown, as_json, agent)
    return 0


def _check(root: Path, config: Config, skills: Sequence[Skill], as_json: bool) -> int:
    violations = [violation for skill in skills for violation in check.violations(skill)]
    violations += check.name_clashes((skill.path, skill.data) for skill in skills)
    violations += [Violation(path, 1, check.OUTSIDE) for path in find.outside(root, config)]
    if as_json:
        _json([{"path": v.path, "line": v.line, "fault": v.message} for v in sorted(violations)])
    for violation in () if as_json else sorted(violations):
        click.echo(terminal(str(violation)), err=True)
    if not violations and not as_json:
        count = f"{len(skills)} skill{'' if len(skills) == 1 else 's'}"
        click.echo(f"{count} checked, no errors")
    return int(bool(violations))


def _list(skills: Sequence[Skill], as_json: bool, agent: str | None) -> None:
    if as_json:
        _json([_data(skill) for skill in skills])
        return
    if not skills:
        fits = f"No skill fits {agent}." if agent else "No skills yet."
        click.echo(
            f"{fits} A skill is .claude/skills/NAME/{find.FILE_NAME}: https://agentskills.io"
        )
        return
    width = max(len(terminal(skill.folder)) for skill in skills)
    for skill in skills:
        about = plain(skill.description, _DESCRIPTION) or "(no description; see --check)"
        click.echo(f"{terminal(skill.folder):<{width}}  {about}")


def _data(skill: Skill) -> dict[str, Any]:
    return {
        "name": skill.folder,
        "description": skill.description.strip(),
        "path": skill.path,
        "paths": list(skill.globs),
        "by_person_only": skill.hidden,
    }


def _json(value: Any) -> None:
    import json

    click.echo(json.dumps(value, indent=2))
