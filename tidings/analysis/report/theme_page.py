"""Compose a theme's page. The page omits each section for which the release has no data."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from tidings.analysis.report import completeness, event_data, phrase_data, speaker_data, theme_data
from tidings.analysis.report.comparison import comparison_figure, read_comparisons
from tidings.analysis.report.gloss import Glossary
from tidings.analysis.report.render import Page, language_name
from tidings.analysis.report.table_sql import escape_sql
from tidings.analysis.report.theme_figures import (
    counts_figure,
    index_figure,
    share_figure,
    small_figures,
)
from tidings.analysis.report.trends import Trends, read_trends

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import duckdb

    from tidings.analysis.report.figure import Figure
    from tidings.analysis.report.release import Facts, Grouped
    from tidings.analysis.report.theme_data import Series

PHRASE_COUNT, BURST_COUNT, PEAK_COUNT = 60, 12, 15


@dataclass(frozen=True, slots=True)
class ThemeData:
    """Data of all theme pages, with one query for all themes, so that 200 themes cost little more
    than one.
    """

    facts: Facts
    themes: dict[str, dict[str, Any]]
    paths: dict[str, str]
    outlet_paths: dict[str, str]
    trends: Trends
    totals: dict[str, tuple[int, int]]
    weekly: Series
    monthly: Series
    mentioned: Series
    by_outlet: Grouped
    by_language: Grouped
    phrases: Grouped
    cooccurrences: Grouped
    speakers: Grouped
    leads: Grouped
    concentration: dict[str, dict[str, Any]]
    indices: Grouped
    comparisons: Grouped
    quality: Grouped
    mentions: dict[str, list[phrase_data.Mention]]
    bursts: list[dict[str, Any]]
    peaks: Grouped
    glossary: Glossary
    gap_articles: tuple[int, int]


def read_theme_data(
    con: duckdb.DuckDBPyConnection,
    facts: Facts,
    paths: dict[str, str],
    outlet_paths: dict[str, str],
) -> ThemeData:
    """Return the data that all pages need on all themes, and the data for the pages of the wanted
    themes.
    """
    glossary = Glossary(con)
    return ThemeData(
        facts=facts,
        themes={row["theme_id"]: row for row in theme_data.read_themes(con)},
        paths=paths,
        outlet_paths=outlet_paths,
        trends=read_trends(con),
        totals=theme_data.read_totals(con),
        weekly=theme_data.read_series(con, facts, "weekly"),
        monthly=theme_data.read_series(con, facts, "monthly"),
        mentioned=theme_data.read_series(con, facts, f"{facts.unit}ly", measure="mention"),
        by_outlet=theme_data.read_by_outlet(con, facts),
        by_language=theme_data.read_by_language(con, facts),
        phrases=phrase_data.read_phrases(con, facts),
        cooccurrences=theme_data.read_cooccurrences(con),
        speakers=speaker_data.read_speakers(con, facts),
        leads=theme_data.read_leads(con),
        concentration=theme_data.read_concentration(con),
        indices=theme_data.read_indices(con),
        comparisons=read_comparisons(con, facts),
        quality=completeness.read_quality(con),
        mentions=phrase_data.read_mentions(con, glossary),
        bursts=phrase_data.read_bursts(con),
        peaks=event_data.read_peaks(con),
        glossary=glossary,
        gap_articles=theme_data.read_gap_articles(con, facts),
    )


def theme_page(data: ThemeData, theme_id: str) -> Page:
    """Return the page of a theme."""
    facts, theme, (article_count, about_count) = (
        data.facts,
        data.themes[theme_id],
        data.totals.get(theme_id, (0, 0)),
    )
    main = _main_figures(data, theme_id)
    by_outlet, by_language = _outlet_figures(data, theme_id), _language_figures(data, theme_id)
    coded = completeness.describe_quality(theme_id, data.quality.get(theme_id, []))
    indices = [index_figure(theme_id, row) for row in data.indices.get(theme_id, [])]
    comparisons = [comparison_figure(theme_id, row) for row in data.comparisons.get(theme_id, [])]
    outlets, listed = data.by_outlet.get(theme_id, []), data.phrases.get(theme_id, [])
    mentioned: list[dict[str, Any]] = []
    unmentioned: list[dict[str, Any]] = []
    for phrase in listed:
        (mentioned if phrase["article_count"] else unmentioned).append(phrase)
    values = {
        "theme": theme,
        "parent": data.themes.get(theme["parent_id"]),
        "children": _children(data, theme_id),
        "paths": data.paths,
        "outlet_paths": data.outlet_paths,
        "window": data.trends.windows.get(theme_id),
        "article_count": article_count,
        "about_count": about_count,
        "shares": main[:-1],
        "counts": next(reversed(main), None),
        "by_outlet": by_outlet,
        "outlet_links": [data.outlet_paths.get(row["publisher_id"]) for row in outlets],
        "outlet_total": max(map(itemgetter("outlet_count"), outlets), default=0),
        "by_language": by_language,
        "indices": indices,
        "comparisons": comparisons,
        "coded": coded,
        "phrases": mentioned[:PHRASE_COUNT],
        "phrase_total": len(mentioned),
        "unmentioned": unmentioned,
        "cooccurrences": data.cooccurrences.get(theme_id, []),
        **speaker_data.speaker_values(data.speakers.get(theme_id, []), data.glossary),
        "leads": data.leads.get(theme_id, []),
        "concentration": data.concentration.get(theme_id),
        "bursts": [burst for burst in data.bursts if burst["theme_id"] == theme_id][:BURST_COUNT],
        "peaks": [
            _with_glosses(peak, data.glossary) for peak in data.peaks.get(theme_id, [])[:PEAK_COUNT]
        ],
        "mentions": data.mentions.get(theme_id, []),
        "unit": facts.unit,
        "gap_articles": data.gap_articles,
    }
    figures = [*main, *by_outlet, *by_language, *indices, *comparisons, *coded.figures]
    series = f"{'theme' if theme['parent_id'] else 'area'}:{theme_id}"
    return Page(data.paths[theme_id], "theme.html", values, figures, (series,))


def _with_glosses(peak: dict[str, Any], glossary: Glossary) -> dict[str, Any]:
    place = peak["title"] or "", peak["language"], peak["start_on"]
    return peak | {"glosses": glossary.translate(*place)}


def _children(data: ThemeData, theme_id: str) -> list[dict[str, Any]]:
    children = []
    for child, row in data.themes.items():
        if row["parent_id"] == theme_id:
            window = data.trends.windows.get(child) or {}
            children.append(
                {key: row[key] for key in ("theme_id", "label_en", "label_zh", "kind")}
                | {
                    "article_count": data.totals.get(child, (0, 0))[0],
                    "now": window.get("now"),
                    "change": window.get("change"),
                }
            )
    return sorted(
        children, key=lambda row: (-row["article_count"], row["label_en"] or row["theme_id"])
    )


def _main_figures(data: ThemeData, theme_id: str) -> list[Figure]:
    """Return the figures of shares, by the unit of small charts first, and of counts; none without
    articles.
    """
    if not data.totals.get(theme_id, (0, 0))[0]:
        return []
    series = {"week": data.weekly.get(theme_id, []), "month": data.monthly.get(theme_id, [])}
    units = ["week", "month"] if data.facts.unit == "week" else ["month", "week"]
    mentioned = data.mentioned.get(theme_id, [])
    quality = data.quality.get(theme_id, [])
    about, mention = (
        completeness.warn_of_recall(quality, measure) for measure in ("about", "mention")
    )
    shares = [
        share_figure(
            theme_id, series[unit], unit, warning=about, peaks=data.peaks.get(theme_id, [])
        )
        for unit in units
    ]
    return [
        *shares,
        share_figure(theme_id, mentioned, units[0], "mention", warning=mention),
        counts_figure(theme_id, mentioned, units[0]),
    ]


def _charted(rows: Sequence[dict[str, Any]], label: Callable[[Any], str]) -> list[dict[str, Any]]:
    """Return the rows of the small charts, at most twelve, with their label and note."""
    note = "{hit_count:,} of {total_count:,} articles are about the theme"
    return [
        row | {"label": label(row), "note": note.format(**row)}
        for row in rows[: theme_data.SMALL_CHART_COUNT]
    ]


def _outlet_figures(data: ThemeData, theme_id: str) -> list[Figure]:
    rows = data.by_outlet.get(theme_id, [])
    return small_figures(
        "outlet",
        _charted(rows, lambda row: row["name"] or row["publisher_id"]),
        unit=data.facts.unit,
        source="marts.theme_outlet_daily",
        sql=f"select publisher_id, date_trunc('{data.facts.unit}', published_on) as start_on,\n"
        "    sum(about_count) / nullif(sum(total_count), 0) as about_share\n"
        f"from theme_outlet_daily\nwhere theme_id = '{escape_sql(theme_id)}' and not is_gap\ngroup"
        f" by all\norder by all;",
    )


def _language_figures(data: ThemeData, theme_id: str) -> list[Figure]:
    rows = data.by_language.get(theme_id, [])
    return small_figures(
        "language",
        _charted(rows, lambda row: language_name(row["language"])),
        unit=data.facts.unit,
        source="marts.article_themes, core.articles",
        sql=f"select language, date_trunc('{data.facts.unit}', published_on) as start_on, count(*)"
        f" as about_count\n"
        f"from article_themes\nwhere theme_id = '{escape_sql(theme_id)}' and is_about\ngroup by"
        f" all\norder by all;",
    )
