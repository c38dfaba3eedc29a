"""Export a release as published data: Parquet, CSV and Excel files, their descriptions for people
and programs, and checksums.

In CSV, an apostrophe precedes each text that a spreadsheet would run as a formula (OWASP, CSV
injection). Parquet contains the original values. DuckDB writes the CSV files: this takes a small
part of the time of ``tables.write_csv``. The same release gives the same bytes: rows are sorted,
and no file contains the time of the export.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import duckdb

from tidings.analysis.report.bundle import (
    AUTHORS,
    PACKAGE,
    Bundle,
    File,
    citation_file,
    data_package,
    metrics_model,
    ro_crate,
)
from tidings.analysis.report.contract import data_contract
from tidings.analysis.report.croissant import croissant
from tidings.analysis.report.release import Column, Table, cite, read_dictionary, read_facts
from tidings.analysis.report.release_readme import readme
from tidings.base.tables import BOM, FORMULA, write_xlsx
from tidings.storage.lake import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LICENSE = "CC-BY-4.0"
CHECKSUMS = "SHA256SUMS"
PART = ".tidings-part"
"""Folder inside the export in which the files are written, until all are complete."""
TEXTS = {
    "core.articles": ("body_text", "lead"),
    "core.article_revisions": ("paragraphs_added", "paragraphs_removed"),
}
QUOTING_MARTS = {
    "marts.theme_mentions": ("snippet",),
    "marts.statements": ("sentence",),
    "marts.candidate_phrases": ("examples",),
}
SCHEMAS = ("marts", "core", "ref", "ops")
_RANDOM = {"article_id", "story_id", "event_id", "capture_id"}


@dataclass(frozen=True, slots=True)
class Export:
    """The folder of an export with its release and files, and a note for each incomplete
    workbook.
    """

    folder: Path
    bundle: Bundle
    files: dict[str, File]
    notes: tuple[str, ...] = ()


def export_release(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    *,
    with_text: bool = False,
    with_xlsx: bool = False,
    license: str = "",  # noqa: A002 - the name of the field in all formats
    doi: str = "",
    authors: Sequence[str] = (),
) -> Export:
    """Export the release that a connection has opened. If the export is interrupted, an earlier one
    remains complete.

    Args:
        con: Connection to the release.
        folder: New or empty folder, or the folder of an earlier export, which is replaced.
        with_text: Whether to include publishers' texts: bodies, leads, changed paragraphs of
            revisions, and sentences quoted in mentions, statements and candidates. Titles and URLs
            are always included.
        with_xlsx: Whether to write each table as an Excel workbook too, which takes most of the
            time.
        license: SPDX identifier of the licence of the figures. Default: that of the earlier export,
            otherwise LICENSE.
        doi: The DOI of the published data, without a prefix. Default: that of an earlier export of
            the same release, if any.
        authors: Names of the authors. Default: those of the earlier export, otherwise AUTHORS.

    Raises:
        FileExistsError: If the folder contains other files.
    """
    earlier = _read_package(folder)
    if folder.exists() and {path.name for path in folder.iterdir()} - {PART} and not earlier:
        raise FileExistsError(f"{folder} contains other files: name a new folder.")
    tables = tuple(
        _without_texts(table, with_text=with_text) for table in read_dictionary(con, SCHEMAS)
    )
    license = license or next((entry["name"] for entry in earlier.get("licenses", ())), LICENSE)  # noqa: A001
    named = (
        tuple(authors or (entry["title"] for entry in earlier.get("contributors", ()))) or AUTHORS
    )
    facts = read_facts(con)
    if earlier.get("version") == facts.release_id:
        doi = doi or earlier.get("id", "").removeprefix("https://doi.org/")
    bundle = Bundle(facts, tables, with_text, license, doi, named)
    # DuckDB writes the bar to standard output, which contains the path
    con.execute("set enable_progress_bar = false")
    part = folder / PART
    shutil.rmtree(part, ignore_errors=True)
    try:
        notes = _write_tables(con, bundle, part, with_xlsx=with_xlsx)
        bundle = replace(
            bundle, tables=tuple(_with_valid_rules(con, table, part) for table in tables)
        )
        files = _describe_files(con, bundle, part, has_xlsx=with_xlsx)
        _replace(folder, part)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return Export(folder, bundle, files, tuple(notes))


def _describe_files(
    con: duckdb.DuckDBPyConnection, bundle: Bundle, folder: Path, *, has_xlsx: bool
) -> dict[str, File]:
    """Write the descriptions of the tables' files and the checksums, and return all files that
    these list.
    """
    files = _digest(folder)
    texts = {
        "CITATION.cff": citation_file(bundle),
        "README.md": readme(con, bundle, has_xlsx=has_xlsx),
        "croissant.json": _as_json(croissant(bundle, files)),
        "datacontract.yaml": data_contract(bundle),
        "datapackage.json": _as_json(data_package(bundle, files)),
        "dictionary.csv": BOM + _dictionary_csv(bundle.tables),
        "metrics.json": _as_json(metrics_model(bundle)),
    }
    files |= {name: _write(folder / name, text) for name, text in texts.items()}
    files = dict(sorted(files.items()))
    crate = _write(folder / "ro-crate-metadata.json", _as_json(ro_crate(bundle, files)))
    files = dict(sorted({**files, "ro-crate-metadata.json": crate}.items()))
    _write(folder / CHECKSUMS, "".join(f"{file.sha256}  {name}\n" for name, file in files.items()))
    return files


def _read_package(folder: Path) -> dict[str, Any]:
    """Return the data package of an earlier export; empty if there is none: other programs also
    write a datapackage.json.
    """
    try:
        package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return package if isinstance(package, dict) and package.get("name") == PACKAGE else {}


def _replace(folder: Path, part: Path) -> None:
    """Replace the files of an export by renaming the new ones, and remove those that the new one
    does not have.
    """
    new = sorted(path.name for path in part.iterdir())
    for name in ("csv", "parquet", "xlsx"):
        if (folder / name).exists():
            (folder / name).rename(part / f"{name}.old")
        if name in new:
            (part / name).rename(folder / name)
    for name in new:
        if (part / name).is_file():
            (part / name).replace(folder / name)


def _digest(folder: Path) -> dict[str, File]:
    """Return the size and digest of all files in a folder, by relative path, sorted."""
    files = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        files[path.relative_to(folder).as_posix()] = File(path.stat().st_size, digest)
    return files


def _write(path: Path, text: str) -> File:
    content = text.encode("utf-8", "replace")
    path.write_bytes(content)
    return File(len(content), hashlib.sha256(content).hexdigest())


def _as_json(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _without_texts(table: Table, *, with_text: bool) -> Table:
    """Return a table as exported: without publishers' texts, and with the types of the files."""
    dropped = () if with_text else TEXTS.get(table.name, ()) + QUOTING_MARTS.get(table.name, ())
    columns = tuple(
        replace(column, kind=_file_kind(column.kind))
        for column in table.columns
        if column.name not in dropped
    )
    return replace(table, columns=columns)


def _with_valid_rules(con: duckdb.DuckDBPyConnection, table: Table, folder: Path) -> Table:
    """Return a table without the rules about columns that its file does not have."""
    source = quoted(str(folder / "parquet" / f"{table.name}.parquet"))
    rules = []
    for rule in table.rules:
        with contextlib.suppress(duckdb.BinderException):
            con.execute(f"explain select count(*) from {source} where not ({rule})")
            rules.append(rule)
    return replace(table, rules=tuple(rules))


def _file_kind(kind: str) -> str:
    """Return the type of a column in the files: pandas, Polars and R read a UUID as bytes, and a
    map in different ways.
    """
    return "JSON" if kind.startswith(("MAP", "STRUCT")) else kind.replace("UUID", "VARCHAR")


def _write_tables(
    con: duckdb.DuckDBPyConnection, bundle: Bundle, folder: Path, *, with_xlsx: bool
) -> list[str]:
    """Write all tables in each format and return a note for each limit of Excel."""
    for kind in ("csv", "parquet", *(("xlsx",) if with_xlsx else ())):
        (folder / kind).mkdir(parents=True)
    notes = []
    for table in bundle.tables:
        _write_table(con, bundle, table, folder)
        if with_xlsx:
            notes += _write_workbook(con, bundle, table, folder)
    return notes


def _sorted_rows(table: Table) -> str:
    """Return the end of a query for a table's rows in the order of its key, and by day first if the
    key is a hash.
    """
    schema, _, name = table.name.partition(".")
    kinds = {column.name: column.kind for column in table.columns}
    key = [name for name in table.key or next(iter(table.other_keys), ()) if name in kinds]
    if _RANDOM.intersection(key[:1]):
        key = [name for name, kind in kinds.items() if kind == "DATE"][:1] + key
    order = ", ".join(f'"{name}" nulls last' for name in key) or "all"
    return f'from "{schema}"."{name}" order by {order}'


def _write_table(
    con: duckdb.DuckDBPyConnection, bundle: Bundle, table: Table, folder: Path
) -> None:
    columns = ", ".join(_for_file(column) for column in table.columns)
    heads = [
        BOM + column.name if not number else column.name
        for number, column in enumerate(table.columns)
    ]
    plain = ", ".join(
        f'{_for_csv(column.name, column.kind)} as "{head}"'
        for column, head in zip(table.columns, heads, strict=True)
    )
    parquet, plain_file = (
        quoted(str(folder / kind / f"{table.name}.{kind}")) for kind in ("parquet", "csv")
    )
    facts = {
        "table": table.name,
        "description": table.description,
        "release": bundle.facts.release_id,
        "cite_as": bundle.citation,
        "license": bundle.rights,
    }
    metadata = ", ".join(f'"{name}": {quoted(value)}' for name, value in facts.items())
    options = f"format parquet, compression zstd, kv_metadata {{{metadata}}}"
    con.execute(f"copy (select {columns} {_sorted_rows(table)}) to {parquet} ({options})")
    con.execute(
        f"copy (select {plain} from {parquet}) to {plain_file} (format csv, header,"
        f" timestampformat '%Y-%m-%dT%H:%M:%SZ')"
    )


def _write_workbook(
    con: duckdb.DuckDBPyConnection, bundle: Bundle, table: Table, folder: Path
) -> list[str]:
    """Write a table as a workbook whose citation sheet describes its columns; return a note for
    each limit of Excel.
    """
    names = [column.name for column in table.columns]
    columns = ", ".join(_for_file(column) for column in table.columns)
    rows = con.execute(f"select {columns} {_sorted_rows(table)}")
    citation = cite(bundle.facts) | {"Source": bundle.citation, "Licence": bundle.rights}
    citation |= {"Table": f"{table.name}: {table.description}"} | {
        f"Column {column.name}": column.description for column in table.columns
    }
    with (folder / "xlsx" / f"{table.name}.xlsx").open("wb") as file:
        notes = write_xlsx(
            file, names, iter(rows.fetchone, None), citation, bundle.facts.released_at
        )
    return [f"{table.name}.xlsx: {note}" for note in notes]


def _for_file(column: Column) -> str:
    """Return SQL for a column in the type of the files; JSON as text, which every program reads."""
    if column.kind == "JSON":
        return f'to_json("{column.name}")::varchar as "{column.name}"'
    return f'"{column.name}"::{column.kind} as "{column.name}"'


def _for_csv(name: str, kind: str) -> str:
    """Return SQL for a column's CSV cells: lists and maps as JSON, times in UTC, and no text that a
    spreadsheet would run.
    """
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"(\"{name}\" at time zone 'UTC')"
    if kind == "VARCHAR":
        return f"if(regexp_matches(\"{name}\", '{FORMULA}'), '''' || \"{name}\", \"{name}\")"
    return f'to_json("{name}")' if kind.endswith("[]") else f'"{name}"'


def _dictionary_csv(tables: tuple[Table, ...]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["table", "column", "type", "description", "row_count", "table_description"])
    for table in tables:
        for column in table.columns:
            writer.writerow(
                [
                    table.name,
                    column.name,
                    column.kind,
                    column.description,
                    table.row_count,
                    table.description,
                ]
            )
    return text.getvalue()
