"""``chances.jsonl``: the newest line counts, in whatever order; windows and base rates."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from errata.core.config import Config
from errata.core.errors import LogError
from errata.lessons import chances_log
from errata.lessons.chances import Chances
from errata.records import instants, schema

COMMIT = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
CONSOLE = "debug-output-removed console.log"
CASES = Path(__file__).parent.parent / "schemas" / "chances"


def line(as_of: str = "2025-03-31T00:00:00Z", **fields: Any) -> dict[str, Any]:
    counts = {"agent_commits": {"2025-02": [28, 7], "2025-03": [60, 6]}}
    return {"as_of": as_of, "commit": COMMIT, **counts, **fields}


def data(*lines: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in lines)


def chances(**fields: Any) -> Chances:
    return Chances(*chances_log.parse(data(line(**fields))))


def instant(text: str) -> int:
    return instants.parse(text)


def put(root: Path, content: bytes) -> None:
    path = root / ".claude/patterns/chances.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def test_without_a_file_nothing_is_known(tmp_path: Path) -> None:
    nothing = Chances.read(tmp_path, Config())
    assert not nothing
    assert nothing.of(CONSOLE) is nothing.agent_commits() is nothing.corrected() is None
    assert nothing.base_rate("debug-output-removed") is nothing.rate(CONSOLE) is None
    put(tmp_path, b"")
    assert not Chances.read(tmp_path, Config())


def test_the_newest_line_counts_in_any_order_and_number(tmp_path: Path) -> None:
    rows = [line(f"2025-03-{day:02}T00:00:00Z") for day in range(1, 8)]
    rows += [line("2025-03-08T00:00:00Z", edits={CONSOLE: {"2025-03": [n, 1]}}) for n in (5, 6)]
    newest = set()
    for seed in range(20):
        shuffled = rows * 2
        random.Random(seed).shuffle(shuffled)
        put(tmp_path, data(*shuffled))
        read = Chances.read(tmp_path, Config())
        newest.add((read.as_of, read.of(CONSOLE)))
    assert newest == {(instant("2025-03-08T00:00:00Z"), 6)}


def test_invalid_lines_are_left_out() -> None:
    more_corrected = line("2025-04-02T00:00:00Z", agent_commits={"2025-04": [1, 2]})
    torn = data(line("2025-05-01T00:00:00Z"))[:-9]
    content = b"nonsense\n\n" + data(line()) + data(more_corrected) + torn
    read = Chances(*chances_log.parse(content))
    assert read.invalid == (1, 4)
    assert read.as_of == instant("2025-03-31T00:00:00Z")


@pytest.mark.parametrize("path", sorted(CASES.glob("*/*.json")), ids=lambda path: path.stem)
def test_reading_agrees_with_the_schema(path: Path) -> None:
    case = json.loads(path.read_bytes())
    value = case["instance"] if path.parent.name == "invalid" else case
    read, invalid = chances_log.parse(data(value))
    assert (read is not None) == (not invalid) == schema.is_valid("chances", value)
    if read:
        assert schema.is_valid("chances", read.to_record())
        assert chances_log.parse(data(read.to_record()))[0] == read


def test_a_link_out_of_the_work_tree_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside").write_bytes(data(line()))
    root = tmp_path / "repo"
    path = root / ".claude/patterns/chances.jsonl"
    path.parent.mkdir(parents=True)
    path.symlink_to(tmp_path / "outside")
    with pytest.raises(LogError, match="leads out of the work tree"):
        Chances.read(root, Config())


@pytest.mark.parametrize(
    ("since", "until", "count"),
    [
        (None, None, 88),
        ("2025-01-01", "2025-02-01", 0),
        ("2025-02-01", "2025-03-01", 28),
        # Half of February, and the first ten of the thirty days of March that are counted.
        ("2025-02-15", "2025-03-11", 14 + 20),
        # Nothing is known of what came later, and it may not be more than half.
        ("2025-03-11", "2025-04-20", 40),
        ("2025-03-21", "2025-04-20", None),
        ("2025-03-31", "2025-04-30", None),
    ],
)
def test_a_month_counts_by_its_share(since: str | None, until: str | None, count: int) -> None:
    window = [instant(text) if text else None for text in (since, until)]
    assert chances().agent_commits(*window) == count


def test_what_a_fact_is_compared_with() -> None:
    edits = {
        CONSOLE: {"2025-02": [10, 5], "2025-03": [10, 7]},
        "comment-removed": {"2025-03": [40, 8]},
        "comment-removed in tests": {"2025-03": [10, 6]},
        "comment-removed in src/": {"2025-03": [40, 8]},
        "comment-added in tests": {"2025-03": [10, 6]},
        "print-removed print": {"2025-03": [10, 6]},
    }
    known = chances(edits=edits, kinds={"debug-output-removed": {"2025-02": [1020, 22]}})
    assert known.of(CONSOLE) == 20 and known.corrected_of(CONSOLE) == 12
    assert known.base_rate("debug-output-removed", CONSOLE) == 11 / 1002
    assert known.base_rate("comment-removed", "comment-removed in tests") == 3 / 32
    # Nothing else, or unknown.
    assert known.base_rate("comment-removed", "comment-removed in src/") is None
    assert known.base_rate("comment-added", "comment-added in tests") is None
    assert known.base_rate("print-removed", "print-removed print") is None
    assert known.base_rate("comment-removed") is None
    assert known.of("comment-reworded") is known.rate("comment-reworded") is None


def test_rates() -> None:
    edits = {CONSOLE: {"2025-03": [20, 12]}, "comment-removed": {"2025-03": [40, 8]}}
    known = chances(edits=edits, kinds={"debug-output-removed": {"2025-02": [1020, 22]}})
    result = known.rate(CONSOLE)
    assert result and (result.corrected, result.chances, result.base) == (12, 20, 11 / 1002)
    assert result.compared_with == "other names in agents' commits"
    more = known.rate(CONSOLE, corrected=25)
    assert more and (more.corrected, more.chances) == (25, 25)
    alone = known.rate("comment-removed")
    assert alone and (alone.base, alone.compared_with) == (13 / 88, "corrections of any kind")


def test_none_of_few_elsewhere_does_not_mean_never() -> None:
    edits = {"heading-added": {"2025-03": [87, 3]}, "heading-added in docs/": {"2025-03": [74, 3]}}
    base = chances(edits=edits).base_rate("heading-added", "heading-added in docs/")
    assert base == 1 / 15


def test_a_line_is_no_longer_than_one_that_is_read(tmp_path: Path) -> None:
    months = {f"{2000 + n // 12}-{n % 12 + 1:02}": [1000, n % 7] for n in range(300)}
    edits = {f"call-removed {'f' * 40}{n}": months for n in range(400)}
    (whole, invalid) = chances_log.parse(data(line(edits=dict([*edits.items()][:1]))))
    assert whole is not None and not invalid
    long = type(whole)(
        as_of=whole.as_of,
        commit=whole.commit,
        agent_commits=whole.agent_commits,
        edits={fact: dict(next(iter(whole.edits.values()))) for fact in edits},
    )
    assert chances_log.append(tmp_path, Config(), long)
    newest, invalid = chances_log.parse(chances_log.read(tmp_path, Config()))
    assert invalid == []
    assert newest is not None
    assert 0 < len(newest.edits) < len(edits)
    assert not chances_log.append(tmp_path, Config(), long)
