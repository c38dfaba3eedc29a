"""A damaged catalog is one sentence that names the file and the next step, and no command replaces
it by an empty lake.
"""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tidings.base.messages import explain
from tidings.storage.lake import Lake, WarehouseError, check_catalog, open_lake


def _half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _garbage_pages(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for start in range(8192, len(content), 4096):
        content[start : start + 200] = b"\x5a" * 200
    path.write_bytes(content)


def _other_database(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as con:
        con.execute("create table other (a)")
    con.close()


def _without(table: str) -> Callable[[Path], None]:
    def drop(path: Path) -> None:
        with sqlite3.connect(path) as con:
            con.execute(f"drop table {table}")
        con.close()

    return drop


DAMAGES: dict[str, Callable[[Path], Any]] = {
    "half": _half,
    "header": lambda path: path.write_bytes(b"garbage! garbage" + path.read_bytes()[16:]),
    "garbage": lambda path: path.write_bytes(b"\x5a\xa5" * 8192),
    "pages": _garbage_pages,
    "nothing": lambda path: path.write_bytes(b""),
    "other database": _other_database,
    **{
        name: _without(f"ducklake_{name}")
        for name in (
            "metadata",
            "snapshot",
            "snapshot_changes",
            "table",
            "schema",
            "data_file",
            "table_stats",
            "column",
        )
    },
}


@pytest.fixture
def damaged(tmp_path: Path) -> Callable[[str], Lake]:
    """Return a function that makes a lake with an archive and damages its catalog."""

    def make(damage: str) -> Lake:
        lake = Lake(tmp_path / "data")
        with open_lake(lake) as con:
            con.execute("create table main.kept as select 1 as a")
        lake.archive.mkdir()
        (lake.archive / "x.warc.gz").touch()
        DAMAGES[damage](lake.catalog)
        return lake

    return make


@pytest.mark.parametrize("is_reader", [True, False])
@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_named_with_the_next_step(
    damaged: Callable[[str], Lake], damage: str, *, is_reader: bool
) -> None:
    """Reading and writing raise an error with a remedy, and the lake's files stay unchanged."""
    lake = damaged(damage)
    before = {path: path.read_bytes() for path in lake.data_path.rglob("*.parquet")}
    catalog = lake.catalog.read_bytes()
    with (
        pytest.raises((WarehouseError, duckdb.Error)) as failure,
        open_lake(lake, read_only=is_reader) as con,
    ):
        con.execute("from kept").fetchall()
        # one damage appears only when the transaction ends
        con.execute("insert into kept values (2)")
        raise AssertionError
    sentence = explain(failure.value) or ""
    if is_reader and damage == "snapshot_changes":
        return  # reading does not need this table, and a reader cannot write
    assert "run `tidings rebuild`" in sentence
    assert "restore a backup" in sentence
    assert len(sentence.splitlines()) == 1
    assert {path: path.read_bytes() for path in lake.data_path.rglob("*.parquet")} == before
    assert lake.catalog.stat().st_size >= len(catalog) or damage == "nothing"


@pytest.mark.parametrize("damage", ["half", "header", "nothing", "table"])
def test_checks_name_the_damage(damaged: Callable[[str], Lake], damage: str) -> None:
    """The check of a catalog before it is restored names the next step as well."""
    with pytest.raises(
        WarehouseError,
        match=r"damaged|cannot be read as a catalog: restore a"
        r" backup, or run `tidings rebuild`",
    ):
        check_catalog(damaged(damage).catalog)


def test_an_unfinished_first_run_can_be_repeated(tmp_path: Path) -> None:
    """An empty catalog without archive or release, as after an early kill, is created again."""
    lake = Lake(tmp_path / "data")
    lake.catalog.parent.mkdir(parents=True)
    lake.catalog.touch()
    with open_lake(lake) as con:
        con.execute("create table main.kept as select 1 as a")
    with open_lake(lake, read_only=True) as con:
        assert con.execute("from kept").fetchall() == [(1,)]
