"""``rebuild`` creates from the archive a lake with the same rows as the original."""

import dataclasses
import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.flows.nights import contents
from tests.storage.rows import NOW, capture, feed
from tidings.base.records import Publisher
from tidings.stages.prepare import prepare
from tidings.stages.rebuild import DONE, rebuild
from tidings.stages.rebuild_rows import Known, stored_rows
from tidings.stages.run import start_run
from tidings.storage.archive import Payload, WarcFile, digest_of, read_body
from tidings.storage.file_store import as_store
from tidings.storage.lake import WarehouseError, open_lake
from tidings.storage.remote_lake import lake_of
from tidings.storage.row_lines import Line, from_line, to_line

pytestmark = pytest.mark.slow

# Tables that the archive does not store: releases, and values that only the next request needs.
NOT_STORED = {"ops.releases", "ops.schema_versions", "raw.robots", "raw.host_pauses"}


@pytest.fixture(scope="module")
def lost(sample_night: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return settings for a new folder that contains only the archive of the sample night."""
    root = tmp_path_factory.mktemp("lost")
    shutil.copytree(sample_night.lake.archive, root / "archive")
    return dataclasses.replace(sample_night.settings, warehouse=root, address="")


def test_a_rebuilt_lake_equals_the_original(sample_night: Any, lost: Any) -> None:
    """All rows are equal, except releases, robots files and pauses, which the archive does not
    store.

    A list of finished files has no effect if an earlier rebuild was killed after it moved its lake
    into place.
    """
    (lake_of(lost).root / "rebuild").mkdir()
    (lake_of(lost).root / "rebuild" / DONE).write_text(
        "\n".join(lake_of(lost).raw.names()), encoding="utf-8"
    )
    result = rebuild(start_run(lost, now=None, run_id="test"))
    assert (result.damaged, result.replaced) == (0, None)
    before, after = contents(sample_night.lake), contents(lake_of(lost))
    assert before.keys() == after.keys()
    differing = {
        name: (set(before[name]) - set(after[name]), set(after[name]) - set(before[name]))
        for name in before.keys() - NOT_STORED
        if before[name] != after[name]
    }
    assert {
        name: (list(missing)[:2], list(added)[:2]) for name, (missing, added) in differing.items()
    } == {}
    assert len(before["raw.captures"]) > len(before["core.articles"]) > 0
    with open_lake(lake_of(lost), read_only=True) as con:
        places = (
            "select capture_id, warc_file, warc_offset, warc_length from raw.captures order by all"
        )
        here = con.execute(places).fetchall()
    with open_lake(sample_night.lake, read_only=True) as con:
        assert con.execute(places).fetchall() == here


def test_a_feed_list_without_the_archived_sources_is_rejected(
    sample_night: Any, tmp_path: Path
) -> None:
    """Articles from unlisted sources would count for no outlet. The error names the sources, and
    nothing is rebuilt.
    """
    shutil.copytree(sample_night.lake.archive, tmp_path / "archive")
    (tmp_path / "feeds.csv").write_text(
        "feed_id,url\nother,http://example.org/feed.xml\n", encoding="utf-8"
    )
    settings = dataclasses.replace(
        sample_night.settings,
        warehouse=tmp_path,
        address=str(tmp_path),
        feeds=tmp_path / "feeds.csv",
    )
    with pytest.raises(
        WarehouseError, match="lacks sources that are in the archive: sample_.*--allow-unlisted"
    ):
        rebuild(start_run(settings, now=None, run_id="test"))
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == ["archive"]
    assert lake_of(settings).is_lost
    with pytest.raises(
        WarehouseError, match="is missing, but its archive exists: run `tidings rebuild`"
    ):
        # otherwise the run would release an empty lake beside the archive
        prepare(start_run(settings, now=None, run_id="test"))


def test_a_record_without_stored_rows_is_read_from_its_headers(tmp_path: Path) -> None:
    """A record from an earlier version yields its URL, time, status, type and digest, and its
    source if the URL is listed.
    """
    at = dt.datetime(2026, 6, 1, 22, 0, 0, 5, dt.UTC)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nX-Odd: \xff\r\n\r\n"
    name = "2026/06/20260601T220000Z-feeds-000.warc.gz"
    with WarcFile(tmp_path, "earlier") as file:
        file.add(Payload("http://example.org/a.xml", at, head, b"<rss/>", "text/xml"))
        file.add(
            Payload(
                "http://example.org/page",
                at,
                b"",
                b"<p>",
                "text/html",
                refers_to=("http://example.org/p", at),
            )
        )
        file.name(name)
    known = Known(
        feeds={"a": feed("a")},
        publishers={"o": Publisher("o", "O", None, None, "UTC", ["example.org"])},
    )
    stored = stored_rows(as_store(tmp_path), name, known, {})
    (source, body), (page, no_body) = stored.captures
    assert (stored.now, stored.damaged) == (dt.datetime(2026, 6, 1, 22, tzinfo=dt.UTC), 0)
    assert (source.kind, source.feed_id, source.status, source.content_type, source.fetched_at) == (
        "feed",
        "a",
        200,
        "text/xml",
        at,
    )
    assert (source.digest, body, source.warc_file) == (digest_of(b"<rss/>"), b"<rss/>", name)
    assert (
        page.kind,
        page.publisher_id,
        page.feed_id,
        page.is_revisit,
        page.byte_count,
        no_body,
    ) == (
        "page",
        "o",
        None,
        True,
        None,
        None,
    )
    assert source.warc_offset is not None
    assert source.warc_length is not None
    assert read_body(tmp_path, name, source.warc_offset, source.warc_length) == b"<rss/>"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[",
        "[1]",
        '{"table": "raw.captures"}',
        '{"table": "ops.releases", "row": {}}',
        "[" * 9999,
    ],
)
def test_an_invalid_line_yields_none(text: str) -> None:
    """A damaged line, or a line from a later version, yields None and no exception."""
    assert from_line(text) is None


def test_a_row_is_restored_from_its_line() -> None:
    """Times, IDs, lists, nulls and the window of a backfill are restored."""
    row, window = (
        capture("http://example.org/推进", covers_from=NOW, reason="\x1b\n"),
        (NOW.date(), NOW.date()),
    )
    text = to_line(Line(row, NOW, window))
    assert text.isascii()
    assert "\n" not in text
    place = {"warc_file": row.warc_file, "warc_offset": 0, "warc_length": 10}
    assert from_line(text, **place, is_revisit=False) == Line(row, NOW, window)
