"""The pages of candidates and of method and data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flows.report.dictionary import read_dictionary
from flows.report.page import Page
from flows.report.release import rows
from flows.report.theme_page import missing_marts

if TYPE_CHECKING:
    import duckdb

    from flows.report.release import Facts

CANDIDATES = 200
_FIRST = (
    "language",
    "rank",
    "phrase",
    "z",
    "article_count",
    "prior_count",
    "outlet_count",
    "first_seen_on",
    "first_outlet",
    "examples",
)
_NOT_SHOWN = ("score", "policy_count", "day_count", "outlets", "first_article_id", "example_article_ids", "as_of")


def candidates_page(con: duckdb.DuckDBPyConnection, facts: Facts) -> Page:
    """Return the page of rising word sequences that are in no list yet, with all columns that the release gives them."""
    held = facts.columns.get("marts.candidate_phrases", ())
    shown = [name for name in _FIRST if name in held] + [name for name in held if name not in (*_FIRST, *_NOT_SHOWN)]
    order = "language, rank" if {"language", "rank"} <= set(held) else "all"
    found = rows(con, f"select * from marts.candidate_phrases order by {order} limit {CANDIDATES}") if held else []
    return Page(
        path="candidates.html",
        template="candidates.html",
        values={"columns": shown, "rows": found, "is_there": bool(held)},
    )


def method_page(con: duckdb.DuckDBPyConnection, facts: Facts) -> Page:
    """Return the page that says how figures are made and what the release holds."""
    values: dict[str, Any] = {
        "facts": {
            "release_id": facts.release_id,
            "released_at": facts.released_at,
            "lexicon_version": facts.lexicon_version,
            "code_version": facts.code_version,
            "run_id": facts.run_id,
            "audit_passed": facts.audit_passed,
            "audit_warned": facts.audit_warned,
            "first_on": facts.first_on,
            "last_on": facts.last_on,
        },
        "tables": read_dictionary(con),
        "missing": missing_marts(facts),
        "changes": _lexicon_changes(con, facts),
    }
    return Page(path="method.html", template="method.html", values=values)


def _lexicon_changes(con: duckdb.DuckDBPyConnection, facts: Facts) -> list[dict[str, Any]]:
    if "marts.lexicon_changes" not in facts.columns:
        return []
    return rows(con, "select * from marts.lexicon_changes limit 100")
