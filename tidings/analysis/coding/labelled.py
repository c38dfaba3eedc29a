"""List all articles with predictions, probabilities of selection and codings, for packages that
combine them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidings.analysis.coding.sample import CODED, CodingError

if TYPE_CHECKING:
    import duckdb

# An article that was not drawn has the mean probability of the articles with its prediction and
# language: estimators use only those of coded articles.
_LABELLED = f"""
with {CODED.format(codings="ref.codings")},
listed as (
    select
        articles.article_id::varchar as article_id,
        coalesce(stories.story_id, articles.article_id)::varchar as story_id,
        articles.published_on, articles.publisher_id,
        coalesce(primary_language(articles.language), 'unknown') as language,
        case when found.is_about then 'about' when not found.is_about then 'mentioned'
            else 'absent' end as prediction,
        coalesce(found.is_about, false)::int as predicted, outside.score as outside_score,
        1 / coded.weight as probability,
        list_contains(coded.themes, $theme)::int as label,
        list_contains(coded.second_themes, $theme)::int as second_label
    from core.articles as articles
    left join (from marts.article_themes where theme_id = $theme) as found using (article_id)
    left join (select article_id, min(story_id) as story_id from marts.article_stories group by 1)
        as stories using (article_id)
    left join (
        select article_id, avg(score) as score from ref.outside_labels where theme_id = $theme
        group by article_id
    ) as outside using (article_id)
    left join coded using (article_id)
    where articles.excluded_reason is null
)
select * replace (
    coalesce(
        probability, nullif(count(label) over cell / count(*) over cell, 0),
        nullif(count(label) over () / count(*) over (), 0)
    ) as probability
)
from listed window cell as (partition by prediction, language)
order by published_on, article_id
"""


def labelled_articles(con: duckdb.DuckDBPyConnection, theme: str) -> duckdb.DuckDBPyRelation:
    """Return the rows of all counted articles with the columns of ``tidings code export``.

    Raises:
        CodingError: If the theme is unknown.
    """
    if not con.execute("select 1 from ref.themes where theme_id = ?", [theme]).fetchall():
        raise CodingError(f'Unknown theme {theme!r}. List them: tidings sql "from themes".')
    return con.sql(_LABELLED, params={"theme": theme})
