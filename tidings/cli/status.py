"""``tidings status``: show the sources, gaps, badly extracted outlets and disk use."""

from __future__ import annotations

import datetime as dt
import shutil
from typing import TYPE_CHECKING, Annotated

import typer
from rich import filesize

from tidings.analysis.breaks import read_breaks
from tidings.analysis.report.invented import read_invented
from tidings.cli.findings import check_breaks, ok, print_findings, print_sources, warn
from tidings.cli.lake import find_lake
from tidings.cli.terminal import SafeConsole, headed
from tidings.stages.plan import read_gaps
from tidings.stages.rights import list_reserved
from tidings.storage.lake import WarehouseError, open_lake
from tidings.storage.load import known_tables
from tidings.storage.writer_lock import writer_lock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import duckdb

    from tidings.cli.findings import Finding
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
    """Show the health of the sources, data problems, coverage gaps, badly extracted outlets,
    outlets that reserve text and data mining, and disk use.

    `tidings doctor` has the states of the last run, the audit and the release.
    """
    lake, console = find_lake(), SafeConsole()
    if accept:
        accept_break(lake, accept, reason)
    with open_lake(lake, read_only=True) as con:
        print_sources(console, con, all_sources=all_sources)
        findings = [*check_outlets(con, dt.datetime.now(dt.UTC))]
        none = ok("outlets", "no data problems, gaps or badly extracted pages")
        has_rights = "ops.source_rights" in known_tables(con)
        reserved = list_reserved(con, dt.datetime.now(dt.UTC).date()) if has_rights else {}
        notice = read_invented(con).notice
    sizes = ", ".join(
        f"{name} {filesize.decimal(_bytes(path))}" for name, path in lake.parts_here().items()
    )
    free = filesize.decimal(shutil.disk_usage(lake.root).free)
    rights = [ok("rights", sentence) for sentence in reserved]
    disk = ok("disk", f"{sizes}; {free} free in {lake.root}")
    console.print()
    print_findings(console, [*(findings or [none]), *rights, disk])
    if notice:
        console.print(headed(f"\n{notice}"))


def check_outlets(con: duckdb.DuckDBPyConnection, now: dt.datetime) -> Iterator[Finding]:
    """Yield the open data problems, the newest gaps, and the badly extracted outlets."""
    yield from check_breaks(con)
    for gap in read_gaps(con, now)[:MAX_GAPS]:
        yield warn("gap", f"{gap.name}, {gap.first_on} to {gap.last_on}: {gap.reason}")
    yield from check_extraction(con)


def check_extraction(con: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """Yield the outlets whose pages have a low confidence, those with the most wrong texts first;
    none without the mart of confidences.
    """
    if "measures.extraction_daily" not in known_tables(con):
        return
    limits = {"least": MIN_PAGES, "share": SHARE, "most": MAX_OUTLETS}
    for name, pages, wrong, doubt, url in con.execute(BADLY_EXTRACTED, limits).fetchall():
        state = f"{name}, last 28 days: {wrong} of {pages} pages are probably wrong, mostly {doubt}"
        yield warn("extraction", state, f"`tidings extract --explain '{url}'` shows why.")


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


def _bytes(path: Path) -> int:
    return sum(file.stat().st_size for file in (path, *path.rglob("*")) if file.is_file())
