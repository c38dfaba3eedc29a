"""A theme's page names the events behind its peaks."""

import datetime as dt
from pathlib import Path
from typing import Any

import duckdb

from tests.analysis.report.sample_releases import write_files, write_ordinary_release
from tidings.analysis.report.figure import mark_events

MONDAY = dt.date(2026, 6, 1)


def peak(week: int, rise: float, kind: str = "week") -> dict[str, Any]:
    start = MONDAY + dt.timedelta(7 * week)
    days = {"start_on": start, "end_on": start + dt.timedelta(6)}
    return {"kind": kind, "title": f"Event {week}", "rise_count": rise, "rise_share": 0.5, **days}


def test_the_highest_weekly_peaks_are_marked() -> None:
    """The four weeks with the largest rise have marks with their event; bursts have none."""
    starts = [(MONDAY + dt.timedelta(7 * number)).isoformat() for number in range(8)]
    peaks = [
        *(peak(week, rise=week) for week in reversed(range(1, 7))),
        peak(7, rise=99, kind="burst"),
    ]
    titles = [row[0] for row in mark_events(starts, peaks)]
    assert titles == [None, None, None, "Event 3", "Event 4", "Event 5", "Event 6", None]


def test_a_theme_page_lists_the_events_behind_its_peaks(tmp_path: Path) -> None:
    """Only this theme's page lists the events with English titles and shares of the rise."""
    release = tmp_path / "tidings.duckdb"
    write_ordinary_release(release)
    with duckdb.connect(release) as con:
        (week,) = con.execute(
            "select max(week_start_on) from marts.theme_weekly where theme_id = 'water'"
        ).fetchone() or (None,)
        con.execute(
            "create or replace table measures.theme_peaks as select 'water' as theme_id,"
            " 'week' as kind, ?::date as start_on, ?::date + 6 as end_on, 1 as rank,"
            " (select min(article_id) from core.articles) as event_id,"
            " 'Damm' as title, 7 as article_count, 10.0 as rise_count, 0.7 as rise_share",
            [week, week],
        )
        con.execute(
            "insert into marts.events (event_id, title, title_language, title_en)"
            " select min(article_id), 'Damm', 'de', 'Dam <bursts>' from core.articles"
        )
    write_files(release, tmp_path / "report")
    page = (tmp_path / "report/themes/water.html").read_text(encoding="utf-8")
    section = page.partition('<h2 id="events">')[2].partition("</section>")[0]
    assert "Dam &lt;bursts&gt;" in section
    assert "70.0%" in section
    assert "Circles mark peaks, and squares data problems" in page
    other = (tmp_path / "report/themes/grain.html").read_text(encoding="utf-8")
    assert '<h2 id="events">' not in other
