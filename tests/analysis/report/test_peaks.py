"""A theme's page names the events behind its peaks, and the overview describes the course of a
share.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from tests.analysis.report.sample_releases import write_files, write_ordinary_release
from tidings.analysis.report.theme_figures import describe_course, mark_events, recent_event

if TYPE_CHECKING:
    from pathlib import Path

MONDAY = dt.date(2026, 6, 1)


def weeks(*shares: float | None, last_is_complete: bool = True) -> list[tuple[Any, ...]]:
    """Return rows of a weekly series with an interval of ten per cent of each share."""
    return [
        (
            MONDAY + dt.timedelta(7 * number),
            share,
            share and share * 0.9,
            share and share * 1.1,
            5,
            50,
            7,
            last_is_complete or number < len(shares) - 1,
        )
        for number, share in enumerate(shares)
    ]


def peak(week: int, rise: float, kind: str = "week") -> dict[str, Any]:
    start = MONDAY + dt.timedelta(7 * week)
    return {
        "kind": kind,
        "start_on": start,
        "end_on": start + dt.timedelta(6),
        "title": f"Event {week}",
        "rise_count": rise,
        "rise_share": 0.5,
    }


@pytest.mark.parametrize(
    ("series", "course"),
    [
        (weeks(0.1, 0.2, 0.3), "is rising"),
        (weeks(0.1, 0.3, 0.29), "is rising"),
        (weeks(0.1, 0.3, 0.2), "peaked in the week of 8 Jun 2026"),
        (weeks(0.1, 0.3, 0.29, 0.28, last_is_complete=False), "peaked in the week of 8 Jun 2026"),
        (weeks(0.3, 0.1, None), "peaked in the week of 1 Jun 2026"),
        ([], "rose most"),
    ],
)
def test_the_course_of_a_share(series: list[tuple[Any, ...]], course: str) -> None:
    """A share has peaked if it is clearly below its highest week or fell twice; otherwise it is
    rising.
    """
    assert describe_course(series, "week") == course


def test_the_highest_weekly_peaks_are_marked() -> None:
    """The chart marks at most four weeks, those with the largest rise, each with its first event;
    bursts mark no week.
    """
    starts = [(MONDAY + dt.timedelta(7 * number)).isoformat() for number in range(8)]
    peaks = [
        *(peak(week, rise=week) for week in reversed(range(1, 7))),
        peak(7, rise=99, kind="burst"),
    ]
    titles = [row[0] for row in mark_events(starts, peaks)]
    assert titles == [None, None, None, "Event 3", "Event 4", "Event 5", "Event 6", None]


def test_only_a_recent_peak_explains_a_trend() -> None:
    """The overview names the first event of the newest peak, unless the peak ended before the
    period that it compares.
    """
    peaks = [peak(5, 2.0), peak(1, 9.0)]
    assert recent_event(peaks, MONDAY) == peaks[0]
    assert recent_event(peaks, MONDAY + dt.timedelta(90)) is None


def test_a_theme_page_lists_the_events_behind_its_peaks(tmp_path: Path) -> None:
    """The page lists the events with their English titles and their share of the rise, and marks
    their week; another theme has neither.
    """
    release = tmp_path / "tidings.duckdb"
    write_ordinary_release(release)
    with duckdb.connect(release) as con:
        (week,) = con.execute(
            "select max(week_start_on) from marts.theme_weekly where theme_id = 'water'"
        ).fetchone() or (None,)
        con.execute(
            "create or replace table marts.theme_peaks as select 'water' as theme_id, 'week' as"
            " kind, ?::date as start_on,"
            " ?::date + 6 as end_on, (select min(article_id) from core.articles) as event_id, 1 as"
            " rank,"
            " 'Damm' as title, 7 as article_count, 10.0 as rise_count, 0.7 as rise_share",
            [week, week],
        )
        con.execute(
            "insert into marts.events select min(article_id), 'Damm', 'de', 'Dam <bursts>' from"
            " core.articles"
        )
    write_files(release, tmp_path / "report")
    page = (tmp_path / "report/themes/water.html").read_text(encoding="utf-8")
    section = page.partition('<h2 id="events">')[2].partition("</section>")[0]
    assert "Dam &lt;bursts&gt;" in section
    assert "70.0%" in section
    assert "Numbers mark peaks" in page
    assert '<h2 id="events">' not in (tmp_path / "report/themes/grain.html").read_text(
        encoding="utf-8"
    )
