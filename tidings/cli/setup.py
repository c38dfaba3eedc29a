"""``tidings setup``: create the databases and the bucket of several machines."""

import os
import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

import duckdb

from tidings.base.languages.plural import listed
from tidings.base.settings import read_settings
from tidings.cli.findings import Finding, ok, print_findings
from tidings.cli.terminal import refuse
from tidings.storage.file_store import Bucket, s3_client, storage_errors
from tidings.storage.lake import WarehouseError
from tidings.storage.locks import open_session
from tidings.storage.remote_lake import RemoteLake, lake_of, place_of

PREFECT_URLS = ("PREFECT_SERVER_DATABASE_CONNECTION_URL", "PREFECT_API_DATABASE_CONNECTION_URL")


def setup() -> None:
    """Create the database and the bucket that `TIDINGS_WAREHOUSE` names, unless they exist.

    The command also checks that this machine may write to the bucket and has DuckDB's extensions.
    If `PREFECT_SERVER_DATABASE_CONNECTION_URL` is set, it creates Prefect's database with the
    extension `pg_trgm`.
    """
    lake = lake_of(read_settings())
    prefect = next(filter(None, map(os.environ.get, PREFECT_URLS)), "")
    refuse(
        not isinstance(lake, RemoteLake) and not prefect,
        "TIDINGS_WAREHOUSE is a folder, which needs no set-up. For several machines, set it to"
        " postgresql://USER@HOST/DATABASE?data=s3://BUCKET/PREFIX.",
    )
    if isinstance(lake, RemoteLake):
        print_findings(create_lake(lake))
    if prefect:
        print_findings([create_prefect_database(prefect)])
    if isinstance(lake, RemoteLake):
        print("Next: `tidings nightly`, or `tidings restore DIR` with a backup of your warehouse.")


def create_lake(lake: RemoteLake) -> Iterator[Finding]:
    """Create the database and the place of the data. Raises WarehouseError without access."""
    yield ok("catalog", f"{_create_database(lake.catalog_url)} {lake.name}")
    lake.prepare()
    if lake.data.startswith("s3://"):
        yield ok("bucket", f"{_create_bucket(lake)} {lake.data}")
    with duckdb.connect() as con:
        for statement in lake.setup():
            con.execute(statement)
    yield ok("DuckDB", listed(lake.extensions, 9))


def create_prefect_database(url: str) -> Finding:
    """Create the database and the extension that Prefect's server needs at SQLAlchemy's URL."""
    refuse(
        not url.startswith("postgresql"),
        "Prefect's database is a file, which needs no set-up: use PostgreSQL.",
    )
    url = re.sub(r"^postgresql\+\w+", "postgresql", url).replace("?ssl=", "?sslmode=")
    state = _create_database(url, PREFECT_URLS[0])
    _execute(url, "create extension if not exists pg_trgm")
    return ok("Prefect", f"{state} {place_of(url)}, with pg_trgm")


def _create_database(url: str, setting: str = "TIDINGS_WAREHOUSE") -> str:
    """Create the database of a setting's URL unless it exists; return which."""
    try:
        open_session(url).close()
    except ConnectionError as error:
        if not re.search('database ".*" does not exist', str(error)):
            reason = str(error).replace("TIDINGS_WAREHOUSE", setting)
            raise WarehouseError(f"{place_of(url)} cannot be reached: {reason}") from error
    else:
        return "exists:"
    name = unquote(urlsplit(url).path.strip("/")).replace('"', '""')
    _execute(urlsplit(url)._replace(path="/postgres").geturl(), f'create database "{name}"')
    return "created"


def _execute(url: str, statement: str) -> None:
    """Execute a statement, or raise WarehouseError with the statement for an administrator."""
    import psycopg

    try:
        with open_session(url) as session:
            session.execute(statement)
    except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
        return  # another machine was faster
    except (psycopg.Error, ConnectionError) as error:
        reason = str(error).strip().partition("\n")[0].rstrip(".")
        raise WarehouseError(
            f"{reason}. Let an administrator of {place_of(url)} execute: {statement};"
        ) from error


def _create_bucket(lake: RemoteLake) -> str:
    """Create the lake's bucket unless it exists; write and delete a file in it; return which."""
    bucket, state = Bucket(lake.data, lake.work), "exists:"
    trial = lake.work / "setup.txt"
    trial.write_text("`tidings setup` deletes this file.\n", encoding="utf-8")
    try:
        try:
            bucket.check()
        except OSError as error:
            if "NoSuchBucket" not in str(error):
                raise
            state, client = "created", s3_client()
            place = {"LocationConstraint": client.meta.region_name}
            options = {"CreateBucketConfiguration": place}
            if place["LocationConstraint"] in {None, "us-east-1", "aws-global"}:
                options = {}
            with storage_errors():
                client.create_bucket(Bucket=urlsplit(lake.data).netloc, **options)
        bucket.take_in(trial, trial.name)
        bucket.remove(trial.name)
    except OSError as error:
        raise WarehouseError(f"{lake.data} cannot be used: {error}.") from error
    return state
