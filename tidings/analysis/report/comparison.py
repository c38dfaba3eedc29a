"""Show a theme beside a comparison series: both indices in one chart, their agreement in words, and
the citation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidings.analysis.answers import Answers
from tidings.analysis.report.figure import Figure, period_end
from tidings.base.languages.plural import counted

if TYPE_CHECKING:
    import duckdb

    from tidings.analysis.report.release import Facts

_QUERY = """
    with best as (  -- the period of small charts, if the series has it
        select series_id, coalesce(max(period) filter (period = $unit), max(period)) as period
        from marts.comparison_agreement where pair_count > 1 group by all
    ),
    points as (
        select series_id, period,
            list((period_start_on, theme_index, comparison_index)
                order by period_start_on) as points
        from marts.comparison_themes group by all
    )
    select a.*, s.name, s.unit, s.counted,
        concat(s.citation, ' Licence: ' || s.licence || '.') as citation, p.points
    from marts.comparison_agreement as a
    inner join best using (series_id, period)
    inner join points as p using (series_id, period)
    inner join ref.comparison_series as s using (series_id)
    where a.theme_id = $id
    order by a.theme_id, s.name, series_id
"""


def read_comparisons(con: duckdb.DuckDBPyConnection, facts: Facts) -> Answers:
    """Return the comparison series of each theme with their points and agreement."""
    return Answers(con, _QUERY, unit=facts.unit)


def comparison_figure(compared: dict[str, Any], sql: str) -> Figure:
    """Return the figure of a theme and a comparison series (a row of ``read_comparisons``)."""
    unit, series_id = compared["period"], compared["series_id"]
    rows = [
        [
            start.isoformat(),
            period_end(start, unit).isoformat(),
            *(None if value is None else round(value, 3) for value in values),
        ]
        for start, *values in compared["points"]
    ]
    agreement, warning = describe_agreement(compared, unit)
    return Figure(
        figure_id=f"comparison-{series_id}",
        chart="index",
        title=f"Comparison: {compared['name']}, by {unit}",
        summary=agreement,
        warning=warning,
        note=f"It counts: {compared['counted']} ({compared['unit']}). Cite as:"
        f" {compared['citation']}",
        legend=(
            (
                "line",
                "share of articles about the theme, as an index: 100 is the mean of these periods",
            ),
            ("dashed", f"{compared['name']}, as an index over the same periods"),
        ),
        method="comparison",
        alt=f"Two lines over {len(rows)} {unit}s. {agreement}",
        columns=(
            ("start", f"{unit.capitalize()} from", "date"),
            ("end", "", "hidden"),
            ("index", "Theme", "number"),
            ("other", compared["name"], "number"),
        ),
        rows=rows,
        source="marts.comparison_themes",
        sql=sql,
    )


def describe_agreement(row: dict[str, Any], unit: str) -> tuple[str, str]:
    """Return the correlations of two series in a sentence, and a warning if both have a trend or if
    they are few, else ''.
    """
    count, changes = row["pair_count"], row["change_count"]
    if row["pearson"] is None:
        return f"{counted(count, f'common {unit}')}: too few or too constant for a correlation.", ""
    text = (
        f"Correlation over {count} common {unit}s: Pearson {row['pearson']:.2f}, Spearman"
        f" {row['spearman']:.2f}."
    )
    if row["pearson_of_changes"] is not None:
        text += (
            f" Of the {changes} changes from one {unit} to the next: Pearson"
            f" {row['pearson_of_changes']:.2f}, Spearman {row['spearman_of_changes']:.2f}."
        )
    warning = (
        "Both series have a trend, which alone correlates them: rely on the changes."
        if row["has_trend"]
        else ""
    )
    return text, warning
