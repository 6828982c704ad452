"""Installs errata from a wheel, from an sdist, in editable mode, and as a repository of hooks.

Each installation must find its schemas and rules.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

import errata

from .conftest import build

BIN = Path(sys.executable).parent
LOG = ".claude/review-findings.jsonl"
RUNBOOK = ".claude/skills/runbooks/api-dev/RUNBOOK.md"


def finding(day: int, **fields: str) -> dict[str, Any]:
    return {
        "timestamp": f"2025-01-{day:02}T12:00:00Z",
        "severity": "blocking",
        "file": "pkg/apis/volume.go",
        # No pattern and no agent: the rules must derive both.
        "description": "request body is not validated: missing input validation",
    } | fields


# ----------------------------------------------------------------- in a new virtual environment


@pytest.fixture(scope="module", params=["wheel", "sdist", "editable"])
def installed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts folder of a new virtual environment that uses the dependencies of this one."""
    folder = tmp_path_factory.mktemp(request.param)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "v"], check=True)
    dist: Path = request.getfixturevalue("dist")
    sources = {
        "wheel": lambda: [next(dist.glob("*.whl"))],
        "sdist": lambda: [next(dist.glob("*.tar.gz"))],
        "editable": lambda: ["--editable", request.getfixturevalue("tree")],
    }[request.param]()
    site = next((folder / "v/lib").glob("python*/site-packages"))
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    python = folder / "v/bin/python"
    # This environment may contain errata in the same version, hence --ignore-installed.
    options = ["--no-deps", "--no-index", "--no-build-isolation", "--ignore-installed"]
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", "-q", *options, *sources],
        check=True,
        cwd=folder,
    )
    return folder / "v/bin"


def call(program: Path, *args: str, ok: tuple[int, ...] = (0,)) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([program, *args], capture_output=True, text=True, check=False)
    assert done.returncode in ok, done.stdout + done.stderr
    return done


@pytest.mark.usefixtures("repo")
def test_new_environment_runs_its_own_errata(
    installed: Path, request: pytest.FixtureRequest
) -> None:
    where = call(installed / "python", "-c", "import errata; print(errata.__file__)").stdout
    home = request.getfixturevalue("tree") if "editable" in str(installed) else installed.parent
    assert Path(where.strip()).is_relative_to(home)
    assert call(installed / "errata", "--version").stdout.split()[-1] == errata.__version__


def test_schemas_are_found(installed: Path, repo: Any) -> None:
    repo.jsonl(LOG, finding(13))
    assert call(installed / "errata", "validate").stdout == f"{LOG}: 1 record valid\n"
    repo.jsonl(LOG, finding(14, severity="urgent"))
    done = call(installed / "errata", "validate", ok=(1,))
    assert f"{LOG}:2: $.severity: 'urgent' is not allowed" in done.stderr
    repo.git("add", "-A")
    hook = call(installed / "errata-validate-logs", ok=(1,))
    assert "$.severity" in hook.stderr


def test_rules_are_found(installed: Path, repo: Any) -> None:
    repo.jsonl(LOG, *(finding(day) for day in (13, 14, 15)))
    call(installed / "errata", "evolve")
    assert "**missing-input-validation**" in (repo.root / RUNBOOK).read_text("utf-8")
    repo.commit("feat: it\n\nCo-Authored-By: Claude <noreply@anthropic.com>")
    assert "agent: claude-code" in call(installed / "errata", "who").stdout


# --------------------------------------------------------------------------------- build results


def test_wheel_is_reproducible(dist: Path, tree: Path, tmp_path: Path) -> None:
    """From another folder, at another time, and from the repository as from the sdist."""
    later = shutil.copytree(tree, tmp_path / "later")
    for path in later.rglob("*"):
        if not path.is_symlink():
            os.utime(path, (1_800_000_000, 1_800_000_000))
    (first,) = dist.glob("*.whl")
    build(later, tmp_path, "--wheel")
    assert (tmp_path / first.name).read_bytes() == first.read_bytes()


def test_packages_are_fit_for_an_index(dist: Path) -> None:
    """The checks of `make dist`: metadata that an index accepts, and nothing stray in the wheel."""
    (wheel,) = dist.glob("*.whl")
    (sdist,) = dist.glob("*.tar.gz")
    assert "PASSED" in call(BIN / "twine", "check", "--strict", str(wheel), str(sdist)).stdout
    settings = str(Path(__file__).parents[2] / "pyproject.toml")
    call(BIN / "check-wheel-contents", "--config", settings, str(wheel))
    assert errata.__version__ in wheel.name and errata.__version__ in sdist.name


def test_wheel_installs_the_manual_page(dist: Path, tree: Path) -> None:
    (file,) = dist.glob("*.whl")
    with zipfile.ZipFile(file) as archive:
        (name,) = [
            n for n in archive.namelist() if n.endswith(".data/data/share/man/man1/errata.1")
        ]
        assert archive.read(name) == (tree / "docs/errata.1").read_bytes()


def test_sdist_has_everything_but_tests(dist: Path, tree: Path) -> None:
    (file,) = dist.glob("*.tar.gz")
    with tarfile.open(file) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert not [
        name for name in names if name.split("/")[0] in ("tests", "qa", "bench", "constraints")
    ]
    pages = (
        "README.md",
        "LICENSE",
        "LICENSES.md",
        "CHANGELOG.md",
        "SECURITY.md",
        "CONTRIBUTING.md",
    )
    assert {*pages, "pyproject.toml", ".pre-commit-hooks.yaml"} <= names
    for folder in ("hooks", "schemas", "docs"):
        found = (path for path in (tree / folder).rglob("*") if path.is_file())
        # Another test may have run the code in the tree.
        paths = {path.relative_to(tree).as_posix() for path in found if path.suffix != ".pyc"}
        assert paths <= names


# ---------------------------------------------------------------------- as a repository of hooks

CONFIG = """\
default_install_hook_types:
  [pre-commit, prepare-commit-msg, commit-msg, post-commit, post-rewrite, post-merge]
repos:
  - repo: {repo}
    rev: {rev}
    hooks:
      - id: errata-capture
      - id: errata-check-runbooks
      - id: errata-check-skills
      - id: errata-check-trailers
      - id: errata-refresh
      - id: errata-rewrite
      - id: errata-stamp
      - id: errata-validate-logs
"""


@pytest.fixture(params=["pre-commit", "prek"])
def hooked(
    request: pytest.FixtureRequest,
    repo: Any,
    tree: Path,
    wheelhouse: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Any:
    """A repository with the hooks of ``tree``, installed offline as docs/setup.md describes."""
    for name in ("PRE_COMMIT_HOME", "PREK_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "store"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheelhouse))
    # prek installs with uv, which has no variable for this.
    (tmp_path / "uv.toml").write_text(f"no-index = true\nfind-links = ['{wheelhouse}']\n")
    monkeypatch.setenv("UV_CONFIG_FILE", str(tmp_path / "uv.toml"))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv-cache"))
    monkeypatch.setenv("PATH", f"{BIN}{os.pathsep}{os.environ['PATH']}")
    rev = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=tree, capture_output=True, text=True, check=True
    ).stdout.strip()
    repo.write(".pre-commit-config.yaml", CONFIG.format(repo=tree, rev=rev))
    repo.write(".gitattributes", ".claude/*.jsonl merge=union\n")
    repo.commit("Begin")
    call(BIN / request.param, "install")
    return repo


def commit(repo: Any, message: str, **env: str) -> subprocess.CompletedProcess[str]:
    repo.git("add", "-A")
    return subprocess.run(
        ["git", "commit", "-m", message],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **env},
    )


def test_hooks_from_a_clone(hooked: Any) -> None:
    """A single test, because the installation is slow."""
    repo = hooked
    log = repo.jsonl(LOG, finding(13, severity="urgent"))
    refused = commit(repo, "Log a finding")
    output = refused.stdout + refused.stderr
    assert refused.returncode != 0
    assert f"{LOG}:1: $.severity: 'urgent' is not allowed; allowed: blocking" in output, output
    assert repo.git("log", "--format=%s") == "Begin"

    log.unlink()
    repo.jsonl(LOG, finding(13), finding(14))
    accepted = commit(repo, "Log two findings", ERRATA_AGENT="api-dev")
    assert accepted.returncode == 0, accepted.stdout + accepted.stderr
    assert repo.git("log", "-1", "--format=%B") == "Log two findings\n\nAgent: api-dev"

    malformed = commit(repo, "One more\n\nRunbook: nothing")
    assert malformed.returncode != 0

    repo.git("switch", "-qc", "topic")
    repo.jsonl(LOG, finding(15))
    assert commit(repo, "Log the third").returncode == 0
    repo.git("switch", "-q", "main")
    repo.jsonl(LOG, finding(16))
    assert commit(repo, "Log the fourth").returncode == 0
    assert not (repo.root / RUNBOOK).exists()
    merged = subprocess.run(
        ["git", "merge", "--no-edit", "topic"], capture_output=True, text=True, check=False
    )
    assert merged.returncode == 0, merged.stdout + merged.stderr
    output = merged.stdout + merged.stderr
    assert f"errata: {RUNBOOK}: +missing-input-validation" in output, output
    assert "Seen 4 times" in (repo.root / RUNBOOK).read_text("utf-8")

    block = repo.root / RUNBOOK
    block.write_text(block.read_text("utf-8").replace("Seen 4 times", "Seen 40 times"))
    edited = commit(repo, "Teach api-dev")
    assert edited.returncode != 0
    assert RUNBOOK in edited.stdout + edited.stderr
    block.write_text(block.read_text("utf-8").replace("Seen 40 times", "Seen 4 times"))
    good = commit(repo, "Teach api-dev")
    assert good.returncode == 0, good.stdout + good.stderr
