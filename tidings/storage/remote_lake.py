"""A lake that several machines share: its catalog in PostgreSQL, its data and archive in object
storage or a shared folder. Release file, report and working files are in a folder of each machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from tidings.base.settings import Settings
from tidings.storage.file_store import Bucket, Folder, Store, s3_client
from tidings.storage.lake import Lake, WarehouseError, quoted, refuse
from tidings.storage.locks import Locks, PostgresLocks, open_session

_EXTENSIONS = ("ducklake", "postgres_scanner")


@dataclass(frozen=True, slots=True)
class RemoteLake(Lake):
    """A lake with a catalog in a PostgreSQL database; ``data`` is an s3:// URL or a folder."""

    is_shared: ClassVar[bool] = True
    catalog_url: str = field(repr=False)  # may contain a password
    data: str

    @property
    def name(self) -> str:
        """The catalog's server and database, without user and password."""
        return place_of(self.catalog_url)

    @property
    def _database(self) -> tuple[str, str]:
        return "postgres", self.catalog_url

    @property
    def exists(self) -> bool:
        """True if the lake has been created. Raises WarehouseError if its server is unreachable."""
        try:
            with open_session(self.catalog_url) as session:
                found = session.execute("select to_regclass('ducklake_metadata') is not null")
                return bool(found.fetchone()[0])
        except ConnectionError as error:
            raise WarehouseError(f"The catalog {self.name} cannot be reached: {error}") from error

    @property
    def extensions(self) -> Sequence[str]:
        """The DuckDB extensions that opening the lake requires."""
        return (*_EXTENSIONS, "httpfs") if self._is_bucket else _EXTENSIONS

    def attach_options(self) -> dict[str, str]:
        """Return DuckLake's ATTACH options for a writer, by name."""
        return {"DATA_PATH": f"{self.data.rstrip('/')}/lake/", "DATA_INLINING_ROW_LIMIT": "0"}

    def setup(self) -> list[str]:
        """Return the SQL statements before ATTACH, which also give DuckDB the AWS credentials of
        this machine. Raises WarehouseError without credentials, and OSError without access to the
        bucket.
        """
        statements = Lake.setup(self)
        if not self._is_bucket:
            return statements
        client = s3_client()
        credentials = client._request_signer._credentials  # noqa: SLF001 - the credentials that the client itself found
        refuse(
            credentials is None,
            f"Missing credentials for {self.data}: set AWS_ACCESS_KEY_ID and"
            f" AWS_SECRET_ACCESS_KEY.",
        )
        Bucket(self.data, self.work).check()  # its errors are clearer than DuckDB's
        keys = credentials.get_frozen_credentials()
        endpoint = urlsplit(client.meta.endpoint_url)
        options = {
            "key_id": keys.access_key,
            "secret": keys.secret_key,
            "region": client.meta.region_name or "us-east-1",
            "session_token": keys.token,
        }
        if not endpoint.netloc.endswith(".amazonaws.com"):
            options |= {
                "endpoint": endpoint.netloc,
                "url_style": "path",
                "use_ssl": str(endpoint.scheme == "https").lower(),
            }
        listed = ", ".join(f"{name} {quoted(value)}" for name, value in options.items() if value)
        secret = f"create secret tidings (type s3, scope {quoted(self.data)}, {listed})"
        return [*statements, secret]

    def explain(self, error: Exception) -> str:
        """Return the first line of an error without the password, and the remedy for moved data."""
        password = urlsplit(self.catalog_url).password
        line = str(error).strip().splitlines()[0]
        if MOVED in line:
            line = (
                f"its catalog names another location of the data: correct data= in"
                f" TIDINGS_WAREHOUSE ({line.rstrip('.')})"
            )
        return line.replace(password, "…") if password else line

    def prepare(self) -> None:
        """Create the folders that the first write requires: object storage requires none."""
        self.work.mkdir(parents=True, exist_ok=True)
        if not self._is_bucket:
            Path(self.data, "lake").mkdir(parents=True, exist_ok=True)

    def locks(self, kind: str = "") -> Locks:
        """Return this lake's named locks between machines; ``kind`` is their prefix."""
        return PostgresLocks(self.catalog_url, f"{kind}/")

    @property
    def _is_bucket(self) -> bool:
        return self.data.startswith("s3://")

    def _store(self, part: str) -> Store:
        below = f"{self.data.rstrip('/')}/{part}"
        if self._is_bucket:
            return Bucket(below, self.work / "staging" / part)
        return Folder(Path(below))


def place_of(url: str) -> str:
    """Return a database URL without user, password and parameters."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


SCHEMES = ("postgresql", "postgres")
MOVED = "does not match existing data path"  # part of DuckLake's error message


def lake_of(settings: Settings) -> Lake:
    """Return the lake of a run. Raises WarehouseError if its address is invalid."""
    return lake_at(settings.address, settings.warehouse)


def demo_lake(lake: Lake) -> Lake | None:
    """Return the demo's lake in the same folder, if only that exists."""
    demo = Lake(lake.root / "demo")
    return demo if not lake.exists and not lake.is_lost and demo.exists else None


def lake_at(address: str, folder: Path) -> Lake:
    """Return the lake at an address; an empty address means ``folder``.

    An address is a folder, or ``postgresql://USER@HOST/DATABASE?data=s3://BUCKET/PREFIX``; ``data``
    may also be a folder that all machines mount, and ``folder`` in the URL is this machine's. Other
    parameters, such as ``sslmode``, are passed to libpq. Put the password into ``PGPASSWORD`` or a
    passfile instead. Raises WarehouseError for an invalid address.
    """
    if "://" not in address:
        return Lake(Path(address or folder).resolve())
    parts = urlsplit(address)
    refuse(
        parts.scheme not in SCHEMES,
        f"Invalid lake URL: {parts.scheme}:// is not supported. Use a folder or"
        " postgresql://HOST/DATABASE?data=….",
    )
    options = dict(parse_qsl(parts.query))
    data = options.pop("data", "")
    is_bucket = data.startswith("s3://")
    refuse(
        not data or ("://" in data and not is_bucket),
        "Invalid lake URL: add ?data=s3://BUCKET/PREFIX, or ?data= with a folder that all machines"
        " mount.",
    )
    own = Path(options.pop("folder", "") or folder).resolve()
    refuse(
        not parts.path.strip("/"),
        "Invalid lake URL: the database is missing. Use postgresql://HOST/DATABASE?data=….",
    )
    url = urlunsplit(("postgresql", parts.netloc, parts.path, urlencode(options), ""))
    return RemoteLake(own, url, data if is_bucket else str(Path(data).resolve()))
