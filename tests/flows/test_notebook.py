"""The notebook runs completely on a real release and shows a chart for each question."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from tests.flows.nights import load_module

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "notebooks" / "three_questions.py"


@pytest.fixture(scope="module")
def notebook_run(sample_night: Any) -> Iterator[Any]:
    """Return the outputs and the variables of the notebook on the sample warehouse."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIDINGS_WAREHOUSE", str(sample_night.lake.root))
        notebook = load_module(NOTEBOOK)
        outputs, defined = notebook.app.run()
    yield outputs, defined
    defined["con"].close()


def test_it_asks_three_questions(notebook_run: Any) -> None:
    """The notebook has three headings, and the first cell contains the release."""
    texts = [output.text for output in notebook_run[0] if hasattr(output, "text")]
    assert len(re.findall(r"<h2", "".join(texts))) == 3
    assert "2026-08-30T000000Z" in texts[0]


def test_each_question_has_a_chart(notebook_run: Any) -> None:
    """The chart of each question contains its rows."""
    for name, rows in (("rises", "moved"), ("spreads", "spreading"), ("dips", "days")):
        assert notebook_run[1][rows].num_rows > 5
        assert notebook_run[1][name] in notebook_run[0]
        assert notebook_run[1][name].to_dict()["datasets"]


def test_the_results_match_the_sample_newsroom(notebook_run: Any, sample_night: Any) -> None:
    """Food security rises, the planted slogan spreads from its first outlet, and days without service are gaps."""
    defined, truth = notebook_run[1], sample_night.truth
    assert "Food security" in defined["moved"]["label_en"].to_pylist()[:2]
    outlets = {row["outlet"] for row in defined["spreading"].to_pylist()}
    assert len(outlets) >= 3
    firsts = [row["days_after"] for row in defined["spreading"].to_pylist()]
    assert min(firsts) == 0
    assert max(firsts) > 0
    assert defined["gaps"].num_rows >= 1
    assert truth.articles


def test_the_model_of_the_how_to_runs(sample_night: Any) -> None:
    """The model in the how-to guide runs on a release, and its key is unique."""
    page = (ROOT / "docs" / "howto" / "mart.md").read_text(encoding="utf-8")
    (query,) = re.findall(r"```sql\+jinja\n(.*?)```", page, re.DOTALL)
    query = re.sub(r"\{\{ ref\('(\w+)'\) \}\}", r"marts.\1", query)
    query = re.sub(r"\{\{ source\('(\w+)', '(\w+)'\) \}\}", r"\1.\2", query)
    with duckdb.connect(sample_night.lake.release_file, read_only=True) as con:
        made = query.replace("publishers.country is not null", "true")  # the sample newsroom has an invented country
        counted = f"select count(*), count(distinct (theme_id, country, month_start_on)) from ({made})"
        ((rows, keys),) = con.execute(counted).fetchall()
    assert rows == keys > 0
