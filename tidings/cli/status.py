"""``tidings status``: show the sources, gaps, badly extracted outlets, releases and disk use."""

from __future__ import annotations

import datetime as dt
import shutil
from collections import Counter, defaultdict
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated

import typer
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tidings.analysis.report.invented import read_invented
from tidings.base.languages.plural import counted
from tidings.base.messages import message
from tidings.cli.lake import find_lake
from tidings.cli.terminal import SafeConsole, headed
from tidings.fetch.source_verdict import ACTIONS, OFFLINE, Verdict, action_for, is_offline
from tidings.stages.source_health import SourceHealth, read_sources
from tidings.storage.lake import open_lake
from tidings.storage.load import known_tables

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import duckdb


GAPS = """
    select p.name, o.gap_reason, min(o.published_on), max(o.published_on), count(*)
    from (
        select *,
            published_on - row_number() over (partition by publisher_id, gap_reason order by
                published_on)::integer as stretch
        from marts.outlet_daily where is_gap
    ) as o
    join ref.publishers as p using (publisher_id)
    group by p.name, o.gap_reason, o.publisher_id, o.stretch order by max(o.published_on) desc,
        p.name limit 15
"""
# Of the last 28 days with pages. The example is the page with the lowest confidence.
BADLY_EXTRACTED = """
    with days as (
        select * from marts.extraction_daily where published_on > (select max(published_on) - 28
            from marts.extraction_daily)
    ),
    outlets as (
        select publisher_id, sum(estimated_count) as pages, sum(low_count) as low_pages,
            sum(expected_wrong_count) as wrong,
            min(published_on) as since
        from days group by publisher_id having sum(estimated_count) >= $least and sum(low_count) >=
            $share * sum(estimated_count)
    )
    select coalesce(any_value(p.name), o.publisher_id), any_value(o.pages), any_value(o.wrong) /
        any_value(o.pages),
        mode(a.extraction_doubt order by a.extraction_doubt), min_by(a.url,
            (a.extraction_confidence, a.url))
    from outlets as o
    inner join core.articles as a on o.publisher_id = a.publisher_id and a.published_on >= o.since
    left join ref.publishers as p on o.publisher_id = p.publisher_id
    where a.extraction_doubt is not null and (a.excluded_reason is null or a.excluded_reason =
        'no_text')
    group by o.publisher_id order by any_value(o.wrong) desc, o.publisher_id limit $most
"""
MIN_PAGES = 5  # pages; the share of fewer is random
SHARE = 0.3  # share of pages with a low confidence
MAX_OUTLETS = 10  # outlets shown


def status(
    all_sources: Annotated[
        bool, typer.Option("--all", help="List all sources, not only those with problems.")
    ] = False,
) -> None:
    """Show the health of the sources, coverage gaps, badly extracted outlets, the last releases and
    disk use.
    """
    lake, console = find_lake(), SafeConsole()
    with open_lake(lake, read_only=True) as con:
        print_sources(console, con, all_sources=all_sources)
        has_mart = "marts.outlet_daily" in known_tables(con)
        rows = con.execute(GAPS).fetchall() if has_mart else []
        console.print(
            headed("\nGaps", f"  {'most recent periods without coverage' if rows else 'none'}")
        )
        if rows:
            table = Table("Outlet", "Reason", "From", "To", "Days", show_edge=False)
            for name, reason, first, last, days in rows:
                table.add_row(name, reason, str(first), str(last), str(days))
            console.print(table)
        print_extraction(console, con)
        from tidings.storage.pending import count_uncleaned

        if pending := count_uncleaned(con):
            state = f"  {counted(pending, 'page')} not cleaned yet. The next nightly run continues."
            console.print(headed("\nPending", state))
        _print_releases(console, con)
    sizes = "  ".join(f"{name} {_size(_bytes(path))}" for name, path in lake.parts_here().items())
    free = _size(shutil.disk_usage(lake.root).free)
    disk = headed("\nDisk", f"  {sizes}  free {free}  in {lake.root}\n")
    console.print(disk, soft_wrap=True)


def _print_releases(console: SafeConsole, con: duckdb.DuckDBPyConnection) -> None:
    rows = con.execute(
        "select release_id, row_counts['core.articles'], lexicon_version, audit_passed,"
        " audit_warned"
        " from ops.releases order by snapshot_id desc limit 5"
    ).fetchall()
    console.print(headed("\nReleases", f"  {'most recent' if rows else 'none yet'}"))
    if rows:
        if notice := read_invented(con).notice:
            console.print(notice)
        table = Table(
            "Release", "Articles", "Word list", "Tests passed", "Warnings", show_edge=False
        )
        for release_id, articles, lexicon, passed, warned in rows:
            table.add_row(release_id, f"{articles or 0:,}", lexicon, str(passed), str(warned))
        console.print(table)


def _bytes(path: Path) -> int:
    return sum(file.stat().st_size for file in (path, *path.rglob("*")) if file.is_file())


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def print_sources(
    console: SafeConsole, con: duckdb.DuckDBPyConnection, *, all_sources: bool
) -> None:
    """Print the failing sources, the silent ones and, if ``all_sources``, the working ones."""
    sources = read_sources(con)
    latest = max(map(attrgetter("last_polled_at"), sources), default=dt.datetime.now(dt.UTC))
    has_no_network = bool(sources) and is_offline(map(attrgetter("poll"), sources))
    kinds = defaultdict[tuple[Verdict, str], list[SourceHealth]](list)
    counts, names = Counter[Verdict](), [""]
    for source in sources:
        verdict = Verdict.UNREACHABLE if has_no_network else source.poll.verdict(latest)
        counts[verdict] += 1
        if all_sources or verdict is not Verdict.FINE:
            kinds[verdict, action_for(source.poll, verdict)].append(source)
            names.append(source.poll.feed_id)
    summary = "".join(f", {counts[verdict]} {verdict}" for verdict in ACTIONS if counts[verdict])
    console.print(
        headed("\nSources", f"  {len(sources)} in total, {counts[Verdict.FINE]} fine{summary}")
    )
    if has_no_network:
        console.print(OFFLINE)
    width = min(max(map(len, names)), max(16, console.width - 56))
    if kinds:
        heading = f"    {'Source':<{width}}  Failed  Last success  Last new    Next poll"
        console.print(heading, style="dim", no_wrap=True)
    for kind in sorted(kinds, key=_urgency):
        _print_kind(console, *kind, kinds[kind], width)


def _urgency(kind: tuple[Verdict, str]) -> tuple[bool, int, str]:
    """Return the sort key: problems that need an action first, and working sources last."""
    verdict, action = kind
    return action.startswith("No action"), list(Verdict).index(verdict), action


def _print_kind(
    console: SafeConsole, kind: str, action: str, sources: Sequence[SourceHealth], width: int
) -> None:
    console.print(Text.assemble("\n  ", (kind, "bold"), f" ({len(sources)})"))
    if action:
        console.print(Padding(Text(action, "italic"), (0, 0, 0, 2), expand=False))
    for reason, alike in groupby(sorted(sources, key=_explain), key=_explain):
        if reason:
            console.print(Padding(Text(reason, "dim"), (0, 0, 0, 4), expand=False))
        for source in alike:
            poll, name = source.poll, f"{source.poll.feed_id:<{width}}"
            if len(name) > width:
                name += f"\n    {'':<{width}}"
            success, newest = _day(source.last_success_at), _day(source.last_new_entry_at)
            following = f"{newest:<10}  {source.next_poll_at:%Y-%m-%d %H:%M}"
            row = f"    {name}  {poll.failure_count:>6}  {success:<12}  {following}"
            console.print(row, soft_wrap=True)


def _explain(source: SourceHealth) -> str:
    retired = "Retired: polled once in 30 days." if source.is_retired else ""
    moved = f"Moved permanently to {source.poll.moved_to}" if source.poll.moved_to else ""
    return " ".join(filter(None, (message(source.poll.reason or ""), message(moved), retired)))


def _day(instant: dt.datetime | None) -> str:
    return f"{instant:%Y-%m-%d}" if instant else "never"


def print_extraction(console: SafeConsole, con: duckdb.DuckDBPyConnection) -> None:
    """Print the outlets whose pages have a low confidence, those with the most wrong texts first,
    with a page of each.

    The function prints nothing if the lake has no mart of confidences.
    """
    if not con.execute(
        "select 1 from duckdb_tables() where schema_name = 'marts' and table_name ="
        " 'extraction_daily'"
    ).fetchone():
        return
    rows = con.execute(
        BADLY_EXTRACTED, {"least": MIN_PAGES, "share": SHARE, "most": MAX_OUTLETS}
    ).fetchall()
    console.print(
        headed(
            "\nOutlets whose pages are extracted badly",
            f"  {'in the last 28 days' if rows else 'none'}",
        )
    )
    if not rows:
        return
    table = Table("Outlet", "Pages", "Probably wrong", "Most frequent reason", show_edge=False)
    for name, pages, wrong, doubt, _ in rows:
        table.add_row(Text(name), f"{pages:,}", f"{wrong:.0%}", doubt.replace("_", " "))
    console.print(table)
    console.print(
        "  To see why, and to test a rule, explain the most doubtful page of an outlet:",
        style="italic",
    )
    for *_, url in rows:
        console.print(f"    tidings extract --explain '{url}'", soft_wrap=True)
