"""``tidings status``: show the sources, gaps, badly extracted outlets and disk use."""

from __future__ import annotations

import datetime as dt
import shutil
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import filesize

from tidings.analysis.breaks import read_breaks
from tidings.analysis.report.invented import read_invented
from tidings.cli.lake import find_lake
from tidings.cli.source_table import print_sources
from tidings.cli.terminal import SafeConsole, headed, table_of
from tidings.stages.plan import read_gaps
from tidings.storage.lake import WarehouseError, open_lake
from tidings.storage.load import known_tables
from tidings.storage.writer_lock import writer_lock

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import duckdb

    from tidings.analysis.breaks import Break
    from tidings.storage.lake import Lake

# Of the last 28 days with pages. The example is the page with the lowest confidence.
BADLY_EXTRACTED = """
    with days as (
        select * from measures.extraction_daily where published_on > (select max(published_on) - 28
            from measures.extraction_daily)
    ),
    outlets as (
        select publisher_id, sum(estimated_count) as pages, sum(low_count) as low_pages,
            sum(expected_wrong_count) as wrong,
            min(published_on) as since
        from days group by publisher_id having sum(estimated_count) >= $least and sum(low_count) >=
            $share * sum(estimated_count)
    )
    select coalesce(any_value(p.name), o.publisher_id), any_value(o.pages),
        format('{:.0f}%', 100 * any_value(o.wrong) / any_value(o.pages)),
        replace(mode(a.extraction_doubt order by a.extraction_doubt), '_', ' '),
        min_by(a.url, (a.extraction_confidence, a.url))
    from outlets as o
    inner join core.articles as a on o.publisher_id = a.publisher_id and a.published_on >= o.since
    left join ref.publishers as p on o.publisher_id = p.publisher_id
    where a.extraction_doubt is not null and (a.excluded_reason is null or a.excluded_reason =
        'no_text')
    group by o.publisher_id order by any_value(o.wrong) desc, o.publisher_id limit $most
"""
MAX_GAPS = 15  # gaps shown
MIN_PAGES = 5  # pages; the share of fewer is random
SHARE = 0.3  # share of pages with a low confidence
MAX_OUTLETS = 10  # outlets shown


def status(
    all_sources: Annotated[
        bool, typer.Option("--all", help="List all sources, not only those with problems.")
    ] = False,
    accept: Annotated[
        str,
        typer.Option(
            metavar="OUTLET:KIND",
            help="Accept an open data problem, for example `times:volume_up`: it is no longer"
            " reported, and its reason stays in `outlet_breaks`.",
        ),
    ] = "",
    reason: Annotated[str, typer.Option(help="Why the data problem is accepted.")] = "",
) -> None:
    """Show the health of the sources, data problems, coverage gaps, badly extracted outlets and
    disk use.

    `tidings doctor` has the states of the last run, the audit and the release.
    """
    lake, console = find_lake(), SafeConsole()
    if accept:
        accept_break(lake, accept, reason)
    with open_lake(lake, read_only=True) as con:
        print_sources(console, con, all_sources=all_sources)
        print_breaks(console, read_breaks(con))
        has_mart = "marts.outlet_daily" in known_tables(con)
        gaps = read_gaps(con, dt.datetime.now(dt.UTC))[:MAX_GAPS] if has_mart else []
        columns: tuple[str, ...] = ("Outlet", "Reason", "From", "To", "Days")
        rows = [gap[1:-1] for gap in gaps]
        _print_table(console, "Gaps", "most recent periods without coverage", columns, rows)
        print_extraction(console, con)
        if notice := read_invented(con).notice:
            console.print(headed(f"\n{notice}"))
    sizes = "  ".join(
        f"{name} {filesize.decimal(_bytes(path))}" for name, path in lake.parts_here().items()
    )
    free = filesize.decimal(shutil.disk_usage(lake.root).free)
    disk = headed("\nDisk", f"  {sizes}  free {free}  in {lake.root}\n")
    console.print(disk, soft_wrap=True)


def print_breaks(console: SafeConsole, breaks: Sequence[Break]) -> None:
    """Print the open data problems, each with what to do about it and its name."""
    note = "outlets whose data differ from their own past"
    console.print(headed("\nData problems", f"  {note if breaks else 'none'}"))
    for found in breaks:
        console.print(
            f"  {found.name}, {found.first_on} to {found.last_on}: {found.what} {found.action}"
            f" ({found.publisher_id}:{found.kind})",
            soft_wrap=True,
        )
    if breaks:
        console.print(
            "  To accept one: tidings status --accept OUTLET:KIND --reason TEXT", style="italic"
        )


def accept_break(lake: Lake, name: str, reason: str) -> None:
    """Record that a person accepts the open breaks of an outlet and kind, named OUTLET:KIND.

    Raises:
        WarehouseError: If there is no such open break, or no reason.
    """
    publisher, _, kind = name.rpartition(":")
    if not reason.strip():
        raise WarehouseError('State why with --reason: for example --reason "An election."')
    with writer_lock(lake), open_lake(lake) as con:
        found = con.execute(
            "insert into ops.accepted_breaks select publisher_id, kind, first_on, ?, now() from"
            " marts.outlet_breaks where publisher_id = ? and kind = ? and state = 'open'",
            [reason.strip(), publisher, kind],
        ).fetchone()
        if not found or not found[0]:
            names = [f"{row.publisher_id}:{row.kind}" for row in read_breaks(con)]
            raise WarehouseError(
                f"There is no open data problem {name!r}. Open: {', '.join(names) or 'none'}."
            )
        con.execute(
            "update marts.outlet_breaks set state = 'accepted', accepted_reason = ?"
            " where publisher_id = ? and kind = ? and state = 'open'",
            [reason.strip(), publisher, kind],
        )


def _print_table(
    console: SafeConsole, name: str, note: str, columns: Sequence[str], rows: Sequence[Any]
) -> None:
    """Print a heading and, if there are rows, the note and their table."""
    console.print(headed(f"\n{name}", f"  {note if rows else 'none'}"))
    if rows:
        console.print(table_of(columns, rows))


def _bytes(path: Path) -> int:
    return sum(file.stat().st_size for file in (path, *path.rglob("*")) if file.is_file())


def print_extraction(console: SafeConsole, con: duckdb.DuckDBPyConnection) -> None:
    """Print the outlets whose pages have a low confidence, those with the most wrong texts first,
    with a page of each.

    The function prints nothing if the lake has no mart of confidences.
    """
    if "measures.extraction_daily" not in known_tables(con):
        return
    rows = con.execute(
        BADLY_EXTRACTED, {"least": MIN_PAGES, "share": SHARE, "most": MAX_OUTLETS}
    ).fetchall()
    name, columns = "Outlets whose pages are extracted badly", ("Outlet", "Pages", "Probably wrong")
    shown = [row[:-1] for row in rows]
    _print_table(console, name, "in the last 28 days", (*columns, "Most frequent reason"), shown)
    if rows:
        console.print(
            "  To see why, and to test a rule, explain the most doubtful page of an outlet:",
            style="italic",
        )
    for *_, url in rows:
        console.print(f"    tidings extract --explain '{url}'", soft_wrap=True)
