"""Moving a lake to PostgreSQL and object storage, and back, with backups."""

import datetime as dt
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest

from tests.storage.rows import NOW, extraction
from tests.storage.services import shared_address
from tests.storage.test_archive import PAGE
from tests.storage.test_backup import everything
from tests.storage.test_release import add_baseline, baselines, make
from tidings.storage.archive import WarcFile, read_body
from tidings.storage.backup import back_up, restore
from tidings.storage.file_store import copy_file
from tidings.storage.lake import Lake, WarehouseError, open_lake, transaction
from tidings.storage.load import merge
from tidings.storage.release import file_release, open_release
from tidings.storage.remote_lake import lake_at
from tidings.storage.writer_lock import writer_lock

pytestmark = pytest.mark.slow


@pytest.fixture
def lived(lake: Lake) -> Any:
    """A lake with an archived page and two releases with inserted, changed and deleted rows."""
    with WarcFile(lake.raw) as file:
        lake_place = file.add(*PAGE)
        file.name("2026/06/x-000.warc.gz")
    with open_lake(lake) as con:
        for number in range(2):
            with transaction(con):
                merge(
                    con,
                    [
                        extraction(uuid5(NAMESPACE_URL, str(n)), f"http://example.org/{n}")
                        for n in range(20 * number, 50)
                    ],
                )
                con.execute("delete from core.extractions where url = 'http://example.org/7'")
            add_baseline(con, f"b{number}")
            make(con, lake, NOW + dt.timedelta(days=number))
    return lake, lake_place


@pytest.fixture
def elsewhere(pg: Any, s3: Any, tmp_path: Path) -> Any:
    return lake_at(shared_address(pg, tmp_path / "machine"), tmp_path)


def move(source: Lake, target: Lake, folder: Path) -> None:
    back_up(source, folder, NOW)
    assert restore(folder, target)[1] == []


def test_a_lake_goes_there_and_back_with_its_releases(
    lived: Any, elsewhere: Lake, tmp_path: Path
) -> None:
    """Archive, tables and releases are equal after a move to PostgreSQL and S3, and after a move to
    a folder. Snapshot numbers continue, and no backup is restored over a lake.
    """
    lake, place = lived
    back = lake_at(str(tmp_path / "back"), tmp_path)
    move(lake, elsewhere, tmp_path / "there")
    move(elsewhere, back, tmp_path / "here")
    for moved in (elsewhere, back):
        assert everything(moved) == everything(lake)
        assert read_body(moved.raw, "2026/06/x-000.warc.gz", place.offset, place.length) == b"hello"
        assert file_release(moved.release_file) == "2026-06-02T220000Z"
        for number, day in enumerate(("2026-06-01", "2026-06-02")):
            with open_release(moved, day) as con:
                assert baselines(con) == [f"b{n}" for n in range(number + 1)]
                assert con.execute("select count(*) from core.extractions").fetchone() == (49,)
    with writer_lock(elsewhere), open_lake(elsewhere) as con:
        add_baseline(con, "b9")
        made, is_new = make(con, elsewhere, NOW + dt.timedelta(days=9))
        assert is_new
        assert con.execute("select count(*), max(release_id) from ops.releases").fetchone() == (
            3,
            made.release_id,
        )
    with open_release(elsewhere) as con:
        assert baselines(con) == ["b0", "b1", "b9"]
    with pytest.raises(WarehouseError, match="postgresql://.* already contains a warehouse"):
        restore(tmp_path / "there", elsewhere)


@pytest.mark.parametrize("is_same", [True, False])
def test_a_stopped_restoration_is_started_again(
    lived: Any, elsewhere: Lake, tmp_path: Path, *, is_same: bool
) -> None:
    """After a kill that left some files and an empty catalog, the next restoration completes the
    work. A file with the same name and size but other bytes is refused.
    """
    lake, _ = lived
    back_up(lake, tmp_path / "copy", NOW)
    name = next(lake.raw.names())
    if is_same:
        copy_file(lake.raw, elsewhere.raw, name)
        with open_lake(elsewhere):
            pass
        restore(tmp_path / "copy", elsewhere)
        assert everything(elsewhere) == everything(lake)
        return
    part = elsewhere.raw.staging / "part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * lake.raw.size(name))
    elsewhere.raw.take_in(part, name)
    with pytest.raises(WarehouseError, match=r"2026/06/x-000.warc.gz already exists"):
        restore(tmp_path / "copy", elsewhere)
