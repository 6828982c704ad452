"""Makes the features of the turns anew from clones of their repositories.

The tail of each transcript is cut before the prompt, and read as the hook reads it.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.messages import aider, evaluate, specstory, train
from errata import rules
from errata.agenthooks import transcript, user_prompt
from errata.messages import conversation, message, model, reply
from errata.messages.judge import score_by_words
from errata.messages.turn import Turn

_LINES_BEFORE = 300
_MIN_OWNERS = 2


def rebuild(raws: Sequence[Mapping[str, Any]], clones: Path) -> list[dict[str, Any]]:
    """The lines of turns with features by the current rules.

    Of the words, only those stay that several training turns of several owners share.

    Args:
        clones: a folder with a clone ``owner+name`` of each repository, bare or not.

    Raises:
        FileNotFoundError: the clone or the transcript is missing.
    """
    results = [_rebuild(raw, clones) for raw in raws]
    owners: dict[str, list[str]] = {}
    for result in results:
        for term in result["terms"] if result["half"] == "training" else ():
            owners.setdefault(term, []).append(str(result["repo"]).partition("/")[0].lower())
    shared = {
        term
        for term, names in owners.items()
        if len(names) >= train.MIN_CASES and len(set(names)) >= _MIN_OWNERS
    }
    for result in results:
        result["terms"] = [term for term in result["terms"] if term in shared]
    return results


def _rebuild(raw: Mapping[str, Any], clones: Path) -> dict[str, Any]:
    lines = transcript_lines(_content(raw, clones))
    text, turn = turn_before(lines, int(raw["position"]))
    made: dict[str, Any] = {
        "by_words": False,
        "words_type": "",
        "odds": 0.0,
        "agent": [],
        "prompt": [],
        "terms": [],
    }
    result = {key: raw[key] for key in raw if key not in made} | made
    own = reply.as_reply(turn, text)
    parsed = message.parse(own)
    if not parsed.is_empty and parsed.maybe_english:
        weights = model.load()
        score, features = score_by_words(parsed, weights)
        described = conversation.describe(turn, own, parsed, features, score, weights)
        result |= {
            "by_words": evaluate.words_alone(text) is not None,
            "words_type": weights.type(features).value,
        }
        result |= {"odds": described.odds, "agent": list(described.agent)}
        result |= {"prompt": list(described.prompt), "terms": list(described.terms)}
    return result


def _content(raw: Mapping[str, Any], clones: Path) -> bytes:
    folder = clones / str(raw["repo"]).replace("/", "+")
    command = ["git", "-C", str(folder), "cat-file", "blob", raw["blob"]]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        raise FileNotFoundError(f"{raw['repo']}: {raw['blob']}")
    return done.stdout


def transcript_lines(content: bytes) -> list[Any]:
    """The lines of a transcript in any of the forms in which people commit them."""
    for form in (specstory, aider):
        if form.MARK in content[:200]:
            return list(form.lines(content.decode("utf-8", "replace")))
    if content.lstrip().startswith(b"["):
        return list(json.loads(content))
    result = []
    for line in content.split(b"\n"):
        try:
            result.append(json.loads(line))
        except ValueError:
            continue
    return [line for line in result if isinstance(line, dict)]


def turn_before(lines: list[Any], position: int) -> tuple[str, Turn]:
    """The words of a person at a position, and the turn before them."""
    before = lines[max(0, position - _LINES_BEFORE) : position]
    steps = transcript.claude(lines[position])
    kind, typed = next(step[:2] for step in steps if step[0] in ("prompt", "rejected"))
    text = user_prompt.remove_tool_text(typed, rules.load("agents")["prompt"])
    tail = b"\n".join(json.dumps(line, ensure_ascii=False).encode() for line in before)
    turn = transcript.parse(tail[-transcript.LIMIT :], "claude", text) or Turn()
    return text, turn._replace(rejected=True) if kind == "rejected" else turn
