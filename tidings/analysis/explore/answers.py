"""Answer questions, each with its release, citation, data problems and URL."""

import datetime as dt
import itertools
import math
from collections.abc import Callable
from operator import itemgetter
from typing import Any, NamedTuple

import duckdb

from tidings.analysis.answers import Row
from tidings.analysis.explore.articles import answer_articles, answer_mentions
from tidings.analysis.explore.changes import answer_change
from tidings.analysis.explore.database import CHOICES, Asking, OpenRelease
from tidings.analysis.explore.queries import (
    LANGUAGE,
    articles_query,
    days_condition,
    key_rows,
    listed,
    outlet_conditions,
    page_facts,
    series_query,
)
from tidings.analysis.explore.question import DAYS, FILTERS, KINDS, PAGE_ROWS, Question, Series
from tidings.analysis.inputs import refuse
from tidings.analysis.report.figure import describe_agreement
from tidings.analysis.report.release import OUTLET_COVERAGE
from tidings.analysis.report.theme_questions import EVENT_DAYS, STATEMENTS
from tidings.storage.lake import quoted

Table = tuple[list[str], list[tuple[Any, ...]]]

MAX_PER_KIND = 8  # series of each kind without a search text
# periods of a chart for which a comparison series has values, by its own period
PERIODS_FROM = {"day": ("day", "week", "month"), "week": ("week",), "month": ("month",)}
_PERIODS = {"day": "%F", "week": "%G-%V", "month": "%Y-%m"}
_EVERYTHING = Question()
_UNITS = {"count": "a count", "index": "an index"}
MAX_EVENTS = 12  # of a series
MIN_ARTICLES = 2  # on an event that no peak of a theme explains


def check_question(release: OpenRelease, question: Question) -> None:
    """Raise InputError if the release has no such series, or no such value of a filter."""
    for series in question.series:
        release.describe_series(series)
    for name, values in question.filters.items():
        for value in values:
            refuse(
                release.find_choice(name, value) is None,
                f"Unknown {name} {value!r} in this release: search the choices by name.",
            )


def answer_series(asking: Asking) -> Row:
    """Return the series of a question with their rows and events, and the SQL of the rows.

    A row has period_start_on, period_end_on, count, total, value, low, high, is_gap and is_open.
    ``value`` is null in a gap. A comparison series also has unit, period, source, counted, citation
    (with the licence, if stated) and imported_at; filters do not apply to it. ``agreement`` has the
    correlations of each other series with each comparison series.
    """
    question = asking.question
    if not question.series:
        return {"series": [], "agreement": [], "sql": ""}
    _check_comparisons(asking)
    query = series_query(question)
    series: list[Row] = [
        asking.release.describe_series(entry) | {"rows": [], "events": _read_events(asking, entry)}
        for entry in question.series
    ]
    by_key = {entry["key"]: entry["rows"] for entry in series}
    for row in asking.rows(query):
        by_key[row.pop("key")].append(row)
    return {"series": series, "agreement": _read_agreement(asking, query), "sql": query}


def _check_comparisons(asking: Asking) -> None:
    question = asking.question
    for series in question.compared:
        facts = asking.release.choices[series.key]
        label, period, unit = facts["label"], facts["period"], facts["unit"]
        refuse(
            question.by not in PERIODS_FROM[period],
            f"{label} has one value a {period}: show it by {period} (by={period}).",
        )
        refuse(
            question.value == "share" != unit,
            f"{label} is {_UNITS.get(unit)}, not a share: show its index (value=index).",
        )
        refuse(
            question.value == "count" and not facts["has_counts"],
            f"{label} has no counts: show its index (value=index).",
        )


def _read_agreement(asking: Asking, query: str) -> list[Row]:
    """Return the agreement of each series with each comparison series over complete periods."""
    question = asking.question
    if question.compared in {(), question.series}:
        return []
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
    cross join (values {key_rows(question.compared)}) as chosen (key)
    left join answer as other
        on chosen.key = other.key and own.period_start_on = other.period_start_on
    where own.key not like 'comparison:%'
)
from agreement('pairs') order by series""")
    return [
        row | dict(zip(("text", "warning"), describe_agreement(row, question.by), strict=True))
        for row in rows
    ]


def _read_events(asking: Asking, series: Series) -> list[Row]:
    """Return the events behind the peaks of a theme, or those that most articles of another series
    report.
    """
    question = asking.question
    first = f"date '{question.start or '-infinity'}'"
    last = f"date '{question.end or 'infinity'}'"
    if series.kind in {"theme", "area"}:
        source = f"""
select event_id, rise_share as share_of_rise, article_count,
    {{'start_on': start_on, 'end_on': end_on}} as rise
from theme_peaks where theme_id = {quoted(series.id)} and end_on >= {first}
    and start_on <= {last}
qualify row_number() over (partition by event_id order by rise_share desc, kind desc, start_on)
    = 1"""
    elif series.kind in {"phrase", "speaker", "words"}:
        source = f"""
select event_id, null::double as share_of_rise, null as rise, count(*) as article_count
from ({articles_query(question, series)}) inner join article_events using (article_id)
where published_on between {first} and {last}
group by event_id having count(*) >= {MIN_ARTICLES}"""
    else:
        return []
    query = f"""
select event_id::varchar as event_id, coalesce(title_en, events.title) as title,
    peak_on as day, share_of_rise, rise, found.article_count, articles.url
from ({source}) as found
inner join events using (event_id)
left join articles on found.event_id = articles.article_id
where peak_on between {first} and {last}
order by share_of_rise desc nulls last, found.article_count desc, event_id
limit {MAX_EVENTS}
"""
    return asking.rows(query)


def answer_choices(asking: Asking) -> Row:
    """Return the series whose label or ID contains the text of a question, or the largest of each
    kind without one.
    """
    words = asking.question.q.strip()
    text = " ".join(words.casefold().split())
    rows = [row for row in asking.release.choices.values() if text in row["text"]]
    rows.sort(key=lambda row: (KINDS.index(row["kind"]), -(row["count"] or 0), row["id"]))
    chosen = []
    if any(map(str.isalnum, text)):
        chosen = [{"key": f"words:{words}", "label": f"“{words}”", "kind": "words", "count": None}]
    for _, group in itertools.groupby(rows, itemgetter("kind")):
        chosen += itertools.islice(group, MAX_PER_KIND)
    names = ("key", "label", "kind", "language_note", "count", "period")
    choices = [{name: row.get(name) for name in names} for row in chosen]
    return {"choices": choices, "sql": CHOICES.strip()}


def answer_events(asking: Asking) -> Row:
    """Return a page of the events that articles of these days report; of the series, if the
    question has any.

    An event has event_id, title, title_en (or null), day (of most articles), first_on, last_on,
    article_count, report_count (copies count once) and outlet_count in the chosen days and series,
    languages, themes, speakers, url of its first article, and ``days`` with the counts and the
    title of each day. They are ranked by reports times outlets, then by speakers.
    """
    question = asking.question
    chosen = " union ".join(
        f"select article_id from ({articles_query(question, series)})" for series in question.series
    )
    within = f" and article_id in ({chosen})" if chosen else ""
    languages = question.filters.get("language")
    language = f" and {LANGUAGE.format('d.language')} in {listed(languages)}" if languages else ""
    query = f"""with reported as (
    select e.event_id, count(*) as article_count, count(distinct text_id) as report_count,
        count(distinct d.publisher_id) as outlet_count
    from article_events as e
    inner join articles as d using (article_id)
    inner join article_stories using (article_id)
    left join publishers as p using (publisher_id)
    where true{days_condition(question, "event_day_on")}{within}
        {outlet_conditions(question)}{language}
    group by all
)
select
    events.event_id::varchar as event_id,
    events.title,
    events.title_en,
    peak_on as day,
    first_on,
    last_on,
    reported.article_count,
    reported.report_count,
    reported.outlet_count,
    languages,
    themes,
    speakers,
    articles.url,
    days
from reported
inner join events using (event_id)
inner join ({EVENT_DAYS}) as found using (event_id)
left join articles on events.event_id = articles.article_id
order by reported.report_count * reported.outlet_count desc, len(speakers) desc, first_on,
    events.event_id"""
    return _read_page(asking, "event", query)


def _read_page(asking: Asking, name: str, query: str) -> Row:
    """Return a page of a query's rows, or all for a file, with their number."""
    question = asking.question
    limit = f"\nlimit {PAGE_ROWS} offset {(question.page - 1) * PAGE_ROWS}"
    [(total,)] = asking.execute(f"select count(*) from ({query})").fetchall()
    rows = asking.rows(query + (limit if question.format == "json" else ""))
    return {
        f"{name}s": rows,
        f"{name}_count": total,
        **page_facts(question, total),
        "sql": query,
    }


def answer_statements(asking: Asking) -> Row:
    """Return a page of the statements on these themes by these speakers, newest first, and the
    speakers with most of them, the listed ones with their English name; speakers without a name of
    their own are one of their kind, with a null as speaker_name. Other kinds of series have no
    statements.
    """
    question = asking.question
    speakers = [series.id for series in question.series if series.kind == "speaker"]
    themes = [series.id for series in question.series if series.kind in {"theme", "area"}]
    refuse(
        len(speakers) + len(themes) < len(question.series),
        "Statements have themes and speakers: name no other kinds of series.",
    )
    conditions = days_condition(question)
    if themes:
        below = itertools.chain.from_iterable(map(asking.release.descendants, themes))
        conditions += f" and list_has_any(theme_ids, [{listed(below)[1:-1]}])"
    if speakers:
        conditions += f" and speaker in {listed(speakers)}"
    source = f"from {STATEMENTS} where true{conditions}"
    query = f"""select speaker, speaker_name, speaker_kind, office, verb, sentence, theme_ids,
    s.published_on, s.publisher_id,
    s.language, articles.url
from (select * {source}) as s
left join articles using (article_id)
order by s.published_on desc, article_id, start_offset"""
    counts = f"""select speaker, speaker_kind,
    case when person_id is null then nullif(speaker, speaker_kind)
        else coalesce(min(name), mode(speaker_name)) end as speaker_name,
    count(*) as statement_count,
    count(distinct article_id) as article_count
from (select * {source})
left join (select person_id as speaker, name from speakers where language = 'en') using (speaker)
group by speaker, speaker_kind, person_id
order by statement_count desc, speaker
limit 30"""
    found = _read_page(asking, "statement", query)
    return {"speakers": asking.rows(counts), **found, "sql": f"{counts};\n\n{query}"}


def answer_coverage(asking: Asking) -> Row:
    """Return how completely each outlet was collected: its days, gap days with the reasons, and
    articles.
    """
    conditions = days_condition(asking.question) + outlet_conditions(asking.question)
    query = OUTLET_COVERAGE.format(conditions)
    return {"outlets": asking.rows(query), "sql": query}


class Answer(NamedTuple):
    """A path of the API; ``rows`` names its list, ``tool`` its tool for assistants."""

    function: Callable[[Asking], Row]
    summary: str
    parameters: tuple[str, ...]
    rows: str
    tool: str = ""

    @property
    def description(self) -> str:
        """The function's docstring as one paragraph."""
        return " ".join((self.function.__doc__ or "").split())


_LIST = ("s", "from", "to", "measure", *FILTERS, "confidence", "page", "format")
ANSWERS = {
    "series": Answer(
        answer_series,
        "Series over time, with events",
        ("s", "from", "to", "by", "measure", "unit", "value", *FILTERS, "confidence", "format"),
        "series",
        "share_over_time",
    ),
    "change": Answer(
        answer_change,
        "Change of a share between two periods",
        ("s", *DAYS, "measure", *FILTERS, "confidence", "format"),
        "changes",
        "change",
    ),
    "articles": Answer(
        answer_articles,
        "Articles behind the series, with snippets and facets",
        _LIST,
        "articles",
        "mentions",
    ),
    "mentions": Answer(
        answer_mentions, "Mentions behind the series, one row per mention", _LIST, "mentions"
    ),
    "events": Answer(
        answer_events,
        "Events that articles of these days report",
        ("s", "from", "to", "measure", *FILTERS[:-1], "page", "format"),
        "events",
        "events",
    ),
    "statements": Answer(
        answer_statements,
        "Statements on themes, by speakers",
        ("s", "from", "to", "page", "format"),
        "statements",
        "who_said",
    ),
    "coverage": Answer(
        answer_coverage,
        "Completeness of each outlet",
        ("from", "to", "outlet", "publisher_type", "country", "format"),
        "outlets",
        "coverage",
    ),
    "choices": Answer(
        answer_choices, "Series that a question can name", ("q", "format"), "choices"
    ),
}


def answer(release: OpenRelease, name: str, question: Question) -> Row:
    """Return an answer by the name of its path. Raises InputError and QueryTimeoutError."""
    check_question(release, question)
    try:
        with release.asking(question) as asking:
            found = ANSWERS[name].function(asking)
    except duckdb.IOException:
        if release.drop_index():
            return answer(release, name, question)
        raise
    described = describe_release(release, question, question.by if name == "series" else "day")
    described["citation"] += "".join(
        f" Comparison {series['label']}: {series['citation']}"
        for series in found.get("series", ())
        if "citation" in series
    )
    return described | {"url": question.url} | found


def describe_release(
    release: OpenRelease, question: Question = _EVERYTHING, by: str = "day"
) -> Row:
    """Return the facts of a release, its citation, and the open breaks of outlets that a question
    counts.
    """
    facts = release.facts
    citation = (
        f"Tidings, release {facts['release_id']} ({facts['released_at'][:10]}), word list"
        f" {facts['lexicon_version']}, code {facts['code_version']}"
    )
    return {
        "release": facts,
        "citation": f"{release.invented.mark(citation)}.",
        "data_problems": [
            problem
            for problem, values in release.problems
            if (question.series != question.compared or not question.series)
            and _concerns(problem, values, question, _PERIODS[by])
        ],
    }


def _concerns(problem: Row, values: Row, question: Question, period: str) -> bool:
    start, end = question.start, question.end
    asked = (start, end), (question.previous_start or start, question.previous_end or end)
    first, last = problem["first_on"], problem["last_on"]
    return any(
        f"{first:{period}}" <= f"{end or first:{period}}"
        and f"{last:{period}}" >= f"{start or last:{period}}"
        for start, end in asked
    ) and all(
        not set(values.get(name, chosen)).isdisjoint(chosen)
        for name, chosen in question.filters.items()
    )


def as_json(value: Any) -> Any:
    """Return a value for JSON: times in ISO 8601, NaN as null, other kinds as text."""
    if isinstance(value, dict):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int):
        return value
    return value.isoformat() if isinstance(value, dt.date | dt.time) else str(value)


def as_table(name: str, answered: Row, notice: str | None) -> Table:
    """Return the columns and rows of a file of an answer. A notice is the last cell of a row."""
    if name == "series":
        columns, rows = series_table(answered)
    else:
        found = answered[ANSWERS[name].rows]
        columns, rows = [*found[0]] if found else [], [(*row.values(),) for row in found]
    if notice and columns:
        return [*columns, "notice"], [(*row, notice) for row in rows]
    return columns, rows


def series_table(answer: Row) -> Table:
    """Return columns and rows, one per series and period, with citations of other sources."""
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
