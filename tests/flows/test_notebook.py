"""The notebook runs completely on a real release and answers each question with a chart."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.flows.nights import load_module

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "notebooks" / "three_questions.py"
ESSAY = ROOT / "notebooks" / "new_industrialization.py"
Results = tuple[Any, dict[str, Any]]


@pytest.fixture(scope="module")
def results(sample_night: Any) -> Iterator[Results]:
    """Return the outputs and variables of the notebook's cells on the sample night."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIDINGS_WAREHOUSE", str(sample_night.lake.root))
        notebook = load_module(NOTEBOOK)
        outputs, defined = notebook.app.run()
    yield outputs, defined
    defined["con"].close()


def test_it_answers_three_questions_with_charts(results: Results) -> None:
    """Three headings are questions, the first text names the release, and the chart of each
    question is shown and contains rows; no output is a function.
    """
    texts = [output.text for output in results[0] if hasattr(output, "text")]
    assert not any(map(callable, results[0]))
    assert len(re.findall(r"<h2", "".join(texts))) == 3
    assert "2026-08-30T000000Z" in texts[0]
    for name, rows in (
        ("rise_chart", "rising_themes"),
        ("spread_chart", "first_uses"),
        ("gap_chart", "days"),
    ):
        assert results[1][rows].num_rows > 5
        assert results[1][name] in results[0]
        assert results[1][name].to_dict()["datasets"]


def test_the_answers_match_the_planted_truth(results: Results, sample_night: Any) -> None:
    """Food security rises, phrases spread from a first outlet to later ones, and the down days are
    gaps.
    """
    defined, truth = results[1], sample_night.truth
    assert "Food security" in defined["rising_themes"]["label_en"].to_pylist()[:2]
    outlets = {row["outlet"] for row in defined["first_uses"].to_pylist()}
    assert len(outlets) >= 3
    firsts = [row["days_after"] for row in defined["first_uses"].to_pylist()]
    assert min(firsts) == 0
    assert max(firsts) > 0
    assert defined["gaps"].num_rows >= 1
    assert truth.articles


def test_the_mart_of_the_how_to_works(sample_night: Any) -> None:
    """The model in the how-to guide runs on a release, and its rows are unique by its key."""
    page = (ROOT / "docs" / "howto" / "mart.md").read_text(encoding="utf-8")
    (query,) = re.findall(r"```sql\+jinja\n(.*?)```", page, re.DOTALL)
    query = re.sub(r"\{\{ config\(.*?\) \}\}", "", query, flags=re.DOTALL)
    query = re.sub(r"\{\{ ref\('(\w+)'\) \}\}", r"marts.\1", query)
    query = re.sub(r"\{\{ source\('(\w+)', '(\w+)'\) \}\}", r"\1.\2", query)
    with duckdb.connect(sample_night.lake.release_file, read_only=True) as con:
        counted = (
            f"select count(*), count(distinct (theme_id, publisher_type, month_start_on))"
            f" from ({query})"
        )
        ((rows, keys),) = con.execute(counted).fetchall()
    assert rows == keys > 0


def test_the_essay_takes_its_figures_from_the_release(sample_night: Any, tmp_path: Path) -> None:
    """The essay states the release, the first day and the monthly counts that the marts of the
    release contain.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIDINGS_WAREHOUSE", str(sample_night.lake.root))
        _, defined = load_module(ESSAY).app.run()
    defined["write"](tmp_path)
    text = (tmp_path / "new_industrialization.md").read_text(encoding="utf-8")
    assert "2026-08-30T000000Z" in text
    with duckdb.connect(str(sample_night.lake.release_file), read_only=True) as con:
        [(first_on, count)] = con.sql(
            "select first_seen_on, article_count from phrase_lives where phrase_id ="
            " 'new_industrialization-zh-1'"
        ).fetchall()
        months = con.sql(
            "select strftime(date_trunc('month', articles.published_on), '%B %Y'),"
            " count(themes.article_id), count_if(themes.is_about), count(*) from articles semi"
            " join outlet_daily using (publisher_id, published_on) left join article_themes as"
            " themes on articles.article_id = themes.article_id and themes.theme_id ="
            " 'new_industrialization' where primary_language(articles.language) = 'zh' and"
            " excluded_reason is null group by all having count(*) >= 10"
        ).fetchall()
    assert f"first seen on {first_on:%-d %B %Y}" in text
    assert f"appears in {count} articles" in text
    assert len(months) == 3
    for month, *counts in months:
        assert f"| {month} | {' | '.join(map(str, counts))} |" in text
    found = {path.name for path in (tmp_path / "images").iterdir()}
    assert found == {"new-industrialization-weeks.svg", "new-industrialization-speakers.svg"}
