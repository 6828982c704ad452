"""What the pages of the documentation meet when a test follows them: histories, other programs.

The tutorial starts in an empty folder, every other page in the repository of a team in which errata
is set up. Addresses of public repositories lead to a history that is made here, and programs that
would need a network or an account are scripts that only say that they ran.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from history_builders import AGENT, FILE, PERSON, START, CommitSpec, build

ROOT = Path(__file__).parents[1]
DAY = 86_400
PUBLIC = "https://github.com/BeehiveInnovations/zen-mcp-server"
CORRECTION = "Fix the last line that parse() dropped"
PLACEHOLDERS = {"09d6ba4eac61": CORRECTION}
"""Commits that pages name -> the subject of the commit that stands in for it."""
STRANGER = "gemini-code-assist[bot] <176961590+gemini-code-assist[bot]@users.noreply.github.com>"
MIXED = """Tools (#7)

* Add the tools

Co-Authored-By: Claude <noreply@anthropic.com>

* Describe the tools

* Rename the tools"""
"""Message of a squash whose author is unknown."""
TAG = "v0.1.0"
PROGRAMS = ("gh", "glab", "pip", "ruff")
"""Programs that do nothing but say that they ran. `pip install .` lets errata run from a folder."""
_FAKE = """\
#!/bin/sh
echo "ran: ${0##*/} $*"
case "${0##*/} $*" in
"pip install .")
    real=$(readlink -f "${0%/*}/errata")
    rm "${0%/*}/errata"
    printf '#!/bin/sh\\nPYTHONPATH=%s exec %s "$@"\\n' "$PWD/hooks" "$real" > "${0%/*}/errata"
    chmod +x "${0%/*}/errata"
esac
"""


class History:
    """A linear history; each commit writes one file."""

    def __init__(self) -> None:
        self.commits: list[CommitSpec] = []
        self.tree: dict[bytes, tuple[bytes, bytes]] = {}

    def commit(self, day: float, author: str, message: str, path: str, text: str) -> None:
        """A commit that writes one file."""
        self.tree = {**self.tree, path.encode(): (FILE, text.encode())}
        parents = [len(self.commits) - 1] if self.commits else []
        when = START + int(day * DAY)
        body = f"{message}\n".encode()
        self.commits.append(CommitSpec(parents, self.tree, author, when, message=body))

    def corrected(self, day: float, path: str, before: str, after: str, subject: str) -> None:
        """An agent's commit, and a person's correction of it an hour later."""
        self.commit(day, AGENT, f"feat: {path}", path, before)
        self.commit(day + 1 / 24, PERSON, subject, path, after)


def public(root: Path) -> None:
    """A public project: a complaint and an edit that recur, and a newer correction."""
    history = History()
    history.commit(0, PERSON, "docs: begin", "README.md", "A server.\n")
    for number in range(3):
        check = f"assert load({number}).size == {number}\n"
        mocked = f'def test_{number}():\n    with patch("store.load") as load:\n        {check}'
        plain = f"def test_{number}():\n    {check}"
        history.corrected(10 + number, f"tests/part{number}.py", mocked, plain, f"Part {number}")
    for number in range(3):
        before = f"def test_case{number}(client):\n    assert client.size({number}) == {number}\n"
        after = before.replace(f"== {number}", f"== {number + 1}")
        history.corrected(15 + number, f"tests/case{number}.py", before, after, "Fix tests")
    for number in range(10):
        history.commit(20 + number, STRANGER, f"docs: part {number}", "README.md", f"{number}\n")
    history.commit(31, PERSON, MIXED, "README.md", "A server of tools.\n")
    parse = 'def parse(text):\n    lines = text.split("\\n")\n    return lines[:-1]\n'
    history.corrected(47, "parse.py", parse, parse.replace("lines[:-1]", "lines"), CORRECTION)
    build(root, history.commits)


def team(root: Path) -> None:
    """A team's project with two services: agents leave debug output behind in both."""
    history = History()
    history.commit(0, PERSON, "docs: begin", "README.md", "Volumes and bills.\n")
    for number in range(6):
        page = f"export function page{number}(user) {{\n  const id = user.id{number};\n"
        rest = f"  return render{number}(id);\n}}\n"
        path = f"services/{'web' if number % 2 else 'billing'}/page{number}.js"
        noisy = f"{page}  console.log(user);\n{rest}"
        history.corrected(10 + number, path, noisy, page + rest, f"fix: page {number} prints users")
    build(root, history.commits)


def source(root: Path) -> None:
    """The source of errata's rules, as a repository to clone."""
    shutil.copytree(ROOT / "hooks", root / "hooks", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".pre-commit-hooks.yaml", root)
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "All"], ["tag", TAG]):
        subprocess.run(["git", *command], cwd=root, check=True)


def programs(folder: Path, scripts: Path) -> None:
    """Fill a folder for PATH: errata's commands, pre-commit, and programs that do nothing."""
    folder.mkdir()
    for script in [*scripts.glob("errata*"), scripts / "pre-commit", scripts / "python"]:
        (folder / script.name).symlink_to(script)
    for name in PROGRAMS:
        (folder / name).write_text(_FAKE)
        (folder / name).chmod(0o755)


def with_placeholders(script: str, repository: Path) -> str:
    """The script of a page, with the commits of the history that stands in."""
    for named, subject in PLACEHOLDERS.items():
        command = ["git", "log", "-1", "--format=%h", f"--grep={subject}", "--fixed-strings"]
        done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=True)
        assert done.stdout.strip(), subject
        script = script.replace(named, done.stdout.strip())
    return script
