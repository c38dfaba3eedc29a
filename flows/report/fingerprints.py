"""Stamps: a number over all that a page is read from, so that a page whose sources are as they were is not even read.

A release file knows no changes, and a night's report must not cost what the history costs. So what a page shows is hashed and no
more: of texts the newest, of days two years, of the past the months and the sums that the marts hold.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

from tidings.flows.report.coverage_figures import span_from
from tidings.flows.report.manifest import digest_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

    import duckdb

    from tidings.flows.report.release import Facts

# What a theme's page reads of the theme and of those below it, by theme_id: the table, its columns (none: all), and which rows.
OF_THEMES = (
    ("marts.theme_weekly", (), "week_start_on >= $since::date - 6"),
    ("marts.theme_monthly", (), ""),
    # A day on which a theme was not met says what outlet_daily says, which all pages depend on.
    (
        "marts.theme_outlet_daily",
        ("publisher_id", "published_on", "article_count"),
        "article_count > 0 and published_on >= $since::date",
    ),
    ("marts.theme_mentions", ("article_id", "phrase_id", "language"), "published_on >= $since::date"),
    ("marts.phrase_lives", (), ""),
    ("marts.lead_lags", (), ""),
    ("marts.concentration_monthly", (), ""),
    ("marts.theme_index_monthly", (), ""),
    ("ref.theme_phrases", (), ""),
)
OF_OUTLETS = (
    ("marts.outlet_daily", (), "published_on >= $since::date or is_gap"),
    ("marts.keyness_monthly", (), ""),
    ("marts.coverage", (), "published_on >= $year::date"),
    ("report_outlet_themes", ("theme_id", "hits", "total", "other_hits", "other_total"), ""),
)
OF_ALL = ("ref.publishers", "ref.themes", "ref.speakers")
_TEXT = ("article_id", "title", "url", "language", "publisher_id", "published_on", "excluded_reason", "content_hash")


def read_stamps(
    con: duckdb.DuckDBPyConnection, facts: Facts, held: list[dict[str, Any]]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return a stamp a theme and a stamp an outlet: the same as long as everything that its page shows is the same.

    ``held`` are the outlets' rows of ``read_outlets``. Stamps hold for one DuckDB only, whose hash they are. Call ``prepare``
    before.
    """
    shared = digest_of(code_digest(), *_shared(con, facts))
    themes: dict[str, list[str]] = {}
    outlets: dict[str, list[str]] = {row["publisher_id"]: [repr(row)] for row in held}
    for found, sources in ((themes, _theme_sources(facts)), (outlets, _outlet_sources(facts))):
        for number, source in enumerate(sources):
            for name, stamp in _ask(con, facts, source):
                found.setdefault(name, []).append(f"{number}:{stamp}")
    return (
        {theme: digest_of(shared, *marks) for theme, marks in themes.items()},
        {outlet: digest_of(shared, *marks) for outlet, marks in outlets.items()},
    )


def code_digest() -> str:
    """Return a digest of this package: another program makes other pages of the same rows."""
    return digest_of(*(part.read_text(encoding="utf-8") for part in _walk(files("tidings.flows.report"))))


def _walk(folder: Traversable) -> Iterator[Traversable]:
    for part in sorted(folder.iterdir(), key=lambda one: one.name):
        if part.is_dir() and part.name != "__pycache__":
            yield from _walk(part)
        elif part.name.endswith((".py", ".html", ".css", ".js")):
            yield part


def _ask(con: duckdb.DuckDBPyConnection, facts: Facts, query: str) -> list[tuple[Any, ...]]:
    days = {"since": facts.small_from, "year": span_from(facts), "last_on": facts.last_on}
    return con.execute(query, {name: day for name, day in days.items() if f"${name}" in query} or None).fetchall()


def _hashed(facts: Facts, table: str, names: tuple[str, ...] = ()) -> str:
    return f"hash({', '.join(f'd.{name}' for name in names or facts.columns[table])})"


def _texts(facts: Facts) -> str:
    names = [name for name in _TEXT if facts.has("core.articles", name)]
    if "content_hash" not in names and facts.has("core.articles", "body_text"):
        names.append("body_text")
    return ", ".join(f"a.{name}" for name in names)


def _shared(con: duckdb.DuckDBPyConnection, facts: Facts) -> Iterator[str]:
    """Yield what every page depends on: the span, the tables that are there, names, outlets' days, and articles by language."""
    yield repr((facts.first_on, facts.last_on, facts.unit, sorted(facts.columns.items())))
    queries = [f"select sum({_hashed(facts, table)}) from {table} as d" for table in OF_ALL if table in facts.columns]
    queries.append(
        "select sum(hash(publisher_id, published_on, article_count, is_gap, is_complete)) from marts.outlet_daily"
        " where published_on >= $since::date"
    )
    queries.append("from report_language_totals order by all")
    for query in queries:
        yield repr(_ask(con, facts, query))


def _summed(facts: Facts, key: str, table: str, names: tuple[str, ...], where: str) -> str:
    """Return a query of a number for each value of a key, over the rows of one table."""
    return (
        f"select {key}, sum({_hashed(facts, table, names)}) as stamp from {table} as d{f' where {where}' if where else ''}"
        f" group by {key}"
    )


def _theme_sources(facts: Facts) -> Iterator[str]:
    """Yield queries of (theme_id, stamp), what lies below a theme counted in."""
    own = [_summed(facts, "theme_id", *source) for source in OF_THEMES if source[0] in facts.columns]
    if "marts.phrase_lives" not in facts.columns:
        own.append(_summed(facts, "theme_id", "marts.theme_mentions", ("phrase_id", "article_id", "published_on"), ""))
    if facts.has("marts.statements", "theme_ids", "published_on"):
        own.append(
            f"select theme_id, sum(hash({_hashed(facts, 'marts.statements')}, a.url)) as stamp from ("
            " select *, unnest(theme_ids) as theme_id from marts.statements"
            " where published_on > $last_on::date - interval 12 month) as d inner join core.articles as a"
            " on d.article_id = a.article_id and d.published_on = a.published_on group by d.theme_id"
        )
    for query in own:
        yield (
            f"with own as ({query}) select t.theme_id, sum(hash(own.theme_id, own.stamp))"
            " from own inner join report_members as t on own.theme_id = t.member_id group by t.theme_id"
        )
    yield (
        f"select d.theme_id, sum(hash(d, {_texts(facts)})) from report_newest as d"
        " inner join core.articles as a on d.article_id = a.article_id and d.published_on = a.published_on group by d.theme_id"
    )
    if facts.has("marts.bursts", "series", "series_id"):
        yield (
            f"select coalesce(p.theme_id, d.series_id), sum({_hashed(facts, 'marts.bursts')}) from marts.bursts as d"
            " left join ref.theme_phrases as p on d.series = 'phrase' and d.series_id = p.phrase_id group by 1"
        )
    yield "select theme_id, sum(hash(d)) from report_companions as d group by theme_id"


def _outlet_sources(facts: Facts) -> Iterator[str]:
    """Yield queries of (publisher_id, stamp)."""
    for table, names, where in OF_OUTLETS:
        if names or table in facts.columns:
            yield _summed(facts, "publisher_id", table, names, where)
    yield (
        f"select d.publisher_id, sum(hash({_texts(facts)})) from report_newest_articles as d"
        " inner join core.articles as a on d.article_id = a.article_id and d.published_on = a.published_on"
        " group by d.publisher_id"
    )
