"""The analyst's desk: a static HTML report and an Atom feed, written from a release file and opened from disk.

``write_report`` is the whole interface. It reads a release, renders the pages whose figures changed, and swaps each in by
rename. Charts are Vega-Lite, described with Altair and compiled once to Vega; the browser draws them from the page's own rows.
"""

from __future__ import annotations

from tidings.flows.report.manifest import Manifest, read_manifest
from tidings.flows.report.write import ReportResult, write_report

__all__ = ["Manifest", "ReportResult", "read_manifest", "write_report"]
