"""Keeping out what was forgotten: nothing of it is landed, and an article that comes by another address goes again."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from tidings.flows.extract import Unclean
from tidings.flows.urls import normalise_url
from tidings.warehouse.contains_url import contains_url, url_forms
from tidings.warehouse.forget import forget, forgotten_urls
from tidings.warehouse.lake import open_lake
from tidings.warehouse.load import read_records
from tidings.warehouse.records import FeedEntry, Forgotten
from tidings.warehouse.writer_lock import writer_lock

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import duckdb

    from tidings.flows.stages.landing import Landing
    from tidings.flows.stages.run import Run

    Records = Iterable[object]

REASON = "The page was taken out for good."


def without_forgotten(
    con: duckdb.DuckDBPyConnection, landings: Sequence[Landing], records: Sequence[Records]
) -> tuple[Sequence[Landing], Sequence[Records]]:
    """Return landings and records without the pages that were forgotten.

    A page that leads to one lands without its body; so does a source that shows one, and its entry is left out.
    """
    urls = forgotten_urls(con)
    if not urls:
        return landings, records
    needles = url_forms(urls)
    kept = [[row for row in batch if not (isinstance(row, FeedEntry) and row.url in urls)] for batch in records]
    return [_without(landing, urls, needles) for landing in landings], kept


def _without(landing: Landing, urls: frozenset[str], needles: set[bytes]) -> Landing:
    capture = landing.capture
    if capture.kind in {"page", "entry"}:
        if capture.url not in urls and capture.final_url not in urls:
            return landing
        gone = dataclasses.replace(capture, outcome="forgotten", reason=REASON, digest=None, byte_count=None)
        return dataclasses.replace(landing, capture=gone, head=b"", body=b"")
    if contains_url(landing.body, needles, lambda url: normalise_url(url) in urls):
        return dataclasses.replace(landing, head=b"", body=b"")
    return landing


def unclean_forgotten(con: duckdb.DuckDBPyConnection) -> dict[str, Unclean]:
    """Return, by article id as text, what cleaning says of an article that was forgotten."""
    return {str(row.article_id): Unclean("forgotten", REASON) for row in read_records(con, Forgotten)}


def forget_again(run: Run) -> None:
    """Take out what came by an address that nobody knew of: its text told which article it is."""
    with open_lake(run.lake, read_only=True) as con:
        found = con.execute("select distinct url from core.extractions where outcome = 'forgotten'").fetchall()
    if found:
        with writer_lock(run.lake, log=run.log):
            forget(run.lake, [row[0] for row in found], run.now)
        run.log(f"{len(found)} addresses led to pages that were forgotten; they are gone again")
