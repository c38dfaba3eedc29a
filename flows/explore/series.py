"""Answer how series develop over time, with the events behind their peaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidings.flows.explore.lists import label_series
from tidings.flows.explore.queries import articles_query, series_query
from tidings.warehouse.lake import quoted

if TYPE_CHECKING:
    from tidings.flows.explore.database import Asking, OpenRelease, Row
    from tidings.flows.explore.question import Question, Series

MOST_EVENTS = 12
"""Events of a series."""
FEWEST_ARTICLES = 2
"""Articles of a series about an event that is listed, if no peak of a theme explains it."""


def answer_series(release: OpenRelease, question: Question) -> Row:
    """Return the series of a question with their rows and events, and the SQL of the rows.

    A row has period_start_on, period_end_on, count, total, value, low, high, is_gap and is_open. ``value`` is null in a gap.
    """
    if not question.series:
        return {"series": [], "sql": ""}
    query = series_query(question)
    with release.asking(question) as asking:
        series: list[Row] = [
            {**label_series(release, entry), "rows": [], "events": _read_events(asking, question, entry)}
            for entry in question.series
        ]
        by_key = {entry["key"]: entry["rows"] for entry in series}
        for row in asking.rows(query):
            by_key[row.pop("key")].append(row)
    return {"series": series, "sql": query}


def _read_events(asking: Asking, question: Question, series: Series) -> list[Row]:
    """Return the events behind the peaks of a theme, or the events that most articles of another series report, by day."""
    first, last = (question.start or "-infinity", question.end or "infinity")
    days = {"first": str(first), "last": str(last), "most": MOST_EVENTS}
    if series.kind in {"theme", "area"}:
        source = f"""
            select event_id, max(rise_share) as share_of_rise, max(article_count) as article_count
            from theme_peaks where theme_id = {quoted(series.id)} and end_on >= $first::date and start_on <= $last::date
            group by event_id"""
    elif series.kind in {"phrase", "speaker", "words"}:
        source = f"""
            select event_id, null::double as share_of_rise, count(*) as article_count
            from ({articles_query(question, series)}) inner join article_events using (article_id)
            where published_on between $first::date and $last::date
            group by event_id having count(*) >= {FEWEST_ARTICLES}"""
    else:
        return []
    return asking.rows(
        f"""
        select event_id::varchar as event_id, events.title, peak_on as day, share_of_rise, found.article_count, articles.url
        from ({source}) as found
        inner join events using (event_id)
        left join articles on found.event_id = articles.article_id
        where peak_on between $first::date and $last::date
        order by share_of_rise desc nulls last, found.article_count desc, event_id
        limit $most
        """,
        days,
    )


def series_table(answer: Row) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Return the columns and rows of a file of an answer: one row per series and period."""
    columns = ["period_start_on", "period_end_on", "count", "total", "value", "low", "high", "is_gap", "is_open"]
    rows = [
        (entry["key"], entry["label"], *(row[name] for name in columns)) for entry in answer["series"] for row in entry["rows"]
    ]
    return ["series", "label", *columns], rows
