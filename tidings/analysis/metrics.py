"""Read the definitions of metrics in models/metrics.yml and return them as SQL.

dbt's semantic layer reads the same file (``dbt parse`` validates it), and MetricFlow writes the
same SQL for each metric.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import yaml

from tidings.paths import TRANSFORMS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_FILE = TRANSFORMS / "models" / "metrics.yml"


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric: its table in ``marts``, its formula over other metrics or columns, and the same
    formula as complete SQL.
    """

    name: str
    label: str
    description: str
    table: str
    formula: str
    sql: str


@cache
def read_metrics() -> dict[str, Metric]:
    """Return the metrics by name, in the order of the file: a metric follows the metrics that it
    reads.
    """
    content = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    measures = {
        measure["name"]: (
            model["name"],
            f"{measure['agg']}({_qualify(measure.get('expr', measure['name']), model['name'])})",
        )
        for model in content["semantic_models"]
        for measure in model["measures"]
    }
    metrics: dict[str, Metric] = {}
    for entry in content["metrics"]:
        params = entry["type_params"]
        if entry["type"] == "simple":
            table, formula = measures[params["measure"]]
            sql = formula
        else:
            formula = params.get("expr") or (
                "{numerator} / nullif(cast({denominator} as double precision), 0)"
            ).format(**params)
            parts = {
                name: metrics[name]
                for name in params.get("metrics") or (params["numerator"], params["denominator"])
            }
            table = next(iter(parts.values())).table
            sql = re.sub(
                r"\b(?:" + "|".join(parts) + r")\b",
                lambda name, parts=parts: _bracket(parts[name[0]].sql),
                formula,
            )
        metrics[entry["name"]] = Metric(
            entry["name"], entry["label"], entry["description"], table, formula, sql
        )
    return metrics


def metric_query(names: Sequence[str], by: Mapping[str, str], condition: str = "") -> str:
    """Return the SQL query for metrics of one table.

    Args:
        names: The metrics.
        by: Name and SQL of each column that identifies a row, such as theme_id.
        condition: SQL condition on the table's rows; empty for all rows.
    """
    metrics = [read_metrics()[name] for name in names]
    keys = [f"{sql} as {name}" if sql != name else name for name, sql in by.items()]
    listed = ",\n    ".join([*keys, *(f"{metric.sql} as {metric.name}" for metric in metrics)])
    where = f"\nwhere {condition}" if condition else ""
    return f"select\n    {listed}\nfrom marts.{metrics[0].table}{where}\ngroup by all\norder by all"


def _qualify(expression: str, table: str) -> str:
    return f"{table}.{expression}" if expression.isidentifier() else expression


def _bracket(sql: str) -> str:
    return sql if re.fullmatch(r"sum\([\w.]+\)", sql) else f"({sql})"
