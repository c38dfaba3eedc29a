"""Taking records out of WARC files: the others are copied byte by byte into a file of another name, which then replaces it."""

from __future__ import annotations

import dataclasses
import gzip
import os
import re
import tempfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from tidings.warehouse.archive import ArchiveError, Payload, WarcFile, pack, read_body, read_warc, rows_record
from tidings.warehouse.lake import transaction
from tidings.warehouse.load import read_records
from tidings.warehouse.pending import next_warc_name
from tidings.warehouse.records import Capture, FeedEntry
from tidings.warehouse.row_lines import Line, parse_lines, to_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from tidings.warehouse.lake import Lake

SUFFIX = ".warc.gz"
ENTRIES = "capture_id = $id::uuid and (url is null or url not in (select url from raw.forgotten))"
HEAD_BYTES = 65536  # in which a file's first member ends


def purge_records(con: duckdb.DuckDBPyConnection, lake: Lake, gone: Sequence[Capture]) -> int:
    """Take these captures' records out of the archive and return how many files were written again.

    The rows of those that stay are pointed at the new files in one transaction; the old files go after it.
    """
    held = {row.capture_id for row in gone if row.warc_file}
    names = sorted({row.warc_file for row in gone if row.warc_file})
    for name in names:
        rows = read_records(con, Capture, "warc_file = $name", {"name": name})
        staying = sorted((row for row in rows if row.capture_id not in held), key=lambda row: row.warc_offset or 0)
        leaving = [row for row in rows if row.capture_id in held]
        sources = [dataclasses.replace(row, digest=None) for row in leaving if row.kind not in {"page", "entry"}]
        moved = _copy_records(lake, name, [*staying, *sources], _lines_without(con, lake, name, leaving))
        still = {str(row.capture_id) for row in moved}
        with transaction(con):
            _point_elsewhere(con, moved, [row for row in leaving if str(row.capture_id) not in still])
            con.execute(
                "update raw.captures set digest = null where capture_id in (select unnest($ids::uuid[]))",
                {"ids": [str(row.capture_id) for row in sources]},
            )
        lake.raw.remove(name)
    return len(names)


def keep_bodies(con: duckdb.DuckDBPyConnection, lake: Lake, gone: Sequence[Capture], stem: str) -> int:
    """Write anew each body that would go with these captures though one that stays refers to it; return how many those are.

    The earliest capture that stays gets a record with the body, in a file named after ``stem``, and holds it from then on.
    """
    leaving = {row.capture_id for row in gone}
    bodies = {row.digest: row for row in gone if row.digest and row.warc_file and not row.is_revisit}
    wanted = {"digests": sorted(bodies)}
    rows = read_records(con, Capture, "digest in (select unnest($digests::varchar[])) and warc_file is not null", wanted)
    staying = sorted(
        (row for row in rows if row.capture_id not in leaving), key=lambda row: (row.is_revisit, row.fetched_at, row.capture_id)
    )
    heirs = {row.digest: row for row in reversed(staying)}  # the first of each
    moved = []
    with WarcFile(lake.raw, "Tidings") as file:
        name = next_warc_name(con, lake.raw, stem)
        for digest, heir in heirs.items():
            if not heir.is_revisit:
                continue
            source = bodies[digest]
            try:
                body = read_body(lake.raw, source.warc_file or "", source.warc_offset or 0, source.warc_length or 0)
                head = _http_head(lake, heir)
            except (ArchiveError, FileNotFoundError, EOFError, gzip.BadGzipFile, zlib.error):
                continue  # damaged already: nothing is left to keep
            row = to_line(Line(heir, heir.fetched_at))
            payload = Payload(heir.final_url or heir.url, heir.fetched_at, head, body, heir.content_type, row=row)
            place = file.add(payload)
            moved.append(dataclasses.replace(heir, warc_file=name, warc_offset=place.offset, warc_length=place.length))
        if moved:
            file.name(name)
            with transaction(con):
                _point_elsewhere(con, moved, [])
                con.execute("update raw.captures set is_revisit = false where warc_file = ?", [name])
    return len(moved)


def _http_head(lake: Lake, row: Capture) -> bytes:
    """Return what a revisit's record holds: the answer's head, or nothing for a text from a feed."""
    record = gzip.decompress(lake.raw.read(row.warc_file or "", row.warc_offset or 0, row.warc_length or 0))
    return record.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n\r\n")


def _copy_records(lake: Lake, name: str, staying: Sequence[Capture], lines: Sequence[str]) -> list[Capture]:
    """Copy the records that stay of a file, write its rows again, and return the captures that stay, with their new places.

    Captures without a digest have no body: they are among the rows.
    """
    if not staying:
        return []
    first = min(row.warc_offset or 0 for row in staying if row.digest) if any(row.digest for row in staying) else HEAD_BYTES
    target, moved = next_name(name), []
    lake.raw.staging.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(prefix=".", suffix=f".{os.getpid()}.part", dir=lake.raw.staging)
    with os.fdopen(handle, "wb") as out:
        out.write(_head(lake, name, first))
        for row in (row for row in staying if row.digest):
            offset = out.tell()
            out.write(lake.raw.read(name, row.warc_offset or 0, row.warc_length))
            moved.append(dataclasses.replace(row, warc_file=target, warc_offset=offset))
        if lines:
            offset, member = out.tell(), pack(rows_record(lines, staying[0].fetched_at))
            out.write(member)
            moved += [
                dataclasses.replace(row, warc_file=target, warc_offset=offset, warc_length=len(member))
                for row in staying
                if not row.digest
            ]
    lake.raw.take_in(Path(part), target)
    return moved


def _lines_without(con: duckdb.DuckDBPyConnection, lake: Lake, name: str, gone: Sequence[Capture]) -> list[str]:
    """Return the rows that a file is to hold: those that it holds, without those of pages that go.

    A source whose body goes stays as a row, and with it the entries that only this body told of.
    """
    by_id = {row.capture_id: row for row in gone}
    lines: list[Line] = []
    for record in read_warc(lake.raw, name):
        if record.is_rows:
            kept = parse_lines(record.body.decode("utf-8", "replace").split("\n"))
            lines += [line for line in kept if line.row.TABLE != Capture.TABLE or line.row.capture_id not in by_id]
    for row in gone:
        if row.kind in {"page", "entry"}:
            continue
        entries = read_records(con, FeedEntry, ENTRIES, {"id": str(row.capture_id)})
        lines += [Line(one, row.fetched_at) for one in (dataclasses.replace(row, digest=None), *entries)]
    return [to_line(line) for line in lines]


def _head(lake: Lake, name: str, first: int) -> bytes:
    """Return the file's first member, which says what wrote it, or nothing where that is one of the captures."""
    start = lake.raw.read(name, 0, min(first, HEAD_BYTES))
    member = zlib.decompressobj(wbits=31)
    member.decompress(start)
    return start[: len(start) - len(member.unused_data)] if member.eof else b""


def next_name(name: str) -> str:
    """Return the name of a file written again: ``x-000.warc.gz`` becomes ``x-000-r1.warc.gz``, then ``-r2``."""
    stem = name.removesuffix(SUFFIX)
    found = re.search(r"-r(\d+)$", stem)
    number = int(found[1]) + 1 if found else 1
    return f"{stem[: found.start()] if found else stem}-r{number}{SUFFIX}"


def _point_elsewhere(con: duckdb.DuckDBPyConnection, moved: Sequence[Capture], gone: Sequence[Capture]) -> None:
    places = [(str(row.capture_id), row.warc_file, row.warc_offset, row.warc_length) for row in moved]
    places += [(str(row.capture_id), None, None, None) for row in gone]
    con.execute("create or replace temp table places (capture_id uuid, file varchar, start bigint, size bigint)")
    con.executemany("insert into temp.places values (?, ?, ?, ?)", places)
    con.execute(
        "update raw.captures as c set warc_file = p.file, warc_offset = p.start, warc_length = p.size"
        " from temp.places as p where c.capture_id = p.capture_id"
    )
    con.execute("drop table temp.places")
