"""Test that the report and the export state data problems and revised figures."""

import csv
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from lxml import etree, html

from tests.analysis.report.conftest import Visit
from tests.analysis.report.sample_releases import write_files, write_ordinary_release
from tests.analysis.report.small_release import insert_problems
from tests.analysis.report.test_download import download
from tidings.analysis.report.export import export_release

SENTENCE = "13.5 articles a day instead of 7.0."
LINE = f"The Daily, 18 May 2026 to 24 May 2026: {SENTENCE}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a release with data problems, its report and its export."""
    folder = tmp_path_factory.mktemp("problems")
    release = write_ordinary_release(folder / "tidings.duckdb")
    with duckdb.connect(release) as con:
        insert_problems(con)
    write_files(release, folder / "report")
    with duckdb.connect(release, read_only=True) as con:
        export_release(con, folder / "export", with_xlsx=True)
    return folder


@pytest.mark.parametrize(
    ("page", "element", "expected"),
    [
        ("index", "section[@aria-labelledby='glance-problems']", f"18 May to 24 May: {SENTENCE}"),
        (
            "themes/grain",
            "p[@class='warning problems']",
            LINE,
        ),
        (
            "outlets/daily",
            "p[@class='warning problems']",
            LINE,
        ),
        ("themes", "p[@class='warning problems']", LINE),
        ("outlets", "p[@class='warning problems']", LINE),
        ("candidates", "p[@class='warning problems']", LINE),
        ("index", "section[@aria-labelledby='coverage']", LINE),
        ("outlets/gazette", "p[@class='warning problems']", ""),
        ("problems", "section[@aria-labelledby='open']", f"24 May 2026 {SENTENCE} Read some"),
        ("problems", "section[@aria-labelledby='accepted']", "The outlet joined. We added it."),
        ("problems", "section[@aria-labelledby='ended']", "The outlet published nothing."),
        ("problems", "section[@aria-labelledby='revised']", "r0 week late, retagged 2"),
        ("problems", "section[@aria-labelledby='revised']", "4 May 2026 week 5 9 4 8"),
    ],
)
def test_pages_state_problems(folder: Path, page: str, element: str, expected: str) -> None:
    """The overview, each theme, the outlet itself and the page of data problems have the sentence;
    the page also has accepted and ended problems, and the revised figures.
    """
    root = html.parse(folder / "report" / f"{page}.html").getroot()
    texts = [" ".join(" ".join(found.itertext()).split()) for found in root.xpath(f"//{element}")]
    assert expected in "".join(texts)
    assert bool(texts) is bool(expected)


@pytest.mark.parametrize(
    ("page", "figure", "expected"),
    [
        ("outlets/daily", "volume", ["The Daily"]),
        ("outlets/gazette", "volume", ["The Gazette"]),  # has ended
        ("themes/grain", "share-month", ["The Daily"]),
        ("themes/supply", "outlet-0", ["The Daily"]),
        ("themes/supply", "outlet-1", []),
        ("themes/supply", "language-0", ["The Daily"]),
        ("themes/supply", "language-1", []),
        ("index", "rise-0", ["The Daily"]),
    ],
)
def test_charts_have_the_problems_of_their_outlets(
    folder: Path, page: str, figure: str, expected: list[str]
) -> None:
    """The chart of an outlet has also those that ended; a chart of all outlets, of one or of a
    language has the open ones of its outlets.
    """
    root = html.parse(folder / f"report/{page}.html").getroot()
    found = json.loads(root.xpath("string(//script[@id='figures'])"))[figure]
    assert [problem["name"] for problem in found["problems"]] == expected


def test_charts_and_saved_figures_state_problems(folder: Path, visit: Callable[..., Visit]) -> None:
    """A chart marks the week and names the problem in its list and at its value, a saved image has
    a numbered note, and each row of a saved table the sentence.
    """
    page = visit(folder / "report/themes/grain.html").page
    figure = page.locator("#figure-share-week")
    assert figure.locator(".pin rect[rx='2']").count() == 1
    assert f"Data problem: {LINE}" in figure.locator(".peaks li").all_inner_texts()
    chart = figure.get_by_role("slider")
    chart.press("End")
    assert f"Data problem: {LINE}" in (chart.get_attribute("aria-valuetext") or "")
    assert LINE in page.locator("#tip").inner_text()
    section = "#figure-share-week details.download"
    image = etree.parse(download(page, section, "SVG"))
    texts = [text.text or "" for text in image.iter("{http://www.w3.org/2000/svg}text")]
    assert f"1. Data problem: {LINE}" in " ".join(texts)
    rows = csv.DictReader(download(page, section, "CSV").read_text("utf-8-sig").splitlines())
    assert {row["Data problems"] for row in rows} == {LINE}
    small = visit(folder / "report/index.html").page
    assert small.locator("[data-figure='rise-0'] line.pin").count() == 1


def test_the_sql_of_problems_returns_rows(folder: Path) -> None:
    """Each SQL statement of the page runs on the release and returns rows."""
    root = html.parse(folder / "report/problems.html").getroot()
    queries = root.xpath("//details[@class='sql']//code/text()")
    assert len(queries) == 3
    with duckdb.connect(folder / "tidings.duckdb", read_only=True) as con:
        assert all(con.execute(query).fetchall() for query in queries)


def test_the_descriptions_of_an_export_state_problems(folder: Path) -> None:
    """README.md, datapackage.json and the citation sheet of each workbook have the open problems in
    sentences; README.md also has the number of revised figures by reason.
    """
    package = json.loads((folder / "export/datapackage.json").read_text())
    line = f"The Daily, 2026-05-18 to 2026-05-24: {SENTENCE}"
    assert package["data_problems"] == [line]
    with zipfile.ZipFile(folder / "export/xlsx/marts.outlet_daily.xlsx") as book:
        assert line in book.read("xl/worksheets/sheet2.xml").decode()
    text = (folder / "export/README.md").read_text()
    assert f"| The Daily | 2026-05-18 | 2026-05-24 | {SENTENCE} |" in text
    assert "gazette" not in text.partition("## Data problems")[2].partition("## Outlets")[0].lower()
    assert "| week | late, retagged | 2 |" in text
    assert "`marts.revised_figures`" in text
