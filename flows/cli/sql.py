"""``tidings sql``: DuckDB on the last release, or on an earlier one."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import sys
import tempfile
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tidings.flows.cli.places import UserError, reading_lake
from tidings.warehouse.lake import quoted

if TYPE_CHECKING:
    import duckdb

    from tidings.warehouse.lake import Lake

_WRITES = "read-only mode"
CLOSED = "set enable_external_access = false; set lock_configuration = true"
UI_HOME = "https://ui.duckdb.org"


class Format(StrEnum):
    """How the answer is written to standard output."""

    table = "table"
    csv = "csv"
    json = "json"
    parquet = "parquet"


def sql(
    query: Annotated[
        str | None, typer.Argument(help="SQL; `-` reads it from standard input. Without it the DuckDB shell opens.")
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="How the answer is written.")] = Format.table,
    release: Annotated[
        str | None, typer.Option(help="A release's id, or a date: the last release of that day or before.")
    ] = None,
    ui: Annotated[
        bool, typer.Option("--ui", help="Open DuckDB's browser UI on the last release; its pages come from duckdb.org.")
    ] = False,
    safe: Annotated[
        bool, typer.Option("--safe", help="Allow only reads of the release: no other file, no network, no extension.")
    ] = False,
) -> None:
    """Ask the last release, or an earlier one, in SQL.

    `marts`, `core`, `ops` and `ref` are on the search path:

    * `tidings sql "from theme_monthly where theme_id = 'digital_economy'"`
    * `tidings sql "from releases" --format csv`
    * `tidings sql "from theme_daily" --release 2026-08-31`
    """
    lake = reading_lake()
    if safe and ui:
        raise UserError("DuckDB's browser UI needs the network: leave --safe or --ui out.")
    if query is None or ui:
        _open_shell(lake, release, ui=ui, safe=safe)
        return
    answer(lake, sys.stdin.read() if query == "-" else query, form, release, safe=safe)


def answer(lake: Lake, query: str, form: Format, release: str | None, *, safe: bool = False) -> None:
    """Run one query on a release and write its answer to standard output.

    Raises UserError with DuckDB's own words when the query fails.
    """
    import duckdb

    from tidings.warehouse.release import open_release

    if not query.strip():
        raise UserError("The query is empty; without one, `tidings sql` opens the DuckDB shell.")
    with open_release(lake, release) as con:
        if safe:
            con.execute(";".join([*_allowed(lake, release), CLOSED]))
        try:
            found = con.sql(query)
            if found is not None:
                _write(found, form)
        except duckdb.Error as error:
            told = str(error).strip()
            hint = (
                "\nA release is only read; what you compute from it goes into a temporary table, or a file."
                if _WRITES in told
                else ""
            )
            raise UserError(told + hint) from error


def _allowed(lake: Lake, release: str | None) -> list[str]:
    """Return the statements that keep a release readable in safe mode; none for the last release, which is already open.

    Raises UserError for an earlier release of a shared lake, whose files are on other machines.
    """
    if release is None:
        return []
    if lake.is_shared:
        raise UserError("--safe reads the last release of a shared lake only: leave --release out.")
    catalog = ", ".join(quoted(f"{lake.catalog}{end}") for end in ("", "-wal", "-shm", "-journal"))
    return [f"set allowed_directories = [{quoted(f'{lake.data_path}/')}]", f"set allowed_paths = [{catalog}]"]


def _write(found: duckdb.DuckDBPyRelation, form: Format) -> None:
    import duckdb

    if form is Format.table:
        found.show(max_rows=200, max_width=shutil.get_terminal_size((160, 40)).columns)
        return
    if form is Format.parquet and sys.stdout.isatty():
        raise UserError("Parquet is no text: send it to a file, as in `tidings sql … --format parquet > answer.parquet`.")
    options = {Format.csv: "format csv, header", Format.json: "format json, array true", Format.parquet: "format parquet"}[form]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answer"
        rows = found.to_arrow_table()  # DuckDB cannot copy the results of describe and similar statements
        with duckdb.connect() as con:  # a separate connection, because a safe one writes no file
            con.register("answer", rows)
            con.execute(f"copy answer to {quoted(str(path))} ({options})")
        with path.open("rb") as file:
            shutil.copyfileobj(file, sys.stdout.buffer)
    sys.stdout.buffer.flush()


def _open_shell(lake: Lake, release: str | None, *, ui: bool, safe: bool) -> None:
    from tidings.warehouse.release import SEARCH_PATH, find_release, open_release

    program = _shell()
    if ui:
        _fetch_ui()
    if release is None:
        open_release(lake).close()
        start = [str(program), "-readonly", str(lake.release_file)]
        setup = []
    else:
        found = find_release(lake, release)
        setup = [*lake.setup(), lake.attach(READ_ONLY="true", SNAPSHOT_VERSION=str(found.snapshot_id)), "use lake"]
        start = [str(program)]
    setup += ["set TimeZone = 'UTC'", f"set search_path = '{SEARCH_PATH}'"]
    if safe:
        setup += _allowed(lake, release)
    begun = ";\n".join([*setup, ""])
    has_secrets = release is not None and bool(lake.secrets())
    start += ["-init", _readable_once(begun)] if has_secrets else ["-cmd", begun]  # -init says so each time
    if ui:
        start.append("-ui")
    if safe:
        start += ["-cmd", ".safe_mode"]  # also disables dot commands, which run programs and access files
    os.execv(program, start)  # noqa: S606 - our own environment's DuckDB


def _shell() -> Path:
    """Return the DuckDB shell itself: the script of its package starts it in a process that inherits no pipe."""
    found = importlib.util.find_spec("duckdb_cli")
    program = Path(found.origin).with_name("duckdb") if found and found.origin else None
    if program is None or not program.exists():
        raise UserError("The DuckDB shell is missing: install the package duckdb-cli as pinned in requirements.lock.")
    return program


def _fetch_ui() -> None:
    """Have DuckDB fetch its UI where it is not here yet. Raises UserError where the UI's home cannot be reached.

    The extension alone is not enough: its server passes every request on to ui.duckdb.org, each time it is opened.
    """
    import urllib.error
    import urllib.request

    import duckdb

    try:
        with contextlib.suppress(urllib.error.HTTPError):  # an answer of whatever kind
            urllib.request.urlopen(UI_HOME, timeout=5).close()
        with duckdb.connect() as con:
            con.execute("install ui")
    except (OSError, duckdb.Error) as error:
        raise UserError(
            "DuckDB's browser UI comes from duckdb.org each time it is opened, and that cannot be reached from here."
            " `tidings sql` alone opens the shell; docs/notebook.md has a notebook that needs no network."
        ) from error


def _readable_once(text: str) -> str:
    """Return the path of a pipe that holds a short text: what may be a password stands in no list of processes and no file."""
    reading, writing = os.pipe()
    os.write(writing, text.encode())
    os.close(writing)
    os.set_inheritable(reading, True)
    return f"/dev/fd/{reading}"
