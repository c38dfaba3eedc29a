"""``tidings setup`` creates what several machines share, and changes nothing that exists."""

import datetime as dt
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tidings.storage.backup import back_up
from tidings.storage.lake import open_lake
from tidings.storage.migrate import migrate
from tidings.storage.remote_lake import lake_at

PREFECT = "PREFECT_API_DATABASE_CONNECTION_URL"


@pytest.fixture
def address(pg: Any, s3: Any, tmp_path: Path) -> str:
    """Return the URL of a lake whose database and bucket do not exist."""
    name = f"T-{uuid4().hex}"
    return f"{pg.url(name)}&data=s3://{name.lower()}/lake&folder={tmp_path / 'one'}"


@pytest.mark.slow
def test_catalog_and_bucket_are_created_once(address: str, command: Any, tmp_path: Path) -> None:
    """The first run creates the database and the bucket, the second finds them. A lake can be
    created there, and a backup of its catalog and bucket is restored to another place.
    """
    for state in ("created", "exists:"):
        done = command("setup", TIDINGS_WAREHOUSE=address)
        lines = done.stdout.splitlines()
        assert [line.split()[1:3] for line in lines[:2]] == [
            ["catalog:", state],
            ["bucket:", state],
        ], done.stderr
        assert lines[2] == "ok     DuckDB: ducklake, postgres_scanner, httpfs"
    lake = lake_at(address, tmp_path)
    with open_lake(lake) as con:
        migrate(con)
        con.execute("insert into raw.feeds by name select 'a' as feed_id, 'http://a/' as url")
    back_up(lake, tmp_path / "copy", dt.datetime.now(dt.UTC))
    other = address.replace("/T-", "/U-").replace("s3://t-", "s3://u-").replace("/one", "/two")
    assert command("setup", TIDINGS_WAREHOUSE=other).returncode == 0
    assert command("restore", tmp_path / "copy").returncode == 0
    with open_lake(lake_at(other, tmp_path), read_only=True) as con:
        assert con.execute("select feed_id from raw.feeds").fetchall() == [("a",)]


def test_prefect_gets_its_database_and_extension(pg: Any, command: Any) -> None:
    """Prefect's database is created with its extension. A server without the extension is one
    sentence with the statement for its administrator.
    """
    import psycopg

    with psycopg.connect(pg.url("postgres")) as session:
        query = "select count(*) from pg_available_extensions where name = 'pg_trgm'"
        [has_extension] = session.execute(query).fetchone()
    url = pg.url(f"p{uuid4().hex}")
    for state in ("created", "exists:"):
        done = command("setup", **{PREFECT: url.replace("postgresql:", "postgresql+asyncpg:")})
        if has_extension:
            assert done.stdout.startswith(f"ok     Prefect: {state} postgresql:///p"), done.stderr
        else:
            assert done.returncode == 1
            assert done.stderr.endswith("execute: create extension if not exists pg_trgm;\n")
            assert done.stderr.count("\n") == 1
    psycopg.connect(url).close()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("postgres@", "nobody@"), "or correct the user in TIDINGS_WAREHOUSE"),
        (("s3://t-", "s3://La_kes!"), "correct data= in TIDINGS_WAREHOUSE"),
        (("s3://", "/dev/null/"), "Not a directory"),
        (("postgresql://", "https://"), "Invalid lake URL"),
        (("postgresql://", ""), "needs no set-up"),
    ],
)
def test_a_failure_is_one_sentence(
    address: str, command: Any, change: tuple[str, str], sentence: str, tmp_path: Path
) -> None:
    """An unknown role, an invalid bucket, a file as folder, a folder as warehouse: a sentence."""
    place = address.replace(*change) if change[1] else str(tmp_path)
    done = command("setup", TIDINGS_WAREHOUSE=place)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert done.stderr.startswith("tidings: ")
    assert done.stderr.count("\n") == 1


def test_a_role_without_rights_learns_the_statement(pg: Any, address: str, command: Any) -> None:
    """A role that may not create databases gets the statement for an administrator."""
    import psycopg

    with psycopg.connect(pg.url("postgres"), autocommit=True) as session:
        session.execute("drop role if exists guest")
        session.execute("create role guest login")
    done = command("setup", TIDINGS_WAREHOUSE=address.replace("postgres@", "guest@"))
    assert done.returncode == 1
    assert 'execute: create database "T-' in done.stderr
