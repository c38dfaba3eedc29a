"""Restoring an untrusted backup: it writes nothing outside of the new warehouse, and an invalid
backup writes nothing.
"""

import contextlib
import hashlib
import json
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.storage.rows import NOW
from tests.storage.test_maintain import archived, live
from tests.storage.test_release import make
from tidings.storage.backup import back_up, restore
from tidings.storage.file_store import Folder, is_plain_name, size_and_digest
from tidings.storage.lake import MANIFEST, Lake, WarehouseError, open_lake
from tidings.storage.migrate import migrate
from tidings.storage.writer_lock import writer_lock


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A backup of a small warehouse, of which tests change copies."""
    folder = tmp_path_factory.mktemp("good")
    lake = Lake(folder / "data")
    with writer_lock(lake), open_lake(lake) as con:
        migrate(con)
        live(con, range(2))
        make(con, lake)
        archived(lake, con, "http://example.org/a", NOW, "a")
    back_up(lake, folder / "copy", NOW)
    return folder / "copy"


@pytest.fixture
def backup(good: Any, tmp_path: Path) -> Any:
    """A copy of the backup in a folder of its own."""
    import shutil

    return shutil.copytree(good, tmp_path / "a" / "b" / "copy")


def tell_otherwise(backup: Path, **files: Any) -> None:
    """Change files in the manifest."""
    manifest = json.loads((backup / MANIFEST).read_text())
    manifest["files"].update(files)
    (backup / MANIFEST).write_text(json.dumps(manifest))


def plant(backup: Path, name: Any, text: bytes = b"export PATH=/evil") -> None:
    """Add a name to the manifest, and create the file at its path."""
    path = backup / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text)
    tell_otherwise(backup, **{name: [len(text), hashlib.sha256(text).hexdigest()]})


def everything_below(folder: Path) -> Any:
    return {path: path.lstat().st_mtime_ns for path in folder.rglob("*")}


@pytest.mark.parametrize(
    "name",
    [
        *("../../../.bashrc", "/{}/absolute", "archive/../../x", "a\\..\\x", "C:x", "./x"),
        *("archive//x", "x\n", "\x00", "", "archive/2026"),
        "ARCHIVE/2026/06/A-000.WARC.GZ",  # equal to another name on some file systems
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(backup: Path, tmp_path: Path, name: Any) -> None:
    """A name that leads outside, or to another file of the backup, is rejected before any write."""
    tell_otherwise(backup, **{name.format(tmp_path): [0, hashlib.sha256(b"").hexdigest()]})
    refused(backup, tmp_path, "Invalid file name|is missing from the backup")


def refused(backup: Path, tmp_path: Path, sentence: str) -> None:
    before = everything_below(tmp_path)
    with pytest.raises(WarehouseError, match=sentence):
        restore(backup, Lake(tmp_path / "target"))
    assert everything_below(tmp_path) == before


def test_links_and_unlisted_files_are_refused(backup: Path, tmp_path: Path) -> None:
    """A symlink, a hard link, an unlisted file or a missing file is rejected before any write."""
    warc = backup / "archive" / "2026" / "06" / "a-000.warc.gz"
    aside = tmp_path / "aside"
    warc.rename(aside)
    refused(backup, tmp_path, "is missing from the backup")
    warc.symlink_to(aside)
    refused(backup, tmp_path, "is a link")
    warc.unlink()
    os.link(aside, warc)
    refused(backup, tmp_path, "is a link")
    warc.unlink()
    aside.rename(warc)
    (backup / "archive" / "extra").symlink_to("/")
    refused(backup, tmp_path, "is a link")
    (backup / "archive" / "extra").unlink()
    (backup / ".hidden").write_text("x")
    refused(backup, tmp_path, "is not listed")


def test_a_link_in_the_target_is_refused(backup: Path, tmp_path: Path) -> None:
    """A link in the target folder is rejected before any write."""
    (tmp_path / "target").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "target" / ".restoring").symlink_to(tmp_path / "elsewhere")
    refused(backup, tmp_path, "is a link")


def manifest(made_at: str = "", **files: Any) -> str:
    return json.dumps({"made_at": made_at, "release_id": None, "files": files})


@pytest.mark.parametrize(
    "text",
    [
        *("[" * 100_000, "[]", '{"files": 3}', "\x00", manifest("\x1b[2J")),
        '{"made_at": "", "release_id": null, "files": {"a": [0, 1], "a": [0, 1]}}',
        *(manifest(a=[size, "0" * 64]) for size in (-1, True, 1.5)),
        *(manifest(a=about) for about in ([1, "x"], [1], "ab", None)),
    ],
)
def test_a_manifest_of_another_shape_is_one_sentence(
    backup: Path, tmp_path: Path, text: Any
) -> None:
    """A manifest deeply nested, with duplicate names, wrong types, sizes or escapes is rejected."""
    (backup / MANIFEST).write_text(text)
    refused(backup, tmp_path, "is not a complete backup")


@pytest.mark.parametrize(
    "change",
    [
        "insert into ducklake_files_scheduled_for_deletion values (9, '../../../x', true, '2020')",
        "update ducklake_data_file set path = '/etc/passwd', path_is_relative = 0 where rowid = 1",
        "update ducklake_schema set path = '../' where schema_name = 'raw'",
    ],
)
def test_a_catalog_whose_paths_lead_elsewhere_is_refused(
    backup: Path, tmp_path: Path, change: Any
) -> None:
    """A catalog with a file outside of the warehouse is rejected: maintenance would delete it."""
    catalog = backup / "lake" / "catalog.sqlite"
    with contextlib.closing(sqlite3.connect(catalog)) as con, con:
        con.execute(change)
    tell_otherwise(backup, **{"lake/catalog.sqlite": size_and_digest(catalog)})
    refused(backup, tmp_path, "outside of its folder")


def test_a_row_of_a_foreign_warehouse_names_no_file_outside_of_the_archive(tmp_path: Path) -> None:
    """An archive file name with `..` raises FileNotFoundError and deletes nothing."""
    (tmp_path / "archive").mkdir()
    (tmp_path / ".bashrc").write_text("mine")
    archive = Folder(tmp_path / "archive")
    archive.remove("../.bashrc")
    with pytest.raises(FileNotFoundError):
        archive.read("../.bashrc")
    assert (tmp_path / ".bashrc").exists()
    assert is_plain_name("2026/06/推进 a-000.warc.gz")


@pytest.mark.parametrize(
    "name",
    "prefect/logging.yml prefect/profiles.toml Prefect/logging.yml .bashrc nightly.lock".split(),
)
def test_a_backup_brings_no_settings(backup: Path, tmp_path: Path, name: Any) -> None:
    """Files that no backup has are rejected: Prefect would execute its logging configuration."""
    plant(backup, name)
    with pytest.raises(WarehouseError, match="Invalid file name"):
        restore(backup, Lake(tmp_path / "new"))
    assert not (tmp_path / "new").exists()
