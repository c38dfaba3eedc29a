"""Test the section on recall and precision, its warnings and the corrected shares."""

import json
import re
from pathlib import Path
from typing import Any

import duckdb

from tests.analysis.report.sample_releases import write_files, write_ordinary_release
from tests.analysis.report.small_release import insert_quality
from tidings.analysis.report.figure import CORRECTED_COLUMNS
from tidings.analysis.report.theme_page import warn_of_recall

WARNING = (
    "The word list found a significantly different part of the articles in some quarters: 2026-Q1."
)


def _figures(page: str) -> dict[str, Any]:
    found = re.search(r'<script[^>]*id="figures"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert found
    figures: dict[str, Any] = json.loads(found[1])
    return figures


def _figure(page: str, figure_id: str) -> str:
    return page.partition(f'id="figure-{figure_id}"')[2].partition("</figure>")[0]


def test_recall_and_precision_are_shown(coded_report: Path) -> None:
    """A coded theme has both measures by language and quarter, counts, and unknowns as null."""
    figures = _figures((coded_report / "themes/water.html").read_text(encoding="utf-8"))
    names = "about-language about-quarter mention-language mention-quarter"
    shown = sorted(name for name in figures if name.startswith("quality-"))
    assert shown == [f"quality-{name}" for name in names.split()]
    languages = figures["quality-about-language"]["rows"]
    assert languages[0] == ["All languages", 120, 30, 20, 18, 0.6, 0.45, 0.75, 0.9, 0.8, 0.95]
    assert languages[2] == ["Chinese", 120, 30, 20, 18, *[None] * 6]
    assert [row[0] for row in figures["quality-about-quarter"]["rows"]] == ["2026-Q1", "2026-Q2"]


def test_changed_recall_and_few_codings_are_stated(coded_report: Path) -> None:
    """The figures of shares name the quarter whose recall differs. A theme with few coded articles
    states their numbers, and one without that its completeness is unknown.
    """
    page = (coded_report / "themes/water.html").read_text(encoding="utf-8")
    for figure_id in ("share-week", "share-month", "mentions-share"):
        assert WARNING in _figure(page, figure_id)
    assert 'class="warning"' not in (coded_report / "themes/grain.html").read_text(encoding="utf-8")
    few = (coded_report / "themes/grain.html").read_text(encoding="utf-8")
    readers = "2 of 30 coded articles have the theme according to readers"
    assert f"{readers}, and 1 according to the word list." in few
    none = (coded_report / "themes/dust.html").read_text(encoding="utf-8")
    assert "completeness of the figures is unknown" in none
    assert "<code>tidings code</code>" in none


def test_warning_names_the_language() -> None:
    """A quarter that differs only in one language is named with the language."""
    row = {"measure": "about", "language": "en", "period": "2026-Q1", "is_recall_stable": False}
    assert "quarters: 2026-Q1 (English)." in warn_of_recall([row], "about")
    assert "quarters: 2026-Q1." in warn_of_recall([row, row | {"language": "all"}], "about")
    assert warn_of_recall([row], "mention") == ""
    assert warn_of_recall([row | {"is_recall_stable": None}], "about") == ""


def test_release_without_codings_has_no_corrected_shares(ordinary_report: Path) -> None:
    """Without coded articles, the page states this, and its chart has no second line."""
    page = (ordinary_report / "themes/water.html").read_text(encoding="utf-8")
    assert "completeness of the figures is unknown" in page
    assert _figures(page)["share-week"]["chart"] == "share"


def test_corrected_shares_are_shown(coded_report: Path) -> None:
    """Weeks and months show the corrected share in rows, legend, description and SQL, with what it
    borrows and assumes. Themes without one state why.
    """
    page = (coded_report / "themes/water.html").read_text(encoding="utf-8")
    for figure_id in ("share-week", "share-month"):
        data, figure = _figures(page)[figure_id], _figure(page, figure_id)
        names = [name for name, *_ in data["columns"]]
        rows = [dict(zip(names, row, strict=True)) for row in data["rows"]]
        assert data["chart"] == "share"
        assert all(abs(row["corrected"] - row["share"] / 2) < 1e-4 for row in rows)
        assert 'data-swatch="dashed"' in figure
        assert "share_corrected, share_corrected_low, share_corrected_high" in figure
        assert re.search(r'aria-label="[^"]*The corrected share was', figure)
        assert "30% of the information behind it comes from other languages and themes." in figure
        assert "assumes coders without errors" in figure
        assert "Labels of other programs make the interval 20% narrower." in figure
    assert _figures(page)["mentions-share"]["chart"] == "share"
    page = (coded_report / "themes/grain.html").read_text(encoding="utf-8")
    grain, reason = _figures(page)["share-week"], "no article is coded in languages"
    assert grain["chart"] == "share"
    assert f"There is no corrected share: {reason}" in _figure(page, "share-week")
    assert not {name for name, *_ in CORRECTED_COLUMNS} & {name for name, *_ in grain["columns"]}


def test_new_codings_update_the_page(tmp_path: Path) -> None:
    """After new measures or corrected shares, the page equals that of a new report."""
    release = write_ordinary_release(tmp_path / "tidings.duckdb")
    with duckdb.connect(release) as con:
        insert_quality(con)
    page = tmp_path / "report/themes/water.html"
    write_files(release, tmp_path / "report")
    for number, change in enumerate(
        ("update measures.theme_quality set recall = 0.61 where language = 'en'",
         "update marts.theme_weekly set share_corrected_high = 0.99 where theme_id = 'water'")
    ):  # fmt: skip
        before = page.read_text(encoding="utf-8")
        with duckdb.connect(release) as con:
            con.execute("update ops.releases set run_id = run_id || '+'")
            con.execute(change)
        write_files(release, tmp_path / "report")
        write_files(release, tmp_path / f"new{number}")
        assert page.read_text(encoding="utf-8") != before
        assert page.read_text(encoding="utf-8") == (
            tmp_path / f"new{number}/themes/water.html"
        ).read_text(encoding="utf-8")
