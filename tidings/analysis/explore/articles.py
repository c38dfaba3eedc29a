"""Answer which articles are behind series: pages with highlighted sentences, and facets."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING

from tidings.analysis.explore.lists import language_name
from tidings.analysis.explore.mentions import mentions_query
from tidings.analysis.explore.queries import LANGUAGE, articles_in, listed, period_start
from tidings.analysis.explore.question import PAGE_ROWS
from tidings.analysis.report.gloss import read_translations
from tidings.analysis.report.render import end_at_word, find_sentence

if TYPE_CHECKING:
    from tidings.analysis.answers import Row
    from tidings.analysis.explore.database import Asking, OpenRelease
    from tidings.analysis.explore.question import Question

MAX_SNIPPETS = 3
"""Snippets of an article and series."""
MAX_FACETS = 30
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
inner join articles
    on chosen.article_id = articles.article_id and chosen.published_on = articles.published_on
left join publishers on chosen.publisher_id = publishers.publisher_id
order by chosen.published_on desc, chosen.article_id"""
_FACETS = {
    "outlet": "publisher_id",
    "language": LANGUAGE.format("language"),
    "month": period_start("published_on", "month"),
}


def answer_articles(release: OpenRelease, question: Question) -> Row:
    """Return a page of articles, newest first, with snippets, events and facets.

    ``article_count`` is the number of all articles that the question chooses. A facet's counts
    ignore the filter of the same name, so that a user can change it. A snippet's gloss has the
    English of its themes, formulations and people.
    """
    found = articles_in(question)
    query = f"""with chosen as (
{found}
)
{_LISTED}"""
    with release.asking(question) as asking:
        asking.execute(f"create temp table chosen as {found}")
        [(total,)] = asking.execute("select count(*) from chosen").fetchall()
        articles, facets = [], {}
        if question.format == "json":
            start = (question.page - 1) * PAGE_ROWS
            # Join only the page, because the texts of all articles are large.
            asking.execute(
                "create temp table chosen_page as from chosen order by published_on desc,"
                " article_id"
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
        rows = (
            f"article_themes semi join {source} using (article_id)" if name == "theme" else source
        )
        counts = asking.execute(
            f"select {column}, count(*) from {rows} group by 1 order by {order} limit {MAX_FACETS}"
        ).fetchall()
        facets[name] = [
            {"id": str(key), "label": _label(release, name, str(key)), "count": count}
            for key, count in counts
        ]
    return facets


def _label(release: OpenRelease, name: str, key: str) -> str:
    if name == "month":
        return key[:7]
    if name == "language":
        return language_name(key)
    row = release.choices.get(f"{name}:{key}") or release.choices.get(f"area:{key}")
    return row["label"] if row else key


def _add_details(
    asking: Asking, release: OpenRelease, question: Question, articles: list[Row]
) -> None:
    """Add the snippets and events of a page of articles."""
    if not articles:
        return
    ids = listed(map(itemgetter("article_id"), articles))
    # The day excludes most texts before they are read.
    days = (
        f"published_on between date '{articles[-1]['published_on']}' and date"
        f" '{articles[0]['published_on']}'"
    )
    texts = {
        row["article_id"]: row
        for row in asking.rows(
            "select article_id::varchar as article_id, title, body_text, language, published_on"
            " from articles"
            f" where article_id in {ids} and {days}"
        )
    }
    events: dict[str, list[Row]] = {}
    for row in asking.rows(
        "select e.article_id::varchar as article_id, event_id::varchar as event_id, title from"
        " article_events as e"
        f" inner join events using (event_id) where e.article_id in {ids}"
    ):
        events.setdefault(row.pop("article_id"), []).append(row)
    snippets: dict[str, list[Row]] = {}
    for series in question.series:
        query = mentions_query(release, question, series, f" and article_id in {ids} and {days}")
        places = asking.execute(
            f"select article_id::varchar, field, start_offset, end_offset from ({query}) where"
            f" field is not null"
            " order by article_id, field != 'title', start_offset, end_offset"
        ).fetchall()
        taken: dict[str, set[tuple[int, int]]] = {}
        for key, field, start, end in places:
            spans, text = taken.setdefault(key, set()), texts[key]
            *parts, span = find_sentence(text[field], start, end, text["language"])
            if len(spans) < MAX_SNIPPETS and span not in spans:
                spans.add(span)
                snippets.setdefault(key, []).append(_snippet(release, text, series.key, *parts))
    english = read_translations(asking.con, texts)
    for article in articles:
        key = article["article_id"]
        lead = end_at_word(texts[key]["body_text"], LEAD)
        article["english_url"] = english.get(key)
        article["snippets"] = snippets.get(key) or [_snippet(release, texts[key], None, lead)]
        article["events"] = events.get(key, [])


def _snippet(release: OpenRelease, article: Row, series: str | None, *parts: str) -> Row:
    before, match, after = (*parts, "", "")[:3]
    shown = {"before": before, "match": match, "after": after}
    return shown | {"series": series, "gloss": release.gloss(before + match + after, article)}
