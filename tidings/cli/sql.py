"""``tidings sql``: query the last release or an earlier one with DuckDB."""

import importlib.resources
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import duckdb
from typer import Argument, Option

from tidings.analysis.report.release import cite, read_facts, read_invented
from tidings.base.tables import write_xlsx
from tidings.cli.lake import find_lake
from tidings.cli.terminal import ReleaseName, UserError, print_progress, refuse
from tidings.storage.lake import Connection, Lake, quoted
from tidings.storage.release import open_release, search_path

MAX_ROWS = 200  # of a table in the terminal
_READ_ONLY = "\nReleases are read-only. Write your results to a temporary table or to a file."
CLOSED = "set enable_external_access = false; set lock_configuration = true"


Format = Literal["table", "csv", "json", "parquet", "xlsx"]
Form = Annotated[Format, Option("--format", help="Format of the result.")]
OPTIONS = {
    "csv": "format csv, header",
    "json": "format json, array true",
    "parquet": "format parquet",
}


def sql(
    query: str | None = Argument(
        None,
        help="SQL query; `-` reads it from standard input. Without a query, open the DuckDB shell.",
    ),
    form: Form = "table",
    release: ReleaseName = None,
    safe: bool = Option(
        False,
        "--safe",
        help="Allow only reads of the last release: no other files, no network, no extensions.",
    ),
) -> None:
    """Query the last release, or an earlier one, in SQL.

    The search path contains `marts`, `core`, `ops` and `ref`. Examples:

    * `tidings sql "from theme_monthly where theme_id = 'digital_economy'"`
    * `tidings sql "from releases" --format csv`
    * `tidings sql "from theme_daily" --release 2026-08-31`
    * `tidings sql "select published_on, title from search('housing market') limit 20"`
    * `tidings sql "from theme_monthly" --format xlsx > months.xlsx`

    Separate statements with semicolons. `--format table` prints every result, with up to 200 rows
    and the columns that fit the terminal; the other formats print only the last result, with all
    rows and columns.
    """
    refuse(
        release is not None and (safe or query is None),
        "--safe and the DuckDB shell open only the last release: omit --release.",
    )
    lake = find_lake()
    if query is None:
        _open_shell(lake, is_safe=safe)
    else:
        _run(lake, sys.stdin.read() if query == "-" else query, form, release, is_safe=safe)


def _run(lake: Lake, query: str, form: Format, release: str | None, *, is_safe: bool) -> None:
    """Write the result of a query on a release. Raises UserError with DuckDB's message."""
    refuse(
        not query.strip(),
        "The query is empty. To open the DuckDB shell, run `tidings sql` without a query.",
    )
    with tempfile.TemporaryDirectory() as folder, open_release(lake, release) as con:
        _print_notice(con)
        if "word_hits" in query:  # importing the matcher takes longer than a short query
            from tidings.annotation.udf import register_word_hits

            register_word_hits(con)
        citation = cite(read_facts(con), query) if form == "xlsx" else {}
        if is_safe:
            con.execute(f"set allowed_directories = [{quoted(folder)}]; {CLOSED}")
        try:
            statements = con.extract_statements(query)
            for statement in statements:
                result = con.sql(statement)
                if form == "table" or statement is statements[-1]:
                    write_result(result, form, citation, folder)
        except duckdb.Error as error:
            hint = _READ_ONLY if "read-only mode" in str(error) else ""
            raise UserError(f"{str(error).strip()}{hint}") from error


def _print_notice(con: Connection) -> None:
    """State on a terminal that data are invented; programs that read the output do not see it."""
    if sys.stderr.isatty() and (notice := read_invented(con).notice):
        print_progress(notice)


def write_result(
    result: duckdb.DuckDBPyRelation | None,
    form: Format,
    citation: Mapping[str, str] | None = None,
    parent: str | None = None,
) -> None:
    """Write a result, if any, to standard output, from a temporary file in the folder ``parent``.
    ``citation`` is a sheet of a workbook. Raises UserError for a binary one on a terminal.
    """
    if result is None:
        return
    if form == "table":
        width = shutil.get_terminal_size((160, 40)).columns
        _round(result).show(max_width=width, max_rows=MAX_ROWS)
        return
    refuse(
        form in ("parquet", "xlsx") and sys.stdout.isatty(),
        f"Redirect this binary format to a file: `tidings sql … --format {form} > result.{form}`.",
    )
    with tempfile.TemporaryDirectory(dir=parent) as folder:
        path = Path(folder) / "result"
        if form == "xlsx":
            _write_workbook(result, citation or {}, path)
        else:
            copied = "copied_result"  # a view, whose name no query uses
            result.query(copied, f"copy {copied} to {quoted(str(path))} ({OPTIONS[form]})")
        with path.open("rb") as file:
            shutil.copyfileobj(file, sys.stdout.buffer)
    sys.stdout.buffer.flush()


def _round(result: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """Return a result whose fractions have three digits, so that more columns fit a terminal."""
    short = "if(abs(#{0}) < 1, format('{{:.3g}}', #{0})::double, round(#{0}, 3))"
    cells = []
    for number, (name, kind) in enumerate(zip(result.columns, result.types, strict=True), 1):
        escaped = name.replace('"', '""')
        value = short if kind == "DOUBLE" else "#{0}"
        cells.append(f'{value.format(number)} as "{escaped}"')
    return result.project(", ".join(cells))


def _write_workbook(
    result: duckdb.DuckDBPyRelation, citation: Mapping[str, str], path: Path
) -> None:
    with path.open("wb") as file:
        try:
            notes = write_xlsx(file, result.columns, iter(result.fetchone, None), citation)
        except ValueError as error:
            raise UserError(str(error)) from error
    for note in notes:
        print_progress(note)


def _open_shell(lake: Lake, *, is_safe: bool) -> None:
    with open_release(lake) as con:
        _print_notice(con)
        schemas = search_path(con)
    start = [str(importlib.resources.files("duckdb_cli") / "duckdb"), "-readonly"]
    setup = f"set TimeZone = 'UTC'; set search_path = '{schemas}';\n"
    start += [str(lake.release_file), "-cmd", setup]
    if is_safe:
        # also disables dot commands, which run programs and access files
        start += ["-cmd", ".safe_mode"]
    os.execv(start[0], start)  # noqa: S606 - DuckDB of our own environment
