"""The queries in docs/questions.md run as written, on a lake with rows for them."""

import datetime as dt
import re
from pathlib import Path

import pytest

from tests.transforms.conftest import TinyLake, phrase_row

PAGE = Path(__file__).parents[2] / "docs" / "questions.md"
QUESTIONS = re.findall(
    r"^## (\d+)\..*?```sql\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
)
# a fading theme, a changed list, reuse and a peak need more than this lake has
MAY_BE_EMPTY = {"8", "10", "11", "12", "14"}


@pytest.fixture
def lake_with_rise(lake: TinyLake) -> TinyLake:
    """Return a lake of two outlets, three months and a rising theme, with a release's views."""
    theme = {"theme_id": "new_industrialization", "parent_id": "industry", "kind": "formulation"}
    lake.insert("ref.themes", **theme, label_en="New industrialization")
    phrase = phrase_row("p9", "new_industrialization", "new industrialization")
    lake.insert("ref.theme_phrases", phrase)
    with lake.at_once():
        for day in range(90):
            on = dt.date(2023, 6, 1) + dt.timedelta(day)
            since = f"{on - dt.timedelta(3)} 00:00:00+00"
            for outlet in ("sample_gazette", "daily"):
                lake.add_poll(f"{outlet}-rss", outlet, f"{on} 22:00:00+00", since)
                for item in range(4):
                    is_new = day > 80 and item and outlet == "sample_gazette"
                    text = "new industrialization" if is_new else "a river basin"
                    words = "factory robots" if day % 7 == item else "nothing"
                    row = (outlet, str(on), words, f"{text} and {words} {day} {item}")
                    lake.add_article(f"{outlet}-{day}-{item}", *row)
    lake.add_article("daily-late", "daily", "2023-08-28", "New industrialization", "")
    lake.as_of = dt.datetime(2023, 8, 29, 22, 30, tzinfo=dt.UTC)
    lake.build()
    lake.con.execute("set search_path = 'lake.marts,lake.core,lake.ops,lake.ref,lake.measures'")
    return lake


def test_the_questions_are_numbered() -> None:
    """The page contains questions in order, each with a query."""
    assert [number for number, _ in QUESTIONS] == [str(number) for number in range(1, 15)]


@pytest.mark.slow
def test_each_query_returns_rows(lake_with_rise: TinyLake) -> None:
    """Every query runs and returns rows, except for the questions that this lake cannot answer."""
    results = {number: lake_with_rise.rows(query) for number, query in QUESTIONS}
    assert {number for number, rows in results.items() if not rows} <= MAY_BE_EMPTY
    assert (
        results["3"][0][:2] == ("theme", "New industrialization")
        or results["3"][0][1] == "new industrialization"
    )
    assert results["4"][0][3] == "sample_gazette"
    assert results["2"][0][3:] == (False, "too_early", 2, None)
