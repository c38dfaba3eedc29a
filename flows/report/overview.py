"""What the first page tells: which themes rise and fade, what bursts, what is new, and what was not covered."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from flows.report.release import WINDOW_DAYS, rows

if TYPE_CHECKING:
    import duckdb

    from flows.report.release import Facts

RISERS = 8
NEWEST = 15
GLANCED = 4
NEW_DAYS = 84  # twelve weeks: new formulations are few, and an analyst may have been away


def read_windows(con: duckdb.DuckDBPyConnection, facts: Facts) -> dict[str, dict[str, Any]]:
    """Return by theme its share in the last 28 days and in the 28 before, over covered outlet days only.

    ``change`` is the difference, ``change_low`` and ``change_high`` its 95% interval: Newcombe (1998), Statistics in Medicine
    17, 873-890, method 10, built from the two Wilson intervals. A share is None where nothing was covered.
    """
    found = rows(
        con,
        f"""
        with sums as (
            select theme_id,
                coalesce(sum(article_count) filter (published_on >= $start::date), 0)::bigint as hits,
                coalesce(sum(total_count) filter (published_on >= $start::date), 0)::bigint as total,
                coalesce(sum(article_count) filter (published_on < $start::date), 0)::bigint as hits_before,
                coalesce(sum(total_count) filter (published_on < $start::date), 0)::bigint as total_before,
                count(distinct publisher_id) filter (published_on >= $start::date and article_count > 0) as outlet_count
            from marts.theme_outlet_daily
            where not is_gap and published_on > $start::date - {WINDOW_DAYS + 1}
            group by all
        )
        select *, hits / nullif(total, 0) as now, report_low(hits, total) as low, report_high(hits, total) as high,
            hits_before / nullif(total_before, 0) as before, report_low(hits_before, total_before) as low_before,
            report_high(hits_before, total_before) as high_before
        from sums
        """,
        {"start": facts.window_from},
    )
    return {row["theme_id"]: row | _change(row) for row in found}


def _change(row: dict[str, Any]) -> dict[str, float | None]:
    now, before = row["now"], row["before"]
    if now is None or before is None:
        return {"change": None, "change_low": None, "change_high": None}
    change = now - before
    return {
        "change": change,
        "change_low": change - math.hypot(now - row["low"], row["high_before"] - before),
        "change_high": change + math.hypot(row["high"] - now, before - row["low_before"]),
    }


def pick_movers(windows: dict[str, dict[str, Any]], shown: set[str]) -> tuple[list[str], list[str], list[str]]:
    """Return the themes that rose beyond chance, those that rose within it, and those that fell beyond it; the surest first.

    Beyond chance: the 95% interval of the change leaves zero out.
    """
    known = [(theme, row) for theme, row in windows.items() if theme in shown and row["change"] is not None]
    rising = sorted((item for item in known if item[1]["change_low"] > 0), key=lambda item: (-item[1]["change_low"], item[0]))
    fading = sorted((item for item in known if item[1]["change_high"] < 0), key=lambda item: (item[1]["change_high"], item[0]))
    maybe = sorted(
        (item for item in known if item[1]["change"] > 0 >= item[1]["change_low"]),
        key=lambda item: (-item[1]["change_low"], item[0]),
    )
    return tuple([theme for theme, _ in found[:RISERS]] for found in (rising, maybe, fading))  # type: ignore[return-value]


def largest(windows: dict[str, dict[str, Any]], shown: set[str]) -> list[str]:
    """Return the themes with the greatest share of the last 28 days, at most eight."""
    known = [(theme, row) for theme, row in windows.items() if theme in shown and row["hits"]]
    return [theme for theme, _ in sorted(known, key=lambda item: (-(item[1]["now"] or 0), item[0]))[:RISERS]]


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
