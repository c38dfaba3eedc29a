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


def remove_records(con: duckdb.DuckDBPyConnection, lake: Lake, removed: Sequence[Capture]) -> int:
    """Remove the records of these captures from the archive and return the number of files
    rewritten.

    One transaction updates the locations of the other captures; after that the old files are
    deleted.
    """
    removed_ids = {row.capture_id for row in removed if row.warc_file}
    names = sorted({row.warc_file for row in removed if row.warc_file})
    for name in names:
        rows = read_records(con, Capture, "warc_file = $name", {"name": name})
        remaining = sorted(
            (row for row in rows if row.capture_id not in removed_ids),
            key=lambda row: row.warc_offset or 0,
        )
        removed_here = [row for row in rows if row.capture_id in removed_ids]
        sources = [
            dataclasses.replace(row, digest=None)
            for row in removed_here
            if row.kind not in {"page", "entry"}
        ]
        relocated = _copy_records(
            lake, name, [*remaining, *sources], _lines_without(con, lake, name, removed_here)
        )
        located_ids = {str(row.capture_id) for row in relocated}
        with transaction(con):
            _update_locations(
                con,
                relocated,
                [row for row in removed_here if str(row.capture_id) not in located_ids],
            )
            con.execute(
                "update raw.captures set digest = null where capture_id in (select"
                " unnest($ids::uuid[]))",
                {"ids": [str(row.capture_id) for row in sources]},
            )
        lake.raw.remove(name)
    return len(names)


def preserve_bodies(
    con: duckdb.DuckDBPyConnection, lake: Lake, removed: Sequence[Capture], stem: str
) -> int:
    """Preserve the bodies of removed captures to which other captures refer, and return their
    number.

    The earliest remaining capture gets a record with the body, in a new file with the prefix
    ``stem``.
    """
    removed_here = {row.capture_id for row in removed}
    bodies = {
        row.digest: row for row in removed if row.digest and row.warc_file and not row.is_revisit
    }
    digests = {"digests": sorted(bodies)}
    rows = read_records(
        con,
        Capture,
        "digest in (select unnest($digests::varchar[])) and warc_file is not null",
        digests,
    )
    remaining = sorted(
        (row for row in rows if row.capture_id not in removed_here),
        key=lambda row: (row.is_revisit, row.fetched_at, row.capture_id),
    )
    # the first capture of each digest
    successors = {row.digest: row for row in reversed(remaining)}
    relocated = []
    with WarcFile(lake.raw, "Tidings") as file:
        name = next_warc_name(con, lake.raw, stem)
        for digest, successor in successors.items():
            if not successor.is_revisit:
                continue
            source = bodies[digest]
            try:
                body = read_body(
                    lake.raw,
                    source.warc_file or "",
                    source.warc_offset or 0,
                    source.warc_length or 0,
                )
                head = _http_head(lake, successor)
            except (ArchiveError, FileNotFoundError, EOFError, gzip.BadGzipFile, zlib.error):
                continue  # the record is damaged: there is no body to preserve
            row = to_line(Line(successor, successor.fetched_at))
            payload = Payload(
                successor.final_url or successor.url,
                successor.fetched_at,
                head,
                body,
                successor.content_type,
                row=row,
            )
            place = file.add(payload)
            relocated.append(
                dataclasses.replace(
                    successor, warc_file=name, warc_offset=place.offset, warc_length=place.length
                )
            )
        if relocated:
            file.name(name)
            with transaction(con):
                _update_locations(con, relocated, [])
                con.execute(
                    "update raw.captures set is_revisit = false where warc_file = ?", [name]
                )
    return len(relocated)


def _http_head(lake: Lake, row: Capture) -> bytes:
    """Return the content of a revisit record: the HTTP head, or nothing for a text from a feed."""
    record = gzip.decompress(
        lake.raw.read(row.warc_file or "", row.warc_offset or 0, row.warc_length or 0)
    )
    return record.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n\r\n")


def _copy_records(
    lake: Lake, name: str, remaining: Sequence[Capture], lines: Sequence[str]
) -> list[Capture]:
    """Copy a file's remaining records and its rows to a new file, and return the remaining captures
    with their new location.

    Captures without a digest have no body: their location is the record of rows.
    """
    if not remaining:
        return []
    first = (
        min(row.warc_offset or 0 for row in remaining if row.digest)
        if any(row.digest for row in remaining)
        else HEAD_BYTES
    )
    target, relocated = next_name(name), []
    lake.raw.staging.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(prefix=".", suffix=f".{os.getpid()}.part", dir=lake.raw.staging)
    with os.fdopen(handle, "wb") as out:
        out.write(_head(lake, name, first))
        for row in (row for row in remaining if row.digest):
            offset = out.tell()
            out.write(lake.raw.read(name, row.warc_offset or 0, row.warc_length))
            relocated.append(dataclasses.replace(row, warc_file=target, warc_offset=offset))
        if lines:
            offset, member = out.tell(), pack(rows_record(lines, remaining[0].fetched_at))
            out.write(member)
            relocated += [
                dataclasses.replace(
                    row, warc_file=target, warc_offset=offset, warc_length=len(member)
                )
                for row in remaining
                if not row.digest
            ]
    lake.raw.take_in(Path(part), target)
    return relocated


def _lines_without(
    con: duckdb.DuckDBPyConnection, lake: Lake, name: str, removed: Sequence[Capture]
) -> list[str]:
    """Return a file's JSON lines without the rows of removed pages.

    A source whose body is removed remains as a row, with the entries that only this body contained.
    """
    by_id = {row.capture_id: row for row in removed}
    lines: list[Line] = []
    for record in read_warc(lake.raw, name):
        if record.is_rows:
            file_lines = parse_lines(record.body.decode("utf-8", "replace").split("\n"))
            lines += [
                line
                for line in file_lines
                if line.row.TABLE != Capture.TABLE or line.row.capture_id not in by_id
            ]
    for row in removed:
        if row.kind in {"page", "entry"}:
            continue
        entries = read_records(con, FeedEntry, ENTRIES, {"id": str(row.capture_id)})
        lines += [
            Line(row_or_entry, row.fetched_at)
            for row_or_entry in (dataclasses.replace(row, digest=None), *entries)
        ]
    return [to_line(line) for line in lines]


def _head(lake: Lake, name: str, first: int) -> bytes:
    """Return the file's first member (warcinfo), or nothing if the first member is a capture."""
    start = lake.raw.read(name, 0, min(first, HEAD_BYTES))
    member = zlib.decompressobj(wbits=31)
    member.decompress(start)
    return start[: len(start) - len(member.unused_data)] if member.eof else b""


def next_name(name: str) -> str:
    """Return the new name of a rewritten file: ``x-000.warc.gz`` becomes ``x-000-r1.warc.gz``, then
    ``-r2``.
    """
    stem = name.removesuffix(SUFFIX)
    match = re.search(r"-r(\d+)$", stem)
    number = int(match[1]) + 1 if match else 1
    return f"{stem[: match.start()] if match else stem}-r{number}{SUFFIX}"


def _update_locations(
    con: duckdb.DuckDBPyConnection, relocated: Sequence[Capture], removed: Sequence[Capture]
) -> None:
    places = [
        (str(row.capture_id), row.warc_file, row.warc_offset, row.warc_length) for row in relocated
    ]
    places += [(str(row.capture_id), None, None, None) for row in removed]
    con.execute(
        "create or replace temp table places (capture_id uuid, file varchar, start bigint,"
        " size bigint)"
    )
    con.executemany("insert into temp.places values (?, ?, ?, ?)", places)
    con.execute(
        "update raw.captures as c set warc_file = p.file, warc_offset = p.start, warc_length ="
        " p.size"
        " from temp.places as p where c.capture_id = p.capture_id"
    )
    con.execute("drop table temp.places")
