"""Lake addresses."""

from pathlib import Path
from typing import Any

import pytest

from tidings.paths import default_folder
from tidings.storage.lake import WarehouseError, open_lake
from tidings.storage.remote_lake import lake_at

SHARED = "postgresql://anna:geheim@db.example/tidings?data=s3://bucket/lake&sslmode=require"


def test_a_path_or_the_default_is_a_folder(tmp_path: Path) -> None:
    """A path is a warehouse in one folder; an empty one the default, in a checkout or user data."""
    assert (
        lake_at(str(tmp_path / "x"), tmp_path).catalog == tmp_path / "x" / "lake" / "catalog.sqlite"
    )
    assert lake_at("", tmp_path).root == tmp_path
    package = tmp_path / "tidings"
    assert default_folder({"XDG_DATA_HOME": "/users"}, package) == Path("/users/tidings")
    assert default_folder({}, package) == Path.home() / ".local" / "share" / "tidings"
    (tmp_path / "transforms").mkdir()
    (tmp_path / "transforms" / "dbt_project.yml").touch()
    assert default_folder({"XDG_DATA_HOME": "/users"}, package) == tmp_path / "warehouse" / "data"


def test_an_address_separates_shared_data_from_the_machines_own_files(tmp_path: Path) -> None:
    """Catalog and data are shared, the release file is local, libpq's parameters are passed on."""
    lake = lake_at(f"{SHARED}&folder={tmp_path}/own", tmp_path)
    assert (
        lake.path == "ducklake:postgres:postgresql://anna:geheim@db.example/tidings?sslmode=require"
    )
    assert lake.attach_options()["DATA_PATH"] == "s3://bucket/lake/lake/"
    assert lake.release_file == tmp_path / "own" / "tidings.duckdb"
    assert lake_at(SHARED, tmp_path).root == tmp_path


def test_no_password_is_shown(tmp_path: Path) -> None:
    """A lake's name, its representation and its errors do not contain the password."""
    lake = lake_at(SHARED.replace("db.example", "127.0.0.1:1"), tmp_path)
    assert "geheim" not in repr(lake) + lake.name
    with pytest.raises(
        WarehouseError,
        match=r"The catalog postgresql://127.0.0.1:1/tidings cannot"
        r" be reached",
    ) as caught:
        assert lake.exists
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("mysql://host/db?data=s3://b/p", "mysql:// is not supported"),
        ("postgresql://host/db", "add \\?data="),
        ("postgresql://host/db?data=gs://b/p", "add \\?data="),
        ("postgresql://host/?data=s3://b/p", "the database is missing"),
    ],
)
def test_a_wrong_address_is_one_sentence(tmp_path: Path, address: Any, sentence: str) -> None:
    """An invalid address is rejected before a connection is opened."""
    with pytest.raises(WarehouseError, match=sentence):
        lake_at(address, tmp_path)


def test_a_shared_folder_does_in_place_of_a_bucket(pg: Any, tmp_path: Path) -> None:
    """A catalog in PostgreSQL and data in a mounted folder need no object storage."""
    lake = lake_at(f"{pg.database()}&data={tmp_path}/mount&folder={tmp_path}/own", tmp_path)
    with open_lake(lake) as con:
        con.execute("create table t as select range as n from range(3)")
    with open_lake(lake, read_only=True) as con:
        assert con.execute("select sum(n) from t").fetchone() == (3,)
    assert len(list(lake.files.names())) == 1
