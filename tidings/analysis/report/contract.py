"""Write the data contract of a release in the Open Data Contract Standard, version 3.1, from dbt's
descriptions and tests.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import yaml

from tidings.analysis.report.bundle import LIMITS, kind_of, without_empty

if TYPE_CHECKING:
    from tidings.analysis.report.bundle import Bundle
    from tidings.analysis.report.release import Column, Table

# datacontract-cli knows no SQL types of these; the logical type is complete
_PHYSICAL = {"array": "", "timestamp": ""}
# libyaml takes a tenth of the time, where PyYAML has it
_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def data_contract(bundle: Bundle) -> str:
    """Return the contract as YAML. It applies to the Parquet files and to the release file
    ``tidings.duckdb``.
    """
    contract = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "tidings",
        "name": bundle.title,
        "version": bundle.facts.release_id,
        "status": "active",
        **({"tags": bundle.keywords} if bundle.keywords else {}),
        "description": {
            "purpose": bundle.description,
            "limitations": LIMITS,
            "usage": f"Licence: {bundle.license}",
        },
        "servers": [
            {
                "server": "parquet",
                "type": "local",
                "path": "parquet/*.{model}.parquet",
                "format": "parquet",
            },
            {"server": "release", "type": "duckdb", "database": "tidings.duckdb", "schema": "main"},
        ],
        "schema": [_describe_table(table) for table in bundle.tables],
    }
    return str(yaml.dump(contract, Dumper=_DUMPER, sort_keys=False, allow_unicode=True, width=120))


def _describe_table(table: Table) -> dict[str, Any]:
    name = table.name.partition(".")[2]
    known = {column.name for column in table.columns}
    # primaryKey states the first key
    keys = [key for key in table.other_keys if len(key) > 1 and set(key) <= known]
    quality = [
        {"type": "library", "metric": "duplicateValues", "arguments": {"properties": list(key)},
         "mustBe": 0} for key in keys
    ] + [
        {"type": "sql", "query": f"select count(*) from {name} where not ({rule})", "mustBe": 0}
        for rule in table.rules
    ]  # fmt: skip
    return without_empty({
        "name": name,
        "tags": [table.name.partition(".")[0]],
        "physicalType": "table",
        "logicalType": "object",
        "description": table.description,
        "properties": [_describe_column(column, table.key) for column in table.columns],
        "quality": quality,
    })  # fmt: skip


def _describe_column(column: Column, key: tuple[str, ...]) -> dict[str, Any]:
    kind = kind_of(column).contract
    item = replace(column, kind=column.kind.removesuffix("[]"))
    values = {
        "type": "library",
        "metric": "invalidValues",
        "arguments": {"validValues": list(column.values)},
        "mustBe": 0,
    }
    return without_empty(
        {
            "name": column.name,
            "logicalType": kind,
            "logicalTypeOptions": {"timezone": True, "defaultTimezone": "UTC"}
            if kind == "timestamp"
            else {},
            "physicalType": _PHYSICAL.get(kind, column.kind.replace("JSON", "VARCHAR")),
            "description": column.description,
            "required": column.is_required,
            "unique": column.is_unique,
            "primaryKey": column.name in key,
            "primaryKeyPosition": key.index(column.name) + 1 if column.name in key else None,
            "items": {"logicalType": kind_of(item).contract, "physicalType": item.kind}
            if kind == "array"
            else {},
            "relationships": [{"to": column.refers_to.partition(".")[2]}]
            if column.refers_to
            else [],
            "quality": [values] if column.values else [],
        }
    )
