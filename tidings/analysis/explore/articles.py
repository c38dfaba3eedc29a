"""Answer which articles and mentions are behind series."""

import itertools
from collections import defaultdict
from collections.abc import Iterator
from operator import itemgetter
from typing import Any

from tidings.analysis.answers import Row
from tidings.analysis.explore.database import Asking, OpenRelease
from tidings.analysis.explore.queries import (
    COLUMNS,
    LANGUAGE,
    article_conditions,
    articles_in,
    articles_query,
    days_condition,
    listed,
    outlet_conditions,
    page_facts,
    period_start,
    texts_in,
)
from tidings.analysis.explore.question import PAGE_ROWS, Question, Series
from tidings.analysis.report.gloss import read_translations
from tidings.analysis.report.render import end_at_word, find_sentence
from tidings.analysis.report.theme_questions import STATEMENTS
from tidings.storage.lake import quoted

MENTION_PAGE = 100
MENTION_ARTICLES = 2_000  # read or counted together: texts take about 25 µs each
MAX_SNIPPETS = 3  # of an article and series
MAX_FACETS = 30
LEAD = 240
_LISTED = """select
    article_id::varchar as article_id,
    published_on,
    chosen.publisher_id as outlet_id,
    coalesce(publishers.name, chosen.publisher_id) as outlet_name,
    chosen.language,
    articles.title,
    articles.url{more}
from {chosen}
inner join articles using (article_id, published_on)
left join publishers on chosen.publisher_id = publishers.publisher_id
order by published_on desc, chosen.article_id"""
# texts and events of a page only, because the texts of all articles are large
_DETAILS = """, headline(articles.title) as headline, articles.body_text, coalesce((
    select list({'event_id': event_id::varchar, 'title': events.title})
    from article_events as e inner join events using (event_id)
    where e.article_id = articles.article_id
), []) as events"""
_FACETS = {
    "outlet": "publisher_id",
    "language": LANGUAGE.format("language"),
    "month": period_start("published_on", "month"),
    "theme": "theme_id",
}


def answer_articles(asking: Asking) -> Row:
    """Return a page of articles, newest first, with snippets, events and facets.

    ``article_count`` is the number of all articles that the question chooses. A facet's counts
    ignore the filter of the same name, so that a user can change it. A snippet's gloss has the
    English of its themes, formulations and people.
    """
    question = asking.question
    found, listed_rows = texts_in(question), _LISTED.format(more="", chosen="chosen")
    asking.execute(f"create temp table chosen as {found}")
    [(total,)] = asking.execute("select count(*) from chosen").fetchall()
    facets = {}
    if question.format == "json":
        start = (question.page - 1) * PAGE_ROWS
        page = (
            "(from chosen order by published_on desc, article_id"
            f" limit {PAGE_ROWS} offset {start}) as chosen"
        )
        articles = asking.rows(_LISTED.format(more=_DETAILS, chosen=page))
        if articles:
            _add_snippets(asking, articles)
        facets = _read_facets(asking)
    else:
        articles = asking.rows(listed_rows)
    return {
        "articles": articles,
        "article_count": total,
        **page_facts(question, total),
        "facets": facets,
        "sql": f"with chosen as (\n{found}\n)\n{listed_rows}",
    }


def _read_facets(asking: Asking) -> Row:
    facets: Row = {}
    question = asking.question
    filtered = {*question.filters, *["month"] * bool(question.start or question.end)}
    for name, column in _FACETS.items():
        source = f"({texts_in(question, name)})" if name in filtered else "chosen"
        if name in {"language", "theme"}:  # with one chosen, any of its versions is listed
            source = f"({articles_in(question, name)})"
        if name == "theme":
            source = f"""(select distinct theme_id, text_id from article_themes
                inner join {source} using (article_id)
                inner join article_stories using (article_id))"""
        order = "1 desc" if name == "month" else "2 desc, 1"
        counts = asking.execute(
            f"select {column}, count(*) from {source} group by 1 order by {order}"
            f" limit {MAX_FACETS}"
        ).fetchall()
        facets[name] = [
            {"id": str(key), "label": _label(asking.release, name, str(key)), "count": count}
            for key, count in counts
        ]
    return facets


def _label(release: OpenRelease, name: str, key: str) -> str:
    if name == "month":
        return key[:7]
    row = release.find_choice(name, key)
    return row["label"] if row else key


def _add_snippets(asking: Asking, articles: list[Row]) -> None:
    """Add the snippets of a page of articles and the URLs of English versions."""
    release, ids = asking.release, listed(map(itemgetter("article_id"), articles))
    # The day excludes most texts before they are read.
    last, first = articles[0]["published_on"], articles[-1]["published_on"]
    days = f"published_on between date '{first}' and date '{last}'"
    texts = {row["article_id"]: row for row in articles}
    snippets: dict[str, list[Row]] = defaultdict(list)
    for series in asking.question.series:
        query = mentions_query(asking, series, f" and article_id in {ids} and {days}")
        places = asking.execute(
            f"select article_id::varchar, field, start_offset, end_offset from ({query})"
            " where field is not null"
            " order by article_id, field != 'title', start_offset, end_offset"
        ).fetchall()
        taken: dict[str, set[tuple[int, int]]] = defaultdict(set)
        for key, field, start, end in places:
            spans, text = taken[key], texts[key]
            *parts, span = find_sentence(text[field], start, end, text["language"])
            if len(spans) < MAX_SNIPPETS and span not in spans:
                spans.add(span)
                snippets[key].append(_snippet(release, text, series.key, *parts))
    english = read_translations(asking.con, texts)
    for key, article in texts.items():
        lead = _snippet(release, article, None, end_at_word(article.pop("body_text"), LEAD))
        article["english_url"] = english.get(key)
        article["snippets"] = snippets[key] or [lead]


def _snippet(release: OpenRelease, article: Row, series: str | None, *parts: str) -> Row:
    before, match, after = (*parts, "", "")[:3]
    shown = {"before": before, "match": match, "after": after}
    return shown | {"series": series, "gloss": release.gloss(before + match + after, article)}


def mentions_query(asking: Asking, series: Series, chosen: str = "") -> str:
    """Return the query for the mentions of a series in its articles, with ``chosen``, further
    conditions on the article.

    Columns: COLUMNS, field, start_offset, end_offset (0-based characters, end exclusive), theme_id
    and phrase.
    """
    name, articles = quoted(series.id), articles_query(asking.question, series)
    within = f" and article_id in (select article_id from ({articles}))"
    mentions = (
        f"select {COLUMNS.replace('language', 'm.language')}, field, start_offset, end_offset,"
        " m.theme_id, p.phrase from theme_mentions as m"
        " left join theme_phrases as p using (phrase_id)"
    )
    if series.kind in {"theme", "area"}:
        themes = listed(asking.release.descendants(series.id))
        return f"{mentions} where m.theme_id in {themes}{chosen}{within}"
    if series.kind == "phrase":
        return f"{mentions} where m.phrase_id = {name}{chosen}"
    if series.kind == "speaker":
        return (
            f"select {COLUMNS}, 'body_text' as field, start_offset, end_offset, null as theme_id,"
            f" speaker_name as phrase from {STATEMENTS} where speaker = {name}{chosen}"
        )
    if series.kind == "words":
        return (
            f"select {COLUMNS}, hit.field as field, hit.start_offset as start_offset,"
            " hit.end_offset as end_offset, null as theme_id, hit.phrase_id as phrase"
            f" from (select {COLUMNS}, unnest(word_hits(title, body_text, language, {name})) as hit"
            f" from articles where true{within}{chosen}{days_condition(asking.question)})"
        )
    return (
        f"select {COLUMNS}, null as field, null::integer as start_offset,"
        " null::integer as end_offset, null as theme_id, null as phrase"
        f" from ({articles}) where true{chosen}"
    )


def answer_mentions(asking: Asking) -> Row:
    """Return a page of the mentions of all series of a question, newest first, or all for a file.

    A mention has series, article_id, published_on, outlet_id, outlet_name, language, title, url,
    theme_id, phrase, field, start_offset, end_offset, match, snippet, and
    match_end, the end of the match in the snippet. Offsets are 0-based characters, end exclusive.
    ``mention_count`` is a lower limit if ``is_count_exact`` is false:
    typed words of more than 2,000 articles are counted only in the newest of them. On a page, a
    mention also has the gloss of its snippet and english_url.
    """
    question = asking.question
    mentions: list[Row] = []
    total, is_exact = 0, True
    if question.series and question.format != "json":
        mentions = [*itertools.chain.from_iterable(read_mentions(asking.release, question))]
        total = len(mentions)
    elif question.series:
        end = question.page * MENTION_PAGE
        ids, days = _find_articles(asking)
        is_exact = len(ids) <= MENTION_ARTICLES or all(
            series.kind != "words" for series in question.series
        )
        counted = MENTION_ARTICLES if not is_exact else len(ids)
        query = _mentions_sql(asking, _choose(asking, ids[:counted], days))
        [(total,)] = asking.execute(f"select count(*) from ({query})").fetchall()
        total += len(ids) - counted  # at least one in each other article
        # Each article has a mention, so the mentions of these pages are in as many articles.
        query = _mentions_sql(asking, _choose(asking, ids[:end], days))
        mentions = asking.rows(f"{query}\nlimit {MENTION_PAGE} offset {end - MENTION_PAGE}")
        _add_english(asking, mentions)
    return {
        "mentions": mentions,
        "mention_count": total,
        "is_count_exact": is_exact,
        **page_facts(question, total, MENTION_PAGE),
        "sql": _mentions_sql(asking) if question.series else "",
    }


def _add_english(asking: Asking, mentions: list[Row]) -> None:
    english = read_translations(asking.con, {row["article_id"] for row in mentions})
    for mention in mentions:
        mention["gloss"] = asking.release.gloss(mention["snippet"] or "", mention)
        mention["english_url"] = english.get(mention["article_id"])


def read_mentions(release: OpenRelease, question: Question) -> Iterator[list[Row]]:
    """Yield all mentions of the series of a question, newest first, in blocks that each have the
    time limit of a query.
    """
    with release.asking(question) as asking:
        ids, days = _find_articles(asking)
    for start in range(0, max(len(ids), 1), MENTION_ARTICLES):
        block = slice(start, start + MENTION_ARTICLES)
        with release.asking(question) as asking:
            chosen = _choose(asking, ids[block], days[block])
            yield asking.rows(_mentions_sql(asking, chosen))


def _find_articles(asking: Asking) -> tuple[Any, Any]:
    """Return article_id, as text, and published_on of the articles of a question, newest first, as
    arrays.
    """
    query = (
        f"select article_id::varchar, published_on::varchar from ({articles_in(asking.question)})"
    )
    found = asking.execute(f"{query} order by published_on desc, article_id").fetchnumpy()
    ids, days = found.values()
    return ids, days


def _choose(asking: Asking, ids: Any, days: Any) -> str:
    """Register articles, newest first, and return the condition that an article is one of them."""
    if not len(ids):
        return " and false"
    asking.con.register("chosen_ids", {"article_id": ids})
    # excludes most texts before they are read
    return (
        " and article_id in (select article_id::uuid from chosen_ids)"
        f" and published_on between date '{days[len(ids) - 1]}' and date '{days[0]}'"
    )


def _mentions_sql(asking: Asking, chosen: str = "") -> str:
    question = asking.question
    sources = "\nunion all\n".join(
        f"select {quoted(series.key)} as series, * from ({mentions_query(asking, series, chosen)})"
        for series in question.series
    )
    return f"""with mentions as (
{sources}
)
select * exclude (text) from (select
    d.series,
    article_id::varchar as article_id,
    published_on,
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
    if(d.field = 'title', articles.title, articles.body_text) as text,
    substring(text, d.start_offset + 1, d.end_offset - d.start_offset) as match,
    snippet(text, d.start_offset, d.end_offset) as snippet,
    length(snippet(left(text, d.end_offset), d.start_offset, d.end_offset)) as match_end
from (
    select d.*
    from mentions as d
    inner join outlet_daily using (publisher_id, published_on)
    left join publishers as p using (publisher_id)
    where true{days_condition(question)}{outlet_conditions(question)}{article_conditions(question)}
) as d
inner join articles using (article_id, published_on)
left join publishers as p on d.publisher_id = p.publisher_id)
order by published_on desc, article_id, series, field desc, start_offset, theme_id"""
