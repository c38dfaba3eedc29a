"""Remove records from WARC files: copy the other records byte by byte to a new file that replaces
the old one.
"""

from __future__ import annotations

import dataclasses
import gzip
import os
import re
import tempfile
import zlib
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

from tidings.base.records import Capture, FeedEntry
from tidings.storage.archive import (
    ArchiveError,
    Payload,
    WarcFile,
    pack,
    read_body,
    read_warc,
    rows_record,
)
from tidings.storage.lake import transaction
from tidings.storage.load import read_records
from tidings.storage.pending import next_warc_name
from tidings.storage.row_lines import Line, parse_lines, to_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from tidings.storage.lake import Lake

SUFFIX = ".warc.gz"
ENTRIES = "capture_id = $id::uuid and (url is null or url not in (select url from raw.forgotten))"
HEAD_BYTES = 65536  # a file's first member ends within these bytes


def remove_records(con: duckdb.DuckDBPyConnection, lake: Lake, removed: Sequence[Capture]) -> None:
    """Remove the records of these captures from the archive.

    One transaction updates the locations of the other captures; after that the old files are
    deleted.
    """
    removed_ids = {row.capture_id for row in removed}
    for name in sorted(set(filter(None, (row.warc_file for row in removed)))):
        rows = read_records(con, Capture, "warc_file = $name", {"name": name})
        rows.sort(key=lambda row: row.place)
        removed_here: list[Capture] = []
        remaining: list[Capture] = []
        for row in rows:
            (removed_here if row.capture_id in removed_ids else remaining).append(row)
        sources = [
            dataclasses.replace(row, digest=None)
            for row in removed_here
            if row.kind not in {"page", "entry"}
        ]
        lines = _lines_without(con, lake, name, removed_here)
        relocated = _copy_records(lake, name, [*remaining, *sources], lines)
        with transaction(con):
            _update_locations(con, relocated, removed_here)
            con.execute(
                "update raw.captures set digest = null where capture_id in (select"
                " unnest($ids::uuid[]))",
                {"ids": [str(row.capture_id) for row in sources]},
            )
        lake.raw.remove(name)


def preserve_bodies(
    con: duckdb.DuckDBPyConnection, lake: Lake, removed: Sequence[Capture], stem: str
) -> None:
    """Preserve the bodies of removed captures to which other captures refer.

    The earliest remaining capture gets a record with the body, in a new file with the prefix
    ``stem``.
    """
    removed_here = set(map(attrgetter("capture_id"), removed))
    bodies = {
        row.digest: row for row in removed if row.warc_file and row.digest and not row.is_revisit
    }
    rows = read_records(
        con,
        Capture,
        "digest in (select unnest($digests::varchar[])) and warc_file is not null",
        {"digests": sorted(bodies)},
    )
    rows.sort(key=lambda row: (row.is_revisit, row.fetched_at, row.capture_id), reverse=True)
    # the first capture of each digest
    successors = {row.digest: row for row in rows if row.capture_id not in removed_here}
    relocated = []
    with WarcFile(lake.raw, "Tidings") as file:
        name = next_warc_name(con, lake.raw, stem)
        for row in filter(attrgetter("is_revisit"), successors.values()):
            try:
                body = read_body(lake.raw, *bodies[row.digest].place)
                # the content of a revisit record: the HTTP head, or nothing for a text from a feed
                record = gzip.decompress(lake.raw.read(*row.place))
            except (ArchiveError, FileNotFoundError, EOFError, gzip.BadGzipFile, zlib.error):
                continue  # the record is damaged: there is no body to preserve
            place = file.add(
                Payload(
                    row.page_url,
                    row.fetched_at,
                    record.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n\r\n"),
                    body,
                    row.content_type,
                    row=to_line(Line(row, row.fetched_at)),
                )
            )
            relocated.append(row.moved(name, *place))
        if relocated:
            file.name(name)
            with transaction(con):
                _update_locations(con, relocated, [])
                con.execute(
                    "update raw.captures set is_revisit = false where warc_file = ?", [name]
                )


def _copy_records(
    lake: Lake, name: str, remaining: Sequence[Capture], lines: Sequence[str]
) -> list[Capture]:
    """Copy a file's remaining records and its rows to a new file, and return the remaining captures
    with their new location.

    Captures without a digest have no body: their location is the record of rows.
    """
    if not remaining:
        return []
    stored = [row for row in remaining if row.digest]
    target, relocated = next_name(name), []
    lake.raw.staging.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(prefix=".", suffix=f".{os.getpid()}.part", dir=lake.raw.staging)
    with os.fdopen(handle, "wb") as out:
        # the file's first member (warcinfo), or nothing if the first member is a capture
        first = min((row.place[1] for row in stored), default=HEAD_BYTES)
        start, member = lake.raw.read(name, 0, min(first, HEAD_BYTES)), zlib.decompressobj(wbits=31)
        member.decompress(start)
        out.write(start.removesuffix(member.unused_data) if member.eof else b"")
        for row in stored:
            offset = out.tell()
            out.write(lake.raw.read(*row.place))
            relocated.append(row.moved(target, offset, row.warc_length))
        if lines:
            offset, data = out.tell(), pack(rows_record(lines, remaining[0].fetched_at))
            out.write(data)
            relocated += [
                row.moved(target, offset, len(data)) for row in remaining if not row.digest
            ]
    lake.raw.take_in(Path(part), target)
    return relocated


def _lines_without(
    con: duckdb.DuckDBPyConnection, lake: Lake, name: str, removed: Sequence[Capture]
) -> list[str]:
    """Return a file's JSON lines without the rows of removed pages.

    A source whose body is removed remains as a row, with the entries that only this body contained.
    """
    ids = {row.capture_id for row in removed}
    lines: list[Line] = []
    for record in read_warc(lake.raw, name):
        if record.is_rows:
            rows = parse_lines(record.body.decode("utf-8", "replace").split("\n"))
            lines += [
                line
                for line in rows
                if not isinstance(line.row, Capture) or line.row.capture_id not in ids
            ]
    for row in removed:
        if row.kind not in {"page", "entry"}:
            entries = read_records(con, FeedEntry, ENTRIES, {"id": str(row.capture_id)})
            kept = (dataclasses.replace(row, digest=None), *entries)
            lines += [Line(fact, row.fetched_at) for fact in kept]
    return list(map(to_line, lines))


def next_name(name: str) -> str:
    """Return the new name of a rewritten file: ``x-000.warc.gz`` becomes ``x-000-r1.warc.gz``, then
    ``-r2``.
    """
    stem = name.removesuffix(SUFFIX)
    match = re.fullmatch(r"(.*)-r(\d+)", stem, re.DOTALL)
    stem, number = (match[1], int(match[2])) if match else (stem, 0)
    return f"{stem}-r{number + 1}{SUFFIX}"


def _update_locations(
    con: duckdb.DuckDBPyConnection, relocated: Sequence[Capture], removed: Sequence[Capture]
) -> None:
    """Store the new places of captures; those removed and not relocated have no place any more."""
    places: dict[str, tuple[object, ...]] = {str(row.capture_id): (None,) * 3 for row in removed}
    for row in relocated:
        places[str(row.capture_id)] = (row.warc_file, row.warc_offset, row.warc_length)
    con.execute(
        "create or replace temp table places (capture_id uuid, file varchar, start bigint,"
        " size bigint)"
    )
    rows = [(capture_id, *place) for capture_id, place in places.items()]
    con.executemany("insert into temp.places values (?, ?, ?, ?)", rows)
    con.execute(
        "update raw.captures as c set warc_file = p.file, warc_offset = p.start, warc_length ="
        " p.size"
        " from temp.places as p where c.capture_id = p.capture_id"
    )
    con.execute("drop table temp.places")
