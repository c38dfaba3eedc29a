"""Export a release as Parquet, CSV and Excel files with a data dictionary, a citation and a Frictionless data package.

In CSV, an apostrophe precedes each text that a spreadsheet would run as a formula (OWASP, CSV injection). Parquet contains the
original values. DuckDB writes the CSV files: this takes a small part of the time of ``tables.write_csv``.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from tidings.flows.report.manifest import replace_file
from tidings.flows.report.release import Table, cite, read_dictionary, read_facts
from tidings.flows.report.table_sql import escape_sql
from tidings.flows.tables import BOM, FORMULA, write_xlsx

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from tidings.flows.report.release import Facts

PACKAGE = "tidings-release"
TEXTS = {"core.articles": ("body_text", "lead"), "core.article_revisions": ("paragraphs_added", "paragraphs_removed")}
QUOTING_MARTS = {
    "marts.theme_mentions": ("snippet",),
    "marts.statements": ("sentence",),
    "marts.candidate_phrases": ("examples",),
}
SCHEMAS = ("marts", "core", "ref", "ops")
_FIELD_TYPES = {
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP WITH TIME ZONE": "datetime",
    "DOUBLE": "number",
    "FLOAT": "number",
}
_INTEGERS = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"}


@dataclass(frozen=True, slots=True)
class Export:
    """The folder of an export, its release, its tables, whether it includes texts, and a note for each incomplete workbook."""

    folder: Path
    release_id: str
    tables: tuple[str, ...]
    has_text: bool
    notes: tuple[str, ...] = ()


def export_release(con: duckdb.DuckDBPyConnection, folder: Path, *, with_text: bool = False, with_xlsx: bool = False) -> Export:
    """Export the release that a connection has opened.

    Args:
        con: Connection to the release.
        folder: New or empty folder, or the folder of an earlier export, which is replaced.
        with_text: Whether to include publishers' texts: bodies, leads, changed paragraphs of revisions, and sentences quoted in
            mentions, statements and candidates. Titles and URLs are always included.
        with_xlsx: Whether to write each table as an Excel workbook too, which takes most of the time.

    Raises:
        FileExistsError: If the folder contains other files.
    """
    if folder.exists() and any(folder.iterdir()) and not _is_export(folder):
        raise FileExistsError(f"{folder} contains other files: name a new folder.")
    facts = read_facts(con)
    tables = [_without_texts(table, with_text=with_text) for table in read_dictionary(con, SCHEMAS)]
    for kind in ("csv", "parquet", "xlsx"):
        shutil.rmtree(folder / kind, ignore_errors=True)
        if kind != "xlsx" or with_xlsx:
            (folder / kind).mkdir(parents=True)
    resources, notes = [], []
    for table in tables:
        _write_table(con, table, folder)
        resources.append(_resource(table, folder))
        if with_xlsx:
            notes += _write_workbook(con, table, folder, facts)
    replace_file(folder / "dictionary.csv", BOM + _dictionary_csv(tables))
    replace_file(folder / "CITATION.cff", citation(facts))
    replace_file(folder / "README.md", _readme(facts, tables, with_text=with_text, with_xlsx=with_xlsx))
    replace_file(folder / "datapackage.json", json.dumps(_package(facts, resources), indent=2, ensure_ascii=False) + "\n")
    return Export(folder, facts.release_id, tuple(table.name for table in tables), with_text, tuple(notes))


def _is_export(folder: Path) -> bool:
    """Return whether a folder contains an earlier export: other data packages also have a datapackage.json."""
    try:
        package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(package, dict) and package.get("name") == PACKAGE


def _without_texts(table: Table, *, with_text: bool) -> Table:
    dropped = () if with_text else TEXTS.get(table.name, ()) + QUOTING_MARTS.get(table.name, ())
    columns = tuple(column for column in table.columns if column.name not in dropped)
    return Table(table.name, table.description, table.row_count, columns)


def _write_table(con: duckdb.DuckDBPyConnection, table: Table, folder: Path) -> None:
    schema, _, name = table.name.partition(".")
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    heads = [BOM + column.name if not number else column.name for number, column in enumerate(table.columns)]
    plain = ", ".join(
        f'{_for_csv(column.name, column.kind)} as "{head}"' for column, head in zip(table.columns, heads, strict=True)
    )
    source = f'"{schema}"."{name}"'
    parquet, plain_file = (escape_sql(str(folder / kind / f"{schema}.{name}.{kind}")) for kind in ("parquet", "csv"))
    con.execute(f"copy (select {columns} from {source}) to '{parquet}' (format parquet, compression zstd)")
    con.execute(
        f"copy (select {plain} from {source}) to '{plain_file}' (format csv, header, timestampformat '%Y-%m-%dT%H:%M:%SZ')"
    )


def _write_workbook(con: duckdb.DuckDBPyConnection, table: Table, folder: Path, facts: Facts) -> list[str]:
    """Write a table as a workbook whose citation sheet describes its columns; return a note for each limit of Excel."""
    schema, _, name = table.name.partition(".")
    names = [column.name for column in table.columns]
    columns = ", ".join(f'"{column}"' for column in names)
    rows = con.execute(f'select {columns} from "{schema}"."{name}"')
    citation = cite(facts) | {"Table": f"{table.name}: {table.description}"}
    citation |= {f"Column {column.name}": column.description for column in table.columns}
    with (folder / "xlsx" / f"{table.name}.xlsx").open("wb") as file:
        return [f"{table.name}.xlsx: {note}" for note in write_xlsx(file, names, iter(rows.fetchone, None), citation)]


def _for_csv(name: str, kind: str) -> str:
    """Return SQL for a column's CSV cells: lists and maps as JSON, times in UTC, and no text that a spreadsheet would run."""
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"(\"{name}\" at time zone 'UTC')"
    if kind == "VARCHAR":
        return f"if(regexp_matches(\"{name}\", '{FORMULA}'), '''' || \"{name}\", \"{name}\")"
    if kind in _FIELD_TYPES or kind in _INTEGERS or kind == "UUID":
        return f'"{name}"'
    return f'to_json("{name}")'


def _field_type(kind: str) -> str:
    if kind in _FIELD_TYPES:
        return _FIELD_TYPES[kind]
    if kind in _INTEGERS:
        return "integer"
    if kind.endswith("[]"):
        return "array"
    return "object" if kind.startswith(("MAP", "STRUCT")) else "string"


def _resource(table: Table, folder: Path) -> dict[str, Any]:
    path = folder / "csv" / f"{table.name}.csv"
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    fields = [
        {"name": column.name, "type": _field_type(column.kind)}
        | ({"description": column.description} if column.description else {})
        for column in table.columns
    ]
    return {
        "name": table.name.replace("_", "-"),
        "path": f"csv/{table.name}.csv",
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": path.stat().st_size,
        "hash": f"sha256:{digest}",
        **({"description": table.description} if table.description else {}),
        "schema": {"fields": fields, "missingValues": [""]},
    }


def _package(facts: Facts, resources: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "profile": "tabular-data-package",
        "name": PACKAGE,
        "title": "Tidings: policy themes in the news",
        "description": "Policy themes in the news: which rise, spread and fade, in which outlets, and in which phrases.",
        "version": facts.release_id,
        "created": facts.released_at.isoformat(),
        "lexicon_version": facts.lexicon_version,
        "code_version": facts.code_version,
        "temporal": f"{facts.first_on}/{facts.last_on}" if facts.first_on else "",
        "resources": resources,
    }


def _dictionary_csv(tables: list[Table]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["table", "column", "type", "description", "row_count", "table_description"])
    for table in tables:
        for column in table.columns:
            writer.writerow([table.name, column.name, column.kind, column.description, table.row_count, table.description])
    return text.getvalue()


def citation(facts: Facts) -> str:
    """Return a record of the release as a data set in the Citation File Format, version 1.2.0."""
    record = {
        "cff-version": "1.2.0",
        "message": "If you use these data, please cite the release that you used.",
        "type": "dataset",
        "title": f"Tidings: policy themes in the news, release {facts.release_id}",
        "authors": [{"name": "The Tidings authors"}],
        "version": facts.release_id,
        "date-released": facts.released_at.date().isoformat(),
        "abstract": f"Word list {facts.lexicon_version}, code {facts.code_version}, days {facts.first_on} to {facts.last_on}.",
    }
    return str(yaml.safe_dump(record, sort_keys=False, allow_unicode=True, width=120))


def _readme(facts: Facts, tables: list[Table], *, with_text: bool, with_xlsx: bool) -> str:
    workbooks = "\n- `xlsx/` contains the same tables as Excel workbooks, each with a citation sheet." if with_xlsx else ""
    rows = "\n".join(f"| `{table.name}` | {table.row_count:,} | {table.description or ''} |" for table in tables)
    texts = (
        "The export includes publishers' texts, which belong to their publishers."
        if with_text
        else "The export excludes publishers' texts; include them with `tidings export DIR --with-text`."
    )
    return f"""# Tidings, release {facts.release_id}

Released {facts.released_at:%Y-%m-%d %H:%M} UTC; word list {facts.lexicon_version}; code {facts.code_version};
days {facts.first_on} to {facts.last_on}. {texts}

- `parquet/` contains the tables with their original values.
- `csv/` contains the same tables for spreadsheets, in UTF-8 with a byte order mark. An apostrophe precedes each text that starts
  with `=`, `+`, `-`, `@`, a tab or a carriage return, so that no spreadsheet runs it as a formula. Lists and maps are JSON. An
  empty cell is unknown, not zero.{workbooks}
- `dictionary.csv` describes every column. `datapackage.json` contains the same for programs (Frictionless).
- `CITATION.cff` contains the citation.

| table | rows | description |
|---|---|---|
{rows}
"""
