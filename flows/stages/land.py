"""Landing: what came over the wire is kept in the archive first, then, in one transaction, everything that speaks of it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from tidings.flows.settings import VERSION
from tidings.flows.stages.forgotten import without_forgotten
from tidings.warehouse.archive import Payload, WarcFile
from tidings.warehouse.lake import open_lake, transaction
from tidings.warehouse.load import merge
from tidings.warehouse.pending import next_warc_name, originals
from tidings.warehouse.records import FeedEntry, FeedGap, FeedState
from tidings.warehouse.row_lines import Line, to_line
from tidings.warehouse.writer_lock import retry_on_conflict, writer_lock

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from uuid import UUID

    from tidings.flows.stages.landing import Landing
    from tidings.flows.stages.run import Run
    from tidings.flows.stages.window import Window
    from tidings.warehouse.records import Capture

    Records = Iterable[object]


@retry_on_conflict
def land(run: Run, stem: str, landings: Sequence[Landing], records: Sequence[Records] = (), window: Window | None = None) -> int:
    """Archive the bodies, then write the captures and the given records, all or nothing; return the rows written.

    ``stem`` begins the WARC file's name. ``records`` are sequences of one record type each. A body that the archive
    holds already becomes a revisit record. The archive stores the rows too, with the ``window`` of a backfill.
    """
    ordered: Sequence[Landing] = sorted(landings, key=lambda landing: (landing.capture.url, str(landing.capture.capture_id)))
    with writer_lock(run.lake, log=run.log), open_lake(run.lake) as con, WarcFile(run.lake.raw, f"Tidings/{VERSION}") as file:
        ordered, records = without_forgotten(con, ordered, records)
        known = originals(con, [landing.capture.digest for landing in ordered if landing.capture.digest])
        name = next_warc_name(con, run.lake.raw, f"{run.now:%Y/%m}/{run.stamp}-{stem}")
        days = (window.start, window.end) if window else None
        captures = [_archive(file, name, landing, known, Line(landing.capture, run.now, days)) for landing in ordered]
        bodiless = [capture for capture in captures if not capture.warc_file]
        unread = {capture.capture_id for capture in bodiless if capture.digest}  # sources that show a forgotten page
        rows = [*bodiless, *(row for batch in records for row in batch if _is_stored(row, unread))]
        if rows:
            place = file.add_rows([to_line(Line(row, run.now, days)) for row in rows], run.now)
            captures = [
                dataclasses.replace(capture, warc_file=name, warc_offset=place.offset, warc_length=place.length)
                if not capture.warc_file and not capture.digest
                else capture
                for capture in captures
            ]
        if any(capture.warc_file for capture in captures):
            file.name(name)
        with transaction(con):
            return sum(merge(con, batch) for batch in (captures, *records))


def _is_stored(row: object, unread: Collection[UUID]) -> bool:
    """Return whether the archive stores a row: states, gaps, and the entries of sources whose body it does not store."""
    return isinstance(row, FeedState | FeedGap) or (isinstance(row, FeedEntry) and row.capture_id in unread)


def _archive(file: WarcFile, name: str, landing: Landing, known: dict[str, Capture], line: Line) -> Capture:
    capture = landing.capture
    if not landing.body or not capture.digest:
        return capture
    earlier = known.get(capture.digest)
    place = file.add(
        Payload(
            url=capture.final_url or capture.url,
            fetched_at=capture.fetched_at,
            head=landing.head,
            body=landing.body,
            content_type=capture.content_type,
            refers_to=(earlier.final_url or earlier.url, earlier.fetched_at) if earlier else None,
            row=to_line(line),
        )
    )
    landed = dataclasses.replace(
        capture, warc_file=name, warc_offset=place.offset, warc_length=place.length, is_revisit=earlier is not None
    )
    known.setdefault(capture.digest, landed)
    return landed
