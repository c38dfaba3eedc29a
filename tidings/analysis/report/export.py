"""Export a release as published data: Parquet, CSV and Excel files, descriptions and checksums.

In CSV, an apostrophe precedes each text that a spreadsheet would run as a formula (OWASP, CSV
injection). Parquet contains the original values. The same release gives the same bytes: rows are
sorted, and no file contains the time of the export.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import astuple, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tidings.analysis.report.bundle import (
    AUTHORS,
    PACKAGE,
    Bundle,
    File,
    citation_file,
    data_package,
    readme,
)
from tidings.analysis.report.release import Table, cite, read_dictionary, read_facts
from tidings.analysis.report.validation import NAMES, validation_files
from tidings.base.tables import BOM, FORMULA, write_csv, write_xlsx
from tidings.storage.lake import Connection, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

LICENSE = "CC-BY-4.0"
CHECKSUMS = "SHA256SUMS"
PART = ".tidings-part"  # folder inside the export for files until all are complete
# columns with publishers' texts
TEXTS = {
    "core.articles": ("body_text", "lead"),
    "core.article_revisions": ("paragraphs_added", "paragraphs_removed"),
    "marts.theme_mentions": ("snippet",),
    "marts.statements": ("sentence",),
    "marts.candidate_phrases": ("examples",),
}
# files of exports by earlier versions, which a new export in their folder removes
_FORMER = ("croissant.json", "datacontract.yaml", "metrics.json", "ro-crate-metadata.json")
_RANDOM = {"article_id", "story_id", "event_id", "capture_id"}


class Export(NamedTuple):
    """The folder of an export, its release and files, and a note for each incomplete workbook."""

    folder: Path
    bundle: Bundle
    files: dict[str, File]
    notes: tuple[str, ...] = ()


def export_release(
    con: Connection,
    folder: Path,
    *,
    with_text: bool = False,
    with_xlsx: bool = False,
    with_validation: bool = False,
    license: str = "",  # noqa: A002 - the name of the field in all formats
    doi: str = "",
    authors: Sequence[str] = (),
) -> Export:
    """Export a release. If the export is interrupted, an earlier one remains complete.

    Args:
        con: Connection to the release.
        folder: New or empty folder, or the folder of an earlier export, which is replaced.
        with_text: Whether to include publishers' texts (TEXTS). Titles and URLs always are.
        with_xlsx: Whether to write Excel workbooks too, which takes most of the time.
        with_validation: Whether to write the sheet for reviewers too.
        license: SPDX identifier of the licence of the figures. Default: that of the earlier export,
            otherwise LICENSE.
        doi: The DOI without a prefix. Default: that of an earlier export of the same release.
        authors: Names of the authors. Default: those of the earlier export, otherwise AUTHORS.

    Raises:
        FileExistsError: If the folder contains other files.
    """
    earlier = _read_package(folder)
    if folder.exists() and {path.name for path in folder.iterdir()} - {PART} and not earlier:
        raise FileExistsError(f"{folder} contains other files: name a new folder.")
    tables = tuple(_without_texts(table, with_text=with_text) for table in read_dictionary(con))
    facts = read_facts(con)
    own_license, own_doi, own_authors = _read_rights(earlier, facts.release_id)
    rights = license or own_license, doi or own_doi, tuple(authors) or own_authors
    bundle = Bundle(facts, tables, with_text, *rights)
    # DuckDB writes the bar to standard output, which contains the path
    con.execute("set enable_progress_bar = false")
    part = folder / PART
    shutil.rmtree(part, ignore_errors=True)
    try:
        for kind in ("csv", "parquet", *["xlsx"] * with_xlsx):
            (part / kind).mkdir(parents=True)
        notes: list[str] = []
        for table in tables:
            _write_table(con, bundle, table, part)
            notes += _write_workbook(con, bundle, table, part) if with_xlsx else ()
        sheet = validation_files(con, facts) if with_validation else {}
        files = _describe_files(con, bundle, part, sheet, has_xlsx=with_xlsx)
        _replace(folder, part)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return Export(folder, bundle, files, tuple(notes))


def _describe_files(
    con: Connection,
    bundle: Bundle,
    folder: Path,
    sheet: dict[str, str],
    *,
    has_xlsx: bool,
) -> dict[str, File]:
    """Write sheet, descriptions and checksums, and return all files that these list."""
    package = json.dumps(data_package(bundle, _digest(folder)), indent=1, ensure_ascii=False)
    texts = {
        "CITATION.cff": citation_file(bundle),
        "README.md": readme(con, bundle, has_xlsx=has_xlsx),
        "datapackage.json": f"{package}\n",
        **sheet,
    }
    for name, text in texts.items():
        (folder / name).write_bytes(text.encode("utf-8", "replace"))
    with (folder / "dictionary.csv").open("wb") as file:
        heads = ("table", "column", "type", "description", "row_count", "table_description")
        write_csv(
            file,
            heads,
            (
                (table.name, *astuple(column)[:3], table.row_count, table.description)
                for table in bundle.tables
                for column in table.columns
            ),
        )
    files = _digest(folder)
    sums = "".join(f"{file.sha256}  {name}\n" for name, file in files.items())
    (folder / CHECKSUMS).write_text(sums, encoding="utf-8")
    return files


def _read_package(folder: Path) -> dict[str, Any]:
    """Return the data package of an earlier export; empty for a file of another program."""
    try:
        package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return package if isinstance(package, dict) and package.get("name") == PACKAGE else {}


def _read_rights(package: dict[str, Any], release_id: str) -> tuple[str, str, tuple[str, ...]]:
    """Return licence, DOI (of the same release only) and authors of an earlier export, or the
    defaults.
    """
    licenses = [entry["name"] for entry in package.get("licenses", ())]
    authors = tuple(entry["title"] for entry in package.get("contributors", ()))
    doi = package.get("id", "").removeprefix("https://doi.org/")
    same = package.get("version") == release_id
    return (licenses or [LICENSE])[0], doi if same else "", authors or AUTHORS


def _replace(folder: Path, part: Path) -> None:
    """Replace the files of an export by renaming the new ones, and remove its further ones."""
    new = sorted(path.name for path in part.iterdir())
    for name in ("csv", "parquet", "xlsx"):
        if (folder / name).exists():
            (folder / name).rename(part / f"{name}.old")
        if name in new:
            (part / name).rename(folder / name)
    for name in new:
        if (part / name).is_file():
            (part / name).replace(folder / name)
    for name in {*_FORMER, *NAMES} - {*new}:
        (folder / name).unlink(missing_ok=True)


def _digest(folder: Path) -> dict[str, File]:
    files = {}
    for path in sorted(filter(Path.is_file, folder.rglob("*"))):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        files[path.relative_to(folder).as_posix()] = File(path.stat().st_size, digest)
    return files


def _without_texts(table: Table, *, with_text: bool) -> Table:
    """Return a table as exported: without publishers' texts, and with the types of the files, where
    programs read UUIDs and maps differently.
    """
    dropped = () if with_text else TEXTS.get(table.name, ())
    columns = []
    for column in table.columns:
        is_map = column.kind.startswith(("MAP", "STRUCT"))
        kind = "JSON" if is_map else column.kind.replace("UUID", "VARCHAR")
        columns += [replace(column, kind=kind)] * (column.name not in dropped)
    return replace(table, columns=tuple(columns))


def _sorted_rows(table: Table) -> str:
    """Return the end of a query for a table's rows by key, and by day first if that is a hash."""
    schema, _, name = table.name.partition(".")
    kinds = {column.name: column.kind for column in table.columns}
    key = [name for name in table.sort_key if name in kinds]
    if _RANDOM.intersection(key[:1]):
        key = [name for name, kind in kinds.items() if kind == "DATE"][:1] + key
    order = ", ".join(f'"{name}" nulls last' for name in key) or "all"
    return f'from "{schema}"."{name}" order by {order}'


def _write_table(con: Connection, bundle: Bundle, table: Table, folder: Path) -> None:
    columns = ", ".join(
        f'to_json("{column.name}")::varchar as "{column.name}"' if column.kind == "JSON"
        else f'"{column.name}"::{column.kind} as "{column.name}"'
        for column in table.columns
    )  # fmt: skip
    plain = ", ".join(
        f'{_for_csv(column.name, column.kind)} as "{"" if number else BOM}{column.name}"'
        for number, column in enumerate(table.columns)
    )
    parquet, plain_file = (_file_of(table, folder, kind) for kind in ("parquet", "csv"))
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


def _file_of(table: Table, folder: Path, kind: str) -> str:
    return quoted(str(folder / kind / f"{table.name}.{kind}"))


def _write_workbook(con: Connection, bundle: Bundle, table: Table, folder: Path) -> list[str]:
    """Write a table as a workbook, and return a note for each limit of Excel."""
    names = [column.name for column in table.columns]
    rows = con.execute(f"from {_file_of(table, folder, 'parquet')}")
    citation = cite(bundle.facts) | {"Source": bundle.citation, "Licence": bundle.rights}
    citation |= {"Table": f"{table.name}: {table.description}"} | {
        f"Column {column.name}": column.description for column in table.columns
    }
    with (folder / "xlsx" / f"{table.name}.xlsx").open("wb") as file:
        notes = write_xlsx(
            file, names, iter(rows.fetchone, None), citation, bundle.facts.released_at
        )
    return [f"{table.name}.xlsx: {note}" for note in notes]


def _for_csv(name: str, kind: str) -> str:
    """Return SQL for a column's CSV cells: lists as JSON, times in UTC, and no formulas."""
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"(\"{name}\" at time zone 'UTC')"
    if kind == "VARCHAR":
        return f"if(regexp_matches(\"{name}\", '{FORMULA}'), '''' || \"{name}\", \"{name}\")"
    return f'to_json("{name}")' if kind.endswith("[]") else f'"{name}"'
