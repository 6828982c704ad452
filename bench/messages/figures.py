"""Puts the figures of the message judge together, and into docs/accuracy.md."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bench.messages import corpus, evaluate, turns
from bench.score import Label, Score, row
from errata.messages import conversation
from errata.messages.conversation import AFTER, ALONE

DOCS = Path(__file__).parents[2] / "docs" / "accuracy.md"
SETS = {
    "adversarial": "made to mislead",
    "real": "from real sessions",
    "short": "short rejections and look-alikes",
    "verdicts": "a verdict and what should be instead, and look-alikes",
}
_BLOCK = re.compile(
    r"(?<=<!-- figures of the words -->\n).*?(?=<!-- end of the figures of the words -->)", re.S
)
_MESSAGES = (
    "Of single messages, without a conversation, in the halves that were held back; about half of "
    "them are corrections:"
)
_TURNS = (
    "Of {turns:,} real turns, each a prompt with the end of the agent's turn before it, from "
    "{owners} owners of repositories that training did not see; {corrections} are corrections:"
)
_GROUPS = "The same turns in groups, with the conversation:"
_AGREE = (
    "Two readers who see the same agree on {agree:,} of {all:,} turns, kappa {kappa:.2f}. "
    "{foreign} prompts are recognised as another language than English; {missed} of these are "
    "corrections, and none is found."
)


def lines() -> Iterator[str]:
    """All tables, as Markdown."""
    yield from ("", _MESSAGES, "", *_head("Messages", "Judge"), *_messages())
    cases = turns.read()
    held = [case for case in cases if case.half == "held-back"]
    yield ""
    yield _TURNS.format(
        turns=len(held),
        owners=len({case.owner for case in held}),
        corrections=sum(case.label is not None for case in held),
    )
    yield from ("", *_head("Judge"), *_turns(held))
    yield from ("", _GROUPS, "", *_head("Turns"), *_groups(held))
    foreign = [case for case in cases if case.described is None]
    yield ""
    yield _AGREE.format(
        agree=turns.agreements(cases),
        all=len(cases),
        kappa=turns.kappa(cases),
        foreign=len(foreign),
        missed=sum(case.label is not None for case in foreign),
    )


def write() -> None:
    """Write the tables between the marks in docs/accuracy.md."""
    text = DOCS.read_text("utf-8")
    block = "\n".join(lines()) + "\n\n"
    if not _BLOCK.search(text):
        raise ValueError(f"{DOCS.name} lacks the marks of the figures of the words")
    DOCS.write_text(_BLOCK.sub(lambda _: block, text), "utf-8")


def judges() -> dict[str, Callable[[str], Label]]:
    """Who judges single messages: errata and its peers."""
    return {
        "errata": evaluate.model,
        "the words alone": evaluate.words_alone,
        "rules only": evaluate.rules_only(),
        "trigger words": evaluate.triggers,
    }


def turn_judges() -> dict[str, Callable[[turns.Case], Label]]:
    """Who judges turns."""
    after, alone = (turns.judge(conversation.load(name)) for name in (AFTER, ALONE))
    return {
        "errata, with the conversation": after,
        "errata, without it": lambda case: alone(turns.without_turn(case)),
        "the words alone": turns.by_words,
        "every prompt": lambda _: "",
    }


def _head(*names: str) -> list[str]:
    return [row(*names, "Precision", "Recall", "Same type"), "|---" * (len(names) + 3) + "|"]


def _messages() -> Iterator[str]:
    for name, title in SETS.items():
        cases = [case for case in corpus.read([name]) if case.half == "held-back"]
        yield from _rows(title, cases)
        if name == "real":
            easy = [case for case in cases if not case.hard]
            yield from _rows(f"{title}, without those that need the conversation", easy)


def _rows(title: str, cases: Sequence[corpus.Case]) -> Iterator[str]:
    for name, judge in judges().items():
        counts = evaluate.score(cases, (judge(case.text) for case in cases))
        yield row(title, name, *cells(counts))


def _turns(held: Sequence[turns.Case]) -> Iterator[str]:
    for name, judge in turn_judges().items():
        yield row(name, *cells(turns.score(held, judge)))


def _groups(held: Sequence[turns.Case]) -> Iterator[str]:
    judge = turn_judges()["errata, with the conversation"]
    for name, chosen in turns.groups(held).items():
        yield row(f"{len(chosen)} {name}", *cells(turns.score(chosen, judge)))


def cells(counts: Score) -> tuple[str, str, str]:
    """Precision, recall and types; "-" for a judge that names no types."""
    precision, recall, types = counts.shares()
    names_types = any(predicted for _, predicted in counts.types)
    return precision, recall, types if names_types else "-"
