"""``rebuild`` creates from the archive a lake with the same rows as the original."""

import dataclasses
import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.flows.nights import contents
from tests.storage.rows import NOW, capture
from tidings.stages.prepare import prepare
from tidings.stages.rebuild import rebuild, stored_rows
from tidings.stages.run import start_run
from tidings.storage.archive import WarcFile, from_line, to_line
from tidings.storage.file_store import Folder
from tidings.storage.lake import WarehouseError, open_lake
from tidings.storage.remote_lake import lake_of

pytestmark = pytest.mark.slow

# Tables that the archive does not store: releases, and values that only the next request needs.
NOT_STORED = {
    "marts.revised_figures",  # compares with a release
    "ops.releases",
    "ops.schema_versions",
    "ops.rights_modes",
    "ops.source_rights",
    "raw.host_pauses",
    "raw.rights_files",
    "raw.robots",
}


@pytest.fixture(scope="module")
def lost(sample_night: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return settings for a new folder that contains only the archive of the sample night."""
    root = tmp_path_factory.mktemp("lost")
    shutil.copytree(sample_night.lake.archive, root / "archive")
    return dataclasses.replace(sample_night.settings, warehouse=root, address="")


def test_a_rebuilt_lake_equals_the_original(sample_night: Any, lost: Any) -> None:
    """All rows are equal, except releases, robots files and pauses, which the archive does not
    store.

    An earlier rebuild was killed after it moved its lake into place.
    """
    (lake_of(lost).root / "rebuild").mkdir()
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
    """Articles from unlisted sources count for no outlet: the error names them; no rebuild."""
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


def test_a_record_without_its_row_counts_as_damaged(tmp_path: Path) -> None:
    """Records of other programs and of earlier versions yield no capture."""
    at = dt.datetime(2026, 6, 1, 22, 0, 0, 5, dt.UTC)
    name = "2026/06/20260601T220000Z-feeds-000.warc.gz"
    with WarcFile(Folder(tmp_path)) as file:
        file.add("http://example.org/a.xml", at, b"HTTP/1.1 200 OK\r\n\r\n", b"<rss/>", None)
        file.name(name)
    stored = stored_rows(Folder(tmp_path), name)
    assert (stored.rows, stored.damaged) == ({}, 1)
    assert stored.now == dt.datetime(2026, 6, 1, 22, tzinfo=dt.UTC)


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


def test_a_row_is_restored_from_its_line(tmp_path: Path) -> None:
    """Times, IDs, lists, nulls and letters of any script are restored, also from a WARC header."""
    row = capture("http://example.org/推进", covers_from=NOW, reason="\x1b\n")
    text = to_line(row, NOW)
    assert "\n" not in text
    place = {"warc_file": row.warc_file, "warc_offset": 0, "warc_length": 10}
    assert from_line(text, **place, is_revisit=False) == (row, NOW)
    with WarcFile(Folder(tmp_path)) as file:
        file.add(row.url, NOW, b"", b"a", None, row=text)
        file.name("a.warc.gz")
    [stored] = stored_rows(Folder(tmp_path), "a.warc.gz").rows[type(row)]
    assert (stored.url, stored.reason) == (row.url, row.reason)
