"""Compose a theme's page. The page omits each section for which the release has no data."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from tidings.analysis.report import completeness, event_data, phrase_data, speaker_data, theme_data
from tidings.analysis.report.comparison import comparison_figure, read_comparisons
from tidings.analysis.report.gloss import Glossary, read_translations
from tidings.analysis.report.render import Page, language_name
from tidings.analysis.report.theme_figures import (
    MEASURES,
    counts_figure,
    index_figures,
    share_figure,
    small_figures,
)
from tidings.analysis.report.trends import Trends, read_trends
from tidings.storage.lake import quoted

if TYPE_CHECKING:
    from collections.abc import Callable

    import duckdb

    from tidings.analysis.answers import Answers, Row
    from tidings.analysis.report.figure import Figure
    from tidings.analysis.report.release import Facts

PHRASE_COUNT, BURST_COUNT, PEAK_COUNT = 60, 12, 15


@dataclass(frozen=True, slots=True)
class ThemeData:
    """Data of all theme pages, with one query for all themes, so that 200 themes cost little more
    than one.

    ``totals`` are the numbers of articles that mention each theme and that are about it.
    ``answers`` has the answers by the name of their table on the page, and ``series`` those of
    weeks and months.
    """

    facts: Facts
    themes: dict[str, Row]
    paths: dict[str, str]
    outlet_paths: dict[str, str]
    trends: Trends
    totals: dict[str, tuple[int, int]]
    series: dict[str, Answers]
    answers: dict[str, Answers]
    glossary: Glossary
    translations: dict[str, str]
    gap_articles: tuple[int, int]


def read_theme_data(
    con: duckdb.DuckDBPyConnection,
    facts: Facts,
    paths: dict[str, str],
    outlet_paths: dict[str, str],
) -> ThemeData:
    """Return the data of all themes."""
    trends, mentions = read_trends(con), phrase_data.read_newest_mentions(con)
    series = {unit: theme_data.read_series(con, facts, unit) for unit in ("week", "month")}
    return ThemeData(
        facts=facts,
        themes={row["theme_id"]: row for row in theme_data.read_themes(con)},
        paths=paths,
        outlet_paths=outlet_paths,
        trends=trends,
        totals={
            theme: (
                sum(row["article_count"] for row in rows),
                sum(row["about_count"] for row in rows),
            )
            for theme, rows in series["month"].by_id.items()
        },
        series=series,
        answers={
            "window": trends.shares,
            "outlets": theme_data.read_by_outlet(con, facts),
            "languages": theme_data.read_by_language(con, facts),
            "phrases": phrase_data.read_phrases(con, facts),
            "cooccurrences": theme_data.read_cooccurrences(con, facts),
            "speakers": speaker_data.read_speakers(con, facts),
            "leads": theme_data.read_leads(con),
            "concentration": theme_data.read_concentration(con),
            "indices": theme_data.read_indices(con),
            "comparisons": read_comparisons(con, facts),
            "quality": completeness.read_quality(con),
            "mentions": mentions,
            "bursts": phrase_data.read_bursts(con),
            "peaks": event_data.read_peaks(con),
        },
        glossary=Glossary(con),
        translations=read_translations(
            con, {row["article_id"] for row in chain.from_iterable(mentions.by_id.values())}
        ),
        gap_articles=theme_data.read_gap_articles(con, facts),
    )


def theme_page(data: ThemeData, theme_id: str) -> Page:
    """Return the page of a theme."""
    facts, theme, rows = (
        data.facts,
        data.themes[theme_id],
        {name: answers.rows(theme_id) for name, answers in data.answers.items()},
    )
    article_count, about_count = data.totals.get(theme_id, (0, 0))
    main = _main_figures(data, theme_id)
    by_outlet = _small_figures(data, theme_id, "outlets", "publisher_id", lambda row: row["name"])
    by_language = _small_figures(
        data, theme_id, "languages", "language", lambda row: language_name(row["language"])
    )
    coded = completeness.describe_quality(data.answers["quality"], theme_id)
    indices = index_figures(theme_id, data.answers["indices"])
    comparisons = _comparison_figures(data.answers["comparisons"], theme_id)
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
        "outlet_links": [
            data.outlet_paths.get(publisher)
            for publisher in dict.fromkeys(row["publisher_id"] for row in rows["outlets"])
        ],
        "outlet_total": max((row["outlet_count"] for row in rows["outlets"]), default=0),
        "by_language": by_language,
        "indices": indices,
        "comparisons": comparisons,
        "coded": coded,
        **_phrase_values(rows["phrases"]),
        "cooccurrences": rows["cooccurrences"],
        **speaker_data.speaker_values(rows["speakers"], data.glossary),
        "leads": rows["leads"],
        "concentration": next(iter(rows["concentration"]), None),
        "bursts": rows["bursts"][:BURST_COUNT],
        "peaks": [_with_glosses(peak, data.glossary) for peak in rows["peaks"][:PEAK_COUNT]],
        "mentions": phrase_data.quote_mentions(rows["mentions"], data.glossary, data.translations),
        "unit": facts.unit,
        "gap_articles": data.gap_articles,
        "sql": {name: answers.sql(theme_id) for name, answers in data.answers.items()},
    }
    figures = [*main, *by_outlet, *by_language, *indices, *comparisons, *coded.figures]
    series = f"{'theme' if theme['parent_id'] else 'area'}:{theme_id}"
    return Page(data.paths[theme_id], "theme.html", values, figures, (series,))


def _comparison_figures(answers: Answers, theme_id: str) -> list[Figure]:
    return [
        comparison_figure(
            row, answers.sql(theme_id, f" and series_id = {quoted(row['series_id'])}")
        )
        for row in answers.rows(theme_id)
    ]


def _phrase_values(phrases: list[Row]) -> Row:
    mentioned = [row for row in phrases if row["article_count"]]
    return {
        "phrases": mentioned[:PHRASE_COUNT],
        "phrase_total": len(mentioned),
        "unmentioned": [row for row in phrases if not row["article_count"]],
    }


def _with_glosses(peak: Row, glossary: Glossary) -> Row:
    place = peak["title"] or "", peak["language"], peak["start_on"]
    return peak | {"glosses": glossary.translate(*place)}


def _children(data: ThemeData, theme_id: str) -> list[Row]:
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
    units = ["week", "month"] if data.facts.unit == "week" else ["month", "week"]
    quality, peaks = (data.answers[name].rows(theme_id) for name in ("quality", "peaks"))
    about, mention = (
        completeness.warn_of_recall(quality, measure) for measure in ("about", "mention")
    )
    first = data.series[units[0]]
    return [
        *(
            share_figure(theme_id, data.series[unit], unit, warning=about, peaks=peaks)
            for unit in units
        ),
        share_figure(theme_id, first, units[0], "mention", warning=mention),
        counts_figure(theme_id, first, units[0]),
    ]


def _small_figures(
    data: ThemeData, theme_id: str, name: str, key: str, title: Callable[[Row], str]
) -> list[Figure]:
    """Return the small charts by outlet or language, at most twelve."""
    charts = []
    for _, rows in groupby(data.answers[name].rows(theme_id), itemgetter(key)):
        series = list(rows)
        hits, total = (sum(row[count] for row in series) for count in ("hits", "total"))
        note = f"{hits:,} of {total:,} articles are about the theme"
        charts.append((title(series[0]), note, [*map(MEASURES["small"], series)]))
    return small_figures(
        name.removesuffix("s"),
        charts[: theme_data.SMALL_CHART_COUNT],
        unit=data.facts.unit,
        source=_SOURCES[name],
        sql=data.answers[name].sql(theme_id),
    )


_SOURCES = {
    "outlets": "marts.theme_outlet_daily",
    "languages": "marts.article_themes, core.articles",
}
