"""``python -m bench.messages``: how well corrections in words are found; ``train`` makes weights.

``score`` (the default) prints the figures of the shipped weights and of two peers, then those of
real turns with and without the conversation. ``train`` writes ``rules/explicit.json`` from the
tuning messages and ``rules/conversation.json`` from the training turns. ``cross`` trains without
one set at a time and scores it: the figure to expect for messages by other authors. ``rebuild``
makes the features of the turns anew from clones. ``figures`` prints the tables of docs/accuracy.md,
or writes them there. No single message is printed.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from bench.messages import corpus, evaluate, figures, rebuild, train, turns
from bench.score import Label, row
from errata.messages import conversation, message, model
from errata.messages.conversation import AFTER, ALONE

ACTIONS = ("score", "train", "cross", "rebuild", "figures")


def main(argv: Sequence[str] | None = None) -> int:
    """Print tables, or write the weights."""
    parser = argparse.ArgumentParser(prog="python -m bench.messages", description=__doc__)
    parser.add_argument("action", nargs="?", choices=ACTIONS, default="score")
    parser.add_argument("clones", nargs="?", type=Path, help="folder with the clones (rebuild)")
    parser.add_argument(
        "--write", action="store_true", help="put the tables into docs/accuracy.md (figures)"
    )
    parser.add_argument(
        "--tuning", action="store_true", help="do not read the held-back halves (score)"
    )
    args = parser.parse_args(argv)
    if args.action == "train":
        _train()
    elif args.action == "rebuild":
        _rebuild(args.clones or Path())
    elif args.action == "figures":
        figures.write() if args.write else print("\n".join(figures.lines()))
    elif args.action == "cross":
        print("\n".join(_cross()))
    else:
        print("\n".join([*_scores(args.tuning), "", *_turns(args.tuning)]))
    return 0


def _train() -> None:
    cases = corpus.tuning(corpus.read())
    text = train.as_json(train.train(cases))
    model.FILE.write_text(text, "utf-8")
    train.DIGESTS.write_text(train.digests(cases, text), "utf-8")
    print(f"{model.FILE.name}: from {len(cases)} messages, {model.FILE.stat().st_size} bytes")
    training = [case for case in turns.read() if case.half == "training"]
    conversation.FILE.write_text(train.as_json(turns.train_weights(training)), "utf-8")
    print(f"{conversation.FILE.name}: from {len(training)} turns")


def _rebuild(clones: Path) -> None:
    raws = [json.loads(line) for line in turns.FILE.read_text("utf-8").splitlines()]
    rows = rebuild.rebuild(raws, clones)
    turns.FILE.write_text("".join(map(turns.as_line, rows)), "utf-8")
    print(f"{turns.FILE.name}: {len(rows)} turns")


def _scores(tuning: bool) -> Iterable[str]:
    halves = corpus.HALVES[:1] if tuning else corpus.HALVES
    classifiers: dict[str, Callable[[str], Label]] = {
        "errata": evaluate.model,
        "rules only": evaluate.rules_only(),
        "trigger words": evaluate.triggers,
    }
    yield from _head("Judge")
    for name in (*corpus.SPLIT, *corpus.HELD_BACK):
        for half in halves:
            cases = [case for case in corpus.read([name]) if case.half == half]
            if not cases:
                continue
            easy = [case for case in cases if not case.hard]
            yield from _rows(f"{name}, {half}", cases, classifiers)
            if len(easy) < len(cases):
                yield from _rows(f"{name}, {half}, without hard ones", easy, classifiers)


def _turns(tuning: bool) -> Iterable[str]:
    """Figures of the turns, with and without the conversation, and of the readers."""
    cases = turns.read()
    yield from _head("Judge", "Turns")
    training = [case for case in cases if case.half == "training"]
    alone = [turns.without_turn(case) for case in training]
    after, without = (
        turns.cross_validated(of, name) for of, name in ((training, AFTER), (alone, ALONE))
    )
    yield from _turn_rows("training", training, after, without, ", by weights of other owners")
    if not tuning:
        held_back = [case for case in cases if case.half == "held-back"]
        after, without = (turns.judge(conversation.load(name)) for name in (AFTER, ALONE))
        for name, chosen in turns.selections(held_back).items():
            yield from _turn_rows(f"held-back{name}", chosen, after, without)
    yield ""
    agree, kappa = turns.agreements(cases), turns.kappa(cases)
    yield f"The readers agree on {agree} of {len(cases)} turns, kappa {kappa:.2f}."


def _turn_rows(
    label: str,
    cases: Sequence[turns.Case],
    after: Callable[[turns.Case], Label],
    without: Callable[[turns.Case], Label],
    trained: str = "",
) -> Iterable[str]:
    judges: dict[str, Callable[[turns.Case], Label]] = {
        f"with the conversation{trained}": after,
        f"without the conversation{trained}": lambda case: without(turns.without_turn(case)),
        "the words alone": turns.by_words,
    }
    for name, predict in judges.items():
        counts = turns.score(cases, predict)
        yield row(label, name, counts.total, *counts.shares())


def _rows(
    label: str, cases: Sequence[corpus.Case], classifiers: dict[str, Callable[[str], Label]]
) -> Iterable[str]:
    for name, predict in classifiers.items():
        counts = evaluate.score(cases, (predict(case.text) for case in cases))
        yield row(label, name, counts.total, *counts.shares())


def _cross() -> Iterable[str]:
    """Score each set by weights that were trained without it (of split sets, the tuning half)."""
    cases = corpus.tuning(corpus.read())
    yield from _head("Trained on")
    for name in dict.fromkeys(case.set for case in cases):
        inside = [case for case in cases if case.set == name]
        weights = model.build(train.train([case for case in cases if case.set != name]))
        counts = evaluate.score(inside, (_predict(weights, case.text) for case in inside))
        yield row(name, "all others", counts.total, *counts.shares())


def _predict(weights: model.Model, text: str) -> Label:
    parsed = message.parse(text)
    if parsed.is_empty or not parsed.maybe_english:
        return None
    features = weights.features(parsed)
    corrects = weights.probability(features) >= weights.threshold
    return weights.type(features).value if corrects else None


def _head(second: str, first: str = "Messages") -> list[str]:
    return [row(first, second, "Judged", "Precision", "Recall", "Same type"), "|---" * 6 + "|"]


if __name__ == "__main__":
    raise SystemExit(main())
