"""A metric computed from its definition equals the same figure in the marts, the API, the tools for
assistants and MetricFlow.
"""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow.protocols.sql_client import SqlEngine
from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
from metricflow_semantics.model.dbt_manifest_parser import (
    parse_manifest_from_dbt_generated_manifest,
)
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

from tidings.analysis.explore.assistant import Tools
from tidings.analysis.metrics import metric_query, read_metrics
from tidings.paths import TRANSFORMS

if TYPE_CHECKING:
    from pathlib import Path

    from tidings.analysis.explore.database import OpenRelease

SHARES = ("share", "share_low", "share_high", "about_share", "about_share_low", "about_share_high")
COUNTS = ("article_count", "about_count", "total_count")
MARTS = {  # mart: key columns as SQL over the table of the metrics, metric by column
    "theme_outlet_daily": (
        {name: name for name in ("theme_id", "publisher_id", "published_on")},
        (*COUNTS, *SHARES),
    ),
    "theme_daily": ({name: name for name in ("theme_id", "published_on")}, (*COUNTS, *SHARES)),
    "theme_weekly": (
        {"theme_id": "theme_id", "week_start_on": "date_trunc('week', published_on)::date"},
        (*COUNTS, *SHARES),
    ),
    "theme_monthly": (
        {"theme_id": "theme_id", "month_start_on": "date_trunc('month', published_on)::date"},
        (*COUNTS, *SHARES),
    ),
    "theme_language_monthly": (
        {name: name for name in ("theme_id", "language", "month_start_on")},
        (
            "language_articles",
            "language_about",
            "language_total",
            "language_share",
            "language_about_share",
        ),
    ),
}
COLUMNS = {
    "language_articles": "article_count",
    "language_about": "about_count",
    "language_total": "total_count",
    "language_share": "share",
    "language_about_share": "about_share",
}
FILTERS = {
    "": "true",
    "&outlet=sample_daily": "publisher_id = 'sample_daily'",
    "&outlet=sample_daily&outlet=sample_ministry": "publisher_id in ('sample_daily',"
    " 'sample_ministry')",
    "&publisher_type=official": "publisher_id in (select publisher_id from ref.publishers where"
    " publisher_type = 'official')",
    "&from=2026-07-06&to=2026-08-02": "published_on between '2026-07-06' and '2026-08-02'",
}


def _differ(found: Any, expected: Any) -> bool:
    if isinstance(found, float) and isinstance(expected, float):
        return abs(found - expected) > 1e-12
    return bool(found != expected)


@pytest.mark.parametrize("mart", MARTS)
def test_metrics_equal_the_marts(release: OpenRelease, mart: str) -> None:
    """Each row of a mart has the values of the definitions, for all themes, periods, outlets and
    languages, including gaps.
    """
    keys, names = MARTS[mart]
    found = release.rows(metric_query(names, keys))
    columns = ", ".join([*keys, *(f"{COLUMNS.get(name, name)} as {name}" for name in names)])
    expected = release.rows(f"select {columns} from {mart} order by all")
    assert len(found) == len(expected) > 100
    wrong = [
        (row, same)
        for row, same in zip(found, expected, strict=True)
        if any(_differ(row[key], same[key]) for key in row)
    ]
    assert wrong == []


@pytest.mark.parametrize("choice", FILTERS)
@pytest.mark.parametrize(
    ("by", "measure"),
    [("day", "mentions"), ("week", "about"), ("month", "mentions"), ("month", "about")],
)
def test_metrics_equal_the_api_and_the_tools(
    release: OpenRelease, ask: Any, choice: str, by: str, measure: str
) -> None:
    """A theme's share, with its interval and counts, is the same in SQL, in the API and for an
    assistant, with filters.
    """
    themes = ["food_security", "digital_economy", "agriculture"]
    prefix, count = ("about_", "about_count") if measure == "about" else ("", "article_count")
    names = (count, "total_count", f"{prefix}share", f"{prefix}share_low", f"{prefix}share_high")
    keys = {"theme_id": "theme_id", "period": f"date_trunc('{by}', published_on)::date"}
    condition = (
        f"theme_id in {tuple(themes)} and {FILTERS[choice]}"
        if by != "month" or "from" not in choice
        else ""
    )
    if not condition:  # a series has whole months
        condition = f"theme_id in {tuple(themes)} and published_on >= '2026-07-01'"
    found = {
        (row["theme_id"], row["period"]): row
        for row in release.rows(metric_query(names, keys, condition))
    }
    series = "&".join(f"s=theme:{theme}" for theme in themes)
    answered = ask("series", f"{series}&by={by}&measure={measure}{choice}")["series"]
    rows = {
        (entry["key"].partition(":")[2], row["period_start_on"]): row
        for entry in answered
        for row in entry["rows"]
    }
    assert found.keys() == rows.keys()
    for key, row in rows.items():
        values = [row[name] for name in ("count", "total", "value", "low", "high")]
        assert not any(map(_differ, values, (found[key][name] for name in names))), (
            key,
            row,
            found[key],
        )
    pairs = [part.split("=") for part in choice.split("&") if part]
    days = {name: value for name, value in pairs if name in {"from", "to"}}
    filters: Any = {
        name: [value for other, value in pairs if other == name]
        for name, _ in pairs
        if name not in days
    }
    from_tools = Tools(lambda: release).share_over_time(
        [f"theme:{theme}" for theme in themes],
        first_day=days.get("from", ""), last_day=days.get("to", ""), by=by, measure=measure,
        **filters,
    )["series"]  # fmt: skip
    assert [[row["value"] for row in entry["rows"]] for entry in from_tools] == [
        [row["value"] for row in entry["rows"]] for entry in answered
    ]


def test_coverage_equals_the_tool(release: OpenRelease) -> None:
    """An outlet's articles, days and gaps are the same in SQL and in the tool `coverage`."""
    names = ("outlet_articles", "outlet_days", "gap_days", "gap_share")
    found = {
        row["publisher_id"]: row
        for row in release.rows(metric_query(names, {"publisher_id": "publisher_id"}))
    }
    outlets = Tools(lambda: release).coverage()["outlets"]
    assert {outlet["publisher_id"] for outlet in outlets} == set(found)
    for outlet in outlets:
        row = found[outlet["publisher_id"]]
        assert (outlet["article_count"], outlet["day_count"], outlet["gap_day_count"]) == tuple(
            row[name] for name in names[:3]
        )
        assert row["gap_share"] == pytest.approx(
            outlet["gap_day_count"] / outlet["day_count"], abs=1e-12
        )


@pytest.mark.slow
def test_metrics_equal_those_of_metricflow(release: OpenRelease, tmp_path: Path) -> None:
    """MetricFlow, which BI tools of dbt use, computes each metric of the file to the same value by
    month, including nulls.
    """
    (tmp_path / "profiles.yml").write_text(
        "tidings: {target: file, outputs: {file: {type: duckdb, path: tidings.duckdb}}}"
    )
    folders = [f"--{name}={tmp_path}" for name in ("profiles-dir", "target-path", "log-path")]
    parse = [sys.executable, "-m", "dbt.cli.main", "parse", f"--project-dir={TRANSFORMS}", *folders]
    subprocess.run(parse, check=True, capture_output=True, cwd=tmp_path)
    manifest = parse_manifest_from_dbt_generated_manifest(
        (tmp_path / "semantic_manifest.json").read_text()
    )
    client: Any = SimpleNamespace(
        sql_engine_type=SqlEngine.DUCKDB, sql_plan_renderer=DuckDbSqlPlanRenderer()
    )
    engine = MetricFlowEngine(SemanticManifestLookup(manifest), client)
    for metric in read_metrics().values():
        entity, key = (
            ("outlet", "publisher_id") if metric.table == "outlet_daily" else ("theme", "theme_id")
        )
        day = "month_start_on" if metric.table == "theme_language_monthly" else "published_on"
        request = MetricFlowQueryRequest.create(
            metric_names=[metric.name], group_by_names=["metric_time__month", entity]
        )
        sql = engine.explain(request).sql_statement.sql.replace('"tidings".', "")
        found = {
            (row["metric_time__month"], row[entity]): row[metric.name] for row in release.rows(sql)
        }
        rows = release.rows(
            metric_query([metric.name], {"month": f"date_trunc('month', {day})", key: key})
        )
        assert len(found) == len(rows) > 10
        assert [
            row for row in rows if _differ(row[metric.name], found[row["month"], row[key]])
        ] == []


def test_every_metric_is_compared() -> None:
    """The tests above cover every metric of the file, apart from the parts of other metrics."""
    compared = {name for _, names in MARTS.values() for name in names}
    parts = {"covered_outlet_days", "known_total"}
    assert read_metrics().keys() == compared | parts | {
        "outlet_articles",
        "outlet_days",
        "gap_days",
        "gap_share",
    }
