"""Write the README of an export from the facts of its release."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

import duckdb
from jinja2 import Environment, PackageLoader, StrictUndefined

from tidings.analysis.report.bundle import DESCRIPTION, RIGHTS

if TYPE_CHECKING:
    from tidings.analysis.report.bundle import Bundle

MAX_OUTLETS = 40


def _read(con: duckdb.DuckDBPyConnection, query: str) -> list[Any]:
    """Return a query's rows; none if a release of an earlier version lacks its columns."""
    try:
        return con.execute(query).fetchall()
    except (duckdb.CatalogException, duckdb.BinderException):
        return []


def readme(con: duckdb.DuckDBPyConnection, bundle: Bundle, *, has_xlsx: bool) -> str:
    """Return the README as Markdown: facts, citation, how to open, verify and reproduce the files,
    definitions and tables.
    """
    facts = bundle.facts
    read = functools.partial(_read, con)
    values = {
        "bundle": bundle,
        "facts": facts,
        "description": DESCRIPTION,
        "rights": RIGHTS,
        "has_xlsx": has_xlsx,
        "outlets": read(_OUTLETS),
        "gaps": read(_GAPS),
        "day_count": next(iter(read("select count(*) from marts.outlet_daily")), (0,))[0],
        "languages": read(_LANGUAGES),
        "comparisons": read(_COMPARISONS),
        "example": next(iter(read(_EXAMPLE)), ("",))[0],
        "has_shares": facts.has("marts.theme_outlet_daily", "covered_days"),
        "tables": [
            (f"`{table.name}`", f"{table.row_count:,}", ", ".join(table.key), table.description)
            for table in bundle.tables
        ],
    }
    loader = PackageLoader("tidings.analysis.report", "templates")
    environment = Environment(  # noqa: S701 - Markdown; the filter cell neutralises names
        loader=loader,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )
    environment.filters["cell"] = _format_cell
    text = environment.get_template("release.md").render(values)
    return re.sub(r"\n{3,}", "\n\n", text)


def _format_cell(value: Any) -> str:
    """Return a value as a cell of a Markdown table: on one line, without HTML, links or column
    separators.
    """
    text = (
        f"{value:,}"
        if isinstance(value, int)
        else " ".join(str("" if value is None else value).split())
    )
    if text.startswith("`") and text.endswith("`"):
        return text.replace("|", "\\|")
    return re.sub(r"([|<\[\]*`\\])", r"\\\1", text)


# the theme with most articles whose ID is plain
_EXAMPLE = """
    select theme_id from marts.theme_monthly where regexp_full_match(theme_id, '[A-Za-z0-9_]+')
    group by theme_id order by sum(article_count) desc, theme_id limit 1"""
_OUTLETS = f"""
    select coalesce(any_value(p.name), d.publisher_id), any_value(p.country),
        any_value(p.publisher_type), min(published_on),
        max(published_on), count(*), count(*) filter (is_gap), sum(article_count)::bigint
    from marts.outlet_daily as d
    left join ref.publishers as p using (publisher_id)
    group by d.publisher_id
    order by sum(article_count) desc, d.publisher_id
    limit {MAX_OUTLETS}"""
_COMPARISONS = """
    select name, unit, citation, coalesce(licence, 'not stated') from ref.comparison_series
    order by name, series_id"""
_GAPS = (
    "select gap_reason, count(*) from marts.outlet_daily where is_gap group by gap_reason"
    " order by count(*) desc, gap_reason"
)
_LANGUAGES = """
    select coalesce(lower(regexp_extract(language, '^[^-_]+')), 'unknown') as code, count(*)
    from core.articles
    where excluded_reason is null
    group by code
    order by count(*) desc, code
    limit 12"""
