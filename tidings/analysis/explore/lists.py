"""Answer which series exist, and which events happened."""

from __future__ import annotations

import itertools
from operator import itemgetter
from typing import TYPE_CHECKING

from babel import Locale

from tidings.analysis.explore.queries import (
    LANGUAGE,
    articles_query,
    days_condition,
    listed,
    outlet_conditions,
)
from tidings.analysis.explore.question import KINDS, PAGE_ROWS, QuestionError

if TYPE_CHECKING:
    from tidings.analysis.answers import Row
    from tidings.analysis.explore.database import OpenRelease
    from tidings.analysis.explore.question import Question, Series

MAX_PER_KIND = 8
"""Series of each kind without a search text."""
COMPARED = ("unit", "period", "source", "counted", "citation", "imported_at")
"""Facts of a comparison series."""
_ENGLISH = Locale("en")
_CHOICES = f"""
with theme_counts as (select theme_id, sum(about_count)::bigint as count from theme_monthly
    group by all),
article_counts as (
    select publisher_id, {LANGUAGE.format("language")} as language, count(*) as count
    from articles where excluded_reason is null group by all
),
outlets as (
    select publisher_id, name, publisher_type, country, sum(count)::bigint as count
    from article_counts left join publishers using (publisher_id) group by all
),
phrase_counts as (select phrase_id, count(distinct article_id) as count from theme_mentions
    group by all),
speaker_names as (
    select speaker, speaker_name, count(*) as name_count
    from statements where speaker_kind in ('person', 'body') group by all
),
speaker_counts as (
    select speaker, count(distinct article_id) as count
    from statements where speaker_kind in ('person', 'body') group by all
)
select if(parent_id is null, 'area', 'theme') as kind, theme_id as id, label_en as label,
    null as language,
    concat_ws(' ', label_zh, label_de) as other_labels, coalesce(count, 0) as count
from themes left join theme_counts using (theme_id)
union all
select 'phrase', phrase_id, phrase, any_value(p.language), p.theme_id, any_value(count)
from theme_phrases as p inner join phrase_counts using (phrase_id) group by all
union all
select 'outlet', publisher_id, coalesce(name, publisher_id), null, '', count from outlets
union all
select 'language', language, language, null, '', sum(count) from article_counts group by all
union all
select 'publisher_type', publisher_type, replace(publisher_type, '_', ' '), null, '', sum(count)
from outlets where publisher_type is not null group by all
union all
select 'country', country, country, null, '', sum(count) from outlets where country is not null
group by all
union all
select 'speaker', speaker, arg_max(speaker_name, name_count), null, string_agg(speaker_name, ' '),
    any_value(count)
from speaker_names inner join speaker_counts using (speaker) group by speaker
"""


def read_choices(release: OpenRelease, *, is_counted: bool) -> dict[str, Row]:
    """Return all series of a release except typed words, by key: kind, id, label, language_note,
    count and search text.

    Counting the articles of each phrase and speaker takes most of the time. Without ``is_counted``,
    these counts are null.
    """
    found: dict[str, Row] = {}
    for row in release.rows(
        _CHOICES if is_counted else _CHOICES.replace("count(distinct article_id)", "null")
    ):
        label = str(row["label"] or row["id"])
        if row["kind"] == "language":
            label = language_name(row["id"])
        elif row["kind"] == "country":
            label = str(_ENGLISH.territories.get(row["id"], row["id"]))
        elif row["kind"] == "publisher_type":
            label = label.capitalize()
        key = f"{row['kind']}:{row['id']}"
        found[key] = {
            "key": key,
            "label": label,
            "kind": row["kind"],
            "id": row["id"],
            "language_note": language_name(row["language"]) if row["language"] else None,
            "count": row["count"],
            "text": f"{label} {row['id']} {row['other_labels']}".casefold(),
        }
    return found | _read_comparisons(release)


def _read_comparisons(release: OpenRelease) -> dict[str, Row]:
    """Return the comparison series by key, with their unit, period, source and citation; none in
    releases of earlier versions.
    """
    if not release.rows("select 1 from duckdb_tables() where table_name = 'comparison_periods'"):
        return {}
    rows = release.rows("""
        select 'comparison:' || series_id as key, name as label, 'comparison' as kind,
            series_id as id,
            null as language_note, null as count,
            lower(concat_ws(' ', 'comparison', name, source, series_id)) as text,
            unit, period, source, counted,
            concat(citation, ' Licence: ' || licence || '.') as citation,
            imported_at, bool_and(article_count is not null) as has_counts
        from comparison_series inner join comparison_points using (series_id) group by all
        order by all
    """)
    return {row["key"]: row for row in rows}


def language_name(code: str) -> str:
    """Return the English name of a language code."""
    return str(_ENGLISH.languages.get(code, code)).capitalize()


def label_series(release: OpenRelease, series: Series) -> Row:
    """Return key, kind, id, label and language_note of a series.

    Raises:
        QuestionError: If the release has no such series.
    """
    if series.kind == "words":
        label = " or ".join(f"“{part}”" for part in series.id.split("|"))
        return {
            "key": series.key,
            "kind": series.kind,
            "id": series.id,
            "label": label,
            "language_note": None,
        }
    key = (
        f"area:{series.id}"
        if series.kind == "theme" and f"area:{series.id}" in release.choices
        else series.key
    )
    if (row := release.choices.get(key)) is None:
        raise QuestionError(
            f"Unknown series {series.key!r} in this release: search the choices by name."
        )
    return {
        name: row[name]
        for name in ("key", "kind", "id", "label", "language_note", *COMPARED)
        if name in row
    } | {
        "key": series.key,
        "kind": series.kind,
    }


def check_question(release: OpenRelease, question: Question) -> None:
    """Raise QuestionError if the release has no such series, or no such value of a filter."""
    for series in question.series:
        label_series(release, series)
    wanted = [(name, value) for name, values in question.filters.items() for value in values]
    for name, value in [*wanted, *(("theme", theme) for theme in question.themes)]:
        if f"{name}:{value}" not in release.choices and not (
            name == "theme" and f"area:{value}" in release.choices
        ):
            raise QuestionError(
                f"Unknown {name} {value!r} in this release: search the choices by name."
            )


def answer_choices(release: OpenRelease, question: Question) -> Row:
    """Return the series whose label or ID contains the text of a question, or the largest of each
    kind without one.
    """
    text = " ".join(question.words.casefold().split())
    rows = [row for row in release.counted_choices.values() if text in row["text"]]
    rows.sort(key=lambda row: (KINDS.index(row["kind"]), -(row["count"] or 0), row["id"]))
    chosen: list[Row] = []
    if any(char.isalnum() for char in text):
        words = question.words.strip()
        chosen.append(
            {"key": f"words:{words}", "label": f"“{words}”", "kind": "words", "count": None}
        )
    for _, group in itertools.groupby(rows, itemgetter("kind")):
        chosen += itertools.islice(group, MAX_PER_KIND)
    return {
        "choices": [
            {name: row[name] for name in ("key", "label", "kind", "count", "period") if name in row}
            for row in chosen
        ],
        "sql": _CHOICES.strip(),
    }


def answer_events(release: OpenRelease, question: Question) -> Row:
    """Return a page of the events that articles of these days report; of the series, if the
    question has any.

    An event has event_id, title, day (of most articles), first_on, last_on, article_count,
    outlet_count, languages, themes, speakers and url, of its first article. ``article_count`` and
    ``outlet_count`` are of the chosen days and series.
    """
    chosen = " union ".join(
        f"select article_id from ({articles_query(question, series)})" for series in question.series
    )
    within = f" and article_id in ({chosen})" if chosen else ""
    languages = question.filters.get("language")
    language = f" and {LANGUAGE.format('d.language')} in {listed(languages)}" if languages else ""
    query = f"""with reported as (
    select e.event_id, count(*) as article_count, count(distinct d.publisher_id) as outlet_count
    from article_events as e
    inner join articles as d using (article_id)
    left join publishers as p using (publisher_id)
    where true{days_condition(question, "event_day_on")}{within}
        {outlet_conditions(question)}{language}
    group by all
)
select
    events.event_id::varchar as event_id,
    events.title,
    peak_on as day,
    first_on,
    last_on,
    reported.article_count,
    reported.outlet_count,
    languages,
    themes,
    speakers,
    articles.url
from reported
inner join events using (event_id)
left join articles on events.event_id = articles.article_id
order by reported.outlet_count desc, reported.article_count desc, first_on, events.event_id"""
    with release.asking(question) as asking:
        rows = asking.rows(query)
    start = (question.page - 1) * PAGE_ROWS
    page = rows if question.format != "json" else rows[start : start + PAGE_ROWS]
    return {
        "events": page,
        "event_count": len(rows),
        "page": question.page,
        "page_count": -(-len(rows) // PAGE_ROWS),
        "sql": query,
    }
