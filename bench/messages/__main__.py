"""``python -m bench.messages``: how well corrections in words are found; ``train`` makes weights.

Without a word, the figures of the shipped weights, with two peers. ``train`` writes
``rules/explicit.json`` from the tuning messages. ``cross`` leaves one set out of the training at a
time and judges it: the honest figure for messages by an author who is not in the training.
No single message is shown: held-back ones are for totals only.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence

from bench.messages import corpus, evaluate, train
from bench.messages.corpus import Case
from bench.messages.evaluate import Score, Verdict
from errata.messages import message, model


def main(argv: Sequence[str] | None = None) -> int:
    """Print tables, or write the weights."""
    parser = argparse.ArgumentParser(prog="python -m bench.messages", description=__doc__)
    parser.add_argument("what", nargs="?", choices=["score", "train", "cross"], default="score")
    parser.add_argument(
        "--tuning", action="store_true", help="leave the held-back halves unread (score)"
    )
    chosen = parser.parse_args(argv)
    if chosen.what == "train":
        cases = corpus.tuning(corpus.read())
        text = train.written(train.train(cases))
        model.FILE.write_text(text, "utf-8")
        train.RECEIPT.write_text(train.receipt(cases, text), "utf-8")
        print(f"{model.FILE.name}: from {len(cases)} messages, {model.FILE.stat().st_size} bytes")
        return 0
    print("\n".join(_cross() if chosen.what == "cross" else _scores(chosen.tuning)))
    return 0


def _scores(tuning: bool) -> Iterable[str]:
    halves = corpus.HALVES[:1] if tuning else corpus.HALVES
    judges: dict[str, Callable[[str], Verdict]] = {
        "errata": evaluate.model,
        "rules only": evaluate.rules_only(),
        "trigger words": evaluate.triggers,
    }
    yield from _head("Judge")
    for name in corpus.SPLIT:
        cases = corpus.read([name])
        for half in halves:
            some = [case for case in cases if case.half == half]
            for sure in (False, True):
                part = [case for case in some if not (sure and case.hard)]
                if sure and len(part) == len(some):
                    continue
                label = f"{name}, {half}{', without hard ones' if sure else ''}"
                for who, judged in judges.items():
                    got = evaluate.score(part, (judged(case.text) for case in part))
                    yield _row(label, who, got)


def _cross() -> Iterable[str]:
    """Each set judged by weights that were made without it (of split sets, the tuning half)."""
    cases = corpus.tuning(corpus.read())
    yield from _head("Trained on")
    for name in dict.fromkeys(case.set for case in cases):
        mine = [case for case in cases if case.set == name]
        weights = model.build(train.train([case for case in cases if case.set != name]))
        yield _row(name, "all others", evaluate.score(mine, (_ask(weights, c) for c in mine)))


def _ask(weights: model.Model, case: Case) -> Verdict:
    read = message.read(case.text)
    if read.empty or not read.english:
        return False, ""
    found = weights.features(read)
    yes = weights.probability(found) >= weights.threshold
    return yes, weights.type(found).value if yes else ""


def _head(second: str) -> list[str]:
    return [
        f"| Messages | {second} | Judged | Precision | Recall | Same type |",
        "|---|---|---|---|---|---|",
    ]


def _row(label: str, who: str, got: Score) -> str:
    cells = (
        label,
        who,
        got.total,
        _share(got.tp, got.tp + got.fp),
        _share(got.tp, got.tp + got.fn),
        _share(got.same_type, got.tp),
    )
    return f"| {' | '.join(map(str, cells))} |"


def _share(part: int, whole: int) -> str:
    if not whole:
        return "none"
    low, high = evaluate.interval(part, whole)
    return f"{part}/{whole} = {part / whole:.2f} ({low:.2f} to {high:.2f})"


if __name__ == "__main__":
    raise SystemExit(main())
