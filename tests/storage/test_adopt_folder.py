"""Adopting a copied or moved warehouse, which then shares no file with the original."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.storage.test_maintain import live
from tests.storage.test_release import add_baseline, make
from tidings.storage.backup import adopt_folder
from tidings.storage.lake import Lake, WarehouseError, open_lake
from tidings.storage.writer_lock import writer_lock


def baselines(lake: Lake) -> Any:
    with open_lake(lake, read_only=True) as con:
        return {row[0] for row in con.execute("select baseline_id from ref.baselines").fetchall()}


@pytest.fixture
def original(lake: Lake, con: Any) -> Any:
    """A warehouse with a release, without open connections."""
    live(con, range(2))
    make(con, lake)
    con.close()
    return lake


def test_a_copy_is_refused_until_it_is_adopted_and_is_then_independent(
    original: Lake, tmp_path: Path
) -> None:
    """Before adoption the error names the command; afterwards both warehouses accept rows
    independently.
    """
    copy = Lake(tmp_path / "a copy's folder")
    shutil.copytree(original.root, copy.root)
    with (
        pytest.raises(WarehouseError, match="run `tidings warehouse adopt '"),
        open_lake(copy, read_only=True),
    ):
        pass
    assert adopt_folder(copy) == str(original.root)
    assert adopt_folder(copy) is None
    with open_lake(copy) as con:
        add_baseline(con, "only in the copy")
    with open_lake(original) as con:
        add_baseline(con, "only in the original")
    assert baselines(copy) - baselines(original) == {"only in the copy"}
    assert baselines(original) - baselines(copy) == {"only in the original"}


def test_a_moved_warehouse_is_adopted(original: Lake, tmp_path: Path) -> None:
    """A warehouse that was moved with other tools is readable after adoption."""
    moved = Lake(tmp_path / "moved")
    original.root.rename(moved.root)
    adopt_folder(moved)
    with open_lake(moved, read_only=True) as con:
        assert con.execute("select count(*) from core.articles").fetchone()[0] > 0


def linked(folder: Path) -> None:
    data = folder / "lake" / "data"
    data.rename(folder / "aside")
    data.symlink_to(folder / "aside")


def hard_linked(folder: Path) -> None:
    (folder / "twin").hardlink_to(folder / "lake" / "catalog.sqlite")


def incomplete(folder: Path) -> None:
    next((folder / "lake" / "data").rglob("*.parquet")).unlink()


def listed(root: Path) -> None:
    (root / "backup.json").write_text("{}", encoding="utf-8")


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (linked, "is a link"),
        (hard_linked, "is a link"),
        (incomplete, "are missing"),
        (listed, "is a backup: .*`tidings restore"),
    ],
)
def test_a_copy_that_is_not_whole_or_shares_files_is_refused(
    original: Lake, tmp_path: Path, harm: Any, sentence: str
) -> None:
    """A link to the original's files, a missing file, or a backup yields one sentence and leaves
    the catalog unchanged.
    """
    copy = Lake(tmp_path / "copy")
    shutil.copytree(original.root, copy.root)
    before = copy.catalog.read_bytes()
    harm(copy.root)
    with pytest.raises(WarehouseError, match=sentence):
        adopt_folder(copy)
    assert copy.catalog.read_bytes() == before


def test_a_warehouse_is_not_adopted_while_a_run_writes_to_it(original: Lake) -> None:
    """Adoption requires the writer lock."""
    with writer_lock(original), pytest.raises(WarehouseError, match="Another run has been writing"):
        adopt_folder(original)
