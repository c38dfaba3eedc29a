"""The report's charts: Vega-Lite described with Altair, compiled once to Vega, drawn in the browser from each page's rows.

A chart's description is written once for all pages, and the browser is spared its compiling. Colours are CSS variables, so that
light, dark and paper are the style sheet's business.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import vl_convert

from tidings.flows.report import chart_counts, chart_grids, chart_shares
from tidings.flows.report.chart_axes import MUTED, RULE

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'PingFang SC', 'Noto Sans CJK SC', sans-serif"
# What pages call, a thin cover around Vega; Vega alone, 320 kB less, cannot be had: the bundler's ``vega`` is null in 1.9.
LIBRARY = "window.drawVega = vegaEmbed;"

_CHARTS = {
    "share": chart_shares.share,
    "small_share": chart_shares.small_share,
    "counts": chart_counts.counts,
    "coverage": chart_grids.coverage,
    "sources": chart_grids.sources,
    "bursts": chart_counts.bursts,
    "change": chart_counts.change,
    "index": chart_counts.index,
}

_LOOK: dict[str, Any] = {
    "background": "transparent",
    "font": FONT,
    "view": {"stroke": None},
    "axis": {
        "labelColor": MUTED,
        "titleColor": MUTED,
        "labelFontSize": 11,
        "gridColor": RULE,
        "gridOpacity": 0.7,
        "domainColor": MUTED,
        "tickColor": MUTED,
        "tickSize": 4,
        "labelPadding": 4,
    },
    "axisY": {"domain": False, "ticks": False},
    "axisX": {"domainWidth": 1},
}


@cache
def compile_charts() -> dict[str, dict[str, Any]]:
    """Return the Vega specification of each chart by name; its data set ``rows`` is empty and filled by the page."""
    compiled = {}
    for name, describe in _CHARTS.items():
        chart = describe().configure(**_LOOK).properties(padding=2)
        compiled[name] = dict(vl_convert.vegalite_to_vega(json.dumps(chart.to_dict())))
    return compiled


@cache
def bundle_library() -> str:
    """Return Vega's JavaScript as one script without imports, as the package vl-convert-python carries it."""
    return str(vl_convert.javascript_bundle(LIBRARY))
