"""Store captures: first the bodies in a WARC file, then the rows in one transaction."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import chain, filterfalse
from operator import attrgetter
from typing import Any

from tidings.base.records import Capture, Feed, FeedEntry, FeedGap, FeedState
from tidings.base.urls import capture_key, contains_url, normalise_url, url_forms
from tidings.fetch.response import Outcome, Response
from tidings.stages.run import Run
from tidings.storage.archive import Location, WarcFile, digest_of, to_line
from tidings.storage.forget import FORGOTTEN, PAGES, forgotten_urls
from tidings.storage.lake import Connection, open_lake, transaction
from tidings.storage.load import merge
from tidings.storage.pending import new_entries, next_warc_name, originals
from tidings.storage.writer_lock import retry_on_conflict

Records = Iterable[object]


MAX_HELD = 32_000_000  # bytes of bodies that wait to be stored


@dataclasses.dataclass(frozen=True, slots=True)
class Landing:
    """A capture that is not stored yet. An empty body is not archived."""

    capture: Capture
    head: bytes
    body: bytes

    def with_(self, **changes: Any) -> Landing:
        """Return the landing with other values of its capture."""
        return dataclasses.replace(self, capture=dataclasses.replace(self.capture, **changes))


_UNKNOWN: Any = dict.fromkeys(
    ("warc_file", "warc_offset", "warc_length", "covers_from", "covers_until")
)


def make_landing(
    response: Response,
    feed_id: str | None,
    publisher_id: str | None,
    kind: str,
    origin: str = "live",
) -> Landing:
    """Return the landing of a response, with a body only if the outcome is ok."""
    body = response.body if response.is_ok else b""
    capture = Capture(
        capture_id=capture_key(response.url, response.fetched_at),
        url=response.url,
        final_url=response.final_url,
        kind=kind,
        feed_id=feed_id,
        publisher_id=publisher_id,
        fetched_at=response.fetched_at,
        outcome=str(response.outcome),
        reason=response.reason,
        status=response.status,
        content_type=response.content_type,
        digest=digest_of(body) if body else None,
        byte_count=response.byte_count,
        is_revisit=False,
        origin=origin,
        **_UNKNOWN,
    )
    return Landing(capture, response.archive_head() if body else b"", body)


def text_landing(
    url: str,
    markup: str,
    source: FeedEntry | Feed,
    publisher_id: str | None,
    at: dt.datetime,
    *,
    reason: str | None = None,
    status: int | None = None,
) -> Landing:
    """Return the landing of a text in a feed, which has no HTTP head."""
    response = Response(
        url,
        Outcome.OK,
        at,
        reason,
        url,
        status,
        content_type="text/html; charset=utf-8",
        body=markup.encode(),
    )
    landing = make_landing(response, source.feed_id, publisher_id, "entry")
    return dataclasses.replace(landing, head=b"")


@retry_on_conflict
def land(
    run: Run,
    stem: str,
    landings: Sequence[Landing],
    records: Sequence[Records] = (),
) -> int:
    """Write the bodies to the archive, then all rows in one transaction, and return their number.

    ``stem`` is part of the WARC file's name. Each sequence in ``records`` has one record type. A
    known body becomes a revisit record. The archive stores the rows too, of entries the new ones.
    """
    ordered: Sequence[Landing] = sorted(
        landings, key=attrgetter("capture.url", "capture.capture_id")
    )
    with (
        run.lock(),
        open_lake(run.lake) as con,
        transaction(con),  # of the reads too, because each transaction reads DuckLake's catalog
        WarcFile(run.lake.raw) as file,
    ):
        ordered, records = _without_forgotten(con, ordered, records)
        known = originals(con, map(attrgetter("capture.digest"), ordered))
        name = next_warc_name(con, run.lake.raw, f"{run.now:%Y/%m}/{run.stamp}-{stem}")
        captures = [_archive(file, name, landing, known, run.now) for landing in ordered]
        bodiless = list(filterfalse(attrgetter("warc_file"), captures))
        states = [row for row in chain(*records) if isinstance(row, FeedState | FeedGap)]
        entries = [row for row in chain(*records) if isinstance(row, FeedEntry)]
        rows = [*bodiless, *states, *new_entries(con, entries)]
        if rows:
            place = file.add_rows([to_line(row, run.now) for row in rows], run.now)
            captures = [_with_place(row, name, place) for row in captures]
        if any(map(attrgetter("warc_file"), captures)):
            file.name(name)
        return sum(map(partial(merge, con), (captures, *records)))


def _without_forgotten(
    con: Connection, landings: Sequence[Landing], records: Sequence[Records]
) -> tuple[Sequence[Landing], Sequence[Records]]:
    """Return landings and records without entries of removed pages, and without the bodies of pages
    that redirect to one and of sources that contain its URL.
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
        landing = landing.with_(outcome="forgotten", reason=FORGOTTEN, byte_count=None)
    elif not contains_url(landing.body, forms, lambda url: normalise_url(url) in urls):
        return landing
    return dataclasses.replace(landing.with_(digest=None), head=b"", body=b"")


def _with_place(row: Capture, name: str, place: Location) -> Capture:
    """Return a capture, whose place is the record of rows if it has no body."""
    return row if row.warc_file or row.digest else row.moved(name, *place)


def _archive(
    file: WarcFile, name: str, landing: Landing, known: dict[str | None, Capture], now: dt.datetime
) -> Capture:
    capture = landing.capture
    if not landing.body or not capture.digest:
        return capture
    earlier = known.get(capture.digest)
    place = file.add(
        capture.page_url,
        capture.fetched_at,
        landing.head,
        landing.body,
        capture.content_type,
        refers_to=(earlier.page_url, earlier.fetched_at) if earlier else None,
        row=to_line(capture, now),
        digest=capture.digest,
    )
    landed = dataclasses.replace(capture.moved(name, *place), is_revisit=earlier is not None)
    known.setdefault(capture.digest, landed)
    return landed
