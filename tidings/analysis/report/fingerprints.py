"""Compute fingerprints of the rows behind each page, so that the report skips pages with unchanged
rows.

A release file does not record its changes, and the cost of a nightly report must not grow with the
history. A fingerprint therefore covers only the rows that a page shows: the newest mentions and
articles, the days of two years, and all months.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

from tidings.analysis.report.gloss import ENGLISH_VERSIONS
from tidings.analysis.report.manifest import digest_of
from tidings.analysis.report.outlet_data import coverage_from

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

    import duckdb

    from tidings.analysis.report.release import Facts

# Sources of a theme's page and of the themes below it, by theme_id: table, columns (empty: all) and
# condition.
THEME_SOURCES = (
    ("marts.theme_weekly", (), "week_start_on >= $since::date - 6"),
    ("marts.theme_monthly", (), ""),
    # Rows without articles repeat outlet_daily, which is part of every page's fingerprint.
    (
        "marts.theme_outlet_daily",
        ("publisher_id", "published_on", "article_count", "about_count"),
        "article_count > 0 and published_on >= $since::date",
    ),
    (
        "marts.article_themes",
        ("article_id", "is_about", "language"),
        "published_on >= $since::date",
    ),
    (
        "marts.theme_mentions",
        ("article_id", "phrase_id", "language"),
        "published_on >= $since::date",
    ),
    ("marts.phrase_lives", (), ""),
    ("marts.lead_lags", (), ""),
    ("marts.concentration_monthly", (), ""),
    ("marts.theme_index_monthly", (), ""),
    ("marts.theme_quality", (), ""),
    ("marts.comparison_themes", (), ""),
    ("marts.comparison_agreement", (), ""),
    ("ref.comparison_series", (), ""),
    ("marts.theme_peaks", (), ""),
    ("marts.speaker_shares_monthly", (), ""),
)
OUTLET_SOURCES = (
    ("marts.outlet_daily", (), "published_on >= $since::date or is_gap"),
    ("marts.keyness_monthly", (), ""),
    ("marts.coverage", (), "published_on >= $year::date"),
    ("report_outlet_themes", ("theme_id", "hits", "total", "other_hits", "other_total"), ""),
)
# the last two: glosses
SHARED_SOURCES = ("ref.publishers", "ref.themes", "ref.theme_phrases", "ref.speakers")
_ARTICLE = (
    "a.article_id, a.title, a.url, a.language, a.publisher_id, a.published_on,"
    " a.excluded_reason, a.content_hash"
)


def read_fingerprints(
    con: duckdb.DuckDBPyConnection, facts: Facts, outlets: list[dict[str, Any]]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return a fingerprint per theme and per outlet, which changes if the content of its page may
    change.

    ``outlets`` are the rows of ``read_outlets``. The fingerprints use DuckDB's hash function, so
    they are comparable only within one DuckDB version. The connection must have the tables of
    ``create_temp_tables``.
    """
    shared = digest_of(code_digest(), *_read_shared(con, facts))
    themes: dict[str, list[str]] = {}
    by_outlet: dict[str, list[str]] = {row["publisher_id"]: [repr(row)] for row in outlets}
    for fingerprints, queries in (
        (themes, _theme_queries(facts)),
        (by_outlet, _outlet_queries(facts)),
    ):
        for number, query in enumerate(queries):
            for name, fingerprint in _execute(con, facts, query):
                fingerprints.setdefault(name, []).append(f"{number}:{fingerprint}")
    return (
        {theme: digest_of(shared, *parts) for theme, parts in themes.items()},
        {outlet: digest_of(shared, *parts) for outlet, parts in by_outlet.items()},
    )


def code_digest() -> str:
    """Return a digest of this package and the charts, because other code can produce other pages
    from the same rows.
    """
    return digest_of(
        *(
            path.read_text(encoding="utf-8")
            for package in ("charts", "report")
            for path in _source_files(files(f"tidings.analysis.{package}"))
        )
    )


def _source_files(folder: Traversable) -> Iterator[Traversable]:
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if path.is_dir() and path.name != "__pycache__":
            yield from _source_files(path)
        elif path.name.endswith((".py", ".html", ".css", ".js")):
            yield path


def _execute(con: duckdb.DuckDBPyConnection, facts: Facts, query: str) -> list[tuple[Any, ...]]:
    days = {"since": facts.small_from, "year": coverage_from(facts), "last_on": facts.last_on}
    return con.execute(
        query, {name: day for name, day in days.items() if f"${name}" in query} or None
    ).fetchall()


def _hash_columns(facts: Facts, table: str, names: tuple[str, ...] = ()) -> str:
    return f"hash({', '.join(f'd.{name}' for name in names or facts.columns[table])})"


def _read_shared(con: duckdb.DuckDBPyConnection, facts: Facts) -> Iterator[str]:
    """Yield the content that affects every page: first and last day, columns, names, outlet days
    and articles by language.
    """
    yield repr(
        (facts.first_on, facts.last_on, facts.unit, facts.invented, sorted(facts.columns.items()))
    )
    queries = [
        f"select sum({_hash_columns(facts, table)}) from {table} as d" for table in SHARED_SOURCES
    ]
    queries.append(
        "select sum(hash(publisher_id, published_on, article_count, is_gap, is_complete)) from"
        " marts.outlet_daily"
        " where published_on >= $since::date"
    )
    queries.append("from report_language_totals order by all")
    for query in queries:
        yield repr(_execute(con, facts, query))


def _sum_by_key(facts: Facts, key: str, table: str, names: tuple[str, ...], where: str) -> str:
    """Return a query for the sum of row hashes of one table, by a key column."""
    condition = f" where {where}" if where else ""
    return (
        f"select {key}, sum({_hash_columns(facts, table, names)}) as fingerprint from {table}"
        f" as d{condition} group by {key}"
    )


def _theme_queries(facts: Facts) -> Iterator[str]:
    """Yield queries for (theme_id, fingerprint); a theme includes the themes below it."""
    own = [_sum_by_key(facts, "theme_id", *source) for source in THEME_SOURCES]
    own.append(
        f"select theme_id, sum(hash({_hash_columns(facts, 'marts.statements')}, a.url)) as"
        f" fingerprint from ("
        " select *, unnest(theme_ids) as theme_id from marts.statements"
        " where published_on > $last_on::date - interval 12 month) as d inner join core.articles"
        " as a"
        " on d.article_id = a.article_id and d.published_on = a.published_on group by d.theme_id"
    )
    for query in own:
        yield (
            f"with own as ({query}) select t.theme_id, sum(hash(own.theme_id, own.fingerprint))"
            " from own inner join report_members as t on own.theme_id = t.member_id group by"
            " t.theme_id"
        )
    yield (
        f"select d.theme_id, sum(hash(d, {_ARTICLE})) from report_newest as d"
        " inner join core.articles as a on d.article_id = a.article_id and d.published_on ="
        " a.published_on group by d.theme_id"
    )
    yield (
        f"select d.theme_id, sum(hash(d.article_id, e.url)) from report_newest as d inner join"
        f" core.articles as a"
        f" on d.article_id = a.article_id and d.published_on = a.published_on inner join"
        f" ({ENGLISH_VERSIONS}) as e"
        " on a.publisher_id = e.publisher_id and a.translation_key = e.translation_key group by"
        " d.theme_id"
    )
    yield (
        f"select coalesce(p.theme_id, d.series_id), sum({_hash_columns(facts, 'marts.bursts')})"
        f" from marts.bursts as d"
        " left join ref.theme_phrases as p on d.series = 'phrase' and d.series_id = p.phrase_id"
        " group by 1"
    )
    yield "select theme_id, sum(hash(d)) from report_cooccurrences as d group by theme_id"


def _outlet_queries(facts: Facts) -> Iterator[str]:
    """Yield queries for (publisher_id, fingerprint)."""
    for source in OUTLET_SOURCES:
        yield _sum_by_key(facts, "publisher_id", *source)
    yield (
        f"select d.publisher_id, sum(hash({_ARTICLE})) from report_newest_articles as d"
        " inner join core.articles as a on d.article_id = a.article_id and d.published_on ="
        " a.published_on"
        " group by d.publisher_id"
    )
