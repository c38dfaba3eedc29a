"""The pages of candidates and of method and data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidings.flows.report.dictionary import read_dictionary
from tidings.flows.report.page import Page
from tidings.flows.report.pages import tell_language
from tidings.flows.report.release import rows
from tidings.flows.report.theme_page import missing_marts

if TYPE_CHECKING:
    import duckdb

    from tidings.flows.report.release import Facts

CANDIDATES = 200
_COUNTS = ("rank", "z", "article_count", "prior_count", "outlet_count", "first_seen_on", "first_outlet", "evidence", "examples")


def candidates_page(con: duckdb.DuckDBPyConnection, facts: Facts) -> Page:
    """Return the page of rising word sequences that are in no list yet, each in the sentences in which it stands."""
    held = facts.columns.get("marts.candidate_phrases", ())
    found = _read_candidates(con, held) if {"language", "phrase"} <= set(held) else []
    languages = sorted({(row["language"], tell_language(row["language"])) for row in found}, key=lambda one: one[1])
    values = {"rows": found, "languages": languages, "is_there": bool(held)}
    return Page(path="candidates.html", template="candidates.html", values=values)


def _read_candidates(con: duckdb.DuckDBPyConnection, held: tuple[str, ...]) -> list[dict[str, Any]]:
    order = "language, rank" if "rank" in held else "all"
    found = rows(con, f"select * from marts.candidate_phrases order by {order} limit {CANDIDATES}")
    ids = sorted({article for row in found for article in row.get("example_article_ids") or []})
    urls = dict(con.execute("select article_id, url from core.articles where article_id in $ids", {"ids": ids}).fetchall())
    names = dict(con.execute("select publisher_id, name from ref.publishers").fetchall())
    told = []
    for row in found:
        counts = {name: row.get(name) for name in _COUNTS}
        links = [urls.get(article) for article in row.get("example_article_ids") or []]
        examples = row.get("examples") or []
        told.append(
            {"language": row["language"] or "", "phrase": row["phrase"]}
            | counts
            | {
                "first_outlet": names.get(counts["first_outlet"]) or counts["first_outlet"],
                "evidence": [str(kind).replace("_", " ") for kind in counts["evidence"] or []],
                "examples": list(zip(examples, [*links, *[None] * len(examples)], strict=False)),
            }
        )
    return told


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
