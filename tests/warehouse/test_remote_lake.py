"""Which lake an address names."""

import pytest

from tidings.warehouse.lake import WarehouseError, open_lake
from tidings.warehouse.remote_lake import lake_at

SHARED = "postgresql://anna:geheim@db.example/tidings?data=s3://bucket/lake&sslmode=require"


def test_a_path_is_a_folder(tmp_path):
    """A path, relative or not, is a folder with everything in it; nothing given is the folder that is usual."""
    assert lake_at(str(tmp_path / "x"), tmp_path).catalog == tmp_path / "x" / "lake" / "catalog.sqlite"
    assert lake_at("", tmp_path).root == tmp_path


def test_an_address_parts_what_is_shared_from_what_is_the_machines_own(tmp_path):
    """Catalog and data are shared; the release file lies on the machine; what libpq knows is left to it."""
    lake = lake_at(f"{SHARED}&folder={tmp_path}/own", tmp_path)
    assert lake.path == "ducklake:postgres:postgresql://anna:geheim@db.example/tidings?sslmode=require"
    assert lake.attach_options()["DATA_PATH"] == "s3://bucket/lake/lake/"
    assert lake.release_file == tmp_path / "own" / "tidings.duckdb"
    assert lake_at(SHARED, tmp_path).root == tmp_path


def test_no_password_is_shown(tmp_path):
    """Neither a lake's name nor its representation holds the password, and an error does not either."""
    lake = lake_at(SHARED.replace("db.example", "127.0.0.1:1"), tmp_path)
    assert "geheim" not in repr(lake) + lake.name
    with pytest.raises(WarehouseError, match=r"The catalog postgresql://127.0.0.1:1/tidings cannot be reached") as caught:
        assert lake.exists
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("mysql://host/db?data=s3://b/p", "begins with postgresql://"),
        ("postgresql://host/db", "names where its data lies"),
        ("postgresql://host/db?data=gs://b/p", "names where its data lies"),
        ("postgresql://host/?data=s3://b/p", "names the database"),
    ],
)
def test_a_wrong_address_is_one_sentence(tmp_path, address, sentence):
    """What cannot be a lake is told before anything is opened."""
    with pytest.raises(WarehouseError, match=sentence):
        lake_at(address, tmp_path)


def test_a_shared_folder_does_in_place_of_a_bucket(pg, tmp_path):
    """The catalog in PostgreSQL and the data in a folder that machines mount need no object storage."""
    lake = lake_at(f"{pg.database()}&data={tmp_path}/mount&folder={tmp_path}/own", tmp_path)
    with open_lake(lake) as con:
        con.execute("create table t as select range as n from range(3)")
    with open_lake(lake, read_only=True) as con:
        assert con.execute("select sum(n) from t").fetchone() == (3,)
    assert len(list(lake.files.names())) == 1
