"""Read the definitions of metrics in models/metrics.yml and return them as SQL and as a semantic
model for other tools.

dbt's semantic layer reads the same file (``dbt parse`` validates it), and MetricFlow writes the
same SQL for each metric.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import yaml

from tidings.paths import TRANSFORMS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

OSI_VERSION = "0.1.1"
"""The version of the Open Semantic Interchange format that dbt 1.12 reads."""
_FILE = TRANSFORMS / "models" / "metrics.yml"
_ENTITIES = {"theme": "ref.themes", "outlet": "ref.publishers"}


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
    content = _read_file()
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


def semantic_model(
    columns: Mapping[str, Mapping[str, str]], keys: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    """Return the metrics and their tables in the form of Open Semantic Interchange, for a database
    with the name ``tidings``.

    Args:
        columns: The description of each column, by table (``schema.name``).
        keys: The columns that identify a row, by table.
    """
    models = _read_file()["semantic_models"]
    times = {
        (f"marts.{model['name']}", dimension["name"])
        for model in models
        for dimension in model["dimensions"]
        if dimension["type"] == "time"
    }
    marts = map("marts.{name}".format_map, models)
    tables = list(filter(columns.__contains__, (*marts, *_ENTITIES.values())))
    datasets = [_dataset(table, columns[table], keys[table], times) for table in tables]
    relationships = [
        {
            "name": f"{model['name']}_{entity['name']}",
            "from": model["name"],
            "to": _ENTITIES[entity["name"]].partition(".")[2],
            "from_columns": [entity["expr"]],
            "to_columns": [entity["expr"]],
        }
        for model in models
        for entity in model["entities"]
        if {f"marts.{model['name']}", _ENTITIES[entity["name"]]} <= set(tables)
    ]
    metrics = [
        {"name": metric.name, "expression": _ansi(metric.sql), "description": metric.description}
        for metric in read_metrics().values()
        if f"marts.{metric.table}" in columns
    ]
    model = {
        "name": "tidings",
        "datasets": datasets,
        "relationships": relationships,
        "metrics": metrics,
    }
    return {"version": OSI_VERSION, "dialects": ["ANSI_SQL"], "semantic_model": [model]}


def _dataset(
    table: str,
    columns: Mapping[str, str],
    key: Sequence[str],
    times: Collection[tuple[str, str]],
) -> dict[str, Any]:
    fields = [
        {
            "name": name,
            "expression": _ansi(name),
            "dimension": {"is_time": (table, name) in times},
            **({"description": description} if description else {}),
        }
        for name, description in columns.items()
    ]
    return {
        "name": table.partition(".")[2],
        "source": f"tidings.{table}",
        "primary_key": list(key),
        "fields": fields,
    }


def _qualify(expression: str, table: str) -> str:
    return f"{table}.{expression}" if expression.isidentifier() else expression


def _bracket(sql: str) -> str:
    return sql if re.fullmatch(r"sum\([\w.]+\)", sql) else f"({sql})"


def _ansi(expression: str) -> dict[str, Any]:
    return {"dialects": [{"dialect": "ANSI_SQL", "expression": expression}]}


@cache
def _read_file() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return content
