"""The lessons that an evolve teaches, on one screen: each with lines before and after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from errata.commands import nameless
from errata.commands.layout import cut, wrap
from errata.commands.screen import Screen, plural, safe, seen, sentence
from errata.patterns.analysis import Analysis, Pattern
from errata.runbooks.plan_evolve import EvolvePlan
from errata.runbooks.promotions import Verdict
from errata.runbooks.sanitise import code_line

_WIDTH, _HEIGHT = 100, 40
_INDENT = " " * 4
_SIGNS = {f"{_INDENT}- ": "red", f"{_INDENT}+ ": "green"}
_MOST_LINES = 3
"""Of a description, and of an example before and after."""
_NEAREST = 3


def show(screen: Screen, plan: EvolvePlan, height: int = _HEIGHT) -> None:
    """Print the lessons, best first, or what the nearest ones lack: at most ``height`` lines."""
    width = min(_WIDTH, screen.width or _WIDTH)
    lines = list(summary(plan, screen.symbols.arrow, width, height))
    screen.line(lines[0], bold=True)
    for line in lines[1:]:
        screen.code(line, fg=_SIGNS.get(line[: len(_INDENT) + 2]))


def summary(
    plan: EvolvePlan, arrow: str = "->", width: int = _WIDTH, height: int = _HEIGHT
) -> Iterator[str]:
    """The lines of :func:`show`, as wide as this at most."""
    decided = plan.decided
    if decided is None:
        yield "NO LESSON YET: nothing was corrected."
        return
    taught = lessons(plan)
    if not taught:
        yield from _nearest(plan, decided, width)
        return
    yield f"WOULD BE TAUGHT ({plural(len(taught), 'lesson')}, by confidence):"
    yield from _fitting(taught, plan, arrow, width, height)


def lessons(plan: EvolvePlan) -> list[Pattern]:
    """The patterns that are taught, best first."""
    patterns = plan.decided.patterns if plan.decided else {}
    active = {name for name, standing in plan.standings.items() if not standing.archived}
    taught = [pattern for name, pattern in patterns.items() if name in active]
    return sorted(taught, key=lambda p: (-p.confidence.value, p.name))


def nearest(plan: EvolvePlan) -> list[tuple[Verdict, Pattern]]:
    """The patterns that come nearest to being taught, with what is decided about each."""
    if plan.decided is None or plan.promotions is None:
        return []
    taught = {pattern.name for pattern in lessons(plan)}
    others = (p for p in plan.decided.patterns.values() if p.name not in taught)
    verdicts = [(plan.promotions.verdict(p.name), p) for p in others]
    return sorted(
        verdicts,
        key=lambda row: (len(row[0].decision.unmet), -row[1].confidence.value, row[1].name),
    )


def _fitting(
    taught: Sequence[Pattern], plan: EvolvePlan, arrow: str, width: int, height: int
) -> Iterator[str]:
    """The lessons that fit, with as many lines of the examples as all of them leave."""
    space = height - 1
    for most in range(_MOST_LINES, 0, -1):
        blocks = [
            [*_heading(number, pattern, plan, arrow, width), *_example(pattern, most, width)]
            for number, pattern in enumerate(taught, 1)
        ]
        if sum(map(len, blocks)) <= space:
            break
    else:
        space -= 1
    shown = 0
    for block in blocks:
        if len(block) > space:
            break
        space -= len(block)
        shown += 1
        yield from block
    if shown < len(blocks):
        yield f"and {len(blocks) - shown} more; `errata evolve --dry-run` lists them all"


def _heading(
    number: int, pattern: Pattern, plan: EvolvePlan, arrow: str, width: int
) -> Iterator[str]:
    agents = ", ".join(plan.standings[pattern.name].agents)
    figures = f"{seen(pattern)}, confidence {pattern.confidence.shown:.2f} {arrow} {agents}"
    yield from wrap(f"{number:>2}. {safe(pattern.name)}: {figures}", width, len(_INDENT))
    yield from _wrapped(pattern.description, width)


def _wrapped(text: str, width: int) -> Sequence[str]:
    lines = wrap(f"{_INDENT}{safe(text)}", width, len(_INDENT)) if text else []
    return lines if len(lines) <= _MOST_LINES else [*lines[:2], cut(f"{lines[2]} …", width)]


def _example(pattern: Pattern, most: int, width: int) -> Iterator[str]:
    """The lines before and after, with the signs of a diff."""
    example = pattern.lesson.example if pattern.lesson else None
    for sign, lines in (("-", example.before), ("+", example.after)) if example else ():
        shown = [code for line in lines if (code := code_line(line, width - 6)).strip()]
        yield from (f"{_INDENT}{sign} {code}" for code in shown[:most])


def _nearest(plan: EvolvePlan, decided: Analysis, width: int) -> Iterator[str]:
    """What the patterns lack that come nearest to being taught."""
    verdicts = nearest(plan)
    if not verdicts:
        records = decided.unnamed.count if decided.unnamed else 0
        yield f"NO LESSON YET: nothing recurs in {plural(records, 'correction')}."
        return
    yield "NO LESSON YET. The nearest:"
    for verdict, pattern in verdicts[:_NEAREST]:
        yield from wrap(f"  {safe(pattern.name)}: {seen(pattern)}", width)
        yield from _wrapped(pattern.description, width)
        yield from _naming(pattern, plan, width)
        yield from wrap(f"{_INDENT}{sentence(safe(verdict.text))}", width)
    if (more := len(verdicts) - _NEAREST) > 0:
        yield f"and {plural(more, 'other pattern')}"


def _naming(pattern: Pattern, plan: EvolvePlan, width: int) -> Iterator[str]:
    """What people need to name a group of words."""
    if nameless.is_nameless(pattern, plan.corpus):
        for line in nameless.lines(pattern, plan.corpus):
            yield from wrap(f"{_INDENT}{line}", width, len(_INDENT) + 2)
        yield f"{_INDENT}Name it with: {nameless.teach_command(pattern)}"
