"""Write the SQL of a question. The same text runs in ``tidings sql`` and returns the same rows.

A question counts with the marts' definitions: a text counts once on a day of its outlet in
``outlet_daily``, a period without a covered day is a gap, and intervals are Wilson's.
"""

from collections.abc import Iterable

from tidings.analysis.answers import Row
from tidings.analysis.explore.question import PAGE_ROWS, Question, Series
from tidings.analysis.report.theme_questions import STATEMENTS
from tidings.storage.lake import quoted

COLUMNS = "article_id, publisher_id, published_on, language"
# not primary_language, because a file that is served may lack the macros
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


def key_rows(series: Iterable[Series]) -> str:
    """Return the keys of series as rows of ``values``."""
    return ", ".join(f"({quoted(one.key)})" for one in series)


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
    if not compared:
        return _own_counts(own)
    keys = ", ".join(f"({quoted(series.key)}, {quoted(series.id)})" for series in compared)
    within = days_condition(question, "period_start_on", question.by)
    first = union = ""
    if own.series:
        within += (
            " and period_start_on between (select min(period_start_on) from own) and (select"
            " max(period_start_on) from own)"
        )
        first = f"own as (\n{_own_counts(own)}\nselect * from shares\n),"
        union = "    select * from own\n    union all by name\n"
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
    where period = {quoted(question.by)}{within}
)"""


def _own_counts(question: Question) -> str:
    hits = "\n    union all\n    ".join(
        f"select {quoted(series.key)} as key, {COLUMNS} from ({articles_query(question, series)})"
        for series in question.series
    )
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
        is_over += f""" and (select max(released_at) from releases)
            >= timezone('UTC', days.period_start_on + interval 1 {question.by})"""
    start = period_start("d.published_on", question.by)
    return f"""with days as (
    select
        d.publisher_id,
        d.published_on,
        {start} as period_start_on,
        d.text_count,
        d.is_gap,
        d.is_over
    from outlet_daily as d
    left join publishers as p using (publisher_id)
    where true{days_condition(question, start, question.by)}{outlet_conditions(question)}
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
    cross join (values {key_rows(question.series)}) as keys (key)
    left join counts on keys.key = counts.key and periods.period_start_on = counts.period_start_on
)"""


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
    theme = f"{COLUMNS} from article_themes where theme_id = {name}{about}"
    mentioning = {
        "theme": theme,
        "area": theme,
        "phrase": f"distinct {COLUMNS} from theme_mentions where phrase_id = {name}",
        "speaker": f"distinct {COLUMNS} from {STATEMENTS} where speaker = {name}",
        "comparison": f"{COLUMNS} from articles where false",
    }
    if query := mentioning.get(series.kind):
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


def days_condition(question: Question, column: str = "published_on", by: str = "day") -> str:
    """Return the condition on a day, by default that of publication, or on a period's first day."""
    low = period_start(f"date '{question.start}'", by)
    low = f" and {column} >= {low}" if question.start else ""
    high = f" and {column} <= date '{question.end}'" if question.end else ""
    return low + high
