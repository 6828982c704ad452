"""The report as one HTML file: no script, nothing from elsewhere, a policy that forbids both."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from importlib import resources

from errata import __version__
from errata.report import headline, words
from errata.report.markup import Html, tag, text
from errata.report.model import Report
from errata.report.parts import Section
from errata.report.sections import sections

GENERATOR = "errata report"


def render(report: Report) -> bytes:
    """The file.

    Raises:
        ErrataError: the library for plots is not installed.
    """
    title = f"How coding agents do in {text(report.name, 80)}"
    style = _style()
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy(style)),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="generator", content=f"{GENERATOR} {__version__}"),
        tag("title", title),
        tag("style", Html(style)),
    )
    shown = [*sections(report)]
    body = tag(
        "body",
        tag(
            "header", tag("h1", title), _period(report), headline.numbers(report), _contents(shown)
        ),
        tag("main", _notes(report), [section.html for section in shown]),
        tag("footer", _footer(report)),
    )
    page = f"<!DOCTYPE html>\n{tag('html', head, body, lang='en')}\n"
    return page.encode("utf-8", "xmlcharrefreplace")


def policy(style: str) -> str:
    """The Content-Security-Policy: one style, by its hash, and nothing else at all."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    # A policy in the page cannot forbid framing; a page without scripts needs no such rule.
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _style() -> str:
    return resources.files("errata.report").joinpath("style.css").read_text("utf-8")


def _period(report: Report) -> Html | None:
    if not report.commits:
        return None
    by = report.commits_by
    return tag(
        "p",
        f"{words.plural(report.commits, 'commit')} from {report.first} to {report.last}: "
        f"{by.get('agent', 0):,} by agents, {by.get('person', 0):,} by people, "
        f"{by.get('bot', 0):,} by bots.",
        class_="lead",
    )


def _contents(shown: list[Section]) -> Html | None:
    if len(shown) < 2:
        return None
    items = (tag("li", tag("a", each.short, href=f"#{each.id}")) for each in shown)
    return tag("nav", tag("ul", items), aria_label="Sections")


def _notes(report: Report) -> Iterator[Html]:
    for note in report.notes:
        yield tag("p", note, class_="note")


def _footer(report: Report) -> Iterator[Html]:
    names = "" if report.has_names else " People are not named."
    yield tag(
        "p",
        f"Made by errata {__version__} from the history up to commit {report.tip[:12] or 'none'}, "
        f"on the machine where it ran; nothing was sent anywhere.{names}",
    )
    yield tag(
        "p",
        "A correction is a person's commit that soon changes what an agent committed; errata "
        "finds these in the history, and is sometimes wrong. \u201cLikely between\u201d is the 95% "
        "interval (Wilson; for lifetimes Kaplan-Meier with variance between commits). ",
        "Plots take their colours from the reader's light or dark setting.",
    )
