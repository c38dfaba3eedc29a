"""The writer lock and the lake's readers."""

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tidings.storage.lake import MANIFEST, Lake, WarehouseError, open_lake
from tidings.storage.remote_lake import RemoteLake
from tidings.storage.writer_lock import NIGHTLY_LOCK, WRITER_LOCK, LockedError, writer_lock

HOLD = """
import sys, time
from pathlib import Path
from tidings.storage.remote_lake import lake_at
from tidings.storage.writer_lock import writer_lock
with writer_lock(lake_at(sys.argv[1], Path()), name=sys.argv[2]):
    print("held", flush=True)
    time.sleep(60)
"""


def address_of(lake: Lake) -> Any:
    return (
        f"{lake.catalog_url}&data={lake.data}&folder={lake.root}"
        if isinstance(lake, RemoteLake)
        else str(lake.root)
    )


def hold(lake: Lake, name: str = WRITER_LOCK) -> Any:
    command = [sys.executable, "-c", textwrap.dedent(HOLD), address_of(lake), name]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_writer_waits_and_says_so(lake: Lake) -> None:
    """A second writer logs that it waits, and fails with one sentence after its patience."""
    other = hold(lake)
    told: list[str] = []
    try:
        with (
            pytest.raises(WarehouseError, match="Run the command again when it ends"),
            writer_lock(lake, patience=0.3, log=told.append),
        ):
            pass
        assert told == ["another run is writing; waiting until it ends"]
    finally:
        other.kill()
        other.communicate()


def test_a_busy_lock_names_its_holder(lake: Lake) -> None:
    """A second nightly run names the process of the first, on each version of the server."""
    other = hold(lake, NIGHTLY_LOCK)
    try:
        with (
            pytest.raises(
                LockedError,
                match=rf"Another nightly is running in .* \(.*process"
                rf" {other.pid}.*, since 20.* UTC\)",
            ),
            writer_lock(lake, name=NIGHTLY_LOCK, patience=0),
        ):
            pass
    finally:
        other.kill()
        other.communicate()


def test_the_lock_goes_with_a_killed_process(lake: Lake) -> None:
    """SIGKILL releases the lock, and a reader opens the lake while another process holds it."""
    other = hold(lake)
    other.kill()
    other.communicate()
    with writer_lock(lake, patience=0.0):
        pass
    other = hold(lake)
    try:
        with open_lake(lake, read_only=True) as con:
            assert con.execute("select count(*) from core.articles").fetchone() == (0,)
    finally:
        other.kill()
        other.communicate()


def test_a_broken_catalog_is_one_sentence(tmp_path: Path) -> None:
    """An invalid catalog is reported with its folder."""
    lake = Lake(tmp_path)
    lake.catalog.parent.mkdir(parents=True)
    lake.catalog.write_bytes(b"not a database, and long enough to be read as one" * 100)
    with pytest.raises(WarehouseError, match="cannot be opened"), open_lake(lake):
        pass


def test_a_read_only_folder_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader's sentence names the folder that SQLite needs to write to, and a writer stops before
    the first change, even if the files themselves are writable.
    """
    lake = Lake(tmp_path)
    lake.catalog.mkdir(parents=True)  # like a catalog without -shm in a read-only folder
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anywhere
    sentence = f"cannot be opened: SQLite has to write to {lake.catalog.parent}, also to read"
    with pytest.raises(WarehouseError, match=sentence):
        open_lake(lake, read_only=True)
    with pytest.raises(WarehouseError, match="be written: Permission denied.$"), writer_lock(lake):
        pass


def test_a_copied_or_moved_lake_is_independent(tmp_path: Path) -> None:
    """A copy accepts rows without a change of the original, which can be moved."""
    lakes = [Lake(tmp_path / name) for name in ("original", "copy", "moved")]
    with writer_lock(lakes[0]), open_lake(lakes[0]) as con:
        con.execute("create table lake.one as select 1 as number")
    shutil.copytree(lakes[0].root, lakes[1].root)
    with open_lake(lakes[1]) as con:
        con.execute("delete from lake.one")
        con.execute("insert into lake.one values (2)")
        con.execute("call ducklake_delete_orphaned_files('lake', cleanup_all => true)")
    lakes[0].root.rename(lakes[2].root)
    for made, number in ((lakes[1], 2), (lakes[2], 1)):
        with open_lake(made, read_only=True) as con:
            assert con.execute("from lake.one").fetchall() == [(number,)]


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (lambda lake: (lake.root / "twin").hardlink_to(lake.catalog), "is a hard link"),
        (lambda lake: (lake.root / MANIFEST).touch(), "is a backup: use `tidings restore"),
    ],
)
def test_a_linked_catalog_and_a_backup_are_not_written(
    tmp_path: Path, harm: Any, sentence: str
) -> None:
    """A write would damage another lake or the backup, so that one sentence names what to do."""
    lake = Lake(tmp_path / "data")
    with open_lake(lake):
        pass
    harm(lake)
    with pytest.raises(WarehouseError, match=sentence), open_lake(lake):
        pass


@pytest.mark.parametrize(("told", "threads"), [("", None), ("3", 3)])
def test_threads_are_as_many_as_told(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, told: Any, threads: Any
) -> None:
    """TIDINGS_THREADS sets the number of DuckDB threads; without it DuckDB chooses."""
    monkeypatch.setenv("TIDINGS_THREADS", told)
    with open_lake(lake) as con, duckdb.connect() as plain:
        own = plain.execute("select current_setting('threads')").fetchone()
        assert con.execute("select current_setting('threads')").fetchone() == (
            (threads,) if threads else own
        )
