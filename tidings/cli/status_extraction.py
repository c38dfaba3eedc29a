"""Show the outlets whose pages are extracted badly, with the command that shows why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from tidings.cli.terminal import headed

if TYPE_CHECKING:
    import duckdb

    from tidings.cli.terminal import SafeConsole

# Of the last 28 days with pages. The example is the page with the lowest confidence.
BADLY_EXTRACTED = """
    with days as (
        select * from marts.extraction_daily
        where published_on > (select max(published_on) - 28 from marts.extraction_daily)
    ),
    outlets as (
        select publisher_id, sum(estimated_count) as pages, sum(low_count) as low_pages,
            sum(expected_wrong_count) as wrong,
            min(published_on) as since
        from days group by publisher_id
        having sum(estimated_count) >= $least and sum(low_count) >= $share * sum(estimated_count)
    )
    select coalesce(any_value(p.name), o.publisher_id), any_value(o.pages),
        any_value(o.wrong) / any_value(o.pages),
        mode(a.extraction_doubt order by a.extraction_doubt),
        min_by(a.url, (a.extraction_confidence, a.url))
    from outlets as o
    inner join core.articles as a on o.publisher_id = a.publisher_id and a.published_on >= o.since
    left join ref.publishers as p on o.publisher_id = p.publisher_id
    where a.extraction_doubt is not null
        and (a.excluded_reason is null or a.excluded_reason = 'no_text')
    group by o.publisher_id order by any_value(o.wrong) desc, o.publisher_id limit $most
"""
MIN_PAGES = 5  # pages; the share of fewer is random
SHARE = 0.3  # share of pages with a low confidence
MAX_OUTLETS = 10  # outlets shown


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
