"""Query the data on phrases: uses, bursts, mentions in their sentences, new phrases and
candidates.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tidings.analysis.report.gloss import read_translations
from tidings.analysis.report.release import group_rows, read_rows
from tidings.analysis.report.render import begin_at_word, end_at_word
from tidings.analysis.report.temp_tables import NEWEST_COUNT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import duckdb

    from tidings.analysis.report.gloss import Glossary
    from tidings.analysis.report.release import Facts, Grouped

MAX_CONTEXT = 260  # characters before and after a phrase in which a sentence's ends are searched
NEW_PHRASE_COUNT, NEW_PHRASE_DAYS = 15, 84  # twelve weeks, because new phrases are rare
CANDIDATE_COUNT = 200
EVIDENCE = {
    "verb": "after a policy verb",
    "head_noun": "ends in a policy noun",
    "quote": "in quotation marks",
}
_SENTENCE_END = re.compile(r"[。！？]+[”’」』]?|[.!?…]+[\"'”’»)\]]*(?=\s)|\n\s*\n")
_CANDIDATE_COLUMNS = (
    "rank", "kind", "period_days", "z", "article_count", "prior_count", "outlet_count",
    "first_seen_on", "first_outlet",
    "evidence", "examples",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mention:
    """A mention in its sentence: the text before the phrase, the phrase, and the text after it.

    ``more_count`` is the number of other mentions in the article. ``glosses`` are the English for
    parts of the sentence, as ``Glossary.translate`` returns it. ``translation`` is the URL of the
    article's English version, or None.
    """

    article_id: str
    title: str
    url: str
    outlet: str
    publisher_id: str
    published_on: str
    language: str
    phrase: str
    field: str
    before: str
    marked: str
    after: str
    more_count: int
    glosses: list[tuple[str, str, str]]
    translation: str | None


def read_phrases(con: duckdb.DuckDBPyConnection, facts: Facts) -> Grouped:
    """Return the phrases of each theme with their history and their articles in the last 28
    days.
    """
    query = """
    with recent as (
        select phrase_id, count(distinct article_id) as recent_count from marts.theme_mentions
        where published_on >= $window_from::date group by all
    )
    select t.theme_id, t.phrase_id, t.phrase, t.language, t.match_type, t.reviewed_by,
        coalesce(l.article_count, 0) as article_count,
        coalesce(recent.recent_count, 0) as recent_count,
        l.first_seen_on, p.name as first_outlet, l.first_seen_is_certain, l.peak_on, l.last_seen_on,
        l.half_life_days,
        l.outlet_count, l.days_to_half_of_outlets
    from ref.theme_phrases as t left join marts.phrase_lives as l on t.phrase_id = l.phrase_id
    left join recent on t.phrase_id = recent.phrase_id
    left join ref.publishers as p on l.first_publisher_id = p.publisher_id
    where t.role = 'include' and t.salience is null
    order by t.theme_id, l.article_count desc nulls last, t.language, t.phrase
    """
    return group_rows(read_rows(con, query, {"window_from": facts.window_from}), "theme_id")


def read_new_phrases(con: duckdb.DuckDBPyConnection, facts: Facts) -> list[dict[str, Any]]:
    """Return listed phrases that first appeared in the last twelve weeks, the newest first.

    Phrases that first appeared within four weeks of the first outlet's coverage are excluded,
    because most of them are older.
    """
    query = f"""
    select l.phrase_id, w.phrase, w.language, w.theme_id, t.label_en, t.kind, l.first_seen_on,
        l.outlet_count,
        l.article_count, l.first_seen_is_certain,
        coalesce(p.name, l.first_publisher_id) as first_outlet, l.first_publisher_id, a.title, a.url
    from marts.phrase_lives as l
    inner join ref.theme_phrases as w on l.phrase_id = w.phrase_id
    inner join ref.themes as t on w.theme_id = t.theme_id
    left join ref.publishers as p on l.first_publisher_id = p.publisher_id
    left join core.articles as a on l.first_article_id = a.article_id
    where l.observed_day_count >= 28 and l.first_seen_on > $last_on::date - {NEW_PHRASE_DAYS}
    order by l.first_seen_on desc, l.article_count desc, l.phrase_id limit {NEW_PHRASE_COUNT}
    """
    return read_rows(con, query, {"last_on": facts.last_on})


def read_bursts(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Return the bursts of themes and phrases, the newest first.

    ``is_repeat`` marks a phrase's burst during a burst of its theme, and ``is_area`` a policy area,
    which bursts with its themes.
    """
    query = """
    select b.series, b.series_id, b.start_on, b.end_on, b.strength, b.article_count, b.total_count,
        b.is_running,
        coalesce(t.theme_id, p.theme_id) as theme_id,
        coalesce(t.label_en, '“' || p.phrase || '”', b.series_id) as label,
        coalesce(t.label_en, owner.label_en, owner.theme_id) as theme_label,
        b.series = 'theme' and t.parent_id is null as is_area, p.language,
        exists (
            select 1 from marts.bursts as own
            where own.series = 'theme' and own.series_id = p.theme_id
                and owner.parent_id is not null
                and own.start_on <= b.end_on and own.end_on >= b.start_on
        ) as is_repeat
    from marts.bursts as b
    left join ref.themes as t on b.series = 'theme' and b.series_id = t.theme_id
    left join ref.theme_phrases as p on b.series = 'phrase' and b.series_id = p.phrase_id
    left join ref.themes as owner on p.theme_id = owner.theme_id
    order by b.start_on desc, b.strength desc, b.series_id
    """
    return read_rows(con, query)


def read_mentions(con: duckdb.DuckDBPyConnection, glossary: Glossary) -> dict[str, list[Mention]]:
    """Return the newest mentions of each wanted theme, at most twenty and one per article.

    A mention in the body is preferred to one in the title. If the text is shorter than its offsets,
    the mention's snippet replaces the sentence, and no phrase is marked.
    """
    query = f"""
    with newest as (
        select * from report_newest where theme_id in (from report_wanted_themes)
        qualify row_number()
            over (partition by theme_id order by published_on desc, article_id) <= {NEWEST_COUNT}
    )
    select n.theme_id, n.article_id::varchar, a.title, a.url, coalesce(p.name, a.publisher_id),
        a.publisher_id,
        n.published_on, coalesce(a.language, ''), coalesce(w.phrase, ''), n.field,
        if(n.field = 'title', a.title, a.body_text), n.start_offset, n.end_offset, n.snippet,
        n.more_count
    from newest as n inner join core.articles as a
        on n.article_id = a.article_id and n.published_on = a.published_on
    left join ref.publishers as p on a.publisher_id = p.publisher_id
    left join ref.theme_phrases as w on n.phrase_id = w.phrase_id
    order by n.theme_id, n.published_on desc, a.publisher_id, n.article_id
    """
    result = con.execute(query)
    rows = result.fetchall()
    translations = read_translations(con, list({row[1] for row in rows}))
    grouped: dict[str, list[Mention]] = {}
    for row in rows:
        grouped.setdefault(row[0], []).append(_build_mention(row, glossary, translations))
    return grouped


def _build_mention(
    row: Sequence[Any], glossary: Glossary, translations: Mapping[str, str]
) -> Mention:
    (
        _,
        article_id,
        title,
        url,
        outlet,
        publisher_id,
        day,
        language,
        phrase,
        field,
        text,
        start,
        end,
        snippet,
        more,
    ) = row
    has_text = text is not None and end <= len(text)
    parts = extract_sentence(text, start, end) if has_text else (_one_line(snippet or ""), "", "")
    glosses = glossary.translate("".join(parts), language, day)
    return Mention(
        article_id, title or "", url, outlet, publisher_id, day.isoformat(), language, phrase,
        field, *parts,
        more_count=more, glosses=glosses, translation=translations.get(article_id),
    )  # fmt: skip


def extract_sentence(text: str, start: int, end: int) -> tuple[str, str, str]:
    """Return the sentence around text[start:end] as the text before it, the text itself and the
    text after it.

    A side longer than 260 characters is cut between words and gets an ellipsis. White space becomes
    single spaces.
    """
    window_start = max(0, start - MAX_CONTEXT)
    left, right = text[window_start:start], text[end : end + MAX_CONTEXT]
    ends = list(_SENTENCE_END.finditer(left))
    if ends:
        left = left[ends[-1].end() :]
    elif window_start:
        left = begin_at_word(text[window_start - 1 : start], MAX_CONTEXT)
    stop = _SENTENCE_END.search(right)
    if stop:
        right = right[: stop.end()]
    elif end + MAX_CONTEXT < len(text):
        right = end_at_word(text[end : end + MAX_CONTEXT + 1], MAX_CONTEXT)
    return _one_line(left).lstrip(), _one_line(text[start:end]), _one_line(right).rstrip()


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def read_candidates(con: duckdb.DuckDBPyConnection, glossary: Glossary) -> list[dict[str, Any]]:
    """Return rising phrases that are not listed yet, each with its examples as (sentence, URL or
    None, glosses).
    """
    rows = read_rows(
        con,
        f"select * from marts.candidate_phrases order by language, rank limit {CANDIDATE_COUNT}",
    )
    linked = [row.get("example_article_ids") or [] for row in rows]
    ids = sorted(set(itertools.chain.from_iterable(linked)))
    urls = dict(
        con.execute(
            "select article_id, url from core.articles where article_id in $ids", {"ids": ids}
        ).fetchall()
    )
    names = dict(
        con.execute(
            "select publisher_id, coalesce(name, publisher_id) from ref.publishers"
        ).fetchall()
    )
    candidates = []
    for row, articles in zip(rows, linked, strict=True):
        values = {name: row.get(name) for name in _CANDIDATE_COLUMNS}
        examples = row.get("examples") or []
        candidates.append(
            {"language": row["language"] or "", "phrase": row["phrase"]}
            | values
            | {
                "first_outlet": names.get(values["first_outlet"], values["first_outlet"]),
                "evidence": [EVIDENCE.get(kind, kind) for kind in values["evidence"] or []],
                "examples": [
                    (example, urls.get(article), glossary.translate(example, row["language"]))
                    for example, article in itertools.zip_longest(
                        examples, articles[: len(examples)]
                    )
                ],
            }
        )
    return candidates
