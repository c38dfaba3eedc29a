"""The WARC archive."""

import datetime as dt
import os
from pathlib import Path
from typing import Any

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType

from tidings.storage.archive import (
    ArchiveError,
    WarcFile,
    digest_of,
    leftover_parts,
    read_body,
)
from tidings.storage.file_store import Folder

AT = dt.datetime(2026, 6, 1, 22, tzinfo=dt.UTC)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\n"
URL, OTHER_URL = "http://example.org/1", "http://example.org/2"
PAGE: Any = (URL, AT, HEAD, b"hello", "text/html")
ENTRY: Any = (OTHER_URL, AT, b"", "<p>Grüße</p>".encode(), "text/html")


def write(folder: Path, *responses: Any, **last: Any) -> Any:
    """Write responses, and after them PAGE again if ``last`` is given."""
    with WarcFile(Folder(folder)) as file:
        places = [file.add(*response) for response in responses]
        if last:
            file.add(URL, AT + dt.timedelta(days=1), *PAGE[2:], **last)
        file.name("2026/06/x-000.warc.gz")
    return places


def test_a_body_comes_back_byte_for_byte(tmp_path: Path) -> None:
    """The body of a response and of a feed entry can be read by file, offset and length; its digest
    is SHA-1 in base32, as in other archives.
    """
    page, entry = write(tmp_path, PAGE, ENTRY)
    assert (
        read_body(Folder(tmp_path), "2026/06/x-000.warc.gz", page.offset, page.length) == b"hello"
    )
    assert (
        read_body(Folder(tmp_path), "2026/06/x-000.warc.gz", entry.offset, entry.length) == ENTRY[3]
    )
    assert digest_of(b"") == "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"


def test_any_warc_reader_replays_the_file(tmp_path: Path) -> None:
    """Another WARC reader finds the record types, URLs, dates and valid digests."""
    write(tmp_path, PAGE, ENTRY, refers_to=(URL, AT))
    with (tmp_path / "2026/06/x-000.warc.gz").open("rb") as file:
        seen = [
            (r.record_type, r.headers.get("WARC-Target-URI"), r.headers.get("WARC-Date"))
            for r in ArchiveIterator(file)
        ]
    assert seen[1:] == [
        (WarcRecordType.response, URL, "2026-06-01T22:00:00.000000Z"),
        (WarcRecordType.resource, OTHER_URL, "2026-06-01T22:00:00.000000Z"),
        (WarcRecordType.revisit, URL, "2026-06-02T22:00:00.000000Z"),
    ]
    with (tmp_path / "2026/06/x-000.warc.gz").open("rb") as file:
        assert all(
            r.verify_payload_digest()
            for r in ArchiveIterator(file, record_types=WarcRecordType.response, parse_http=True)
        )


def test_a_file_is_named_only_when_it_is_complete(tmp_path: Path) -> None:
    """An unfinished file has no name that readers use, and a failure leaves no file. Only unnamed
    files of ended processes are leftovers.
    """
    with pytest.raises(ZeroDivisionError), WarcFile(Folder(tmp_path)) as file:
        file.add(*PAGE)
        assert list(tmp_path.rglob("*.warc.gz")) == []
        raise ZeroDivisionError
    assert list(tmp_path.rglob("*")) == []
    (tmp_path / ".dead.999999999.part").touch()
    (tmp_path / f".living.{os.getpid()}.part").touch()
    assert [part.name for part in leftover_parts(Folder(tmp_path))] == [".dead.999999999.part"]


@pytest.mark.parametrize("damage", ["gone", "cut", "garbled", "scratched"])
def test_damage_is_named(tmp_path: Path, damage: Any) -> None:
    """A missing, truncated, overwritten or scratched file yields one sentence with its name, never
    another record's text.
    """
    (place,) = write(tmp_path, PAGE)
    path = tmp_path / "2026/06/x-000.warc.gz"
    if damage == "gone":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:-20])
    elif damage == "scratched":
        with path.open("r+b") as file:
            file.seek(place.offset + 20)
            file.write(b"\xff" * 40)
    else:
        path.write_bytes(b"x" * path.stat().st_size)
    with pytest.raises(ArchiveError, match="x-000.warc.gz cannot be read at byte"):
        read_body(Folder(tmp_path), "2026/06/x-000.warc.gz", place.offset, place.length)


def test_an_archive_out_of_reach_is_no_damage(tmp_path: Path) -> None:
    """An archive not mounted or not responding raises OSError: it may be available later."""
    (place,) = write(tmp_path / "archive", PAGE)
    (tmp_path / "archive").rename(tmp_path / "elsewhere")
    with pytest.raises(FileNotFoundError):
        read_body(Folder(tmp_path / "archive"), "2026/06/x-000.warc.gz", place.offset, place.length)

    class Silent(Folder):
        def read(self, name: str, offset: int = 0, length: int | None = None) -> bytes:  # noqa: ARG002 - as in Folder
            raise TimeoutError("object storage: no answer")

    with pytest.raises(TimeoutError, match="no answer"):
        read_body(
            Silent(tmp_path / "elsewhere"), "2026/06/x-000.warc.gz", place.offset, place.length
        )
