"""Composes the pages of a report from what the queries found: which figures, tables and words stand on each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tidings.flows.report import coverage_figures, outlets, overview, overview_figures
from tidings.flows.report.method import candidates_page, method_page
from tidings.flows.report.page import Page
from tidings.flows.report.pages import file_name
from tidings.flows.report.release import WINDOW_DAYS
from tidings.flows.report.shared import SPAN_DAYS
from tidings.flows.report.theme_page import Readings, missing_marts, read_all, theme_page
from tidings.flows.report.themes import read_series

if TYPE_CHECKING:
    from collections.abc import Callable

    import duckdb

    from tidings.flows.report.release import Facts

BURSTS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Report:
    """The pages, and what the feed and the search need beside them."""

    pages: list[Page]
    bursts: list[dict[str, Any]]
    new_phrases: list[dict[str, Any]]
    theme_pages: dict[str, str]
    search: list[tuple[str, str, str, str]]


def theme_paths(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return by theme the path of its page."""
    found = con.execute("select theme_id from ref.themes order by theme_id").fetchall()
    return {theme: f"themes/{file_name(theme)}" for (theme,) in found}


def outlet_paths(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return by outlet the path of its page."""
    found = con.execute("select distinct publisher_id from marts.outlet_daily order by publisher_id").fetchall()
    return {outlet: f"outlets/{file_name(outlet)}" for (outlet,) in found}


def compose(con: duckdb.DuckDBPyConnection, facts: Facts, held: list[dict[str, Any]], is_wanted: Callable[[str], bool]) -> Report:
    """Return a release's report, not yet rendered: the pages that all share, and those of the themes and outlets wanted.

    ``held`` are the outlets of ``read_outlets``. ``is_wanted`` is asked with a page's path. The first page comes last, for it
    leads to all others.
    """
    to_outlets, paths = outlet_paths(con), theme_paths(con)
    wanted = [theme for theme, path in paths.items() if is_wanted(path)]
    readings = read_all(con, facts, paths, to_outlets, wanted)
    new_phrases = overview.read_new_phrases(con, facts)
    pages = [theme_page(readings, theme) for theme in wanted]
    chosen = [row for row in held if is_wanted(to_outlets[row["publisher_id"]])]
    pages += _outlet_pages(con, facts, chosen, readings) if chosen else []
    pages += [candidates_page(con, facts), method_page(con, facts), _themes_page(readings), _outlets_page(held, readings)]
    pages.append(_first_page(con, readings, held, new_phrases))
    return Report(pages, readings.bursts, new_phrases, paths, _search(readings, held))


def _outlet_pages(con: duckdb.DuckDBPyConnection, facts: Facts, held: list[dict[str, Any]], readings: Readings) -> list[Page]:
    wanted = [row["publisher_id"] for row in held]
    volumes, shares = outlets.read_volumes(con, facts, wanted), outlets.read_outlet_themes(con, wanted)
    keyness, newest = outlets.read_keyness(con, facts, wanted), outlets.read_newest(con, wanted)
    gaps, listed = outlets.read_gaps(con, wanted), coverage_figures.read_sources(con, facts, wanted)
    pages = []
    for row in held:
        publisher = row["publisher_id"]
        volume = outlets.volume_figure(publisher, volumes.get(publisher, []), facts.unit)
        sources = coverage_figures.sources_figure(publisher, listed.get(publisher, []))
        found = shares.get(publisher, [])
        linked = {one["theme_id"] for one in (*found, *keyness.get(publisher, []))}
        values = {
            "outlet": row,
            "volume": volume,
            "sources": sources,
            "span_days": SPAN_DAYS,
            "themes": found,
            "keyness": keyness.get(publisher, []),
            "newest": newest.get(publisher, []),
            "gaps": gaps.get(publisher, []),
            "paths": {theme: readings.paths[theme] for theme in sorted(linked) if theme in readings.paths},
        }
        pages.append(Page(readings.outlet_paths[publisher], "outlet.html", values, [volume, *([sources] if sources else [])]))
    return pages


def _table_of_themes(readings: Readings) -> list[dict[str, Any]]:
    found = []
    for theme_id, theme in readings.themes.items():
        parent = readings.themes.get(theme["parent_id"] or "")
        window = readings.movers.windows.get(theme_id) or {}
        found.append(
            {key: theme[key] for key in ("theme_id", "label_en", "label_zh", "kind", "parent_id")}
            | {key: window.get(key) for key in ("now", "before", "change", "low", "high", "outlet_count", "hits")}
            | {
                "path": readings.paths[theme_id],
                "parent": parent["label_en"] if parent else None,
                "article_count": readings.totals.get(theme_id, 0),
            }
        )
    return sorted(found, key=lambda row: (-(row["now"] or 0), -row["article_count"], row["label_en"] or row["theme_id"]))


def _themes_page(readings: Readings) -> Page:
    found = _table_of_themes(readings)
    areas = sorted({row["parent"] for row in found if row["parent"]})
    return Page("themes.html", "themes.html", {"themes": found, "areas": areas, "window_days": WINDOW_DAYS})


def _outlets_page(held: list[dict[str, Any]], readings: Readings) -> Page:
    return Page("outlets.html", "outlets.html", {"outlets": held, "outlet_paths": readings.outlet_paths})


def _first_page(
    con: duckdb.DuckDBPyConnection, readings: Readings, held: list[dict[str, Any]], new_phrases: list[dict[str, Any]]
) -> Page:
    facts, unit = readings.facts, readings.facts.unit
    movers = readings.movers
    labels, rising = movers.labels, movers.rising
    series = read_series(con, facts, f"{unit}ly", rising)
    cards = overview_figures.card_figures("rise", rising, labels, series, unit)
    change = overview_figures.change_figure(movers.largest, labels, movers.windows, readings.paths, facts)
    gaps = coverage_figures.read_gaps_of_late(con, facts)
    coverage = coverage_figures.read_coverage(con, facts, gaps)
    newest = [one for one in readings.bursts if not one["is_area"]][:BURSTS_SHOWN]  # an area bursts with its themes
    bursts = overview_figures.burst_figure(newest, readings.paths)
    return Page(
        "index.html",
        "index.html",
        {
            "facts": {
                "release_id": facts.release_id,
                "released_at": facts.released_at,
                "first_on": facts.first_on,
                "last_on": facts.last_on,
                "window_from": facts.window_from,
                "article_count": facts.article_count,
                "outlet_count": facts.outlet_count,
            },
            "labels": labels,
            "paths": readings.paths,
            "windows": {theme: movers.windows[theme] for theme in sorted({*rising, *movers.maybe, *movers.fading})},
            "silent_since": movers.silent_since,
            "rising": list(zip(rising, cards, strict=True)),
            "maybe": movers.maybe,
            "fading": movers.fading,
            "change": change,
            "bursts": bursts,
            "glance": overview.at_a_glance(newest, new_phrases, gaps),
            "window_sql": overview_figures.window_sql(facts),
            "new_phrases": new_phrases,
            "coverage": coverage,
            "gap_days": sum(row["recent_gap_count"] for row in held),
            "outlets": held,
            "outlet_paths": readings.outlet_paths,
            "theme_count": len(readings.themes),
            "met_count": sum(count > 0 for count in readings.totals.values()),
            "missing": missing_marts(facts),
            "window_days": WINDOW_DAYS,
            "new_days": overview.NEW_DAYS,
            "unit": unit,
        },
        [*cards, *(figure for figure in (change, bursts, coverage) if figure)],
    )


def _search(readings: Readings, held: list[dict[str, Any]]) -> list[tuple[str, str, str, str]]:
    """Return what the search finds: (kind, name, more words, path)."""
    found = []
    for theme_id, row in readings.themes.items():
        more = " ".join(filter(None, (row["label_zh"], row["label_de"], theme_id)))
        found.append(("Theme", row["label_en"] or theme_id, more, readings.paths[theme_id]))
        found.extend(
            ("Phrase", phrase["phrase"], row["label_en"] or theme_id, f"{readings.paths[theme_id]}#phrases")
            for phrase in readings.phrases.get(theme_id, [])
            if phrase["article_count"]
        )
    for row in held:
        publisher = row["publisher_id"]
        found.append(("Outlet", row["name"] or publisher, publisher, readings.outlet_paths[publisher]))
    return found
