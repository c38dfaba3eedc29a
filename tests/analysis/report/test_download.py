"""Test the download of a figure as data and as an image."""

import csv
from collections.abc import Callable
from pathlib import Path

from lxml import etree
from playwright.sync_api import Page

from tests.analysis.report.conftest import Visit


def test_data_download_contains_the_release(
    ordinary_report: Path, visit: Callable[..., Visit]
) -> None:
    """The CSV file has the rows of the table with the release and the word list; a group of charts
    gives one file.
    """
    page = visit(ordinary_report / "themes/grain.html").page
    rows = list(
        csv.DictReader(
            download(page, "#figure-share-week details.download", "CSV")
            .read_text("utf-8-sig")
            .splitlines()
        )
    )
    assert len(rows) == 12
    assert rows[-1] == {
        "Start": "2026-05-18", "End (exclusive)": "2026-05-25", "Share": "0.5", "95% low": "0.4",
        "95% high": "0.6",
        "Articles": "7", "All articles": "14", "Covered days": "7", "Status": "complete",
        "Release": "r1", "Word list": "words1",
    }  # fmt: skip
    page.locator("details.further", has=page.locator("#figure-share-month")).locator(
        "> summary"
    ).click()
    months = (
        download(page, "#figure-share-month details.download", "CSV")
        .read_text("utf-8-sig")
        .splitlines()
    )
    assert [row["Status"] for row in csv.DictReader(months)] == [
        "complete",
        "complete",
        "not over yet",
    ]
    several = download(page, "details.download[data-title='By outlet']", "CSV")
    assert {
        row["Series"] for row in csv.DictReader(several.read_text("utf-8-sig").splitlines())
    } == {"The Gazette"}


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
    texts = [
        element.text for element in picture.iter("{http://www.w3.org/2000/svg}text") if element.text
    ]
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
    assert {"Food security: By outlet", "The Gazette", *legend} <= {
        element.text for element in group.iter("{http://www.w3.org/2000/svg}text")
    }
    assert visited.messages == []


def test_downloaded_data_are_safe_in_spreadsheets(
    hostile_report: Path, visit: Callable[..., Visit]
) -> None:
    """An apostrophe precedes a formula, and commas and quotation marks do not break a line."""
    page = visit(hostile_report / "index.html").page
    page.evaluate(
        "tidingsFigures.coverage.rows.push(['=1+1', '2026-05-01', '2026-05-02', 'a, \"b\"',"
        " 1, 1, '', 0])"
    )
    selector = "#figure-coverage details.download"
    lines = download(page, selector, "CSV").read_text("utf-8-sig").splitlines()
    outlet = "<script>document.title='pwned'</script>"
    assert list(csv.reader(lines))[-1] == [
        "'=1+1",
        "2026-05-01",
        "2026-05-02",
        'a, "b"',
        "1",
        "1",
        "",
        "r1",
        "words1",
        f"{outlet}, 18 May 2026 to 24 May 2026: 13.5 articles a day instead of 7.0.",
    ]


def download(page: Page, selector: str, button: str) -> Path:
    """Click a button in the download section of a figure and return the downloaded file."""
    details = page.locator(selector)
    if details.get_attribute("open") is None:
        details.locator("summary").click()
    with page.expect_download() as download:
        details.get_by_role("button", name=button, exact=True).click()
    return Path(download.value.path())
