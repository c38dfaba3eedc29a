"""WARC files of other programs: bodies are decoded, and the outcome of each record is counted."""

import datetime as dt
import gzip
import os
import zlib
from collections.abc import Callable
from pathlib import Path

import brotli  # type: ignore[import-untyped]  # no stubs exist
import pytest

from tests.extraction.documents import column, pdf
from tests.flows.nights import settings_with
from tidings.base.records import Capture, Publisher
from tidings.fetch.window import Window
from tidings.stages.obtain import import_files
from tidings.stages.prepare import prepare
from tidings.stages.run import start_run
from tidings.storage.archive import read_body
from tidings.storage.lake import Lake, open_lake
from tidings.storage.load import read_by_key, read_records

NOW = dt.datetime(2026, 6, 30, tzinfo=dt.UTC)
WINDOW = Window(dt.date(2026, 6, 1), dt.date(2026, 6, 30))
PAGE = (
    b"<html><body><p>The committee said over the coming years that the plan"
    b" matters.</p></body></html>"
)
DATE = "WARC-Date: 2026-06-10T00:00:00Z\r\n"
HOST = "http://ministry.example"
Imported = Callable[..., tuple[int, dict[str, bytes], list[str]]]


@pytest.fixture
def imported(tmp_path: Path) -> Imported:
    """Return a function that imports files into a new lake: count, bodies by URL, log lines."""
    lines: list[str] = []
    settings = settings_with(tmp_path, [f"m,{HOST}/rss"])
    run = start_run(settings, now=NOW, run_id="test", log=lines.append)
    prepare(run)

    def import_and_read(*files: Path) -> tuple[int, dict[str, bytes], list[str]]:
        lines.clear()
        with open_lake(run.lake, read_only=True) as con:
            ministry = [read_by_key(con, Publisher)["ministry.example"]]
        count = import_files(run, files, ministry, WINDOW)
        with open_lake(run.lake, read_only=True) as con:
            rows = read_records(con, Capture)
        return (
            count,
            {row.url: _body(run.lake, row) for row in rows},
            list(lines),
        )

    return import_and_read


def _body(lake: Lake, row: Capture) -> bytes:
    assert row.warc_file is not None
    assert row.warc_offset is not None
    assert row.warc_length is not None
    return read_body(lake.raw, row.warc_file, row.warc_offset, row.warc_length)


def record(
    path: str,
    body: bytes,
    headers: str = "",
    *,
    date: str = DATE,
    status: str = "200 OK",
    http: bool = True,
    kind: str = "response",
    media: str = "text/html",
) -> bytes:
    """Return a record as another program would write it, with the response as transferred."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {media}\r\n{headers}\r\n".encode() if http else b""
    content = head + body
    return (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {HOST}{path}\r\n{date}WARC-Record-ID:"
        " <urn:uuid:12345678-1234-1234-1234-123456789abc>\r\nContent-Type: application/http;"
        f" msgtype=response\r\nContent-Length: {len(content)}\r\n\r\n"
    ).encode() + content + b"\r\n\r\n"  # fmt: skip


def chunked(body: bytes, size: int = 40) -> bytes:
    """Return the body in chunked transfer encoding."""
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def test_a_body_as_transferred_is_stored_decoded(imported: Imported, tmp_path: Path) -> None:
    """Chunked, gzip, deflate and br bodies, also combined, are decoded; decoded ones stay."""
    chunks, coding = "Transfer-Encoding: chunked\r\n", "Content-Encoding: {}\r\n"
    packings: dict[str, tuple[Callable[[bytes], bytes], str]] = {
        "/chunked": (chunked, chunks),
        "/gzip": (gzip.compress, coding.format("gzip")),
        "/both": (lambda body: chunked(gzip.compress(body)), chunks + coding.format("gzip")),
        "/deflate": (zlib.compress, coding.format("deflate")),
        "/br": (brotli.compress, coding.format("br")),
        "/kept-headers": (lambda body: body, chunks + coding.format("gzip")),
    }
    bodies_by_path = {name: PAGE + name.encode() for name in packings}
    path = tmp_path / "wire.warc.gz"
    path.write_bytes(
        b"".join(
            gzip.compress(record(name, pack(bodies_by_path[name]), headers))
            for name, (pack, headers) in packings.items()
        )
    )
    count, bodies, _ = imported(path)
    assert count == len(packings)
    assert bodies == {f"{HOST}{name}": body for name, body in bodies_by_path.items()}


def test_documents_are_imported_as_transferred(imported: Imported, tmp_path: Path) -> None:
    """A PDF file is imported byte for byte; other files are not."""
    document = pdf([column(["The town plants limes."])])
    path = tmp_path / "documents.warc"
    types = {"/a.pdf": "application/pdf", "/a.zip": "application/zip"}
    path.write_bytes(b"".join(record(name, document, media=media) for name, media in types.items()))
    assert imported(path)[1] == {f"{HOST}/a.pdf": document}


def test_records_without_a_page_are_counted_by_outcome(imported: Imported, tmp_path: Path) -> None:
    """Each record that cannot be imported is counted by its outcome, and the import continues."""
    bomb = gzip.compress(bytes(30_000_000))
    records = [
        record("/no-date", PAGE, date=""),
        record("/bad-date", PAGE, date="WARC-Date: yesterday\r\n"),
        record("/bomb", bomb, "Content-Encoding: gzip\r\n"),
        record(
            "/br-bomb", brotli.compress(bytes(30_000_000), quality=1), "Content-Encoding: br\r\n"
        ),
        record("/cut", gzip.compress(PAGE)[:-12], "Content-Encoding: gzip\r\n"),
        record("/unknown", PAGE[::-1], "Content-Encoding: secret\r\n"),
        record("/error", PAGE, status="404 Not Found"),
        record("/no-http", b"no response", http=False),
        record("/empty", b""),
        record("/late", PAGE, date="WARC-Date: 2026-12-10T00:00:00Z\r\n"),
        record("/again", b"", kind="revisit"),
        record("/good", PAGE),
    ]
    path = tmp_path / "odd.warc.gz"
    path.write_bytes(b"".join(map(gzip.compress, records)))
    count, bodies, lines = imported(path)
    assert (count, list(bodies)) == (1, [f"{HOST}/good"])
    assert lines[0].startswith("odd.warc.gz: 12 records (")
    for outcome in (
        "2 no_date",
        "2 too_big",
        "1 truncated",
        "1 protocol_error",
        "2 http_error",
        "1 empty",
        "1 outside_window",
        "1 revisit",
    ):
        assert outcome in lines[0]


@pytest.mark.parametrize("damage", ["cut", "flipped"])
def test_a_damaged_file_yields_the_pages_before_the_damage(
    imported: Imported, tmp_path: Path, damage: str
) -> None:
    """Pages before the damage are stored, and the log states its position in bytes and records."""
    members = [
        gzip.compress(record(f"/{number}", b"<html>" + os.urandom(2000).hex().encode()))
        for number in range(4)
    ]
    whole = bytearray(b"".join(members))
    if damage == "cut":
        whole = whole[: -len(members[3]) // 2]
    else:
        whole[-len(members[3]) // 2] ^= 0xFF
    path = tmp_path / "hurt.warc.gz"
    path.write_bytes(bytes(whole))
    count, bodies, lines = imported(path)
    assert count == len(bodies) == 3
    assert (
        f"byte {sum(map(len, members[: 3 if damage == 'cut' else 2])):,} of {len(whole):,}"
        in lines[1]
    )
    assert "Download the file again" in lines[1]
