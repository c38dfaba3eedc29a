"""Restore: a backup from a stranger writes nothing outside of the new warehouse, and a false one writes nothing at all."""

import contextlib
import hashlib
import json
import os
import sqlite3

import pytest

from tests.warehouse.rows import NOW
from tests.warehouse.test_maintain_lake import archived, live
from tests.warehouse.test_release import make
from tidings.warehouse.backup import MANIFEST, back_up, restore
from tidings.warehouse.checksums import size_and_digest
from tidings.warehouse.file_store import Folder, is_plain_name
from tidings.warehouse.lake import Lake, WarehouseError, open_lake
from tidings.warehouse.migrate import migrate
from tidings.warehouse.writer_lock import writer_lock


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """A backup of a small warehouse; tests change copies of it."""
    folder = tmp_path_factory.mktemp("good")
    lake = Lake(folder / "data")
    with writer_lock(lake), open_lake(lake) as con:
        migrate(con)
        live(con, range(2))
        make(con, lake)
        archived(lake, con, "http://example.org/a", NOW, "2026/06/a-000.warc.gz")
    back_up(lake, folder / "copy", NOW)
    return folder / "copy"


@pytest.fixture
def backup(good, tmp_path):
    """A copy of the backup, in a folder beside which nothing else may appear."""
    import shutil

    return shutil.copytree(good, tmp_path / "a" / "b" / "copy")


def tell_otherwise(backup, change):
    """Change the manifest."""
    told = json.loads((backup / MANIFEST).read_text())
    change(told["files"])
    (backup / MANIFEST).write_text(json.dumps(told))


def plant(backup, name, text=b"export PATH=/evil"):
    """List a file by a name, and put it where the name leads from the backup."""
    path = backup / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text)
    tell_otherwise(backup, lambda files: files.update({name: [len(text), hashlib.sha256(text).hexdigest()]}))


def everything_below(folder):
    return {path: path.lstat().st_mtime_ns for path in folder.rglob("*")}


@pytest.mark.parametrize(
    "name", ["../../../.bashrc", "/{}/absolute", "archive/../../x", "a\\..\\x", "C:x", "./x", "archive//x", "x\n", "\x00", ""]
)
def test_a_name_that_leads_elsewhere_is_refused(backup, tmp_path, name):
    """No name of a manifest is joined to a path that is not below the new warehouse: nothing is written, not even a lock."""
    name = name.format(tmp_path)
    tell_otherwise(backup, lambda files: files.update({name: [0, hashlib.sha256(b"").hexdigest()]}))
    refused(backup, tmp_path, "Invalid file name")


def refused(backup, tmp_path, sentence):
    before = everything_below(tmp_path)
    with pytest.raises(WarehouseError, match=sentence):
        restore(backup, Lake(tmp_path / "target"))
    assert everything_below(tmp_path) == before


def test_the_classic_climb_does_not_reach_the_home_folder(backup, tmp_path):
    """A file that does lie at the climbing name, with the right digest, is not copied."""
    plant(backup, "../../../.bashrc")
    (tmp_path / ".bashrc").write_text("mine")
    refused(backup, tmp_path, "bashrc")


@pytest.mark.parametrize("twin", ["ARCHIVE/2026/06/A-000.WARC.GZ", "archive/2026"])
def test_names_that_differ_in_case_or_are_file_and_folder_are_refused(backup, tmp_path, twin):
    """Of two names that are one on some disks, neither is written."""
    tell_otherwise(backup, lambda files: files.update({twin: [0, hashlib.sha256(b"").hexdigest()]}))
    refused(backup, tmp_path, "Invalid file name")


def test_links_and_unlisted_files_are_refused(backup, tmp_path):
    """A symlink, a hard link, a file or link that the list does not name, a missing one: nothing is written."""
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


def test_a_link_in_the_target_is_refused(backup, tmp_path):
    """Nothing is written through a link that waits where the warehouse is to be."""
    (tmp_path / "target").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "target" / ".restoring").symlink_to(tmp_path / "elsewhere")
    refused(backup, tmp_path, "is a link")


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, '{"made_at": "", "release_id": null, "files": {"a": [0, 1], "a": [0, 1]}}', "[]", '{"files": 3}', "\x00"]
    + [
        json.dumps({"made_at": "", "release_id": None, "files": {"a": about}})
        for about in ([-1, "0" * 64], [True, "0" * 64], [1.5, "0" * 64], [1, "x"], [1], "ab", None)
    ]
    + [json.dumps({"made_at": "\x1b[2J", "release_id": None, "files": {}})],
)
def test_a_manifest_of_another_shape_is_one_sentence(backup, tmp_path, text):
    """Deep nesting, names twice, other types, sizes that are no sizes, escapes for a terminal: no complete backup."""
    (backup / MANIFEST).write_text(text)
    refused(backup, tmp_path, "is no complete backup")


@pytest.mark.parametrize(
    "change",
    [
        "insert into ducklake_files_scheduled_for_deletion values (99, '../../../x', true, '2020-01-01')",
        "update ducklake_data_file set path = '/etc/passwd', path_is_relative = false where data_file_id = 0",
        "update ducklake_schema set path = '../' where schema_name = 'raw'",
    ],
)
def test_a_catalog_whose_paths_lead_elsewhere_is_refused(backup, tmp_path, change):
    """Upkeep deletes and queries read files that the catalog names: none of them may be outside of the warehouse."""
    catalog = backup / "lake" / "catalog.sqlite"
    with contextlib.closing(sqlite3.connect(catalog)) as con, con:
        con.execute(change)
    tell_otherwise(backup, lambda files: files.update({"lake/catalog.sqlite": size_and_digest(catalog)}))
    refused(backup, tmp_path, "outside of its folder")


def test_a_row_of_a_foreign_warehouse_names_no_file_outside_of_the_archive(tmp_path):
    """Reading and removing an archive file by a name that climbs finds nothing."""
    (tmp_path / "archive").mkdir()
    (tmp_path / ".bashrc").write_text("mine")
    archive = Folder(tmp_path / "archive")
    archive.remove("../.bashrc")
    with pytest.raises(FileNotFoundError):
        archive.read("../.bashrc")
    assert (tmp_path / ".bashrc").exists()
    assert is_plain_name("2026/06/推进 a-000.warc.gz")


@pytest.mark.parametrize(
    "name", ["prefect/logging.yml", "prefect/profiles.toml", "Prefect/logging.yml", ".bashrc", "nightly.lock"]
)
def test_a_backup_brings_no_settings(backup, tmp_path, name):
    """Files that no backup contains are refused: Prefect would execute what its logging configuration names."""
    plant(backup, name)
    with pytest.raises(WarehouseError, match="Invalid file name"):
        restore(backup, Lake(tmp_path / "new"))
    assert not (tmp_path / "new").exists()
