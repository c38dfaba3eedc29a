"""Stamps: a number over all that a page is read from, so that a page whose sources are as they were is not even read.

A release file knows no changes, and a night's report must not cost what the history costs. DuckDB hashes 18 million rows in a
third of a second, which is far less than reading, composing and comparing the pages that they make.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from flows.report.manifest import digest_of
from flows.report.outlets import SPAN_DAYS
from flows.report.themes import small_from

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

    import duckdb

    from flows.report.release import Facts

# What a theme's page reads of the theme and of those below it, by theme_id.
OF_THEMES = (
    "marts.theme_weekly",
    "marts.theme_monthly",
    "marts.theme_outlet_daily",
    "marts.phrase_lives",
    "marts.lead_lags",
    "marts.concentration_monthly",
    "marts.theme_index_monthly",
    "ref.theme_phrases",
)
OF_OUTLETS = ("marts.outlet_daily", "marts.keyness_monthly", "marts.coverage")
OF_ALL = ("ref.publishers", "ref.themes", "ref.speakers")
_RECENT = {"marts.theme_outlet_daily"}  # the rest of it is in no page
_TEXT = ("title", "url", "language", "publisher_id", "published_on", "excluded_reason", "content_hash")


def read_stamps(con: duckdb.DuckDBPyConnection, facts: Facts) -> tuple[dict[str, str], dict[str, str]]:
    """Return a stamp a theme and a stamp an outlet: the same as long as everything that its page shows is the same.

    They hold for one DuckDB only, whose hash they are. Call ``prepare`` before.
    """
    shared = digest_of(code_digest(), *_shared(con, facts))
    themes: dict[str, list[str]] = {}
    for number, source in enumerate(_theme_sources(facts)):
        for theme, stamp in con.execute(source, {"since": small_from(facts)} if "$since" in source else None).fetchall():
            themes.setdefault(theme, []).append(f"{number}:{stamp}")
    outlets: dict[str, list[str]] = {}
    for number, source in enumerate(_outlet_sources(facts)):
        for outlet, stamp in con.execute(source).fetchall():
            outlets.setdefault(outlet, []).append(f"{number}:{stamp}")
    lately = digest_of(shared, _of_others(con, facts))
    return (
        {theme: digest_of(shared, *marks) for theme, marks in themes.items()},
        {outlet: digest_of(lately, *marks) for outlet, marks in outlets.items()},
    )


def code_digest() -> str:
    """Return a digest of this package: another program makes other pages of the same rows."""
    return digest_of(*(part.read_text(encoding="utf-8") for part in _walk(files("flows.report"))))


def _walk(folder: Traversable) -> Iterator[Traversable]:
    for part in sorted(folder.iterdir(), key=lambda one: one.name):
        if part.is_dir() and part.name != "__pycache__":
            yield from _walk(part)
        elif part.name.endswith((".py", ".html")):
            yield part


def _hashed(facts: Facts, table: str, alias: str = "d") -> str:
    return f"hash({', '.join(f'{alias}.{name}' for name in facts.columns[table])})"


def _shared(con: duckdb.DuckDBPyConnection, facts: Facts) -> Iterator[str]:
    """Yield what every page depends on: the span, the tables that are there, names, gaps, and articles by language."""
    yield repr((facts.first_on, facts.last_on, facts.unit, sorted(facts.columns.items())))
    for table in OF_ALL:
        if table in facts.columns:
            yield repr(con.execute(f"select sum({_hashed(facts, table)}) from {table} as d").fetchone())
    yield repr(
        con.execute(
            "select sum(hash(publisher_id, published_on, is_gap)) from marts.outlet_daily where published_on >= $since::date",
            {"since": small_from(facts)},
        ).fetchone()
    )
    yield repr(
        con.execute(
            f"select language, date_trunc('{facts.unit}', published_on) as start, count(*) from core.articles"
            " where excluded_reason is null and published_on >= $since::date group by all order by all",
            {"since": small_from(facts)},
        ).fetchall()
    )


def _theme_sources(facts: Facts) -> Iterator[str]:
    """Yield queries of (theme_id, stamp), each over one table, what lies below a theme counted in."""
    with_below = (
        "with own as ({own}) select t.theme_id, sum(hash(own.theme_id, own.stamp))"
        " from own inner join report_members as t on own.theme_id = t.member_id group by t.theme_id"
    )
    for table in OF_THEMES:
        if table in facts.columns:
            since = " where published_on >= $since::date" if table in _RECENT else ""
            own = f"select theme_id, sum({_hashed(facts, table)}) as stamp from {table} as d{since} group by theme_id"
            yield with_below.format(own=own)
    names = [name for name in _TEXT if facts.has("core.articles", name)]
    if "content_hash" not in names and facts.has("core.articles", "body_text"):
        names.append("body_text")
    texts = ", ".join(f"a.{name}" for name in names)
    yield with_below.format(
        own=f"select d.theme_id, sum(hash({_hashed(facts, 'marts.theme_mentions')}, {texts})) as stamp"
        " from marts.theme_mentions as d inner join core.articles as a on d.article_id = a.article_id group by d.theme_id"
    )
    if facts.has("marts.statements", "theme_ids"):
        yield with_below.format(
            own=f"select theme_id, sum(hash({_hashed(facts, 'marts.statements')}, a.published_on, a.url, a.language)) as stamp"
            " from (select *, unnest(theme_ids) as theme_id from marts.statements) as d"
            " inner join core.articles as a on d.article_id = a.article_id group by d.theme_id"
        )
    if facts.has("marts.bursts", "series", "series_id"):
        yield (
            f"select coalesce(p.theme_id, d.series_id), sum({_hashed(facts, 'marts.bursts')}) from marts.bursts as d"
            " left join ref.theme_phrases as p on d.series = 'phrase' and d.series_id = p.phrase_id group by 1"
        )
    if facts.has("marts.theme_pairs_monthly", "theme_id", "other_theme_id"):
        stamp = _hashed(facts, "marts.theme_pairs_monthly")
        yield (
            "with months as (select theme_id, sum(hash(month_start_on, article_count, total_count)) as stamp"
            " from marts.theme_monthly group by all),"
            f" pairs as (select theme_id, other_theme_id, {stamp} as stamp from marts.theme_pairs_monthly as d union all"
            f" select other_theme_id, theme_id, {stamp} from marts.theme_pairs_monthly as d)"
            " select pairs.theme_id, sum(hash(pairs.stamp, months.stamp)) from pairs"
            " inner join months on pairs.other_theme_id = months.theme_id group by all"
        )


def _outlet_sources(facts: Facts) -> Iterator[str]:
    """Yield queries of (publisher_id, stamp), each over one table."""
    for table in OF_OUTLETS:
        if table in facts.columns:
            yield f"select publisher_id, sum({_hashed(facts, table)}) from {table} as d group by publisher_id"
    texts = ", ".join(name for name in ("article_id", *_TEXT) if facts.has("core.articles", name))
    yield f"select publisher_id, sum(hash({texts})) from core.articles group by publisher_id"


def _of_others(con: duckdb.DuckDBPyConnection, facts: Facts) -> str:
    """Return what an outlet is compared with: the themes of all outlets of late."""
    found = con.execute(
        "select theme_id, publisher_id, sum(article_count), sum(total_count) from marts.theme_outlet_daily"
        " where not is_gap and published_on > $last_on::date - $days::integer group by all order by all",
        {"last_on": facts.last_on, "days": SPAN_DAYS},
    )
    return digest_of(repr(found.fetchall()))
