"""Adopting: a copied or moved warehouse is used where it is, and never shares a file with the one that it came from."""

import shutil

import pytest

from tests.warehouse.test_maintain_lake import live
from tests.warehouse.test_release import add_baseline, make
from tidings.warehouse.lake import Lake, WarehouseError, open_lake
from tidings.warehouse.relocate import adopt_folder
from tidings.warehouse.writer_lock import writer_lock


def baselines(lake):
    with open_lake(lake, read_only=True) as con:
        return {row[0] for row in con.execute("select baseline_id from ref.baselines").fetchall()}


@pytest.fixture
def original(lake, con):
    """A warehouse with a release, at rest."""
    live(con, range(2))
    make(con, lake)
    con.close()
    return lake


def test_a_copy_is_refused_until_it_is_adopted_and_then_goes_its_own_way(original, tmp_path):
    """Until then the message names the command; afterwards both can be written to, and neither sees the other's rows."""
    copy = Lake(tmp_path / "a copy's folder")
    shutil.copytree(original.root, copy.root)
    with pytest.raises(WarehouseError, match="run `tidings warehouse adopt '"), open_lake(copy, read_only=True):
        pass
    assert adopt_folder(copy) == str(original.root)
    assert adopt_folder(copy) is None
    with open_lake(copy) as con:
        add_baseline(con, "only in the copy")
    with open_lake(original) as con:
        add_baseline(con, "only in the original")
    assert baselines(copy) - baselines(original) == {"only in the copy"}
    assert baselines(original) - baselines(copy) == {"only in the original"}


def test_a_moved_warehouse_is_adopted(original, tmp_path):
    """After a move by hand nothing is left of the old folder, and everything is read at the new one."""
    moved = Lake(tmp_path / "moved")
    original.root.rename(moved.root)
    adopt_folder(moved)
    with open_lake(moved, read_only=True) as con:
        assert con.execute("select count(*) from core.articles").fetchone()[0] > 0


def linked(folder):
    data = folder / "lake" / "data"
    data.rename(folder / "aside")
    data.symlink_to(folder / "aside")


def hard_linked(folder):
    (folder / "twin").hardlink_to(folder / "lake" / "catalog.sqlite")


def lacking(folder):
    next((folder / "lake" / "data").rglob("*.parquet")).unlink()


def listed(root):
    (root / "backup.json").write_text("{}", encoding="utf-8")


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [(linked, "is a link"), (hard_linked, "is a link"), (lacking, "are missing"), (listed, "is a backup: .*`tidings restore")],
)
def test_a_copy_that_is_not_whole_or_shares_files_is_refused(original, tmp_path, harm, sentence):
    """A link to the original's files, a missing file, or a backup: one sentence, and the catalog stays as it was."""
    copy = Lake(tmp_path / "copy")
    shutil.copytree(original.root, copy.root)
    before = copy.catalog.read_bytes()
    harm(copy.root)
    with pytest.raises(WarehouseError, match=sentence):
        adopt_folder(copy)
    assert copy.catalog.read_bytes() == before


def test_a_warehouse_is_not_adopted_while_a_run_writes_to_it(original):
    """The writer's lock is taken first."""
    with writer_lock(original), pytest.raises(WarehouseError, match="Another run has been writing"):
        adopt_folder(original)
