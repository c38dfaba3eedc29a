"""The terminal, the summary of a run and the report show the same rising themes."""

import datetime as dt
import importlib
import shutil
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
from lxml import html

from tests.analysis.report.sample_releases import write_files, write_ordinary_release
from tests.cli.screen import screen
from tidings.analysis.report.release import read_trends
from tidings.base.languages.plural import counted
from tidings.base.settings import SettingsError
from tidings.cli.nightly import print_summary
from tidings.fetch.window import Window
from tidings.flows import tasks
from tidings.flows.artifacts import front_page
from tidings.stages.plan import describe_changes
from tidings.storage.lake import Lake
from tidings.storage.release import open_release

# Two reports of a flood; the second is by another outlet. Their articles are named by their titles.
HAPPENED = """
    update core.articles set title = if(publisher_id = 'daily', 'A flood', 'A flood grows')
    where published_on = '2026-05-20';
    insert into marts.article_events select article_id, uuid(), published_on, 1 from core.articles
    where published_on = '2026-05-20';
    update marts.article_events set event_id = (select min(event_id) from marts.article_events);
    insert into marts.article_stories select article_id, article_id, null from marts.article_events;
    insert into marts.events (event_id, title, first_on, last_on, peak_on, themes, speakers)
        select min(event_id), 'A flood', min(event_day_on), min(event_day_on), min(event_day_on),
        ['water'], ['Mayor Lee'] from marts.article_events;
    insert into marts.statements by name select article_id, 'Mayor Lee' as speaker,
        'Mayor Lee' as speaker_name, 'person' as speaker_kind from marts.article_events;
    update marts.phrase_lives set first_publisher_id = 'gazette', novelty = 'certain'
    where phrase_id = 'p_grain';
"""
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
        con.execute(HAPPENED)
    write_files(folder / "tidings.duckdb", folder / "report")
    return folder


def test_the_front_page_is_the_same_everywhere(warehouse: Any) -> None:
    """All three outputs state that food security rose, the event, the speaker and the phrase of the
    front page; water, whose change is not significant, is not among the themes that rose.
    """
    with screen(width=80) as shown:
        print_summary(Lake(warehouse))
    output = " ".join(shown.getvalue().split()).partition("Largest themes")[0]
    with open_release(Lake(warehouse)) as con:
        lines = "\n".join(front_page(read_trends(con)))
    page = html.parse(warehouse / "report" / "index.html").getroot()
    [happened] = page.xpath("//ol[contains(@class, 'happened')]")
    [glance] = page.xpath("//div[@class='glance']")
    report = " ".join(f"{happened.text_content()} {glance.text_content()}".split())
    for text in (output, lines, report):
        assert "Food security rose" in text
        assert "A flood" in text
    assert "Food security rose 0.0% 35.7%" in output
    assert "Food security rose**, 20 articles, share from 0.0% to 35.7% (significant)." in lines
    assert "Food security rose 35.7% of articles (20 of 56), from 0.0%" in report
    for name in ("Mayor Lee (2)", "粮食安全 (20)"):
        assert output.count(name) == 1
    assert "Clean water" not in glance.text_content()
    assert "Clean water" not in output.partition("rose or fell")[2]
    assert happened.xpath("string(.//summary)") == "title of one of 2 reports in 2 outlets"
    assert happened.xpath(".//li//li/a/text()") == ["A flood", "A flood grows"]


def test_a_first_run_without_articles_refers_to_the_sources(warehouse: Any, tmp_path: Any) -> None:
    """Without an article, the summary names the command that shows failing sources."""
    shutil.copy(warehouse / "tidings.duckdb", tmp_path)
    with duckdb.connect(tmp_path / "tidings.duckdb") as con:
        con.execute("delete from core.articles")
    with screen(width=200) as shown:
        print_summary(Lake(tmp_path))
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
