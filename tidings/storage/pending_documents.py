"""Query the lake for documents to which pages only lead and which are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidings.base.records import Capture
from tidings.storage.load import read_records
from tidings.storage.pending import MAX_TRIES, RECENT_DAYS, RETRY_HOURS, known_time

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    import duckdb


def wanted_documents(
    con: duckdb.DuckDBPyConnection, now: dt.datetime, feed_ids: Sequence[str]
) -> list[tuple[Capture, str]]:
    """Return the recent live captures of pages that only lead to a document that is missing, each
    with the document's URL.

    A document that fails is requested again like a page: after a period that doubles, at most
    MAX_TRIES times. Imported pages request nothing.
    """
    rows = con.execute(
        f"""
        select any_value(e.capture_id order by e.capture_id), e.document_url
        from core.extractions as e inner join raw.captures as c using (capture_id)
        left join raw.captures as d on d.url = e.document_url and d.kind = 'document'
        where e.document_url is not null and e.document_id is null and c.origin = 'live'
            and c.kind = 'page'
        and c.fetched_at > $now::timestamptz - to_days($days::integer)
        and c.feed_id in (select unnest($feeds::varchar[]))
            and e.document_url not in (select url from raw.forgotten)
        group by e.document_url
        having count(d.capture_id) < $tries and not coalesce(bool_or(d.outcome = 'ok'), false)
        and coalesce(
            max({known_time("d.fetched_at")})
            + to_hours(($hours * 2 ** (count(d.capture_id) - 1))::bigint) < $now, true
        )
        order by e.document_url
        """,
        {
            "now": now,
            "days": RECENT_DAYS,
            "tries": MAX_TRIES,
            "hours": RETRY_HOURS,
            "feeds": list(feed_ids),
        },
    ).fetchall()
    captures = read_records(
        con,
        Capture,
        "capture_id in (select unnest($ids::uuid[]))",
        {"ids": [str(row[0]) for row in rows]},
    )
    by_id = {capture.capture_id: capture for capture in captures}
    return [(by_id[capture_id], url) for capture_id, url in rows]
