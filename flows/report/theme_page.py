"""A theme's page: every reading of it side by side, each left out where the release does not hold it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tidings.flows.report import themes, words
from tidings.flows.report.evidence import read_evidence
from tidings.flows.report.figure import Figure, period_end, tell_period
from tidings.flows.report.movers import Movers, read_movers
from tidings.flows.report.page import Page
from tidings.flows.report.pages import tell_language
from tidings.flows.report.themes import Series, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from tidings.flows.report.release import Facts

PHRASES_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Readings:
    """What was read for all themes at once: one query a reading, so that 200 themes cost little more than one."""

    facts: Facts
    themes: dict[str, dict[str, Any]]
    paths: dict[str, str]
    outlet_paths: dict[str, str]
    movers: Movers
    totals: dict[str, int]
    weekly: Series
    monthly: Series
    by_outlet: words.Grouped
    by_language: words.Grouped
    phrases: words.Grouped
    companions: words.Grouped
    speakers: words.Grouped
    leads: words.Grouped
    concentration: dict[str, dict[str, Any]]
    indices: words.Grouped
    evidence: dict[str, Any]
    bursts: list[dict[str, Any]]


def read_all(
    con: duckdb.DuckDBPyConnection, facts: Facts, paths: dict[str, str], outlet_paths: dict[str, str], wanted: Sequence[str]
) -> Readings:
    """Return what all pages share of all themes, and everything that the pages of the wanted ones show.

    Marts that the release lacks read as empty.
    """
    return Readings(
        facts=facts,
        themes={row["theme_id"]: row for row in themes.read_themes(con)},
        paths=paths,
        outlet_paths=outlet_paths,
        movers=read_movers(con),
        totals=themes.read_totals(con),
        weekly=themes.read_series(con, facts, "weekly", wanted),
        monthly=themes.read_series(con, facts, "monthly", wanted),
        by_outlet=themes.read_by_outlet(con, facts, wanted),
        by_language=themes.read_by_language(con, facts, wanted),
        phrases=words.read_phrases(con, facts),
        companions=words.read_companions(con, wanted),
        speakers=words.read_speakers(con, facts, wanted),
        leads=words.read_leads(con, facts, wanted),
        concentration=words.read_concentration(con, facts, wanted),
        indices=words.read_indices(con, facts, wanted),
        evidence=read_evidence(con, facts, wanted),
        bursts=words.read_bursts(con, facts),
    )


def theme_page(readings: Readings, theme_id: str) -> Page:
    """Return the page of a theme."""
    facts, theme = readings.facts, readings.themes[theme_id]
    weekly, monthly = readings.weekly.get(theme_id, []), readings.monthly.get(theme_id, [])
    main = [themes.share_figure(theme_id, monthly, "month"), themes.share_figure(theme_id, weekly, "week")]
    if facts.unit == "week":
        main.reverse()
    counts = themes.counts_figure(theme_id, weekly if facts.unit == "week" else monthly, facts.unit)
    where = f"where theme_id = '{quoted(theme_id)}'"
    by_outlet = themes.small_figures(
        "outlet",
        [one | {"name": one["name"] or one["publisher_id"]} for one in readings.by_outlet.get(theme_id, [])],
        "name",
        unit=facts.unit,
        source="marts.theme_outlet_daily",
        sql=f"select publisher_id, date_trunc('{facts.unit}', published_on) as start_on,\n"
        "    sum(article_count) / nullif(sum(total_count), 0) as share\n"
        f"from theme_outlet_daily\n{where} and not is_gap\ngroup by all\norder by all;",
    )
    by_language = themes.small_figures(
        "language",
        [one | {"name": tell_language(one["language"])} for one in readings.by_language.get(theme_id, [])],
        "name",
        unit=facts.unit,
        source="marts.theme_mentions, core.articles",
        sql=f"select language, date_trunc('{facts.unit}', published_on) as start_on,\n"
        "    count(distinct article_id) as article_count\n"
        f"from theme_mentions\n{where}\ngroup by all\norder by all;",
    )
    indices = [_index_figure(theme_id, one) for one in readings.indices.get(theme_id, [])]
    mentioned = readings.totals.get(theme_id, 0)
    listed = readings.phrases.get(theme_id, [])
    met = [one for one in listed if one["article_count"]]
    return Page(
        path=readings.paths[theme_id],
        template="theme.html",
        values={
            "theme": theme,
            "parent": readings.themes.get(theme["parent_id"]),
            "children": _children(readings, theme_id),
            "paths": _linked(readings, theme_id),
            "outlet_paths": readings.outlet_paths,
            "window": readings.movers.windows.get(theme_id),
            "article_count": mentioned,
            "main": main if mentioned else [],
            "counts": counts if mentioned else None,
            "by_outlet": by_outlet,
            "outlet_links": [readings.outlet_paths.get(one["publisher_id"]) for one in readings.by_outlet.get(theme_id, [])],
            "outlet_total": max((one["carrier_count"] for one in readings.by_outlet.get(theme_id, [])), default=0),
            "by_language": by_language,
            "indices": indices,
            "phrases": met[:PHRASES_SHOWN],
            "phrase_total": len(met),
            "unmet": [{key: one[key] for key in ("phrase", "language")} for one in listed if not one["article_count"]],
            "companions": readings.companions.get(theme_id, []),
            "speakers": readings.speakers.get(theme_id, []),
            "leads": readings.leads.get(theme_id, []),
            "concentration": readings.concentration.get(theme_id),
            "bursts": [one for one in readings.bursts if one["theme_id"] == theme_id][:12],
            "evidence": readings.evidence.get(theme_id, []),
            "unit": facts.unit,
            "missing": missing_marts(facts),
        },
        figures=[*([*main, counts] if mentioned else []), *by_outlet, *by_language, *indices],
    )


def missing_marts(facts: Facts) -> list[str]:
    """Return the tables that the report would show and that the release does not hold."""
    wanted = ("bursts", "phrase_lives", "theme_pairs_monthly", "statements", "lead_lags", "candidate_phrases")
    return [name for name in wanted if f"marts.{name}" not in facts.columns]


def _children(readings: Readings, theme_id: str) -> list[dict[str, Any]]:
    found = []
    for child, row in readings.themes.items():
        if row["parent_id"] == theme_id:
            window = readings.movers.windows.get(child) or {}
            found.append(
                {key: row[key] for key in ("theme_id", "label_en", "label_zh", "kind")}
                | {"article_count": readings.totals.get(child, 0), "now": window.get("now"), "change": window.get("change")}
            )
    return sorted(found, key=lambda row: (-row["article_count"], row["label_en"] or row["theme_id"]))


def _linked(readings: Readings, theme_id: str) -> dict[str, str]:
    # Only the paths that this page links to, so that a theme added elsewhere leaves it as it is.
    wanted = {readings.themes[theme_id]["parent_id"]}
    wanted |= {child for child, row in readings.themes.items() if row["parent_id"] == theme_id}
    wanted |= {row["other_theme_id"] for row in readings.companions.get(theme_id, [])}
    return {theme: readings.paths[theme] for theme in sorted(filter(None, wanted)) if theme in readings.paths}


def _index_figure(theme_id: str, one: dict[str, Any]) -> Figure:
    found = [
        [start.isoformat(), period_end(start, "month").isoformat(), None if value is None else round(value, 3)]
        for start, value in one["series"]
    ]
    known = [row for row in found if row[2] is not None]
    return Figure(
        figure_id=f"index-{one['baseline_id']}",
        chart="index",
        title=f"Index, baseline {one['baseline_id']}",
        says=f"{known[-1][2]:.0f} in {tell_period(known[-1][0], 'month')}; 100 is the mean of the baseline." if known else "",
        note="Standardised by outlet, so that no outlet's volume or coming and going moves it.",
        method="index",
        alt=f"Line chart of {len(found)} months; last {known[-1][2]:.0f} in {tell_period(known[-1][0], 'month')}."
        if known
        else "No values.",
        columns=(("start", "Month from", "date"), ("end", "", "hidden"), ("index", "Index", "number")),
        rows=found,
        source="marts.theme_index_monthly",
        sql="select month_start_on, standardised_index\nfrom theme_index_monthly\n"
        f"where theme_id = '{quoted(theme_id)}' and baseline_id = '{quoted(one['baseline_id'])}'\norder by month_start_on;",
    )
