"""What the first page tells: which themes rise and fade, what bursts, what is new, and what was not covered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidings.flows.report.release import rows

if TYPE_CHECKING:
    import duckdb

    from tidings.flows.report.release import Facts

NEWEST = 15
GLANCED = 4
NEW_DAYS = 84  # twelve weeks: new formulations are few, and an analyst may have been away


def at_a_glance(
    bursts: list[dict[str, Any]], new_phrases: list[dict[str, Any]], gaps: list[dict[str, Any]]
) -> dict[str, list[dict[str, Any]]]:
    """Return what the first lines tell of bursts, new phrases and gaps, at most four each.

    Running bursts come first, one a theme; formulations before other phrases, what is used most before what was used once.
    """
    by_theme: dict[str, dict[str, Any]] = {}
    for one in sorted(bursts, key=lambda one: (not one["is_running"], one["series"] == "phrase")):
        by_theme.setdefault(one["theme_id"], one)
    return {
        "bursts": list(by_theme.values())[:GLANCED],
        "new": sorted(new_phrases, key=lambda one: (one["kind"] != "formulation", -one["article_count"]))[:GLANCED],
        "gaps": gaps[:GLANCED],
    }


def read_new_phrases(con: duckdb.DuckDBPyConnection, facts: Facts) -> list[dict[str, Any]]:
    """Return phrases of the list that were first seen in the last twelve weeks, the newest first.

    Those that may have been used before anything was held (left-censored) are left out.
    """
    if not facts.has("marts.phrase_lives", "phrase_id", "first_seen_on", "first_article_id", "is_left_censored"):
        return []
    return rows(
        con,
        f"""
        select l.phrase_id, w.phrase, w.language, w.theme_id, t.label_en, t.kind, l.first_seen_on, l.outlet_count,
            l.article_count,
            coalesce(p.name, l.first_publisher_id) as first_outlet, l.first_publisher_id, a.title, a.url
        from marts.phrase_lives as l
        inner join ref.theme_phrases as w on l.phrase_id = w.phrase_id
        inner join ref.themes as t on w.theme_id = t.theme_id
        left join ref.publishers as p on l.first_publisher_id = p.publisher_id
        left join core.articles as a on l.first_article_id = a.article_id
        where not l.is_left_censored and l.first_seen_on > $last_on::date - {NEW_DAYS}
        order by l.first_seen_on desc, l.article_count desc, l.phrase_id limit {NEWEST}
        """,
        {"last_on": facts.last_on},
    )
