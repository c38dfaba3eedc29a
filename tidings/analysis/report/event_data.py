"""Query the events behind the peaks of themes, and describe the course of a theme's share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidings.analysis.answers import Answers
from tidings.analysis.report.figure import describe_period

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    import duckdb

EVENT_COLUMNS = (("event", "Event", "text"), ("explained", "Share of the rise", "share"))
MARKED_COUNT = 4
RECENT_PERIODS = 8
FALL_LENGTH = 3
_ENGLISH = """
    select e.event_id, min_by(a.url, (a.published_on, a.article_id)) as url,
        min_by(a.title, (a.published_on, a.article_id)) as title
    from marts.article_events as e inner join core.articles as a on e.article_id = a.article_id
    where e.event_id in (select event_id from marts.theme_peaks) and a.language like 'en%'
        and a.title <> '' group by all
"""


def read_peaks(con: duckdb.DuckDBPyConnection) -> Answers:
    """Return the events behind the peaks of each theme, the newest first.

    The title and the link are those of the first English article on the event, if there is one.
    """
    query = f"""
    with english as ({_ENGLISH})
    select p.theme_id, p.kind, p.start_on, p.end_on, coalesce(e.title, p.title) as title,
        p.article_count, p.rise_count,
        p.rise_share, coalesce(e.url, a.url) as url, if(e.url is null, a.language, 'en') as language
    from marts.theme_peaks as p left join core.articles as a on p.event_id = a.article_id
    left join english as e on p.event_id = e.event_id and a.language not like 'en%'
    where p.theme_id = $id
    order by p.theme_id, p.start_on desc, p.kind, p.rank
    """
    return Answers(con, query)


def mark_events(starts: Sequence[str], peaks: Sequence[dict[str, Any]]) -> list[list[Any]]:
    """Return rows of EVENT_COLUMNS for weeks: the first event of the highest peaks, and empty cells
    for all other weeks.
    """
    first = {
        peak["start_on"].isoformat(): peak for peak in reversed(peaks) if peak["kind"] == "week"
    }
    shown = sorted(
        (start for start in starts if start in first),
        key=lambda start: (-first[start]["rise_count"], start),
    )
    marked = {start: first[start] for start in shown[:MARKED_COUNT]}
    return [
        [marked[start]["title"], marked[start]["rise_share"]] if start in marked else [None, None]
        for start in starts
    ]


def describe_course(series: Sequence[tuple[Any, ...]], unit: str) -> str:
    """Return the course of a share as the end of a sentence: it is rising, or it peaked in a week
    and has fallen since.

    ``series`` has rows of ``read_series``. The share has peaked if it is below the interval of the
    highest of the last eight complete periods, or if it has fallen twice, the second time possibly
    in an incomplete period.
    """
    known = [row for row in series if row[1] is not None]
    complete = [row for row in known if row[7]][-RECENT_PERIODS:]
    if not complete:
        return "rose most"
    top = max(complete, key=lambda row: row[1])
    last = [row[1] for row in known[-3:]]
    has_fallen_twice = last == sorted(set(last), reverse=True) and len(last) == FALL_LENGTH
    if complete[-1][1] < top[2] or has_fallen_twice:
        return f"peaked in {describe_period(top[0].isoformat(), unit)}"
    return "is rising"


def recent_event(peaks: Sequence[dict[str, Any]], since: dt.date | None) -> dict[str, Any] | None:
    """Return the event that explains most of a theme's newest peak, if the peak ended on a day or
    later.
    """
    return next((peak for peak in peaks if since and peak["end_on"] >= since), None)
