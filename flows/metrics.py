"""Write the metrics of runs to files in the text format of Prometheus."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from tidings.analysis.report.write import replace_file
from tidings.base.settings import read_settings
from tidings.fetch.source_verdict import Verdict
from tidings.stages.source_health import judge_sources
from tidings.storage.lake import Lake, WarehouseError, open_lake
from tidings.storage.release import last_release
from tidings.storage.remote_lake import lake_of

if TYPE_CHECKING:
    from prefect import Flow
    from prefect.client.schemas.objects import FlowRun, State

log = logging.getLogger("tidings")
HELP = {
    "tidings_run_success": "1 if the last run completed, otherwise 0.",
    "tidings_run_duration_seconds": "Duration of the last run.",
    "tidings_run_end_timestamp_seconds": "End of the last run (Unix time).",
    "tidings_table_rows": "Rows of a table in the last release.",
    "tidings_release_timestamp_seconds": "Time of the last release (Unix time).",
    "tidings_sources": "Sources by the verdict of their last poll.",
}
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def record_end(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Write the metrics of an ended run and of the warehouse: a hook of Prefect. A failure is only
    logged.
    """
    settings = read_settings()
    started = flow_run.start_time or flow_run.expected_start_time or state.timestamp
    label = {"flow": flow.name}
    run = [
        ("tidings_run_success", label, int(state.is_completed())),
        ("tidings_run_duration_seconds", label, (state.timestamp - started).total_seconds()),
        ("tidings_run_end_timestamp_seconds", label, state.timestamp.timestamp()),
    ]
    try:
        write_metrics(settings.warehouse / f"metrics-{flow.name}.prom", run)
        write_metrics(settings.warehouse / "metrics.prom", read_metrics(lake_of(settings)))
    except (OSError, duckdb.Error, WarehouseError) as error:
        log.warning("metrics were not written (%s)", type(error).__name__)


def read_metrics(lake: Lake) -> list[tuple[str, dict[str, str], float]]:
    """Return the numbers of rows and sources of a warehouse, none before the first release."""
    if not lake.exists:
        return []
    with open_lake(lake, read_only=True) as con:
        release = last_release(con)
        verdicts = Counter(verdict for verdict, _ in judge_sources(con))
    if release is None:
        return []
    rows = sorted(release.row_counts.items())
    return [
        ("tidings_release_timestamp_seconds", {}, release.released_at.timestamp()),
        *(("tidings_table_rows", {"table": name}, count) for name, count in rows),
        *(("tidings_sources", {"verdict": str(one)}, verdicts[one]) for one in Verdict),
    ]


def write_metrics(path: Path, metrics: Iterable[tuple[str, Mapping[str, str], float]]) -> None:
    """Replace a file by these metrics: name, labels and value of each."""
    lines: list[str] = []
    for name, labels, value in metrics:
        if f"# TYPE {name} gauge" not in lines:
            lines += [f"# HELP {name} {HELP[name]}", f"# TYPE {name} gauge"]
        listed = ",".join(f'{key}="{text.translate(_ESCAPES)}"' for key, text in labels.items())
        lines.append(f"{name}{{{listed}}} {value:.15g}" if listed else f"{name} {value:.15g}")
    replace_file(path, "\n".join([*lines, ""]))
