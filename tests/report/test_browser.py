"""The page in a real browser: nothing executes, nothing is wider than a phone, axe finds nothing.

Needs Chromium; the check of accessibility also needs axe-core, whose file the environment variable
``ERRATA_TEST_AXE`` names (``npm install axe-core``, then ``node_modules/axe-core/axe.min.js``).
"""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from errata.report import page
from errata.report.model import Report, Row, Share, TrendRow
from report_builders import HOSTILE, lesson, nothing, report

pytest.importorskip("vl_convert", reason="the extra `report` is not installed")

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM = next(filter(None, map(shutil.which, _NAMES)), None)
AXE = os.environ.get("ERRATA_TEST_AXE", "")
_TIMEOUT = 120

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason=f"no browser: none of {', '.join(_NAMES)}"),
]


def loaded(source: str, folder: Path, *options: str) -> str:
    """The document after it was loaded, and its scripts ran, as HTML."""
    assert CHROMIUM is not None
    file = folder / "page.html"
    file.write_text(source, "utf-8")
    command = [
        *(CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run"),
        *("--disable-dev-shm-usage", f"--user-data-dir={folder / 'profile'}"),
        *("--virtual-time-budget=20000", *options, "--dump-dom", file.as_uri()),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT, check=True)
    return done.stdout


def title(document: str) -> str:
    found = re.search(r"<title>(.*?)</title>", document, re.DOTALL)
    return html.unescape(found[1]) if found else ""


def rendered(data: Report) -> str:
    return page.render(data).decode()


def measured(source: str, width: int, script: str, folder: Path) -> Any:
    """What a script says of the page, which is shown in a frame so wide; ``doc`` is its document.

    The policy of the page forbids scripts, so it is left out here.
    """
    inner = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", source)
    frame = f'<iframe id="f" width="{width}" height="900" srcdoc="{html.escape(inner)}"></iframe>'
    run = (
        "<script>const f = document.getElementById('f'); f.onload = async () => {"
        "const win = f.contentWindow, doc = f.contentDocument;"
        f"const found = await (async () => {{ {script} }})();"
        "document.getElementById('out').textContent = JSON.stringify(found); };</script>"
    )
    document = loaded(f"<!DOCTYPE html>{frame}<pre id=out></pre>{run}", folder)
    out = re.search(r'<pre id="out">(.*?)</pre>', document, re.DOTALL)
    assert out, document[-500:]
    return json.loads(html.unescape(out[1]))


def test_hostile_text_executes_nothing(tmp_path: Path) -> None:
    source = rendered(report(" ".join(HOSTILE)))
    assert title(loaded(source, tmp_path)).startswith("How coding agents do in <script>")


def test_hostile_text_executes_nothing_even_without_the_policy(tmp_path: Path) -> None:
    lessons = [lesson(text, name=text, outcome=text) for text in HOSTILE]
    rows = [Row(text, Share(3, 40)) for text in HOSTILE[:12]]
    trends = [TrendRow(text, "increasing", 2, 6) for text in HOSTILE]
    source = rendered(report(lessons=lessons, agents=rows, folders=rows, trends=trends))
    source = re.sub(r"<meta http-equiv[^>]*>", "", source)
    assert title(loaded(source, tmp_path)) == "How coding agents do in project"


@pytest.mark.parametrize(
    "attack",
    [
        "<script>document.title='owned'</script>",
        "<img src=x onerror=\"document.title='owned'\">",
        "<svg onload=\"document.title='owned'\"></svg>",
        "<iframe srcdoc=\"<script>parent.document.title='owned'</script>\"></iframe>",
    ],
)
def test_the_policy_stops_a_script_that_got_in(attack: str, tmp_path: Path) -> None:
    attacked = rendered(nothing()).replace("<main>", f"<main>{attack}")
    assert title(loaded(attacked, tmp_path)).startswith("How coding agents do in ")
    # The control: without the policy it would run.
    open_to_all = re.sub(r"<meta http-equiv[^>]*>", "", attacked)
    (tmp_path / "control").mkdir()
    assert title(loaded(open_to_all, tmp_path / "control")) == "owned"


@pytest.mark.parametrize("width", [320, 400, 1400])
def test_nothing_is_wider_than_the_screen(width: int, tmp_path: Path) -> None:
    source = rendered(report("a_very_long_name_without_any_blank/" * 5))
    script = "return [doc.documentElement.scrollWidth, doc.documentElement.clientWidth]"
    scroll, client = measured(source, width, script, tmp_path)
    assert scroll <= client


def test_one_drawing_of_each_plot_is_shown(tmp_path: Path) -> None:
    script = (
        "return [...doc.querySelectorAll('figure')].map(f => "
        "[...f.querySelectorAll('svg')].filter(s => s.getBoundingClientRect().width > 100).length)"
    )
    for width in (400, 1400):
        folder = tmp_path / str(width)
        folder.mkdir()
        shown = measured(rendered(report()), width, script, folder)
        assert shown
        assert set(shown) == {1}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_in_drawings_has_the_colour_of_the_scheme(scheme: str, tmp_path: Path) -> None:
    source = rendered(report())
    if scheme == "dark":
        source = source.replace("@media screen and (prefers-color-scheme: dark)", "@media screen")
    script = (
        "const rgb = c => c.match(/[0-9.]+/g).slice(0, 3).map(Number);"
        "const page = rgb(win.getComputedStyle(doc.body).backgroundColor);"
        "const light = c => { const [r, g, b] = c.map(v => { v /= 255;"
        " return v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; });"
        " return .2126 * r + .7152 * g + .0722 * b; };"
        "return [...doc.querySelectorAll('figure text[fill=\"var(--muted)\"]')].map(t => {"
        " const a = light(rgb(win.getComputedStyle(t).fill)), b = light(page);"
        " return (Math.max(a, b) + .05) / (Math.min(a, b) + .05); })"
    )
    ratios = measured(source, 1400, script, tmp_path)
    assert len(ratios) > 100
    assert min(ratios) >= 4.5


@pytest.mark.skipif(not AXE, reason="ERRATA_TEST_AXE names no axe.min.js")
@pytest.mark.parametrize("width", [400, 1400])
@pytest.mark.parametrize("data", [report(), report(HOSTILE[0]), nothing()], ids=range(3))
def test_axe_finds_nothing(data: Report, width: int, tmp_path: Path) -> None:
    script = (
        "doc.querySelectorAll('details').forEach(d => d.open = true);"
        f"win.eval({json.dumps(Path(AXE).read_text('utf-8') if AXE else '')});"
        "const r = await win.axe.run(doc); return [r.passes.length, r.violations.map("
        "v => [v.id, v.nodes.length, v.nodes[0].html])]"
    )
    source = rendered(data)
    passes, violations = measured(source, width, script.replace("</", "<\\/"), tmp_path)
    assert violations == []
    assert passes > 10
