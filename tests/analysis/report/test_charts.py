"""Test what the charts of the report and of Explore draw, in Chromium."""

import datetime as dt
import itertools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.analysis.report.conftest import Visit

_DRAW_WEEKS = """([events, width, isBars]) => {
    const rows = Array.from({ length: 12 }, (_, at) => {
        const day = new Date(Date.UTC(2026, 2, 2 + 7 * at)).toISOString().slice(0, 10);
        const end = new Date(Date.UTC(2026, 2, 8 + 7 * at)).toISOString().slice(0, 10);
        return { period_start_on: day, period_end_on: end, value: at, is_open: at === 11 };
    });
    const series = [{ rows }], scale = valueScale(valuesOf(series), "count");
    const chart = drawTimeChart({ series, shown: [0], periods: periodsOf(series), scale, width,
        height: 240, isBars, events: numberEvents(events.map((day) => ({ day, at: 0 }))) });
    document.body.append(chart.svg);
    chart.svg.id = "drawn";
}"""


@pytest.fixture
def page(ordinary_report: Path, visit: Callable[..., Visit]) -> Page:
    """Return a page with the scripts of the charts."""
    return visit(ordinary_report / "themes/grain.html").page


@pytest.mark.parametrize(("days", "width"), [(2, 900), (3, 900), (9, 390), (40, 900), (400, 390)])
def test_labels_of_a_time_axis_differ(page: Page, days: int, width: int) -> None:
    """Each label of a time axis is a different day or month, and the first names the year."""
    start = dt.date(2026, 3, 2)
    row = {"label": "a", "start": str(start), "end": str(start + dt.timedelta(days=days))}
    labels: list[str] = page.evaluate(
        "([rows, width]) => [...drawRowChart('bursts', rows, width).svg.querySelectorAll('text')]"
        ".map((text) => text.textContent).filter((text) => text !== 'a')",
        [[row], width],
    )
    assert len(labels) == len(set(labels)) > 0
    assert re.search(r"\b2026$", labels[0])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_edges_of_intervals_are_visible(page: Page, scheme: Any) -> None:
    """The edge of an interval has a contrast of at least 3 to 1 to the page (WCAG 2.2, 1.4.11)."""
    page.emulate_media(color_scheme=scheme)
    edge = page.locator("#figure-share-week .band path[fill=none]").first
    ink, paper = page.evaluate(
        "['--s1', '--paper'].map((name) => getComputedStyle(document.body).getPropertyValue(name))"
    )
    assert edge.get_attribute("stroke") == "var(--s1)"
    opacity = float(edge.get_attribute("stroke-opacity") or "")
    low, high = sorted(
        _luminance(
            [part * opacity + back * (1 - opacity) for part, back in zip(*pair, strict=True)]
        )
        for pair in ((_rgb(ink), _rgb(paper)), (_rgb(paper), _rgb(paper)))
    )
    assert (high + 0.05) / (low + 0.05) >= 3


def _rgb(colour: str) -> list[int]:
    return [int(colour.strip()[at : at + 2], 16) for at in (1, 3, 5)]


def _luminance(colour: list[float]) -> float:
    parts = [part / 255 for part in colour]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_open_periods_differ_from_complete_ones(page: Page) -> None:
    """The value of a month that is not over is hollow, and its bar is pale."""
    month = page.locator("#figure-share-month .plot")
    assert month.locator(".hollow").count() == month.locator("path.open").count() == 1
    page.evaluate(_DRAW_WEEKS, [[], 900, True])
    bars = page.locator("#drawn rect[opacity]").all()
    assert [bar.get_attribute("opacity") for bar in bars[-2:]] == ["1", "0.45"]


@pytest.mark.parametrize("width", [300, 900])
def test_numbers_of_events_never_overlap(page: Page, width: int) -> None:
    """Events of the same or of neighbouring weeks, also at an edge, have numbers beside each
    other within the chart, in the order of their days.
    """
    for days in (
        ["2026-05-18", "2026-05-19", "2026-05-20", "2026-05-11", "2026-05-12", "2026-05-24"],
        ["2026-03-02", "2026-03-03", "2026-03-04", "2026-03-09", "2026-05-20"],
    ):
        page.evaluate(_DRAW_WEEKS, [days, width, False])
        places = page.locator("#drawn .pin rect").evaluate_all(
            "(pins) => pins.map((pin) => Number(pin.getAttribute('x')) + 8)"
        )
        assert len(places) == len(days)
        assert all(after - before >= 18 for before, after in itertools.pairwise(places))
        assert places[0] >= 8
        assert places[-1] <= width - 8
        page.locator("#drawn").evaluate("(chart) => chart.remove()")


def test_charts_can_be_read_by_keyboard(
    ordinary_report: Path, page: Page, visit: Callable[..., Visit]
) -> None:
    """Arrows move along a chart, whose value states the columns of a row; Enter opens the row's
    page.
    """
    chart = page.get_by_role("slider", name="Line chart of 12 weeks").first
    chart.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("End")
    assert (chart.get_attribute("aria-valuetext") or "").startswith(
        "18 May – 24 May 2026: Share 50.0%. 95% low 40.0%. 95% high 60.0%. Articles 7."
    )
    overview = visit(ordinary_report / "index.html").page
    overview.locator("#figure-change").get_by_role("slider").focus()
    with overview.expect_navigation():
        overview.keyboard.press("Enter")
    assert "/themes/" in overview.url
