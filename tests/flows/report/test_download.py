"""Figures taken home from the report: rows and pictures carry the release that they come from, and hostile texts stay texts."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_rows_are_taken_home_with_their_release(ordinary_report, visit):
    """Data (CSV) are those of the table, each with the release and the word list; a group's charts come as one file."""
    page = visit(ordinary_report / "themes/grain.html").page
    rows = list(
        csv.DictReader(_taken(page, "#figure-share-week details.download", "Data (CSV)").read_text("utf-8-sig").splitlines())
    )
    assert len(rows) == 12
    assert rows[-1] == {
        "Start": "2026-05-18", "End (exclusive)": "2026-05-25", "Share": "0.5", "95% low": "0.4", "95% high": "0.6",
        "Articles": "7", "All articles": "14", "Covered days": "7", "Release": "r1", "Word list": "words1",
    }  # fmt: skip
    several = _taken(page, "details.download[data-title='By outlet']", "Data (CSV)")
    assert {row["Series"] for row in csv.DictReader(several.read_text("utf-8-sig").splitlines())} == {"The Gazette"}


def test_pictures_are_taken_home_with_their_source(ordinary_report, visit):
    """A picture as SVG stands by itself: title, sentence, chart and source, colours told; the PNG is of twice its size."""
    visited = visit(ordinary_report / "themes/grain.html")
    page = visited.page
    picture = etree.parse(_taken(page, "#figure-share-week details.download", "Image (SVG)"))
    texts = [one.text for one in picture.iter("{http://www.w3.org/2000/svg}text") if one.text]
    assert "Food security: Share of all articles by week" in texts
    assert any("release r1, word list words1, code code1" in text for text in texts)
    assert not [value for one in picture.iter() for value in one.attrib.values() if "var(" in value or "http" in value.lower()]
    png = _taken(page, "#figure-share-week details.download", "Image (PNG)").read_bytes()
    assert png.startswith(b"\x89PNG")
    assert int.from_bytes(png[16:20], "big") == 2 * int(float(picture.getroot().get("width")))
    assert visited.said == []


def test_hostile_rows_are_taken_home_as_texts(hostile_report, visit):
    """A name that a spreadsheet would run as a formula gets an apostrophe in front; a comma or a quote breaks no line."""
    page = visit(hostile_report / "index.html").page
    page.evaluate("tidingsFigures.bursts.rows.push(['=1+1', '2026-05-01', '2026-05-02', 'a, \"b\"', 1, 1, ''])")
    lines = _taken(page, "#figure-bursts details.download", "Data (CSV)").read_text("utf-8-sig").splitlines()
    assert list(csv.reader(lines))[-1] == ["'=1+1", "2026-05-01", 'a, "b"', "1", "1", "r1", "words1"]


def _taken(page: Page, place: str, button: str) -> Path:
    details = page.locator(place)
    if details.get_attribute("open") is None:
        details.locator("summary").click()
    with page.expect_download() as waiting:
        details.get_by_role("button", name=button).click()
    return Path(waiting.value.path())
