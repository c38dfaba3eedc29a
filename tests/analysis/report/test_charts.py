"""Test what the charts draw: labels of the time axis, edges of intervals, and periods that are not
over.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import vl_convert
from lxml import etree

from tidings.analysis import report
from tidings.analysis.report.charts import compile_charts, write_charts
from tidings.analysis.report.figure import COUNT_COLUMNS, SHARE_COLUMNS, share_rows

ACCENT, PAPER = (
    {"light": (15, 106, 115), "dark": (92, 192, 189)},
    {"light": (253, 252, 249), "dark": (21, 25, 28)},
)


def _draw(name: str, columns: Any, rows: list[list[Any]], width: int = 900) -> Any:
    """Return the SVG image of a chart, as the browser draws it from the rows of a figure."""
    spec: dict[str, Any] = deepcopy(compile_charts()[name])
    names = [column[0] for column in columns]
    next(data for data in spec["data"] if data["name"] == "rows")["values"] = [
        dict(zip(names, row, strict=True)) for row in rows
    ]
    signal = next(signal for signal in spec["signals"] if signal["name"] == "width")
    signal.clear()
    signal.update(name="width", value=width)
    return etree.fromstring(vl_convert.vega_to_svg(json.dumps(spec)).encode())


def _luminance(colour: tuple[float, ...]) -> float:
    parts = [part / 255 for part in colour]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_the_stored_charts_are_current() -> None:
    """static/charts.js is what `python -m tidings.analysis.report.charts` writes."""
    path = Path(report.__file__).parent / "static" / "charts.js"
    assert path.read_text(encoding="utf-8") == write_charts()


@pytest.mark.parametrize("days", [2, 3, 9, 40])
def test_days_of_the_axis_differ(days: int) -> None:
    """Each label of a time axis is a different day, also if the axis has fewer days than space for
    labels.
    """
    start = dt.date(2026, 3, 2)
    rows = [["a", str(start), str(start + dt.timedelta(days)), "", 1, 1, ""]]
    columns = [
        (name, "", "")
        for name in ("label", "start", "end", "until", "strength", "articles", "path")
    ]
    labels = re.findall(r"\d+ Mar|\d+ Apr", " ".join(_draw("bursts", columns, rows).itertext()))
    assert labels
    assert len(labels) == len(set(labels))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_edges_of_intervals_are_visible(scheme: str) -> None:
    """The edge of an interval has a contrast of at least 3 to 1 to the page (WCAG 2.2, 1.4.11)."""
    weeks = [
        (dt.date(2026, 1, 5 + 7 * number), 0.2, 0.1, 0.4, 2, 10, 7, True) for number in range(3)
    ]
    image = _draw(
        "share",
        (*SHARE_COLUMNS, ("event", "", "")),
        [[*row, None] for row in share_rows(weeks, "week")],
    )
    area = next(part for part in image.iter("{*}path") if part.get("fill-opacity") == "0.2")
    assert area.get("stroke") == area.get("fill") == "var(--accent)"
    opacity = float(area.get("stroke-opacity"))
    edge = tuple(
        opacity * ink + (1 - opacity) * page
        for ink, page in zip(ACCENT[scheme], PAPER[scheme], strict=True)
    )
    low, high = sorted((_luminance(edge), _luminance(PAPER[scheme])))
    assert (high + 0.05) / (low + 0.05) >= 3


def test_bars_of_open_periods_are_pale() -> None:
    """The bars of a period that is not over are paler than the others."""
    rows = [
        ["2026-01-05", "2026-01-12", 4, 3, 7, "complete"],
        ["2026-01-12", "2026-01-19", 2, 1, 3, "not over yet"],
    ]
    image = _draw("counts", COUNT_COLUMNS, rows)
    bars = [
        part
        for part in image.iter("{*}path")
        if part.get("fill") in {"var(--accent)", "var(--quiet)"}
    ]
    assert sorted(bar.get("opacity") or "1" for bar in bars) == ["0.45", "0.45", "1", "1"]
