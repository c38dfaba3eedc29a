"""Test what the charts of the report and of Explore draw, and their downloads, in Chromium."""

import csv
import datetime as dt
import itertools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from playwright.sync_api import Browser, Page

from tests.analysis.report.conftest import Visit
from tests.cases import cases
from tidings.analysis.report.release import ALL

PROBLEM = "The Daily, 18 May 2026 to 24 May 2026: 13.5 articles a day instead of 7.0."
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


@pytest.fixture(scope="module")
def page(ordinary_report: Path, browser: Browser) -> Page:
    """Return a page with the scripts of the charts. Opening one takes a second of CPU time."""
    return Visit(browser, ordinary_report / "themes/grain.html").page


@cases("days, width", (2, 900), (3, 900), (9, 390), (40, 900), (400, 390))
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
    low, high = sorted(_luminance(colour, paper, opacity) for colour in (ink, paper))
    assert (high + 0.05) / (low + 0.05) >= 3


def _luminance(colour: str, paper: str, opacity: float) -> float:
    """Return the relative luminance of a colour on a paper."""
    total = 0.0
    for at, weight in ((1, 0.2126), (3, 0.7152), (5, 0.0722)):
        ink, back = (int(text.strip()[at : at + 2], 16) / 255 for text in (colour, paper))
        part = ink * opacity + back * (1 - opacity)
        total += weight * (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)
    return total


def test_open_periods_differ_from_complete_ones(page: Page) -> None:
    """The value of a month that is not over is hollow, and its bar is pale."""
    month = page.locator("#figure-share-month .plot")
    assert month.locator(".hollow").count() == month.locator("path.open").count() == 1
    page.evaluate(_DRAW_WEEKS, [[], 900, True])
    bars = page.locator("#drawn rect[opacity]").all()
    assert [bar.get_attribute("opacity") for bar in bars[-2:]] == ["1", "0.45"]
    page.locator("#drawn").evaluate("(chart) => chart.remove()")


@pytest.mark.parametrize("width", [300, 900])
def test_numbers_of_events_never_overlap(page: Page, width: int) -> None:
    """Numbers of near events are beside each other, within the chart and in order."""
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
    """Arrows move along a chart, whose value states a row; Enter opens the row's page."""
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


def test_data_download_contains_the_release(
    ordinary_report: Path, visit: Callable[..., Visit]
) -> None:
    """The CSV has a table's rows, the release and the word list; a group of charts is one file."""
    page = visit(ordinary_report / "themes/grain.html").page
    rows = download_rows(page, "#figure-share-week details.download")
    assert len(rows) == 12
    assert rows[-1] == {
        "Start": "2026-05-18", "End (exclusive)": "2026-05-25", "Share": "0.5", "95% low": "0.4",
        "95% high": "0.6",
        "Articles": "7", "All articles": "14", "Covered days": "7", "Status": "complete",
        "Release": "r1", "Word list": "words1",
    }  # fmt: skip
    further = page.locator("details.further", has=page.locator("#figure-share-month"))
    further.locator("> summary").click()
    months = download_rows(page, "#figure-share-month details.download")
    assert [row["Status"] for row in months] == ["complete", "complete", "not over yet"]
    several = download_rows(page, "details.download[data-title='By outlet']")
    assert {row["Series"] for row in several} == {"The Gazette"}


def test_image_download_contains_the_source(
    ordinary_report: Path, visit: Callable[..., Visit]
) -> None:
    """The SVG image contains title, summary, legend with swatches, chart and source with resolved
    colours.

    The PNG image is twice as large.
    """
    visited = visit(ordinary_report / "themes/grain.html")
    page = visited.page
    picture = etree.parse(download(page, "#figure-share-week details.download", "SVG"))
    texts = texts_of(picture)
    assert "Food security: Share of articles about the theme, by week" in texts
    assert any("release r1, word list words1, code code1" in text for text in texts)
    assert not [
        value
        for element in picture.iter()
        for value in map(str, element.attrib.values())
        if "var(" in value or "http" in value.lower()
    ]
    legend = page.locator("#figure-share-week .legend li").all_inner_texts()
    assert len(legend) == 4
    assert set(legend) < set(texts)
    swatches = [part for part in picture.getroot() if part.get("class") == "swatch"]
    assert len(swatches) == 4
    png = download(page, "#figure-share-week details.download", "PNG").read_bytes()
    assert png.startswith(b"\x89PNG")
    assert int.from_bytes(png[16:20], "big") == 2 * int(float(picture.getroot().get("width", "")))
    group = etree.parse(download(page, "details.download[data-title='By outlet']", "SVG"))
    assert {"Food security: By outlet", "The Gazette", *legend} <= set(texts_of(group))
    assert visited.messages == []


def texts_of(picture: Any) -> list[str]:
    return [text.text for text in picture.iter("{http://www.w3.org/2000/svg}text") if text.text]


def test_downloaded_data_are_safe_in_spreadsheets(
    hostile_report: Path, visit: Callable[..., Visit]
) -> None:
    """An apostrophe precedes a formula, and commas and quotation marks do not break a line."""
    page = visit(hostile_report / "index.html").page
    page.evaluate(
        "tidingsFigures.coverage.rows.push(['=1+1', '2026-05-01', '2026-05-02', 'a, \"b\"',"
        " 1, 1, '', 0])"
    )
    *cells, problem = download_rows(page, "#figure-coverage details.download")[-1].values()
    assert cells == ["'=1+1", "2026-05-01", "2026-05-02", 'a, "b"', "1", "1", "", "r1", "words1"]
    assert problem == PROBLEM.replace("The Daily", "<script>document.title='pwned'</script>")


def download(page: Page, selector: str, button: str) -> Path:
    """Click a button in the download section of a figure and return the downloaded file."""
    details = page.locator(selector)
    if details.get_attribute("open") is None:
        details.locator("summary").click()
    with page.expect_download() as download:
        details.get_by_role("button", name=button, exact=True).click()
    return Path(download.value.path())


def download_rows(page: Page, selector: str) -> list[dict[str, str]]:
    text = download(page, selector, "CSV").read_text("utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


def test_charts_and_saved_figures_state_problems(
    problems: Path, visit: Callable[..., Visit]
) -> None:
    """A chart marks the week and names the problem in its list and at its value, a saved image has
    a numbered note, and each row of a saved table the sentence.
    """
    page = visit(problems / "report/themes/grain.html").page
    figure = page.locator("#figure-share-week")
    assert figure.locator(".pin rect[rx='2']").count() == 1
    assert f"Data problem: {PROBLEM}" in figure.locator(".peaks li").all_inner_texts()
    chart = figure.get_by_role("slider")
    chart.press("End")
    assert f"Data problem: {PROBLEM}" in (chart.get_attribute("aria-valuetext") or "")
    assert PROBLEM in page.locator("#tip").inner_text()
    section = "#figure-share-week details.download"
    image = etree.parse(download(page, section, "SVG"))
    assert f"1. Data problem: {PROBLEM}" in " ".join(texts_of(image))
    assert {row["Data problems"] for row in download_rows(page, section)} == {PROBLEM}
    small = visit(problems / "report/index.html").page
    assert small.locator("[data-figure='rise-0'] line.pin").count() == 1


def test_downloads_of_invented_data_state_it(
    demo_report: Path, visit: Callable[..., Visit]
) -> None:
    """The image, its source, a column of the data and the file's name contain the notice."""
    page = visit(demo_report / "themes" / "food_security.html").page
    place = "figure.figure:first-of-type details.download >> nth=0"
    picture = etree.parse(download(page, place, "SVG"))
    texts = texts_of(picture)
    assert texts[0] == ALL.notice
    assert ALL.label in texts[-1]
    assert {row["Notice"] for row in download_rows(page, place)} == {ALL.notice}
    assert ALL.label in page.locator("details.download cite").first.inner_text()
    with page.expect_download() as started:
        page.locator(place).get_by_role("button", name="PNG").click()
    assert started.value.suggested_filename.startswith("tidings-invented-sample-data-")
