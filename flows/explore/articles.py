"""Answer which articles and mentions are behind series: pages with highlighted sentences, facets, and all mentions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidings.flows.explore.english import add_english
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
from tidings.transforms.text.typed_words import typed_words
from tidings.warehouse.lake import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidings.flows.explore.database import Asking, OpenRelease, Row
    from tidings.flows.explore.question import Question, Series

MOST_SNIPPETS = 3
"""Snippets of an article and series."""
MOST_FACETS = 30
MENTION_PAGE = 100
LEAD = 240
_LISTED = """select
    chosen.article_id::varchar as article_id,
    chosen.published_on,
    chosen.publisher_id as outlet_id,
    coalesce(publishers.name, chosen.publisher_id) as outlet_name,
    chosen.language,
    articles.title,
    articles.url
from chosen
inner join articles on chosen.article_id = articles.article_id and chosen.published_on = articles.published_on
left join publishers on chosen.publisher_id = publishers.publisher_id
order by chosen.published_on desc, chosen.article_id"""
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
    name, so that a user can change it. A snippet's gloss has the English of its themes, formulations and people.
    """
    found = articles_in(question)
    query = f"""with chosen as (
{found}
)
{_LISTED}"""
    with release.asking(question) as asking:
        asking.execute(f"create temp table chosen as {found}")
        [(total,)] = asking.table("select count(*) from chosen")[1]
        articles, facets = [], {}
        if question.format == "json":
            start = (question.page - 1) * PAGE_ROWS
            # Join only the page, because the texts of all articles are large.
            asking.execute(
                "create temp table chosen_page as from chosen order by published_on desc, article_id"
                f" limit {PAGE_ROWS} offset {start}"
            )
            articles = asking.rows(_LISTED.replace("chosen", "chosen_page"))
            _add_details(asking, release, question, articles)
            facets = _read_facets(asking, release, question)
        else:
            articles = asking.rows(_LISTED)
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
    wanted = {name: bool(question.filters.get(name)) for name in _FACETS}
    wanted |= {"month": bool(question.start or question.end), "theme": bool(question.themes)}
    for name, is_filtered in wanted.items():
        source = f"({articles_in(question, name)})" if is_filtered else "chosen"
        column, order = _FACETS.get(name, "theme_id"), "1 desc" if name == "month" else "2 desc, 1"
        rows = f"article_themes semi join {source} using (article_id)" if name == "theme" else source
        _, counts = asking.table(f"select {column}, count(*) from {rows} group by 1 order by {order} limit {MOST_FACETS}")
        facets[name] = [{"id": str(key), "label": _label(release, name, str(key)), "count": count} for key, count in counts]
    return facets


def _label(release: OpenRelease, name: str, key: str) -> str:
    if name == "month":
        return key[:7]
    if name == "language":
        return language_name(key)
    row = release.choices.get(f"{name}:{key}") or release.choices.get(f"area:{key}")
    return row["label"] if row else key


def mentions_query(release: OpenRelease, question: Question, series: Series, chosen: str = "") -> str:
    """Return the query for the mentions of a series in its articles, with ``chosen``, further conditions on the article.

    Columns: COLUMNS, field, start_offset, end_offset (0-based characters, end exclusive), theme_id and phrase.
    """
    name = quoted(series.id)
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
    ids = listed(article["article_id"] for article in articles)
    # The day excludes most texts before they are read.
    days = f"published_on between date '{articles[-1]['published_on']}' and date '{articles[0]['published_on']}'"
    texts = {
        row["article_id"]: row
        for row in asking.rows(
            "select article_id::varchar as article_id, title, body_text, language, published_on from articles"
            f" where article_id in {ids} and {days}"
        )
    }
    events: dict[str, list[Row]] = {}
    for row in asking.rows(
        "select e.article_id::varchar as article_id, event_id::varchar as event_id, title from article_events as e"
        f" inner join events using (event_id) where e.article_id in {ids}"
    ):
        events.setdefault(row.pop("article_id"), []).append(row)
    snippets: dict[str, list[Row]] = {}
    for series in question.series:
        if series.kind == "words":
            places = _word_places(texts.values(), series.id)
        else:
            query = mentions_query(release, question, series, f" and article_id in {ids} and {days}")
            places = asking.table(
                f"select article_id::varchar, field, start_offset, end_offset from ({query}) where field is not null"
                " order by article_id, field != 'title', start_offset, end_offset"
            )[1]
        taken: dict[str, set[tuple[int, int]]] = {}
        for key, field, start, end in places:
            spans, text = taken.setdefault(key, set()), texts[key]
            snippet = find_sentence(text["title"] if field == "title" else text["body_text"], start, end, text["language"])
            if len(spans) < MOST_SNIPPETS and snippet.span not in spans:
                spans.add(snippet.span)
                shown = {"before": snippet.before, "match": snippet.match, "after": snippet.after, "series": series.key}
                gloss = release.gloss(f"{snippet.before}{snippet.match}{snippet.after}", text)
                snippets.setdefault(key, []).append(shown | {"gloss": gloss})
    add_english(asking, articles)
    for article in articles:
        key = article["article_id"]
        lead = texts[key]["body_text"][:LEAD]
        other = {"before": lead, "match": "", "after": "", "series": None, "gloss": release.gloss(lead, texts[key])}
        article["snippets"] = snippets.get(key, [other])
        article["events"] = events.get(key, [])


def _word_places(texts: Iterable[Row], words: str) -> list[tuple[Any, ...]]:
    """Return the places of typed words in texts that are already in memory: article ID, field, start and end."""
    return [
        (row["article_id"], field, hit.start, hit.end)
        for row in texts
        for field, hits in zip(
            ("title", "body_text"),
            typed_words(words).match(row["title"] or "", row["body_text"] or "", row["language"]),
            strict=True,
        )
        for hit in hits
    ]


def answer_mentions(release: OpenRelease, question: Question) -> Row:
    """Return a page of the mentions of all series of a question, newest first, or all for a file.

    A mention has series, article_id, published_on, outlet_id, outlet_name, language, title, url, theme_id, phrase, field,
    start_offset, end_offset, match and snippet. Offsets are 0-based characters, end exclusive. On a page, it also has the
    gloss of its snippet and english_url.
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
        if question.format == "json":
            for mention in mentions:
                mention["gloss"] = release.gloss(mention["snippet"] or "", mention)
            add_english(asking, mentions)
    return {
        "mentions": mentions,
        "mention_count": total,
        "page": question.page,
        "page_count": -(-total // MENTION_PAGE),
        "sql": query,
    }
