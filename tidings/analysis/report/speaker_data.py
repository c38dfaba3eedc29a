"""Query who is quoted on each theme: the speakers, their share of voice and their newest
statements.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidings.analysis.answers import Answers
from tidings.analysis.report.theme_data import MEMBERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from tidings.analysis.report.gloss import Glossary
    from tidings.analysis.report.release import Facts

KINDS = {
    "person": "Persons",
    "body": "Bodies",
    "role": "Offices without a name",
    "collective": "Groups",
    "unnamed": "Not identified",
}
SPEAKER_COUNT = 10
"""Speakers of each kind on a page."""


def read_speakers(con: duckdb.DuckDBPyConnection, facts: Facts) -> Answers:
    """Return the speakers on each theme in the last twelve months, most statements first,
    with their newest statement.

    Each row also contains the numbers of statements of its kind and of all kinds, and how many of
    its kind are by women and men.
    """
    query = f"""
    with recursive {MEMBERS},
    shares as (
        select theme_id, speaker_kind, speaker, min(speaker_name) as name,
            sum(statement_count)::bigint as statement_count,
            sum(article_count)::bigint as article_count, sum(female_count) as females,
            sum(male_count) as males
        from marts.speaker_shares_monthly
        where month_start_on > $last_on - interval 12 month and theme_id = $id
        group by all
    ),
    ranked as (
        select *, sum(statement_count) over (partition by theme_id)::bigint as total_count,
            sum(statement_count) over (partition by theme_id, speaker_kind)::bigint as kind_count,
            sum(females) over (partition by theme_id, speaker_kind)::bigint as female_count,
            sum(males) over (partition by theme_id, speaker_kind)::bigint as male_count
        from shares
        qualify row_number()
            over (partition by theme_id, speaker_kind order by statement_count desc, speaker)
            <= {SPEAKER_COUNT}
    ),
    newest as (
        select m.theme_id, s.speaker_kind, s.speaker,
            arg_max(
                {{
                    'office': s.office, 'last_on': s.published_on, 'sentence': s.sentence,
                    'url': a.url,
                    'language': s.language, 'written': s.speaker_name
                }},
                (s.published_on, s.article_id, s.sentence)
            ) as row
        from (
            select *, unnest(theme_ids) as member_id from marts.statements
            where published_on > $last_on - interval 12 month
        ) as s
        inner join members as m on s.member_id = m.member_id
        inner join core.articles as a
            on s.article_id = a.article_id and s.published_on = a.published_on
        semi join ranked
            on m.theme_id = ranked.theme_id and s.speaker_kind = ranked.speaker_kind
                and s.speaker = ranked.speaker
        group by all
    )
    select ranked.theme_id, ranked.speaker_kind, ranked.name, ranked.statement_count,
        ranked.article_count,
        share(ranked.statement_count, ranked.total_count) as share,
        wilson_low(ranked.statement_count, ranked.total_count) as low,
        wilson_high(ranked.statement_count, ranked.total_count) as high,
        ranked.total_count, ranked.kind_count, ranked.female_count, ranked.male_count,
        unnest(newest.row)
    from ranked left join newest
        on ranked.theme_id = newest.theme_id and ranked.speaker_kind = newest.speaker_kind
            and ranked.speaker = newest.speaker
    order by ranked.theme_id, ranked.statement_count desc, ranked.speaker_kind, ranked.speaker
    """
    return Answers(con, query, last_on=facts.last_on)


def speaker_values(speakers: Sequence[dict[str, Any]], glossary: Glossary) -> dict[str, Any]:
    """Return the values of a theme page's section on speakers: the rows, and the kinds among them
    with their share of voice.
    """
    first = {row["speaker_kind"]: row for row in speakers}
    kinds = [
        {
            "kind": kind,
            "name": name,
            "share": first[kind]["kind_count"] / first[kind]["total_count"],
        }
        for kind, name in KINDS.items()
        if kind in first
    ]
    speakers = [
        row
        | {"glosses": glossary.translate(row["sentence"] or "", row["language"], row["last_on"])}
        for row in speakers
    ]
    return {
        "speakers": speakers,
        "kinds": kinds,
        "kind_names": KINDS,
        "person": first.get("person"),
        "most": SPEAKER_COUNT,
    }
