"""Recorded events as files of the test suite: the same from run to run, and of no machine."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path

from qa.agents.expected import Expected
from qa.agents.place import Json, Place
from qa.agents.tools.base import Tool

FOLDER = Path(__file__).parents[2] / "tests/agenthooks/recorded"
# Many are the same, and errata handles none of them.
FIRST_ONLY = ("AfterAgent", "Notification", "PreCompress", "Stop", "SubagentStop")
# Shapes that differ from run to run, and what each becomes; # is a number in order of appearance.
VARYING = (
    (r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "00000000-0000-4000-8000-############"),
    (r"\ba[0-9a-f]{16}\b", "a################"),
    (r"\b(?:toolu|call)_\d+\b", "call_#"),
    (r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", "2026-01-01T00:00:00.000Z"),
    (r"(?<=/session-)\d{4}-\d\d-\d\dT\d\d-\d\d-[0-9a-f]{8}", "2026-01-01T00-00-00000000"),
    (r"(?<=/rollout-)\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d", "2026-01-01T00-00-00"),
    (r"/claude-\d+/", "/claude-0/"),
    (r"/\d{4}/\d\d/\d\d/", "/2026/01/01/"),
    (r'(?<="duration_ms": )\d+|(?<=duration_ms: )\d+|(?<=<duration_ms>)\d+', "0"),
    (r'(?<="totalDurationMs": )\d+|(?<="seconds_since_last_response": )\d+', "0"),
    (r"(?<=- duration: )[\d.]+s", "0s"),
    # Where the cursor was on Gemini's own terminal.
    (r'(?<="text": ") +(?=")', " "),
    (r"(?<=Process Group PGID: )\d+", "1"),
)


class Scrubber:
    """Replaces paths and identifiers in texts, and remembers which."""

    def __init__(self, place: Place) -> None:
        paths = {
            str(place.repo): "$REPO",
            re.sub("[^A-Za-z0-9]", "-", str(place.repo)): "-repo",
            str(place.home): "$HOME",
            str(place.folder): "$PLACE",
            str(Path(sys.executable).parent): "$BIN",
        }
        self._paths = sorted(paths.items(), key=lambda item: -len(item[0]))
        self._numbers: dict[str, dict[str, str]] = {}

    def text(self, text: str) -> str:
        """A text without anything of this machine and this run."""
        for path, name in self._paths:
            text = text.replace(path, name)
        for pattern, form in VARYING:
            text = re.sub(pattern, partial(self._name, form), text)
        return text

    def value(self, value: Json) -> Json:
        """The same for all texts in a value."""
        return dict(json.loads(self.text(json.dumps(value))))

    def _name(self, form: str, match: re.Match[str]) -> str:
        if "#" not in form:
            return form
        text = match[0]
        names = self._numbers.setdefault(form, {})
        if text not in names and text not in names.values():
            width = form.count("#")
            names[text] = re.sub("#+", f"{len(names) + 1:0{width}}", form)
        return names.get(text, text)


def changes(before: Json, after: Json) -> Json:
    """Files that differ, with their content; None: gone."""
    names = sorted({*before, *after})
    return {name: after.get(name) for name in names if before.get(name) != after.get(name)}


def in_order(recorded: Sequence[Json]) -> list[Json]:
    """The entries, where a sub-agent starts after the call that started it.

    Codex sends the two events at the same time.
    """
    ordered = list(recorded)
    for number, (entry, following) in enumerate(pairwise(recorded)):
        names = [one["event"]["hook_event_name"] for one in (entry, following)]
        spawned = str(following["event"].get("tool_name", "")).endswith("spawn_agent")
        if names == ["SubagentStart", "PostToolUse"] and spawned:
            ordered[number : number + 2] = following, entry
    return ordered


def entries(place: Place, tool: type[Tool]) -> Iterator[Json]:
    """What the files hold, in order: an event, or a commit that was made at this point."""
    scrubber, expected = Scrubber(place), Expected(tool)
    files: Json = {}
    head, seen = "", set()
    for recorded in in_order(place.recorded()):
        event, step = recorded["event"], recorded["step"]
        name = event["hook_event_name"]
        dropped = name in seen if name in FIRST_ONLY else name == "Shell" and step == "setup"
        seen.add(name)
        if dropped:
            continue
        kept: Json = {"step": step, "env": recorded["env"]}
        if changed := changes(files, recorded["files"]):
            kept["files"] = changed
        if name != "Shell":
            kept["event"] = event
        elif recorded["head"] != head:
            kept["commit"] = recorded["head"].partition(" ")[2]
        files, head = recorded["files"], recorded["head"]
        yield scrubber.value(kept | {"expect": expected.after(kept)})


def write(place: Place, tool: type[Tool], version: str) -> Path:
    """Replace the folder of a tool's version; returns it."""
    folder = FOLDER / f"{tool.name}-{version}"
    kept: Sequence[Json] = [*entries(place, tool)]
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for number, entry in enumerate(kept, 1):
        name = entry["event"]["hook_event_name"] if "event" in entry else "Commit"
        text = json.dumps(entry, indent=2, ensure_ascii=False)
        (folder / f"{number:03}-{name}.json").write_text(text + "\n", "utf-8")
    return folder
