"""A theme's page shows each comparison series of the theme, its agreement and its citation."""

import json
import re
from pathlib import Path
from typing import Any

import duckdb

from tests.analysis.report.sample_releases import write_files, write_ordinary_release
from tests.analysis.report.small_release import FIRST
from tidings.analysis.report.figure import describe_agreement

TABLES = f"""
    create or replace table ref.comparison_series as
    select 'g' as series_id, 'GDELT: <b>water</b>' as name, 'share' as unit,
        'articles' as counted, 'A. Reader (2026). Counts.' as citation, 'CC0' as licence,
        null::timestamptz as imported_at,
        'water' as theme_id;
    create or replace table measures.comparison_themes as
    select 'g' as series_id, 'water' as theme_id, 'week' as period,
        date '{FIRST}' + 7 * n::integer as period_start_on, 100.0::double + n as theme_index,
        case when n != 3 then 110.0::double - n end as comparison_index from range(8) as t (n);
    create or replace table measures.comparison_agreement as
    select 'g' as series_id, 'water' as theme_id, 'week' as period,
        7 as pair_count, -1.0::double as pearson, -1.0::double as spearman, 5 as change_count,
        null::double as pearson_of_changes,
        null::double as spearman_of_changes, true as has_trend;
"""


def test_theme_page_shows_both_indices(tmp_path: Path) -> None:
    """Both indices have gaps as null, a sentence, a warning of trends, licence and citation."""
    release = write_ordinary_release(tmp_path / "tidings.duckdb")
    with duckdb.connect(release) as con:
        con.execute(TABLES)
    write_files(release, tmp_path / "report")
    page = (tmp_path / "report/themes/water.html").read_text(encoding="utf-8")
    found = re.search(r'<script[^>]*id="figures"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert found
    figure = json.loads(found[1])["comparison-g"]
    assert [row[2:] for row in figure["rows"][2:5]] == [[102, 108], [103, None], [104, 106]]
    shown = page.partition('id="figure-comparison-g"')[2].partition("</figure>")[0]
    citation = "A. Reader (2026). Counts. Licence: CC0."
    for text in ("Pearson -1.00", "Both series have a trend", citation, "&lt;b&gt;water"):
        assert text in shown
    other = (tmp_path / "report/themes/grain.html").read_text(encoding="utf-8")
    assert "figure-comparison" not in other


def test_agreement_in_words() -> None:
    """Too few pairs have no correlation; changes and the warning appear only if they are known."""
    row: dict[str, Any] = {"pair_count": 1, "change_count": 0, "pearson": None, "has_trend": False}
    words = "1 common month: too few or too constant for a correlation."
    assert describe_agreement(row, "month") == (words, "")
    row |= {"pair_count": 9, "pearson": 0.5, "spearman": 0.4, "change_count": 8}
    row |= {"pearson_of_changes": 0.25, "spearman_of_changes": -0.1}
    text, warning = describe_agreement(row, "week")
    assert text.startswith(
        "Correlation over 9 common weeks: Pearson 0.50, Spearman 0.40. Of the 8"
        " changes from one week"
    )
    assert text.endswith("Pearson 0.25, Spearman -0.10.")
    assert warning == ""
