"""The first page's figures: small charts of rising themes, shares before and now, bursts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidings.flows.report.figure import SHARE_COLUMNS, Figure, describe_shares, period_end, share_rows, top_of_scale
from tidings.flows.report.release import WINDOW_DAYS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidings.flows.report.release import Facts

RUNNING_TOLD = 3


def card_figures(stem: str, chosen: Sequence[str], labels: dict[str, str], series: dict[str, Any], unit: str) -> list[Figure]:
    """Return small charts of chosen themes on one scale, over the last two years."""
    taken = [(theme, share_rows([row[:8] for row in series.get(theme, [])][-104:], unit)) for theme in chosen]
    most = top_of_scale(found for _, found in taken)
    return [
        Figure(
            figure_id=f"{stem}-{place}",
            chart="small_share",
            title=labels[theme],
            note="",
            method="moves",
            alt=f"{labels[theme]}: {describe_shares(found, unit)}",
            columns=SHARE_COLUMNS,
            rows=found,
            source=f"marts.theme_{unit}ly",
            sql="",
            signals={"most": most},
        )
        for place, (theme, found) in enumerate(taken)
    ]


def change_figure(
    chosen: Sequence[str], labels: dict[str, str], windows: dict[str, dict[str, Any]], paths: dict[str, str], facts: Facts
) -> Figure | None:
    """Return the figure of shares before and now, or None where no theme can be compared."""
    found = []
    for theme in chosen:
        row = windows[theme]
        if row["before"] is not None:
            shares = (round(row[key], 5) for key in ("before", "now", "low", "high"))
            found.append([labels[theme], *shares, row["hits"], row["total"], paths[theme]])
    if not found:
        return None
    first = found[0]
    return Figure(
        figure_id="change",
        chart="change",
        title="Share now and before",
        says=f"{first[0]} is the largest: {first[2]:.1%} of articles in the last {WINDOW_DAYS} days, {first[1]:.1%} before.",
        note="",
        legend=(
            ("dot", f"last {WINDOW_DAYS} days"),
            ("band", "95% interval"),
            ("tick", f"the {WINDOW_DAYS} days before"),
        ),
        method="moves",
        alt="Dot chart. " + "; ".join(f"{row[0]} {row[1]:.1%} before, {row[2]:.1%} now" for row in found) + ".",
        columns=(
            ("label", "Theme", "text"),
            ("before", "Before", "share"),
            ("now", "Now", "share"),
            ("low", "Low", "share"),
            ("high", "High", "share"),
            ("hits", "Articles", "count"),
            ("total", "Of", "count"),
            ("path", "", "hidden"),
        ),
        rows=found,
        source="marts.theme_outlet_daily",
        sql=window_sql(facts),
    )


def window_sql(facts: Facts) -> str:
    """Return the statement that tells each theme's share in the last 28 days and in the 28 before."""
    return _WINDOW_SQL.format(start=facts.window_from, days=WINDOW_DAYS)


_WINDOW_SQL = """select theme_id,
    sum(article_count) filter (published_on >= '{start}') / sum(total_count) filter (published_on >= '{start}') as share_now,
    sum(article_count) filter (published_on < '{start}') / sum(total_count) filter (published_on < '{start}') as share_before
from theme_outlet_daily
where not is_gap and published_on >= date '{start}' - {days}
group by theme_id
order by share_now - share_before desc;"""


def burst_figure(bursts: Sequence[dict[str, Any]], paths: dict[str, str]) -> Figure | None:
    """Return the figure of the newest bursts, or None where there is none."""
    if not bursts:
        return None
    found = [
        [
            one["label"],
            one["start_on"].isoformat(),
            period_end(one["end_on"], "day").isoformat(),
            f"{one['end_on']:%-d %b %Y}" + (", still running" if one["is_running"] else ""),
            None if one["strength"] is None else round(one["strength"], 2),
            one["article_count"],
            paths.get(one["theme_id"], ""),
        ]
        for one in bursts
    ]
    return Figure(
        figure_id="bursts",
        chart="bursts",
        title="Newest bursts",
        says=_tell_bursts(bursts),
        note="A bar: days on which a theme or phrase was used at twice its usual rate or more.",
        method="burst",
        alt="Timeline. " + "; ".join(f"{row[0]} from {row[1]} to {row[3]}" for row in found) + ".",
        columns=(
            ("label", "Theme or phrase", "text"),
            ("start", "From", "date"),
            ("end", "Until before", "hidden"),
            ("until", "To", "text"),
            ("strength", "Strength", "number"),
            ("articles", "Articles", "count"),
            ("path", "", "hidden"),
        ),
        rows=found,
        source="marts.bursts",
        sql="select series, series_id, start_on, end_on, strength, is_running, article_count, total_count\n"
        "from bursts\norder by start_on desc, strength desc\nlimit 12;",
    )


def _tell_bursts(bursts: Sequence[dict[str, Any]]) -> str:
    running = [one for one in bursts if one["is_running"]]
    if not running:
        last = max(bursts, key=lambda one: one["end_on"])
        return f"No burst is running; {last['label']} ended last, on {last['end_on']:%-d %b %Y}."
    told = ", ".join(f"{one['label']} since {one['start_on']:%-d %b}" for one in running[:RUNNING_TOLD])
    more = len(running) - RUNNING_TOLD
    return f"Still running: {told}" + (f" and {more} more." if more > 0 else ".")
