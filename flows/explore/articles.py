"""Answer which articles and mentions are behind series: pages with highlighted sentences, facets, and all mentions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidings.flows.explore.lists import language_name
from tidings.flows.explore.queries import (
    COLUMNS,
    LANGUAGE,
    article_conditions,
    articles_query,
    listed,
    outlet_conditions,
    period_start,
)
from tidings.flows.explore.question import PAGE_ROWS
from tidings.flows.explore.sentences import find_sentence
from tidings.warehouse.lake import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidings.flows.explore.database import Asking, OpenRelease, Row
    from tidings.flows.explore.question import Question, Series

MOST_SNIPPETS = 3
"""Snippets of an article and series."""
MOST_FACETS = 30
MENTION_PAGE = 100
LEAD = 240
_FACETS = {"outlet": "publisher_id", "language": LANGUAGE.format("language"), "month": period_start("published_on", "month")}


def articles_in(question: Question, skip: str = "") -> str:
    """Return the query for the articles of any series of a question that pass its filters, with COLUMNS.

    ``skip`` is the name of a filter that does not apply, as in its own facet.
    """
    sources = [articles_query(question, series) for series in question.series]
    source = " union ".join(sources) or f"select {COLUMNS} from articles where excluded_reason is null"
    days = _days(question) if skip != "month" else ""
    return f"""select {COLUMNS}
from ({source}) as d
inner join outlet_daily using (publisher_id, published_on)
left join publishers as p using (publisher_id)
where true{days}{outlet_conditions(question, skip)}{article_conditions(question, skip)}"""


def answer_articles(release: OpenRelease, question: Question) -> Row:
    """Return a page of articles, newest first, with snippets, events and facets.

    ``article_count`` is the number of all articles that the question chooses. A facet's counts ignore the filter of the same
    name, so that a user can change it.
    """
    found = articles_in(question)
    start, count = ((question.page - 1) * PAGE_ROWS, PAGE_ROWS) if question.format == "json" else (0, 1 << 40)
    query = f"""with chosen as (
{found}
)
select
    chosen.article_id::varchar as article_id,
    chosen.published_on,
    chosen.publisher_id as outlet_id,
    coalesce(publishers.name, chosen.publisher_id) as outlet_name,
    chosen.language,
    articles.title,
    articles.url
from chosen
inner join articles using (article_id)
left join publishers on chosen.publisher_id = publishers.publisher_id
order by chosen.published_on desc, chosen.article_id"""
    with release.asking(question) as asking:
        articles = asking.rows(f"{query}\nlimit {count} offset {start}")
        [(total,)] = asking.table(f"select count(*) from ({found})")[1]
        if question.format == "json":
            _add_details(asking, release, question, articles)
        facets = _read_facets(asking, release, question) if question.format == "json" else {}
    return {
        "articles": articles,
        "article_count": total,
        "page": question.page,
        "page_count": -(-total // PAGE_ROWS),
        "facets": facets,
        "sql": query,
    }


def _read_facets(asking: Asking, release: OpenRelease, question: Question) -> Row:
    facets: Row = {}
    for name, column in _FACETS.items():
        order = "1 desc" if name == "month" else "2 desc, 1"
        _, rows = asking.table(
            f"select {column} as id, count(*) from ({articles_in(question, name)}) group by 1 order by {order}"
            f" limit {MOST_FACETS}"
        )
        facets[name] = [{"id": str(key), "label": _label(release, name, str(key)), "count": count} for key, count in rows]
    _, rows = asking.table(
        f"select theme_id, count(*) from article_themes semi join ({articles_in(question, 'theme')}) using (article_id)"
        f" group by 1 order by 2 desc, 1 limit {MOST_FACETS}"
    )
    facets["theme"] = [{"id": key, "label": _label(release, "theme", key), "count": count} for key, count in rows]
    return facets


def _label(release: OpenRelease, name: str, key: str) -> str:
    if name == "month":
        return key[:7]
    if name == "language":
        return language_name(key)
    row = release.choices.get(f"{name}:{key}") or release.choices.get(f"area:{key}")
    return row["label"] if row else key


def mentions_query(release: OpenRelease, question: Question, series: Series, only: Sequence[str] = ()) -> str:
    """Return the query for the mentions of a series in its articles, before any filter but ``only``, the article IDs.

    Columns: COLUMNS, field, start_offset, end_offset (0-based characters, end exclusive), theme_id and phrase.
    """
    name = quoted(series.id)
    chosen = f" and article_id in {listed(only)}" if only else ""
    place = f"{COLUMNS}, field, start_offset, end_offset"
    mentions = f"select {place}, m.theme_id, p.phrase from theme_mentions as m left join theme_phrases as p using (phrase_id)"
    mentions = mentions.replace("language", "m.language", 1)
    if series.kind in {"theme", "area"}:
        about = f" and article_id in (select article_id from ({articles_query(question, series)}))"
        return f"{mentions} where m.theme_id in {listed(release.descendants(series.id))}{chosen}{about}"
    if series.kind == "phrase":
        return f"{mentions} where m.phrase_id = {name}{chosen}"
    if series.kind == "speaker":
        return (
            f"select {COLUMNS}, 'body_text' as field, start_offset, end_offset, null as theme_id, speaker_name as phrase"
            f" from statements where speaker = {name}{chosen}"
        )
    if series.kind == "words":
        return (
            f"select {COLUMNS}, hit.field as field, hit.start_offset as start_offset, hit.end_offset as end_offset,"
            " null as theme_id, hit.phrase_id as phrase from ("
            f"select {COLUMNS}, unnest(word_hits(title, body_text, language, {name})) as hit from articles"
            f" where article_id in (select article_id from ({articles_query(question, series)})){chosen}{_days(question)})"
        )
    articles = articles_query(question, series)
    return (
        f"select {COLUMNS}, null as field, null::integer as start_offset, null::integer as end_offset, null as theme_id,"
        f" null as phrase from ({articles}) where true{chosen}"
    )


def _days(question: Question) -> str:
    """Return the condition on the day of publication."""
    low = f" and published_on >= date '{question.start}'" if question.start else ""
    high = f" and published_on <= date '{question.end}'" if question.end else ""
    return low + high


def _add_details(asking: Asking, release: OpenRelease, question: Question, articles: list[Row]) -> None:
    """Add the snippets and events of a page of articles."""
    if not articles:
        return
    ids = [article["article_id"] for article in articles]
    texts: dict[str, tuple[str, str, str | None]] = {
        str(row[0]): row[1:]
        for row in asking.table(f"select article_id, title, body_text, language from articles where article_id in {listed(ids)}")[
            1
        ]
    }
    events: dict[str, list[Row]] = {}
    for key, event_id, title in asking.table(
        "select e.article_id, event_id::varchar, title from article_events as e inner join events using (event_id)"
        f" where e.article_id in {listed(ids)}"
    )[1]:
        events.setdefault(str(key), []).append({"event_id": event_id, "title": title})
    places: dict[str, list[Row]] = {}
    for series in question.series:
        query = mentions_query(release, question, series, ids)
        taken: dict[str, set[tuple[int, int]]] = {}
        for key, field, start, end in asking.table(
            f"select article_id, field, start_offset, end_offset from ({query})"
            " order by article_id, field != 'title', start_offset, end_offset"
        )[1]:
            spans = taken.setdefault(str(key), set())
            if field is None or len(spans) >= MOST_SNIPPETS:
                continue
            title, body, language = texts[str(key)]
            snippet = find_sentence(title if field == "title" else body, start, end, language)
            if snippet.span not in spans:
                spans.add(snippet.span)
                shown = {"before": snippet.before, "match": snippet.match, "after": snippet.after}
                places.setdefault(str(key), []).append({**shown, "series": series.key, "gloss": None})
    for article in articles:
        key = article["article_id"]
        lead = {"before": texts[key][1][:LEAD], "match": "", "after": "", "series": None, "gloss": None}
        article["snippets"] = places.get(key, [lead])
        article["events"] = events.get(key, [])


def answer_mentions(release: OpenRelease, question: Question) -> Row:
    """Return a page of the mentions of all series of a question, newest first, or all for a file.

    A mention has series, article_id, published_on, outlet_id, outlet_name, language, title, url, theme_id, phrase, field,
    start_offset, end_offset, match and snippet. Offsets are 0-based characters, end exclusive.
    """
    if not question.series:
        return {"mentions": [], "mention_count": 0, "page": question.page, "page_count": 0, "sql": ""}
    sources = "\nunion all\n".join(
        f"select {quoted(series.key)} as series, * from ({mentions_query(release, question, series)})"
        for series in question.series
    )
    query = f"""with mentions as (
{sources}
)
select
    d.series,
    d.article_id::varchar as article_id,
    d.published_on,
    d.publisher_id as outlet_id,
    coalesce(p.name, d.publisher_id) as outlet_name,
    d.language,
    articles.title,
    articles.url,
    d.theme_id,
    d.phrase,
    d.field,
    d.start_offset,
    d.end_offset,
    substring(
        if(d.field = 'title', articles.title, articles.body_text), d.start_offset + 1, d.end_offset - d.start_offset
    ) as match,
    trim(regexp_replace(substring(
        if(d.field = 'title', articles.title, articles.body_text),
        greatest(d.start_offset - 80, 0) + 1,
        d.end_offset + 80 - greatest(d.start_offset - 80, 0)
    ), '\\s+', ' ', 'g')) as snippet
from (
    select d.*
    from mentions as d
    inner join outlet_daily using (publisher_id, published_on)
    left join publishers as p using (publisher_id)
    where true{_days(question)}{outlet_conditions(question)}{article_conditions(question)}
) as d
inner join articles using (article_id)
left join publishers as p on d.publisher_id = p.publisher_id
order by d.published_on desc, d.article_id, d.series, d.field desc, d.start_offset"""
    with release.asking(question) as asking:
        [(total,)] = asking.table(f"select count(*) from ({query})")[1]
        limit = f"\nlimit {MENTION_PAGE} offset {(question.page - 1) * MENTION_PAGE}" if question.format == "json" else ""
        mentions = asking.rows(query + limit)
    return {
        "mentions": mentions,
        "mention_count": total,
        "page": question.page,
        "page_count": -(-total // MENTION_PAGE),
        "sql": query,
    }
