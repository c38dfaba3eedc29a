"""Keep removed pages out: do not store them, and remove an article again that another URL
produces.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from tidings.base.languages.plural import counted
from tidings.base.records import FeedEntry, Forgotten
from tidings.base.urls import normalise_url
from tidings.extraction import Unclean
from tidings.storage.forget import PAGES, contains_url, forget, forgotten_urls, url_forms
from tidings.storage.lake import open_lake
from tidings.storage.load import read_records
from tidings.storage.writer_lock import writer_lock

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import duckdb

    from tidings.stages.land import Landing
    from tidings.stages.run import Run

    Records = Iterable[object]

REASON = "The page was removed permanently."


def without_forgotten(
    con: duckdb.DuckDBPyConnection, landings: Sequence[Landing], records: Sequence[Records]
) -> tuple[Sequence[Landing], Sequence[Records]]:
    """Return landings and records without removed pages.

    A page that redirects to a removed page is stored without its body, and so is a source that
    contains its URL. Its entries are left out.
    """
    urls = forgotten_urls(con)
    if not urls:
        return landings, records
    forms = url_forms(urls)
    batches = [
        [row for row in batch if not (isinstance(row, FeedEntry) and row.url in urls)]
        for batch in records
    ]
    return [_without_page(landing, urls, forms) for landing in landings], batches


def _without_page(landing: Landing, urls: frozenset[str], forms: set[bytes]) -> Landing:
    capture = landing.capture
    if capture.kind in PAGES:
        if capture.url not in urls and capture.final_url not in urls:
            return landing
        forgotten = dataclasses.replace(
            capture, outcome="forgotten", reason=REASON, digest=None, byte_count=None
        )
        return dataclasses.replace(landing, capture=forgotten, head=b"", body=b"")
    if contains_url(landing.body, forms, lambda url: normalise_url(url) in urls):
        return dataclasses.replace(landing, head=b"", body=b"")
    return landing


def unclean_forgotten(con: duckdb.DuckDBPyConnection) -> dict[str, Unclean]:
    """Return the outcome of cleaning for each removed article, by article ID as text."""
    return {
        str(row.article_id): Unclean("forgotten", REASON) for row in read_records(con, Forgotten)
    }


def forget_again(run: Run) -> None:
    """Remove pages that were collected from an unknown URL and that cleaning identified as a
    removed article.
    """
    with open_lake(run.lake, read_only=True) as con:
        rows = con.execute(
            "select distinct url from core.extractions where outcome = 'forgotten'"
        ).fetchall()
    if rows:
        with writer_lock(run.lake, log=run.log):
            forget(run.lake, [row[0] for row in rows], run.now)
        run.log(f"removed {counted(len(rows), 'URL')} that produced removed pages")
