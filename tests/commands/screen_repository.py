"""A repository with a history for the golden screens: what agents wrote and people corrected.

It has what breaks screens: wide characters, long names, long lines of code, escape sequences.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from history_builders import AGENT, FILE, PERSON, START, CommitSpec, Tree, build
from record_builders import FINDINGS, LEARNINGS, finding, learning, lines, put

_DAY = 86_400
_MODULE = """\
import logging

logger = logging.getLogger(__name__)


def load_{n}(path):
    with open(path) as file:
        return file.read()
"""
_AGENT_FUNCTION = """

def resize_{n}(volume, body):
    print("resizing", volume, body)
    result = client.volumes.resize(volume["name"], body["size"], timeout=30, wait=True, retry=3)
    return result
"""
_FIXED_FUNCTION = _AGENT_FUNCTION.replace("    print(", "    logger.debug(")
_AGENT_TEST = """

def test_resize_{n}():
    assert resize_{n}({{"name": "v"}}, {{"size": 1}}) is not None
"""
_SUBJECTS = (
    "Log instead of printing",
    "볼륨 크기 조정에서 print 대신 로그를 쓴다",
    "Use the logger, because the output of the server is read by the collector of the cluster",
    "Fix \x1b[31mred\x1b[0m output",
)


def _commits() -> Iterator[CommitSpec]:
    tree: Tree = {
        f"src/volumes/part_{n}.py".encode(): (FILE, _MODULE.format(n=n).encode()) for n in range(8)
    }
    yield CommitSpec([], dict(tree), message=b"Add volumes\n")
    for n in range(8):
        path, when = f"src/volumes/part_{n}.py".encode(), START + n * 2 * _DAY
        test = f"tests/volumes/test_part_{n}.py".encode()
        before = tree[path][1]
        tree[path] = FILE, before + _AGENT_FUNCTION.format(n=n).encode()
        tree[test] = FILE, _AGENT_TEST.format(n=n).lstrip().encode()
        message = f"Resize volumes of part {n}\n\nAgent: api-dev\nAgent-Session: s{n}\n"
        yield CommitSpec([2 * n], dict(tree), AGENT, when, message=message.encode())
        tree[path] = FILE, before + _FIXED_FUNCTION.format(n=n).encode()
        if n % 2:
            del tree[test]
        subject = _SUBJECTS[n % len(_SUBJECTS)]
        yield CommitSpec([2 * n + 1], dict(tree), PERSON, when + 3600, message=subject.encode())


def create(root: Path) -> None:
    """Create the repository, with findings and learnings in its logs."""
    build(root, [*_commits()])
    status, both = "missing-status-condition-of-a-resource", ["api-dev", "frontend-dev", "sre"]
    # The moment of record_builders is a month after this history.
    findings = [
        *(finding(30 + n, status, severity="blocking", affected_agents=both) for n in range(5)),
        *(finding(32 + n, "missing-input-validation", description="검증 없음") for n in range(3)),
        finding(40, "hardcoded-color", file="ui/버튼.tsx", severity="nit"),
    ]
    put(root, FINDINGS, lines(*findings))
    put(root, LEARNINGS, lines(learning(33, "use-one-client")))
