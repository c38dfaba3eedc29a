"""Test that the report and the export state data problems and revised figures."""

import json
import zipfile
from pathlib import Path

import duckdb
from lxml import html

from tests.cases import cases

SENTENCE = "13.5 articles a day instead of 7.0."
LINE = f"The Daily, 18 May 2026 to 24 May 2026: {SENTENCE}"


@cases(
    "page, element, expected",
    ("index", "section[@aria-labelledby='glance-problems']", f"18 May to 24 May: {SENTENCE}"),
    ("themes/grain", "p[@class='warning problems']", LINE),
    ("outlets/daily", "p[@class='warning problems']", LINE),
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
)
def test_pages_state_problems(problems: Path, page: str, element: str, expected: str) -> None:
    """The overview, each theme, the outlet itself and the page of data problems have the sentence;
    the page also has accepted and ended problems, and the revised figures.
    """
    root = html.parse(problems / "report" / f"{page}.html").getroot()
    texts = [" ".join(" ".join(found.itertext()).split()) for found in root.xpath(f"//{element}")]
    assert expected in "".join(texts)
    assert bool(texts) is bool(expected)


@cases(
    "page, figure, expected",
    ("outlets/daily", "volume", ["The Daily"]),
    ("outlets/gazette", "volume", ["The Gazette"]),  # has ended
    ("themes/grain", "share-month", ["The Daily"]),
    ("themes/supply", "outlet-0", ["The Daily"]),
    ("themes/supply", "outlet-1", []),
    ("themes/supply", "language-0", ["The Daily"]),
    ("themes/supply", "language-1", []),
    ("index", "rise-0", ["The Daily"]),
)
def test_charts_have_the_problems_of_their_outlets(
    problems: Path, page: str, figure: str, expected: list[str]
) -> None:
    """An outlet's chart also has ended problems, other charts the open ones of their outlets."""
    root = html.parse(problems / f"report/{page}.html").getroot()
    found = json.loads(root.xpath("string(//script[@id='figures'])"))[figure]
    assert [problem["name"] for problem in found["problems"]] == expected


def test_the_sql_of_problems_returns_rows(problems: Path) -> None:
    """Each SQL statement of the page runs on the release and returns rows."""
    root = html.parse(problems / "report/problems.html").getroot()
    queries = root.xpath("//details[@class='sql']//code/text()")
    assert len(queries) == 3
    with duckdb.connect(problems / "tidings.duckdb", read_only=True) as con:
        assert all(con.execute(query).fetchall() for query in queries)


def test_the_descriptions_of_an_export_state_problems(problems: Path) -> None:
    """README.md, datapackage.json and the citation sheet of each workbook have the open problems in
    sentences; README.md also has the number of revised figures by reason.
    """
    package = json.loads((problems / "export/datapackage.json").read_text())
    line = f"The Daily, 2026-05-18 to 2026-05-24: {SENTENCE}"
    assert package["data_problems"] == [line]
    with zipfile.ZipFile(problems / "export/xlsx/marts.outlet_daily.xlsx") as book:
        assert line in book.read("xl/worksheets/sheet2.xml").decode()
    text = (problems / "export/README.md").read_text()
    assert f"| The Daily | 2026-05-18 | 2026-05-24 | {SENTENCE} |" in text
    assert "gazette" not in text.partition("## Data problems")[2].partition("## Outlets")[0].lower()
    assert "| week | late, retagged | 2 |" in text
    assert "`marts.revised_figures`" in text
