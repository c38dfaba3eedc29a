"""Write the SQL of a question, and state the change of a share in a sentence. The same text runs in
``tidings sql`` and returns the same rows.

A question counts with the marts' definitions: a text counts once on a day of its outlet in
``outlet_daily``, a period without a covered day is a gap, and intervals are Wilson's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidings.analysis.explore.question import PAGE_ROWS, QuestionError
from tidings.analysis.report.render import format_day, format_points
from tidings.base.languages.plural import counted
from tidings.storage.lake import quoted

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from tidings.analysis.answers import Row
    from tidings.analysis.explore.database import OpenRelease
    from tidings.analysis.explore.question import Question, Series

COLUMNS = "article_id, publisher_id, published_on, language"
LANGUAGE = "coalesce(lower(regexp_extract({}, '^[^-_]+')), 'unknown')"
_ENDS = {
    "day": "period_start_on",
    "week": "period_start_on + 6",
    "month": "last_day(period_start_on)",
}


def period_start(column: str, by: str) -> str:
    """Return the first day of the period of a day."""
    return column if by == "day" else f"date_trunc('{by}', {column})::date"


def page_facts(question: Question, total: int, size: int = PAGE_ROWS) -> Row:
    """Return the page of a question, and the number of pages of a list."""
    return {"page": question.page, "page_count": -(-total // size)}


def listed(values: Iterable[str]) -> str:
    """Return values as a list of literals in parentheses."""
    return f"({', '.join(map(quoted, values))})"


def series_query(question: Question) -> str:
    """Return the query for the rows of all series of a question, in the order of key and period."""
    counts = _counts(question)
    value = {"count": "case when not is_gap then count end"}.get(question.value, question.value)
    low, high = (
        f"case when not is_gap then wilson_{end}(count, total) end"
        if question.value == "share"
        else "null::double"
        for end in ("low", "high")
    )
    columns = f"""key,
    period_start_on,
    {_ENDS[question.by]} as period_end_on,
    count,
    total,
    {value} as value,
    {low} as low,
    {high} as high,
    is_gap,
    is_open"""
    if question.value != "index":
        return f"{counts}\nselect\n    {columns}\nfrom shares\norder by key, period_start_on"
    baseline = arguments = ""
    if question.compared:
        baseline = """,
ends as (
    select min(month) as first_on, max(month) as last_on from index_counts
    where n_hit is not null and n_all > 0 group by series
),
common as (
    select max(first_on) as first_on, min(last_on) as last_on from ends
)"""
        arguments = (
            ", baseline_from := (select first_on from common), baseline_until := (select"
            " last_on from common)"
        )
    return f"""{counts},
index_counts as (
    select
        key as series,
        null as outlet,
        period_start_on as month,
        case when not is_gap then coalesce(total, 1)::double end as n_all,
        case when total is null then share else count::double end as n_hit
    from shares
){baseline}
select
    {columns}
from shares
inner join pooled_index('index_counts'{arguments}) as indices
    on shares.key = indices.series and shares.period_start_on = indices.month
order by key, period_start_on"""


def _counts(question: Question) -> str:
    """Return the common table expressions of a question, of which ``shares`` is the last. Beside
    other series, a comparison series has only their periods.
    """
    compared, own = question.compared, question.without_compared
    counts = _own_counts(own)
    if not compared:
        return counts
    keys = ", ".join(f"({quoted(series.key)}, {quoted(series.id)})" for series in compared)
    within = _in_periods("period_start_on", question)
    if own.series:
        within += (
            " and period_start_on between (select min(period_start_on) from own) and (select"
            " max(period_start_on) from own)"
        )
    first = f"own as (\n{counts}\nselect * from shares\n)," if own.series else ""
    union = "    select * from own\n    union all by name\n" if own.series else ""
    return f"""with {first}
shares as (
{union}    select
        chosen.key,
        period_start_on,
        article_count as count,
        total_count as total,
        value as share,
        value is null as is_gap,
        false as is_open
    from comparison_periods
    inner join (values {keys}) as chosen (key, series_id) using (series_id)
    where period = {quoted(question.by)} and {within}
)"""


def _own_counts(question: Question) -> str:
    hits = "\n    union all\n    ".join(
        f"select {quoted(series.key)} as key, {COLUMNS} from ({articles_query(question, series)})"
        for series in question.series
    )
    keys = ", ".join(f"({quoted(series.key)})" for series in question.series)
    is_stories = question.unit == "stories"
    counted = f"count(distinct {'story_id' if is_stories else 'text_id'})"
    stories = "\n    inner join article_stories using (article_id)"
    condition = article_conditions(question)
    totals = ""
    total = "coalesce(sum(days.text_count), 0)::bigint"
    if is_stories or condition:
        total = "coalesce(any_value(totals.total), 0)::bigint"
        totals = f"""
totals as (
    select
        days.period_start_on,
        {counted} as total
    from articles
    inner join days using (publisher_id, published_on){stories}
    where excluded_reason is null{condition}
    group by all
),"""
    join = "\n    left join totals using (period_start_on)" if totals else ""
    is_over = "bool_and(days.is_over)"
    if question.by != "day":
        end = _ENDS[question.by].replace("period_start_on", "days.period_start_on")
        is_over += f" and max(days.released_at) >= timezone('UTC', ({end} + 1)::timestamp)"
    return f"""with days as (
    select
        d.publisher_id,
        d.published_on,
        {period_start("d.published_on", question.by)} as period_start_on,
        d.text_count,
        d.is_gap,
        r.released_at,
        timezone(coalesce(p.time_zone, 'UTC'),
            (d.published_on + 1)::timestamp) <= r.released_at as is_over
    from outlet_daily as d
    left join publishers as p using (publisher_id)
    cross join (select max(released_at) as released_at from releases) as r
    where {_in_periods(period_start("d.published_on", question.by), question)}
        {outlet_conditions(question)}
),{totals}
periods as (
    select
        days.period_start_on,
        {total} as total,
        bool_and(days.is_gap) as is_gap,
        not bool_and(days.is_gap) and not ({is_over}) as is_open
    from days{join}
    group by days.period_start_on
),
hits as (
    {hits}
),
counts as (
    select
        key,
        period_start_on,
        {counted} as count
    from hits
    inner join days using (publisher_id, published_on){stories}
    where true{condition}
    group by all
),
shares as (
    select
        keys.key,
        periods.*,
        coalesce(counts.count, 0) as count,
        case when not is_gap then share(coalesce(counts.count, 0), total) end as share
    from periods
    cross join (values {keys}) as keys (key)
    left join counts on keys.key = counts.key and periods.period_start_on = counts.period_start_on
)"""


def _in_periods(start: str, question: Question) -> str:
    first = period_start(f"date '{question.start}'", question.by)
    low = [f"{start} >= {first}"] if question.start else []
    high = [f"{start} <= date '{question.end}'"] if question.end else []
    return " and ".join(low + high) or "true"


def outlet_conditions(question: Question, skip: str = "") -> str:
    """Return the conditions on outlets ``d`` and their rows ``p`` of ``publishers``."""
    columns = {"outlet": "d.publisher_id"}
    columns |= {name: f"p.{name}" for name in ("publisher_type", "country")}
    return "".join(
        f" and {column} in {listed(question.filters[name])}"
        for name, column in columns.items()
        if name in question.filters and name != skip
    )


def article_conditions(question: Question, skip: str = "") -> str:
    """Return the conditions on articles: language, confidence of the text, and themes."""
    languages = question.filters.get("language", ()) if skip != "language" else ()
    conditions = [f"{LANGUAGE.format('language')} in {listed(languages)}"] if languages else []
    sources = [
        f"article_themes where theme_id = {quoted(theme)}"
        for theme in question.filters.get("theme", ())
        if skip != "theme"
    ]
    if question.confidence != "0":
        sources.insert(
            0, f"articles where coalesce(extraction_confidence, 1) >= {question.confidence}"
        )
    conditions += [f"article_id in (select article_id from {source})" for source in sources]
    return "".join(f" and {condition}" for condition in conditions)


def articles_query(question: Question, series: Series, skip: str = "") -> str:
    """Return the query for the articles of a series, with COLUMNS, before any filter.

    A text counts with one of its versions, unless the answer or its facet is by language.
    """
    name = quoted(series.id)
    about = " and is_about" if question.measure == "about" else ""
    if skip != "language" and not question.filters.get("language"):
        about += " and is_counted"
    mentioning = {
        "theme": f"{COLUMNS} from article_themes where theme_id = {name}{about}",
        "phrase": f"distinct {COLUMNS} from theme_mentions where phrase_id = {name}",
        "speaker": f"distinct {COLUMNS} from statements where speaker = {name}",
        "comparison": f"{COLUMNS} from articles where false",
    }
    if query := mentioning.get("theme" if series.kind == "area" else series.kind):
        return f"select {query}"
    condition = {
        "words": f"len(word_hits(title, body_text, language, {name})) > 0",
        "outlet": f"publisher_id = {name}",
        "language": f"{LANGUAGE.format('language')} = {name}",
    }.get(
        series.kind,
        f"publisher_id in (select publisher_id from publishers where {series.kind} = {name})",
    )
    return f"select {COLUMNS} from articles where excluded_reason is null and {condition}"


def articles_in(question: Question, skip: str = "") -> str:
    """Return the query for the articles, with COLUMNS, of any series of a question that pass its
    filters except ``skip``, as in a facet.
    """
    sources = [articles_query(question, series, skip) for series in question.series]
    source = " union ".join(sources) or (
        f"select {COLUMNS} from articles where excluded_reason is null"
    )
    days = days_condition(question) if skip != "month" else ""
    return f"""select {COLUMNS}
from ({source}) as d
inner join outlet_daily using (publisher_id, published_on)
inner join article_stories using (article_id)
left join publishers as p using (publisher_id)
where true{days}{outlet_conditions(question, skip)}{article_conditions(question, skip)}"""


def texts_in(question: Question, skip: str = "") -> str:
    """Return the query for these articles with one of the versions of each text."""
    return f"""{articles_in(question, skip)}
qualify row_number() over (partition by text_id order by article_id = text_id desc, language)
    = 1"""


def days_condition(question: Question, column: str = "published_on") -> str:
    """Return the condition on a day, by default that of publication."""
    low = f" and {column} >= date '{question.start}'" if question.start else ""
    high = f" and {column} <= date '{question.end}'" if question.end else ""
    return low + high


# The panel is that of the table share_change: outlets collected on half of the days of both
# periods. Weights and strata are those of its corrected changes.
_CHANGES = """with days as (
    select
        publisher_id,
        published_on,
        published_on between {now} as is_now,
        count(*) filter (where is_now) over outlet * 2 >= {now_days}
        and count(*) filter (where not is_now) over outlet * 2 >= {before_days} as is_panel
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
        count(hits.text_id) filter (where is_now) as hits,
        count(*) filter (where is_now) as total,
        count(hits.text_id) filter (where not is_now) as previous_hits,
        count(*) filter (where not is_now) as previous_total
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


def answer_change(release: OpenRelease, question: Question) -> Row:
    """Return how the share of each series changed from one period (previous_from, previous_to) to a
    later one (from, to), over the outlets that were collected on half of the days of both.

    ``text`` states it in one sentence. The columns are those of ``share_change``; for themes with
    coded articles also ``change_corrected`` with its interval, if recall and precision are the same
    in both periods, and ``change_same_truth``, if each result of the word list is equally often
    right in both.
    """
    if None in {question.start, question.end, question.previous_start, question.previous_end}:
        raise QuestionError("Name both periods: from, to, previous_from and previous_to.")
    series = [found for found in question.series if found.kind != "comparison"]
    if not series:
        return {"changes": [], "sql": ""}
    query = _write_query(question, series)
    with release.asking(question) as asking:
        rows = {row["series"]: row for row in asking.rows(query)}
    changes = []
    for found in series:
        if row := rows.get(found.key):
            label = release.describe_series(found)["label"]
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
        keys=", ".join(f"({quoted(found.key)})" for found in series),
    )
    themes = [found.id for found in series if found.kind in {"theme", "area"}]
    # the rates of a language hold for all of its articles that are about a theme
    is_corrected = themes and (question.measure, question.confidence) == ("about", "0")
    if is_corrected and not question.filters.keys() - {"language"}:
        return query + _CORRECTED.format(themes=listed(themes))
    return f"{query}\nselect * from share_change('counts') order by series"


_TESTED = {True: "as the coded articles suggest", False: "which the coded articles contradict"}


def describe_change(label: str, row: Row, question: Question) -> str:
    """Return a change with its interval, numbers of articles and assumptions in one sentence."""
    if not row["panel_outlet_count"]:
        return f"{label}: no outlet was collected on at least half of the days of both periods."
    before = _describe_counts(
        row, "panel_previous_", question.previous_start, question.previous_end
    )
    text = (
        f"{label} {_points(row, 'panel_change')}, from {before} to"
        f" {_describe_counts(row, 'panel_', question.start, question.end)}, in"
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


def _describe_counts(row: Row, name: str, first: dt.date | None, last: dt.date | None) -> str:
    days = format_day(first) if first == last else f"{format_day(first)} to {format_day(last)}"
    counts = f"{row[f'{name}hits']:,.0f} of {row[f'{name}total']:,.0f} articles"
    return f"{row[f'{name}share']:.1%} ({counts}, {days})"
