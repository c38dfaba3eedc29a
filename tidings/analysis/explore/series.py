"""Answer how series develop over time, with the events behind their peaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidings.analysis.explore.lists import label_series
from tidings.analysis.explore.queries import articles_query, series_query
from tidings.analysis.explore.question import QuestionError
from tidings.analysis.report.theme_figures import describe_agreement
from tidings.storage.lake import quoted

if TYPE_CHECKING:
    from tidings.analysis.answers import Row
    from tidings.analysis.explore.database import Asking, OpenRelease
    from tidings.analysis.explore.question import Question, Series

PERIODS_FROM = {"day": ("day", "week", "month"), "week": ("week",), "month": ("month",)}
"""Periods of a chart for which a comparison series has values, by its own period."""
_UNITS = {"count": "a count", "index": "an index"}
MAX_EVENTS = 12
"""Events of a series."""
MIN_ARTICLES = 2
"""Articles of a series about an event that is listed, if no peak of a theme explains it."""


def answer_series(release: OpenRelease, question: Question) -> Row:
    """Return the series of a question with their rows and events, and the SQL of the rows.

    A row has period_start_on, period_end_on, count, total, value, low, high, is_gap and is_open.
    ``value`` is null in a gap. A comparison series also has unit, period, source, counted, citation
    (with the licence, if stated) and imported_at; filters do not apply to it. ``agreement`` has the
    correlations of each other series with each comparison series.
    """
    if not question.series:
        return {"series": [], "agreement": [], "sql": ""}
    _check_comparisons(release, question)
    query = series_query(question)
    with release.asking(question) as asking:
        series: list[Row] = [
            {
                **label_series(release, entry),
                "rows": [],
                "events": _read_events(asking, question, entry),
            }
            for entry in question.series
        ]
        by_key = {entry["key"]: entry["rows"] for entry in series}
        for row in asking.rows(query):
            by_key[row.pop("key")].append(row)
        agreement = _read_agreement(asking, question, query)
    return {"series": series, "agreement": agreement, "sql": query}


def _check_comparisons(release: OpenRelease, question: Question) -> None:
    """Raise QuestionError if a comparison series has no values by the period or in the unit of a
    question.
    """
    for series in question.compared:
        facts = release.choices[label_series(release, series)["key"]]
        if question.by not in PERIODS_FROM[facts["period"]]:
            label, period = facts["label"], facts["period"]
            raise QuestionError(
                f"{label} has one value a {period}: show it by {period} (by={period})."
            )
        if question.value == "share" and facts["unit"] != "share":
            raise QuestionError(
                f"{facts['label']} is {_UNITS[facts['unit']]}, not a share: show"
                f" its index (value=index)."
            )
        if question.value == "count" and not facts["has_counts"]:
            raise QuestionError(f"{facts['label']} has no counts: show its index (value=index).")


def _read_agreement(asking: Asking, question: Question, query: str) -> list[Row]:
    """Return the agreement of each series with each comparison series over periods that are over
    and that both know.
    """
    compared = question.compared
    if not compared or len(compared) == len(question.series):
        return []
    keys = ", ".join(f"({quoted(series.key)})" for series in compared)
    rows = asking.rows(f"""with answer as (
{query}
),
pairs as (
    select
        [own.key, chosen.key] as series,
        own.period_start_on as start_on,
        case when not own.is_open then own.value end as a,
        other.value as b
    from answer as own
    cross join (values {keys}) as chosen (key)
    left join answer as other
        on chosen.key = other.key and own.period_start_on = other.period_start_on
    where own.key not like 'comparison:%'
)
from agreement('pairs') order by series""")
    return [
        row | dict(zip(("text", "warning"), describe_agreement(row, question.by), strict=True))
        for row in rows
    ]


def _read_events(asking: Asking, question: Question, series: Series) -> list[Row]:
    """Return the events behind the peaks of a theme, or the events that most articles of another
    series report, by day.
    """
    first, last = (question.start or "-infinity", question.end or "infinity")
    days = {"first": str(first), "last": str(last), "most": MAX_EVENTS}
    if series.kind in {"theme", "area"}:
        source = f"""
            select event_id, max(rise_share) as share_of_rise, max(article_count) as article_count
            from theme_peaks where theme_id = {quoted(series.id)} and end_on >= $first::date
                and start_on <= $last::date
            group by event_id"""
    elif series.kind in {"phrase", "speaker", "words"}:
        source = f"""
            select event_id, null::double as share_of_rise, count(*) as article_count
            from ({articles_query(question, series)}) inner join article_events using (article_id)
            where published_on between $first::date and $last::date
            group by event_id having count(*) >= {MIN_ARTICLES}"""
    else:
        return []
    query = f"""
    select event_id::varchar as event_id, events.title, peak_on as day, share_of_rise,
        found.article_count, articles.url
    from ({source}) as found
    inner join events using (event_id)
    left join articles on found.event_id = articles.article_id
    where peak_on between $first::date and $last::date
    order by share_of_rise desc nulls last, found.article_count desc, event_id
    limit $most
    """
    return asking.rows(query, days)


def series_table(answer: Row) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Return the columns and rows of a file of an answer: one row per series and period, with
    citations of other sources.
    """
    series = answer["series"]
    columns = ["period_start_on", "period_end_on", "count", "total", "value", "low", "high"]
    columns += ["is_gap", "is_open"]
    cited = ["citation"] if any("citation" in entry for entry in series) else []
    rows = [
        (entry["key"], entry["label"], *map(row.get, columns), *map(entry.get, cited))
        for entry in series
        for row in entry["rows"]
    ]
    return ["series", "label", *columns, *cited], rows
