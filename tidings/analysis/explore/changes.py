"""Answer how the share of a series changed between two periods, over the same outlets."""

import datetime as dt

from tidings.analysis.answers import Row
from tidings.analysis.explore.database import Asking
from tidings.analysis.explore.queries import (
    LANGUAGE,
    article_conditions,
    articles_query,
    key_rows,
    listed,
    outlet_conditions,
)
from tidings.analysis.explore.question import Question, Series
from tidings.analysis.inputs import refuse
from tidings.analysis.report.render import format_day, format_points
from tidings.base.languages.plural import counted
from tidings.storage.lake import quoted

# The panel is that of the table share_change: outlets collected on half of the days of both
# periods. Weights and strata are those of its corrected changes.
_CHANGES = """with days as (
    select
        publisher_id,
        published_on,
        published_on between {now} as is_now,
        count(*) filter (is_now) over outlet * 2 >= {now_days}
        and count(*) filter (not is_now) over outlet * 2 >= {before_days} as is_panel
    from outlet_daily as d
    left join publishers as p using (publisher_id)
    where not is_gap and (published_on between {now} or published_on between {before}){outlets}
    window outlet as (partition by publisher_id)
),
texts as (
    select a.article_id, text_id, publisher_id, {language} as language, is_now, is_panel
    from articles as a
    inner join days using (publisher_id, published_on)
    inner join article_stories using (article_id)
    where excluded_reason is null{conditions}
    qualify row_number() over (partition by text_id order by article_id = text_id desc, language)
        = 1
),
hits as (
    {hits}
),
counts as (
    select
        keys.key as series,
        publisher_id || case when is_panel then '' when is_now then ' +' else ' -' end as outlet,
        count(hits.text_id) filter (is_now) as hits,
        count(*) filter (is_now) as total,
        count(hits.text_id) filter (not is_now) as previous_hits,
        count(*) filter (not is_now) as previous_total
    from texts
    cross join (values {keys}) as keys (key)
    left join hits on keys.key = hits.key and texts.text_id = hits.text_id
    group by all
)"""
_CORRECTED = """,
panel as (
    select * from texts where is_panel
),
rates as (
    select * from true_rates where theme_id in {themes}
),
counted as (
    select * from panel_counts('panel', 'article_themes', 'rates')
),
strata as (
    select * from rated_strata('counted', 'rates')
),
recall as (
    select theme_id, bool_and(is_recall_stable) as is_recall_equal
    from theme_quality
    where measure = 'about' and language = 'all'
        and period in (select strftime(published_on, '%Y-Q') || quarter(published_on) from days)
    group by theme_id
)
select found.*, corrected.* exclude (series), is_recall_equal
from share_change('counts') as found
left join corrected_changes('strata') as corrected
    on split_part(found.series, ':', 2) = corrected.series
left join recall on corrected.series = recall.theme_id
order by found.series"""


def answer_change(asking: Asking) -> Row:
    """Return how the share of each series changed from one period (previous_from, previous_to) to a
    later one (from, to), over the outlets that were collected on half of the days of both.

    ``text`` states it in one sentence. The columns are those of ``share_change``; for themes with
    coded articles also ``change_corrected`` with its interval, if recall and precision are the same
    in both periods, and ``change_same_truth``, if each result of the word list is equally often
    right in both.
    """
    question = asking.question
    refuse(
        None in {question.start, question.end, question.previous_start, question.previous_end},
        "Name both periods: from, to, previous_from and previous_to.",
    )
    series = [found for found in question.series if found.kind != "comparison"]
    if not series:
        return {"changes": [], "sql": ""}
    query = _write_query(question, series)
    rows = {row["series"]: row for row in asking.rows(query)}
    changes = []
    for found in series:
        if row := rows.get(found.key):
            label = asking.release.describe_series(found)["label"]
            text = describe_change(label, row, question)
            changes.append({"key": found.key, "label": label, "text": text} | row)
    return {"changes": changes, "sql": query}


def _write_query(question: Question, series: list[Series]) -> str:
    periods = [(question.start, question.end), (question.previous_start, question.previous_end)]
    now, before = (f"date '{first}' and date '{last}'" for first, last in periods)
    now_days, before_days = (f"date '{last}' - date '{first}' + 1" for first, last in periods)
    hits = "\n    union\n    ".join(
        f"select {quoted(found.key)} as key, text_id from ({articles_query(question, found)})"
        " inner join article_stories using (article_id)"
        for found in series
    )
    query = _CHANGES.format(
        now=now,
        before=before,
        now_days=now_days,
        before_days=before_days,
        outlets=outlet_conditions(question),
        language=LANGUAGE.format("a.language"),
        conditions=article_conditions(question).replace("article_id in", "a.article_id in"),
        hits=hits,
        keys=key_rows(series),
    )
    themes = [found.id for found in series if found.kind in {"theme", "area"}]
    # the rates of a language hold for all of its articles that are about a theme
    is_corrected = themes and (question.measure, question.confidence) == ("about", "0")
    if is_corrected and not question.filters.keys() - {"language"}:
        return query + _CORRECTED.format(themes=listed(themes))
    return f"{query}\nselect * from share_change('counts') order by series"


LEAST_WEIGHTED = 0.0005  # difference of a weighted share from the counts that the sentence explains
_TESTED = {True: "as the coded articles suggest", False: "which the coded articles contradict"}


def describe_change(label: str, row: Row, question: Question) -> str:
    """Return a change with its interval, numbers of articles and assumptions in one sentence."""
    if not row["panel_outlet_count"]:
        return f"{label}: no outlet was collected on at least half of the days of both periods."
    before = _counts(row, "panel_previous_", question.previous_start, question.previous_end)
    text = (
        f"{label} {_points(row, 'panel_change')}, from {before} to"
        f" {_counts(row, 'panel_', question.start, question.end)}, in"
        f" {counted(row['panel_outlet_count'], 'outlet')} collected in both periods"
    )
    if row.get("change_corrected") is None:
        return f"{text}."
    tested = _TESTED.get(row["is_recall_equal"], "which too few coded articles test")
    return (
        f"{text}; corrected for missed and wrongly counted articles"
        f" {_points(row, 'change_corrected')} if recall and precision are constant ({tested}), or"
        f" {_points(row, 'change_same_truth')} if what the list finds and misses is equally often"
        " right in both periods."
    )


def _points(row: Row, name: str) -> str:
    value, low, high = (format_points(row[name + end]) for end in ("", "_low", "_high"))
    return f"{value} percentage points (95% interval {low} to {high})"


def _counts(row: Row, name: str, first: dt.date | None, last: dt.date | None) -> str:
    days = format_day(first) if first == last else f"{format_day(first)} to {format_day(last)}"
    hits, total, share = row[f"{name}hits"], row[f"{name}total"], row[f"{name}share"]
    is_weighted = bool(total) and abs(share - hits / total) > LEAST_WEIGHTED
    note = "; outlets weighted with their articles in the later period" * is_weighted
    return f"{share:.1%} ({hits:,.0f} of {total:,.0f} articles, {days}{note})"
