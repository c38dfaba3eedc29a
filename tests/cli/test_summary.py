"""The terminal, the summary of a run and the report show the same rising themes."""

from __future__ import annotations

import datetime as dt
import importlib
import io
import shutil
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
from lxml import html

from tests.analysis.report.sample_releases import write_files, write_ordinary_release
from tests.analysis.report.small_release import compare_shares
from tidings.analysis.report.trends import read_trends
from tidings.base.languages.plural import counted
from tidings.base.settings import SettingsError
from tidings.cli.summary import print_summary
from tidings.cli.terminal import SafeConsole
from tidings.fetch.window import Window
from tidings.flows import tasks
from tidings.flows.artifacts import rising_themes
from tidings.stages.plan import describe_changes
from tidings.storage.lake import Lake
from tidings.storage.release import open_release

backfill_flow = importlib.import_module("tidings.flows.backfill")


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("warehouse")
    write_ordinary_release(folder / "tidings.duckdb")
    # one article more on water: not significant
    with duckdb.connect(folder / "tidings.duckdb") as con:
        con.execute(
            "update marts.theme_outlet_daily set article_count = 1, about_count = 1"
            " where theme_id = 'water' and publisher_id = 'daily' and published_on in"
            " ('2026-05-23', '2026-05-24')"
        )
        compare_shares(con)
    write_files(folder / "tidings.duckdb", folder / "report")
    return folder


def test_insignificant_rises_are_separate_everywhere(warehouse: Any) -> None:
    """Food security rises significantly and water does not, in all three outputs."""
    shown = io.StringIO()
    print_summary(Lake(warehouse), SafeConsole(file=shown, width=80))
    output = " ".join(shown.getvalue().split())
    assert (
        "Food security 0.0% 35.7%"
        in output.partition("Rising themes")[2].partition("Higher share, but not")[0]
    )
    assert "Higher share, but not significantly: Clean water" in output
    with open_release(Lake(warehouse)) as con:
        lines = list(rising_themes(read_trends(con)))
    assert (
        "**Rising: Food security**, 20 articles, share from 0.0% to 35.7% (significant)." in lines
    )
    assert "Higher share, but not significantly: Clean water." in lines
    page = html.parse(warehouse / "report" / "index.html").getroot()
    assert page.xpath("string(//h1)") == "Food security is rising"
    (within,) = page.xpath(
        "//h3[text() = 'Higher share, but not significantly']/following-sibling::ul//a/text()"
    )
    assert within == "Clean water"


def test_a_first_run_without_articles_refers_to_the_sources(warehouse: Any, tmp_path: Any) -> None:
    """Without an article, the summary names the command that shows failing sources."""
    shutil.copy(warehouse / "tidings.duckdb", tmp_path)
    with duckdb.connect(tmp_path / "tidings.duckdb") as con:
        con.execute("delete from core.articles")
    shown = io.StringIO()
    print_summary(Lake(tmp_path), SafeConsole(file=shown, width=200))
    assert "no article yet. `tidings status`" in shown.getvalue()


def test_a_backfill_counts_the_weeks_that_a_release_calls_complete(
    warehouse: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only weeks of the window count, without a release there are none, and the flow of the form
    does nothing to such weeks without a confirmation.
    """
    lake = Lake(warehouse)
    with open_release(lake) as con:
        weeks = con.execute(
            "select distinct week_start_on from theme_weekly where is_complete order by 1"
        ).fetchall()
    first = weeks[0][0]
    for window, count in (
        (None, len(weeks)),
        (Window(first - dt.timedelta(30), first), 1),
        (Window(first + dt.timedelta(6), first + dt.timedelta(6)), 1),
        (Window(first - dt.timedelta(9), first - dt.timedelta(1)), 0),
    ):
        expected = f"This changes figures of {counted(count, 'week')} " if count else ""
        assert describe_changes(lake, window).startswith(expected)
        assert bool(expected) is bool(describe_changes(lake, window))
    assert describe_changes(Lake(warehouse / "none"), None) == ""
    monkeypatch.setattr(tasks, "open_run", lambda *_, **__: SimpleNamespace(lake=lake))
    monkeypatch.setattr(tasks, "prepare", lambda _: [])
    monkeypatch.setattr(backfill_flow, "check_feeds", lambda *_: [])
    with pytest.raises(SettingsError, match=r"1 week .* switch on Confirm"):
        backfill_flow.backfill.fn.__wrapped__(str(first), str(first))
