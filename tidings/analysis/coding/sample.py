"""Draw a stratified sample of a release's articles for coders."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from tidings.annotation.matching import Matcher
from tidings.annotation.phrases import Phrase
from tidings.annotation.udf import PHRASE_COLUMNS, register_hits
from tidings.base.languages import primary_language

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    import duckdb

COLUMNS = ("article_id", "stratum", "weight", "language", "publisher_id", "published_on")
STRATA = ("hit", "near_miss", "silent")


class CodingError(ValueError):
    """Invalid input for the coding sheet; the message is one sentence for the user."""


_POPULATION = """
create or replace temp table population as
with found as (
    select article_id, bool_or(is_about) as is_about from marts.article_themes
    where $theme in ('', theme_id) group by article_id
)
select
    article_id, language, publisher_id, published_on,
    case when found.is_about then 'hit' when not found.is_about then 'near_miss' else 'silent'
    end as stratum
from core.articles left join found using (article_id)
where
    excluded_reason is null
    and concat(title, body_text) != ''
    and $language in ('', lower(regexp_extract(language, '^[^-_]+')))
    and ($first::date is null or published_on >= $first)
    and ($last::date is null or published_on <= $last)
"""
_GENERAL = f"""
with recursive counted as (
    select theme_id from ref.themes where $theme in ('', theme_id)
    union select themes.theme_id from ref.themes as themes join counted
        on themes.parent_id = counted.theme_id
)
select {", ".join(PHRASE_COLUMNS)} from ref.theme_phrases semi join counted using (theme_id)
where salience is not null or role = 'exclude'
"""
_NEAR_MISSES = """
update population set stratum = 'near_miss' where stratum = 'silent' and article_id in (
    select article_id from core.articles
    semi join (from population where stratum = 'silent') using (article_id)
    where len(general_hits(title, body_text, language, published_on)) > 0
)
"""
# Systematic sampling with a random start: in a list sorted by language, outlet and month, it takes
# from each its proportion of the stratum, and each article with probability drawn / total (Cochran
# 1977, Sampling Techniques, chapter 8).
_DRAWN = """
with allocated as (select unnest($strata) as stratum, unnest($drawn) as drawn),
placed as (
    select
        *, count(*) over (partition by stratum) as total,
        row_number() over (
            partition by stratum
            order by language, publisher_id, date_trunc('month', published_on),
                md5(concat($seed, ' ', article_id))
        ) - 1 as place
    from population
)
select
    article_id::varchar as article_id, stratum, round(total / drawn, 6) as weight, language,
    publisher_id, published_on
from placed join allocated using (stratum)
where
    (place * drawn + md5_number_lower(concat($seed, ' ', stratum)) % total) // total
    < ((place + 1) * drawn + md5_number_lower(concat($seed, ' ', stratum)) % total) // total
order by md5(concat($seed, ' order ', article_id))
"""


def draw_sample(
    con: duckdb.DuckDBPyConnection,
    size: int,
    *,
    theme: str = "",
    language: str = "",
    first: dt.date | None = None,
    last: dt.date | None = None,
    seed: int = 1,
) -> list[dict[str, Any]]:
    """Return a reproducible sample of a release's articles, with the columns in COLUMNS, in random
    order.

    Strata: ``hit`` if the word list finds that the article is about a theme; ``near_miss`` if it
    only mentions a theme, or contains a general word that did not count; ``silent`` otherwise.
    ``weight`` is the number of articles in the stratum per drawn article.

    Args:
        con: Connection of ``open_release``.
        size: Number of articles. The strata get equal parts; articles that a small stratum lacks
            come from the others.
        theme: Theme to which the strata refer, with the themes below it. Default: all themes.
        language: Language of the articles, such as ``zh``. Default: all.
        first: First day of publication, or None.
        last: Last day of publication, or None.
        seed: Number that determines the random choice.

    Raises:
        CodingError: If the theme is unknown or no article matches.
    """
    themes = [row[0] for row in con.execute("select theme_id from ref.themes").fetchall()]
    if theme not in {"", *themes}:
        similar = get_close_matches(theme, themes, 3, 0.5)
        hint = (
            f"Similar: {', '.join(similar)}."
            if similar
            else ('List them: tidings sql "from themes".')
        )
        raise CodingError(f"Unknown theme {theme!r}. {hint}")
    con.execute(
        _POPULATION,
        {"theme": theme, "language": primary_language(language), "first": first, "last": last},
    )
    general = [Phrase(*row) for row in con.execute(_GENERAL, {"theme": theme}).fetchall()]
    if any(map(attrgetter("salience"), general)):
        plain = [
            replace(phrase, salience=None, requires_any=None) if phrase.salience else phrase
            for phrase in general
        ]
        register_hits(con, "general_hits", Matcher(plain))
        con.execute(_NEAR_MISSES)
        con.remove_function("general_hits")
    counts = dict(
        con.execute("select stratum, count(*) from population group by stratum").fetchall()
    )
    if not counts:
        raise CodingError(
            "No article of the release matches these options. Choose another period or language."
        )
    drawn = allocate(counts, size)
    result = con.execute(
        _DRAWN, {"strata": list(drawn), "drawn": list(drawn.values()), "seed": str(seed)}
    )
    return [dict(zip(COLUMNS, row, strict=True)) for row in result.fetchall()]


def allocate(counts: Mapping[str, int], size: int) -> dict[str, int]:
    """Return the number of articles to draw from each stratum: equal parts, as far as the strata
    have so many articles.
    """
    drawn: dict[str, int] = {}
    for left, stratum in zip(
        range(len(counts), 0, -1), sorted(counts, key=lambda name: counts[name]), strict=True
    ):
        drawn[stratum] = min(counts[stratum], -(-(size - sum(drawn.values())) // left))
    return drawn
