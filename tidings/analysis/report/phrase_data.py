"""Query the data on phrases: uses, bursts, mentions in their sentences, new phrases and
candidates.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from tidings.analysis.answers import Answers, ask
from tidings.analysis.report.release import WINDOW_DAYS
from tidings.analysis.report.sentences import find_sentence
from tidings.analysis.report.theme_data import MEMBERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import duckdb

    from tidings.analysis.answers import Answer, Row
    from tidings.analysis.report.gloss import Glossary
    from tidings.analysis.report.release import Facts

NEW_PHRASE_COUNT, NEW_PHRASE_DAYS = 15, 84  # twelve weeks, because new phrases are rare
CANDIDATE_COUNT, BURST_COUNT = 200, 12
NEWEST_COUNT = 20  # mentions of a theme and articles of an outlet
EVIDENCE = {
    "verb": "after a policy verb",
    "head_noun": "ends in a policy noun",
    "quote": "in quotation marks",
}
_CANDIDATE_COLUMNS = ("kind", "period_days")  # earlier releases lack them


def read_phrases(con: duckdb.DuckDBPyConnection, facts: Facts) -> Answers:
    """Return the phrases of each theme with their history and their articles in the last 28
    days.
    """
    query = f"""
    with recent as (
        select phrase_id, count(distinct article_id) as recent_count from marts.theme_mentions
        where published_on > $last_on - {WINDOW_DAYS} group by all
    )
    select t.theme_id, t.phrase, t.language,
        coalesce(l.article_count, 0) as article_count,
        coalesce(recent.recent_count, 0) as recent_count,
        l.first_seen_on, p.name as first_outlet, l.first_seen_is_certain, l.peak_on, l.last_seen_on,
        l.half_life_days, l.outlet_count, l.days_to_half_of_outlets
    from ref.theme_phrases as t left join marts.phrase_lives as l on t.phrase_id = l.phrase_id
    left join recent on t.phrase_id = recent.phrase_id
    left join ref.publishers as p on l.first_publisher_id = p.publisher_id
    where t.role = 'include' and t.salience is null and t.theme_id = $id
    order by t.theme_id, l.article_count desc nulls last, t.language, t.phrase
    """
    return Answers(con, query, last_on=facts.last_on)


def read_new_phrases(con: duckdb.DuckDBPyConnection, facts: Facts) -> Answer:
    """Return listed phrases that first appeared in the last twelve weeks, the newest first.

    Phrases that first appeared within four weeks of the first outlet's coverage are excluded,
    because most of them are older, and so are phrases with a single article, because most of these
    are old words that are rare.
    """
    query = f"""
    select l.phrase_id, w.phrase, w.language, w.theme_id, t.label_en, t.kind, l.first_seen_on,
        l.outlet_count, l.article_count, l.first_seen_is_certain,
        coalesce(p.name, l.first_publisher_id) as first_outlet, l.first_publisher_id, a.title, a.url
    from marts.phrase_lives as l
    inner join ref.theme_phrases as w on l.phrase_id = w.phrase_id
    inner join ref.themes as t on w.theme_id = t.theme_id
    left join ref.publishers as p on l.first_publisher_id = p.publisher_id
    left join core.articles as a on l.first_article_id = a.article_id
    where l.observed_day_count >= 28 and l.article_count > 1
        and l.first_seen_on > $last_on - {NEW_PHRASE_DAYS}
    order by l.first_seen_on desc, l.article_count desc, l.phrase_id limit {NEW_PHRASE_COUNT}
    """
    return ask(con, query, last_on=facts.last_on)


_BURSTS = """
    select b.series, b.series_id, b.start_on, b.end_on, b.strength, b.article_count, b.total_count,
        b.is_running, coalesce(t.theme_id, p.theme_id) as theme_id,
        coalesce(t.label_en, '“' || p.phrase || '”', b.series_id) as label,
        coalesce(t.label_en, owner.label_en, owner.theme_id) as theme_label, p.language
    from marts.bursts as b
    left join ref.themes as t on b.series = 'theme' and b.series_id = t.theme_id
    left join ref.theme_phrases as p on b.series = 'phrase' and b.series_id = p.phrase_id
    left join ref.themes as owner on p.theme_id = owner.theme_id
    where {}
    order by b.start_on desc, b.strength desc, b.series_id
"""


def read_bursts(con: duckdb.DuckDBPyConnection) -> Answers:
    """Return the bursts of themes and phrases by theme, the newest first."""
    return Answers(con, _BURSTS.format("true and coalesce(t.theme_id, p.theme_id) = $id"))


def read_newest_bursts(con: duckdb.DuckDBPyConnection) -> Answer:
    """Return the newest bursts, without a phrase's burst during one of its theme, and without
    policy areas, which burst with their themes.
    """
    condition = """if(b.series = 'theme', t.parent_id is not null, owner.parent_id is null
        or not exists (
            select 1 from marts.bursts as own
            where own.series = 'theme' and own.series_id = p.theme_id
                and own.start_on <= b.end_on and own.end_on >= b.start_on
        ))"""
    return ask(con, f"{_BURSTS.format(condition)} limit {BURST_COUNT}")


def read_newest_mentions(con: duckdb.DuckDBPyConnection) -> Answers:
    """Return the newest mentions of each theme, at most twenty and one per article.

    A mention in the body is preferred to one in the title.
    """
    query = f"""
    with recursive {MEMBERS},
    hits as (
        select t.theme_id, m.article_id, m.published_on, m.phrase_id, m.field, m.start_offset,
            m.end_offset, m.snippet,
            count(*) over (partition by t.theme_id, m.article_id) - 1 as more_count
        from marts.theme_mentions as m inner join members as t on m.theme_id = t.member_id
        where t.theme_id = $id
        qualify row_number() over (
            partition by t.theme_id, m.article_id
            order by m.field = 'title', m.start_offset, m.phrase_id
        ) = 1
    ),
    newest as (
        select * from hits
        qualify row_number()
            over (partition by theme_id order by published_on desc, article_id) <= {NEWEST_COUNT}
    )
    select n.theme_id, n.article_id::varchar as article_id, coalesce(a.title, '') as title, a.url,
        coalesce(p.name, a.publisher_id) as outlet, a.publisher_id, n.published_on,
        coalesce(a.language, '') as language, n.more_count, n.field,
        if(n.field = 'title', a.title, a.body_text) as text, n.start_offset, n.end_offset, n.snippet
    from newest as n inner join core.articles as a
        on n.article_id = a.article_id and n.published_on = a.published_on
    left join ref.publishers as p on a.publisher_id = p.publisher_id
    order by n.theme_id, n.published_on desc, a.publisher_id, n.article_id
    """
    return Answers(con, query)


def quote_mentions(
    rows: Sequence[Row], glossary: Glossary, translations: Mapping[str, str]
) -> list[Row]:
    """Return mentions with their sentences: the text before the phrase, the phrase, and the text
    after it.

    If a text is shorter than the mention's offsets, the mention's snippet replaces the sentence,
    and no phrase is marked. ``glosses`` are the English for parts of the sentence.
    ``translation`` is the URL of the article's English version, or None.
    """
    mentions = []
    for row in rows:
        text, start, end = row["text"], row["start_offset"], row["end_offset"]
        before, marked, after = row["snippet"] or "", "", ""
        if text is not None and end <= len(text):
            before, marked, after, _ = find_sentence(text, start, end, row["language"] or None)
        sentence = before + marked + after
        mentions.append(
            row
            | {
                "before": before,
                "marked": marked,
                "after": after,
                "glosses": glossary.translate(sentence, row["language"], row["published_on"]),
                "translation": translations.get(row["article_id"]),
            }
        )
    return mentions


def read_candidates(con: duckdb.DuckDBPyConnection) -> Answer:
    """Return rising phrases that are not listed yet."""
    query = f"""
    select c.* replace (coalesce(p.name, c.first_outlet) as first_outlet)
    from marts.candidate_phrases as c left join ref.publishers as p
        on c.first_outlet = p.publisher_id
    order by c.language, c.rank limit {CANDIDATE_COUNT}
    """
    return ask(con, query)


def describe_candidates(
    con: duckdb.DuckDBPyConnection, rows: Sequence[Row], glossary: Glossary
) -> list[Row]:
    """Return rows of ``read_candidates`` with the names of their evidence, and with their examples
    as (sentence, URL or None, glosses).
    """
    linked = [row.get("example_article_ids") or [] for row in rows]
    ids = sorted(set(itertools.chain.from_iterable(linked)))
    urls = dict(
        con.execute(
            "select article_id, url from core.articles where article_id in $ids", {"ids": ids}
        ).fetchall()
    )
    return [
        dict.fromkeys(_CANDIDATE_COLUMNS)
        | row
        | {
            "language": row["language"] or "",
            "evidence": [EVIDENCE.get(kind, kind) for kind in row["evidence"] or []],
            "examples": [
                (example, urls.get(article), glossary.translate(example, row["language"]))
                for example, article in itertools.zip_longest(
                    row["examples"] or [], articles[: len(row["examples"] or [])]
                )
            ],
        }
        for row, articles in zip(rows, linked, strict=True)
    ]
