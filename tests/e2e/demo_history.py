"""The history of the demo: two agents and three people work on a service for parcels.

Every date is fixed, so the commits have the same ids on every machine.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

CLAUDE = "Co-Authored-By: Claude Sonnet 4.5 <noreply@anthropic.com>"
CURSOR = "Co-authored-by: Cursor <cursoragent@cursor.com>"
PEOPLE = {
    "mara": ("Mara Lind", "mara@example.org"),
    "jo": ("Jo Park", "jo@example.org"),
    "ada": ("Ada Obi", "ada@example.org"),
}


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit, without hooks: who, when, what it says, and the files that it writes.

    Attributes:
        when: the date and time, in UTC.
        trailer: the agent that made it; "" for a person.
    """

    when: str
    who: str
    subject: str
    files: dict[str, str]
    trailer: str = ""


def identity(who: str, when: str) -> dict[str, str]:
    """The variables that make git take this person and this moment."""
    values = (*PEOPLE[who], f"{when}+00:00")
    return {
        f"GIT_{role}_{field}": value
        for role in ("AUTHOR", "COMMITTER")
        for field, value in zip(("NAME", "EMAIL", "DATE"), values, strict=True)
    }


def write(root: Path, files: dict[str, str]) -> None:
    """Write files below a folder, and create their folders."""
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def create(root: Path) -> None:
    """Create the repository in an empty folder, with no hook installed."""
    sealed = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}

    def git(*args: str, **env: str) -> None:
        subprocess.run(["git", *args], cwd=root, env=os.environ | sealed | env, check=True)

    git("init", "-q", "-b", "main")
    for commit in commits():
        write(root, commit.files)
        git("add", "--all")
        message = "\n\n".join(filter(None, (commit.subject, commit.trailer)))
        git("commit", "-q", "-m", message, **identity(commit.who, commit.when))


LOGGING = "import logging\n\nlogger = logging.getLogger(__name__)\n\n\n"
REQUESTS = 'import requests\n\nBASE = "https://carriers.example"\n\n\n'


def handler(name: str, output: str) -> str:
    """A handler of the API, with a line of output."""
    return f"""{LOGGING}def {name}(store, body):
    parcel = store.{name}(body["number"])
    {output}
    return parcel.as_json()
"""


def carrier(name: str, timeout: str = "") -> str:
    """A client of a carrier."""
    return f"""{REQUESTS}def track_{name}(number):
    reply = requests.get(f"{{BASE}}/{name}/{{number}}"{timeout})
    reply.raise_for_status()
    return reply.json()["events"]
"""


def _corrected(
    day: str, path: str, before: str, after: str, words: tuple[str, str], who: str
) -> Iterator[Commit]:
    """An agent's commit, and the commit with which a person corrects it two hours later."""
    added, fixed = words
    trailer = CURSOR if "carriers" in path else CLAUDE
    yield Commit(f"{day}T09:10:00", "mara", added, {path: before}, trailer)
    yield Commit(f"{day}T11:20:00", who, fixed, {path: after})


def _printed(day: str, name: str, fixed: str, who: str) -> Iterator[Commit]:
    before, after = "print(parcel.as_json())", "logger.info(parcel.as_json())"
    words = f"feat: {name} a parcel", fixed
    path = f"api/{name}.py"
    yield from _corrected(day, path, handler(name, before), handler(name, after), words, who)


def _hung(day: str, name: str, fixed: str, who: str) -> Iterator[Commit]:
    words = f"feat: track parcels of {name}", fixed
    before, after = carrier(name), carrier(name, ", timeout=10")
    yield from _corrected(day, f"carriers/{name}.py", before, after, words, who)


def _single(day: str, who: str, subject: str, path: str, text: str, trailer: str = "") -> Commit:
    return Commit(f"{day}T15:40:00", who, subject, {path: text}, trailer)


def _rates() -> Iterator[Commit]:
    """Agents' commits that nobody had to correct, every third day."""
    begin = datetime(2025, 7, 2, 14, 5)
    for number, (country, grams) in enumerate(_RATES.items()):
        when = (begin + timedelta(days=3 * number)).isoformat()
        trailer = (CLAUDE, CURSOR)[number % 2]
        files = {f"rates/{country}.py": f"MOST_GRAMS = {grams}\n"}
        yield Commit(when, "jo", f"feat: rates for {country}", files, trailer)


def commits() -> Iterator[Commit]:
    """The whole history, oldest first."""
    yield from sorted([*_story(), *_rates()], key=lambda commit: commit.when)


def _story() -> Iterator[Commit]:
    yield _single("2025-07-01", "mara", "Begin the parcel service", "store.py", _STORE)
    yield _single("2025-07-02", "ada", "docs: how to run it", "README.md", "# Parcels\n")
    yield from _printed("2025-07-08", "create", "fix: log instead of printing", "jo")
    yield from _hung("2025-07-17", "hermes", "fix: requests hung the worker", "ada")
    yield _single("2025-07-21", "jo", "feat: labels in A6", "labels.py", _LABELS, CLAUDE)
    yield from _printed("2025-07-29", "cancel", "fix: leftover debug output", "mara")
    yield from _hung("2025-08-05", "posti", "fix: a slow carrier blocked the queue", "jo")
    yield _single("2025-08-08", "ada", "feat: prices by weight", "prices.py", _PRICES)
    yield from _printed("2025-08-19", "resend", "fix: use the logger", "jo")
    yield from _hung("2025-08-28", "colissimo", "fix: give the request a timeout", "ada")
    yield _single("2025-09-04", "mara", "feat: count retries", "retries.py", _RETRIES, CLAUDE)
    yield from _printed("2025-09-10", "hold", "fix: log, do not print", "ada")
    yield from _hung("2025-09-16", "evri", "fix: no timeout, again", "mara")
    yield from _hung("2025-09-23", "dpd", "fix: waited for hours", "ada")
    yield from _printed("2025-09-24", "release", "fix: nobody reads prints", "jo")
    yield _single("2025-09-25", "jo", "docs: list the carriers", "README.md", _README)


_COUNTRIES = (
    "austria belgium bulgaria croatia cyprus czechia denmark estonia finland france germany "
    "greece hungary iceland ireland italy latvia lithuania malta norway poland portugal romania "
    "slovakia slovenia spain sweden"
)
_RATES = {country: 1000 * len(country) for country in _COUNTRIES.split()}
_STORE = """\
class Store:
    def __init__(self):
        self.parcels = {}

    def create(self, number):
        return self.parcels.setdefault(number, Parcel(number))
"""
_LABELS = 'def label(parcel):\n    return f"{parcel.number:>12}"\n'
_PRICES = "def price(grams):\n    return 390 if grams <= 1000 else 590\n"
_RETRIES = "def retries(events):\n    return sum(event.retry for event in events)\n"
_README = "# Parcels\n\nCarriers: Hermes, Posti, Colissimo, Evri, DPD.\n"
