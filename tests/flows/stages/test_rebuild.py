"""Rebuilding: the lake made again from the archive has the rows of the one that the runs made."""

import dataclasses
import datetime as dt
import shutil
from types import SimpleNamespace

import pytest

from tests.flows.nights import contents
from tests.warehouse.rows import NOW, capture, feed
from tidings.flows.stages.prepare import prepare
from tidings.flows.stages.rebuild import DONE, rebuild
from tidings.flows.stages.rebuild_rows import Known, stored_rows
from tidings.flows.stages.run import start_run
from tidings.warehouse.archive import Payload, WarcFile, digest_of, read_body
from tidings.warehouse.file_store import as_store
from tidings.warehouse.lake import Lake, WarehouseError, open_lake
from tidings.warehouse.records import Publisher
from tidings.warehouse.row_lines import Line, from_line, to_line

# What the archive does not store: releases, and answers that only the next request needs.
NOT_STORED = {"ops.releases", "ops.schema_versions", "raw.robots", "raw.host_pauses"}


@pytest.fixture(scope="module")
def lost(sample_night, tmp_path_factory):
    """The sample night's archive alone, in a folder of its own, with the settings to rebuild from it."""
    root = tmp_path_factory.mktemp("lost")
    shutil.copytree(sample_night.lake.archive, root / "archive")
    settings = SimpleNamespace(lake=Lake(root))
    for name in sample_night.settings.__slots__:
        setattr(settings, name, getattr(sample_night.settings, name))
    return settings


def test_the_sample_newsrooms_lake_is_the_same_from_its_archive_alone(sample_night, lost):
    """Every row of raw, core, ref and marts is equal, except releases, robots files and pauses, which no archive stores.

    The list of finished files that a rebuild left when it was killed after its lake had been moved has no effect.
    """
    (lost.lake.root / "rebuild").mkdir()
    (lost.lake.root / "rebuild" / DONE).write_text("\n".join(lost.lake.raw.names()), encoding="utf-8")
    made = rebuild(start_run(lost, now=None, run_id="test"))
    assert (made.damaged, made.replaced) == (0, None)
    before, after = contents(sample_night.lake), contents(lost.lake)
    assert before.keys() == after.keys()
    differing = {
        name: (set(before[name]) - set(after[name]), set(after[name]) - set(before[name]))
        for name in before.keys() - NOT_STORED
        if before[name] != after[name]
    }
    assert {name: (list(gone)[:2], list(new)[:2]) for name, (gone, new) in differing.items()} == {}
    assert len(before["raw.captures"]) > len(before["core.articles"]) > 0
    with open_lake(lost.lake, read_only=True) as con:
        places = "select capture_id, warc_file, warc_offset, warc_length from raw.captures order by all"
        here = con.execute(places).fetchall()
    with open_lake(sample_night.lake, read_only=True) as con:
        assert con.execute(places).fetchall() == here


def test_another_feed_list_than_the_nights_had_is_refused(sample_night, tmp_path):
    """With an unlisted source, articles would count for no outlet: nothing is rebuilt, and the sentence names the sources."""
    shutil.copytree(sample_night.lake.archive, tmp_path / "archive")
    (tmp_path / "feeds.csv").write_text("feed_id,url\nother,http://example.org/feed.xml\n", encoding="utf-8")
    settings = dataclasses.replace(sample_night.settings, warehouse=tmp_path, address=str(tmp_path), feeds=tmp_path / "feeds.csv")
    with pytest.raises(WarehouseError, match="Sources of the archive are missing in .*: sample_.*--allow-unlisted"):
        rebuild(start_run(settings, now=None, run_id="test"))
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == ["archive"]
    assert settings.lake.is_lost
    with pytest.raises(WarehouseError, match="is missing, but its archive exists: run `tidings rebuild`"):
        prepare(start_run(settings, now=None, run_id="test"))  # a night would release an empty lake beside the archive


def test_a_record_that_stored_no_row_gives_what_its_headers_tell(tmp_path):
    """An archive of an earlier program: URL, time, status, type, digest, and the source where the registry has its URL."""
    at = dt.datetime(2026, 6, 1, 22, 0, 0, 5, dt.UTC)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nX-Odd: \xff\r\n\r\n"
    name = "2026/06/20260601T220000Z-feeds-000.warc.gz"
    with WarcFile(tmp_path, "earlier") as file:
        file.add(Payload("http://example.org/a.xml", at, head, b"<rss/>", "text/xml"))
        file.add(Payload("http://example.org/page", at, b"", b"<p>", "text/html", refers_to=("http://example.org/p", at)))
        file.name(name)
    known = Known(feeds={"a": feed("a")}, publishers={"o": Publisher("o", "O", None, None, "UTC", ["example.org"])})
    stored = stored_rows(as_store(tmp_path), name, known, {})
    (source, body), (page, none) = stored.captures
    assert (stored.now, stored.damaged) == (dt.datetime(2026, 6, 1, 22, tzinfo=dt.UTC), 0)
    assert (source.kind, source.feed_id, source.status, source.content_type, source.fetched_at) == (
        "feed",
        "a",
        200,
        "text/xml",
        at,
    )
    assert (source.digest, body, source.warc_file) == (digest_of(b"<rss/>"), b"<rss/>", name)
    assert (page.kind, page.publisher_id, page.feed_id, page.is_revisit, page.byte_count, none) == (
        "page",
        "o",
        None,
        True,
        None,
        None,
    )
    assert read_body(tmp_path, name, source.warc_offset, source.warc_length) == b"<rss/>"


@pytest.mark.parametrize(
    "text", ["", "[", "[1]", '{"table": "raw.captures"}', '{"table": "ops.releases", "row": {}}', "[" * 9999]
)
def test_a_line_that_is_no_row_is_none(text):
    """A damaged line of the archive, or one of a later program, raises nothing."""
    assert from_line(text) is None


def test_a_row_comes_back_from_its_line():
    """Times, identifiers, lists, nulls, and the window of a backfill."""
    row, window = capture("http://example.org/推进", covers_from=NOW, reason="\x1b\n"), (NOW.date(), NOW.date())
    text = to_line(Line(row, NOW, window))
    assert text.isascii()
    assert "\n" not in text
    place = {"warc_file": row.warc_file, "warc_offset": 0, "warc_length": 10}
    assert from_line(text, **place, is_revisit=False) == Line(row, NOW, window)
