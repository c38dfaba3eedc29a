"""Answer all mentions of series: the places of themes, phrases, statements and typed words in the
texts.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from tidings.analysis.explore.queries import (
    COLUMNS,
    article_conditions,
    articles_in,
    articles_query,
    days_condition,
    listed,
    outlet_conditions,
)
from tidings.analysis.report.gloss import read_translations
from tidings.storage.lake import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from tidings.analysis.answers import Row
    from tidings.analysis.explore.database import Asking, OpenRelease
    from tidings.analysis.explore.question import Question, Series

MENTION_PAGE = 100
MENTION_ARTICLES = 2_000
"""Articles whose mentions are read or counted together: texts take about 25 µs each."""


def mentions_query(
    release: OpenRelease, question: Question, series: Series, chosen: str = ""
) -> str:
    """Return the query for the mentions of a series in its articles, with ``chosen``, further
    conditions on the article.

    Columns: COLUMNS, field, start_offset, end_offset (0-based characters, end exclusive), theme_id
    and phrase.
    """
    name = quoted(series.id)
    place = f"{COLUMNS}, field, start_offset, end_offset"
    mentions = (
        f"select {place}, m.theme_id, p.phrase from theme_mentions as m left join"
        f" theme_phrases as p using (phrase_id)"
    )
    mentions = mentions.replace("language", "m.language", 1)
    if series.kind in {"theme", "area"}:
        about = f" and article_id in (select article_id from ({articles_query(question, series)}))"
        return (
            f"{mentions} where m.theme_id in"
            f" {listed(release.descendants(series.id))}{chosen}{about}"
        )
    if series.kind == "phrase":
        return f"{mentions} where m.phrase_id = {name}{chosen}"
    if series.kind == "speaker":
        return (
            f"select {COLUMNS}, 'body_text' as field, start_offset, end_offset, null as theme_id,"
            f" speaker_name as phrase"
            f" from statements where speaker = {name}{chosen}"
        )
    if series.kind == "words":
        return (
            f"select {COLUMNS}, hit.field as field, hit.start_offset as start_offset,"
            f" hit.end_offset as end_offset,"
            " null as theme_id, hit.phrase_id as phrase from ("
            f"select {COLUMNS}, unnest(word_hits(title, body_text, language, {name})) as hit from"
            f" articles"
            f" where article_id in (select article_id from ({articles_query(question, series)}))"
            f"{chosen}{days_condition(question)})"
        )
    articles = articles_query(question, series)
    return (
        f"select {COLUMNS}, null as field, null::integer as start_offset, null::integer as"
        f" end_offset, null as theme_id,"
        f" null as phrase from ({articles}) where true{chosen}"
    )


def answer_mentions(release: OpenRelease, question: Question) -> Row:
    """Return a page of the mentions of all series of a question, newest first, or all for a file.

    A mention has series, article_id, published_on, outlet_id, outlet_name, language, title, url,
    theme_id, phrase, field, start_offset, end_offset, match and snippet. Offsets are 0-based
    characters, end exclusive. ``mention_count`` is a lower limit if ``is_count_exact`` is false:
    typed words of more than 2,000 articles are counted only in the newest of them. On a page, a
    mention also has the gloss of its snippet and english_url.
    """
    mentions: list[Row] = []
    total, is_exact = 0, True
    if question.series and question.format != "json":
        mentions = [*itertools.chain.from_iterable(read_mentions(release, question))]
        total = len(mentions)
    elif question.series:
        end = question.page * MENTION_PAGE
        with release.asking(question) as asking:
            keys = _article_keys(asking, question)
            is_exact = len(keys) <= MENTION_ARTICLES or all(
                series.kind != "words" for series in question.series
            )
            counted = MENTION_ARTICLES if not is_exact else len(keys)
            query = _mentions_sql(release, question, _register(asking, keys[:counted]))
            [(total,)] = asking.execute(f"select count(*) from ({query})").fetchall()
            total += len(keys) - counted  # at least one in each other article
            # Each article has a mention, so the mentions of these pages are in as many articles.
            query = _mentions_sql(release, question, _register(asking, keys[:end]))
            mentions = asking.rows(f"{query}\nlimit {MENTION_PAGE} offset {end - MENTION_PAGE}")
            _add_english(release, asking, mentions)
    return {
        "mentions": mentions,
        "mention_count": total,
        "is_count_exact": is_exact,
        "page": question.page,
        "page_count": -(-total // MENTION_PAGE),
        "sql": _mentions_sql(release, question) if question.series else "",
    }


def _add_english(release: OpenRelease, asking: Asking, mentions: list[Row]) -> None:
    english = read_translations(asking.con, {row["article_id"] for row in mentions})
    for mention in mentions:
        mention["gloss"] = release.gloss(mention["snippet"] or "", mention)
        mention["english_url"] = english.get(mention["article_id"])


def read_mentions(release: OpenRelease, question: Question) -> Iterator[list[Row]]:
    """Yield all mentions of the series of a question, newest first, in blocks that each have the
    time limit of a query.
    """
    with release.asking(question) as asking:
        keys = _article_keys(asking, question)
    for start in range(0, max(len(keys), 1), MENTION_ARTICLES):
        with release.asking(question) as asking:
            chosen = _register(asking, keys[start : start + MENTION_ARTICLES])
            yield asking.rows(_mentions_sql(release, question, chosen))


def _article_keys(asking: Asking, question: Question) -> pa.Table:
    """Return article_id, as text, and published_on of the articles of a question, newest first."""
    query = f"select article_id::varchar as article_id, published_on from ({articles_in(question)})"
    return asking.execute(f"{query} order by published_on desc, article_id").to_arrow_table()


def _register(asking: Asking, keys: pa.Table) -> str:
    """Register articles, newest first, and return the condition that an article is one of them."""
    asking.con.register("article_keys", keys)
    if not len(keys):
        return " and false"
    days = (keys["published_on"][place].as_py() for place in (-1, 0))
    # excludes most texts before they are read
    between = " and ".join(f"date '{day}'" for day in days)
    return (
        f" and article_id in (select article_id::uuid from article_keys) and published_on"
        f" between {between}"
    )


def _mentions_sql(release: OpenRelease, question: Question, chosen: str = "") -> str:
    """Return the query for the mentions of all series, with ``chosen``, further conditions on the
    article.
    """
    sources = "\nunion all\n".join(
        f"select {quoted(series.key)} as series, * from"
        f" ({mentions_query(release, question, series, chosen)})"
        for series in question.series
    )
    return f"""with mentions as (
{sources}
)
select * exclude (text) from (select
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
    if(d.field = 'title', articles.title, articles.body_text) as text,
    substring(text, d.start_offset + 1, d.end_offset - d.start_offset) as match,
    snippet(text, d.start_offset, d.end_offset) as snippet
from (
    select d.*
    from mentions as d
    inner join outlet_daily using (publisher_id, published_on)
    left join publishers as p using (publisher_id)
    where true{days_condition(question)}{outlet_conditions(question)}{article_conditions(question)}
) as d
inner join articles on d.article_id = articles.article_id and d.published_on = articles.published_on
left join publishers as p on d.publisher_id = p.publisher_id)
order by published_on desc, article_id, series, field desc, start_offset"""
