"""A lake that several machines share: its catalog in PostgreSQL, its data and archive in object storage or a shared folder.

The SQL is the same, and so is every rule of the one-folder lake; only what stands in ``RemoteLake`` differs. Each machine
keeps what is made from the lake in a folder of its own: the release file, the report, dbt's working files.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Never
from urllib.parse import urlsplit

from tidings.warehouse.lake import Lake, WarehouseError, quoted
from tidings.warehouse.locks import Locks, PostgresLocks, open_session
from tidings.warehouse.store import Bucket, Folder, Store, s3_client

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class RemoteLake(Lake):
    """``catalog_url`` is a PostgreSQL address of a database that holds this lake alone; ``data`` an s3:// address or a folder."""

    catalog_url: str = field(repr=False)  # may hold a password
    data: str

    @property
    def name(self) -> str:
        """The catalog's server and database, without user and password."""
        parts = urlsplit(self.catalog_url)
        place = parts.netloc.rpartition("@")[2]
        return f"{parts.scheme}://{place}{parts.path}"

    @property
    def path(self) -> str:
        """The lake's address as ATTACH takes it."""
        return f"ducklake:postgres:{self.catalog_url}"

    @property
    def exists(self) -> bool:
        """Whether a lake has been made here. Raises WarehouseError when the catalog's server cannot be reached."""
        try:
            with open_session(self.catalog_url) as session:
                return bool(session.execute("select to_regclass('ducklake_metadata') is not null").fetchone()[0])
        except ConnectionError as error:
            raise WarehouseError(f"The catalog {self.name} cannot be reached: {error}") from error

    @property
    def is_shared(self) -> bool:
        """Whether other machines write here too: yes."""
        return True

    @property
    def extensions(self) -> Sequence[str]:
        """The DuckDB extensions that it takes to open the lake."""
        return ("ducklake", "postgres_scanner", *(("httpfs",) if self._is_bucket else ()))

    def attach_options(self) -> dict[str, str]:
        """Return DuckLake's options for a writer, by name; the values are as ATTACH takes them."""
        return {"DATA_PATH": f"{self.data.rstrip('/')}/lake/", "DATA_INLINING_ROW_LIMIT": "0"}

    def secrets(self) -> list[str]:
        """Return the statements that give DuckDB the access that AWS programs have here.

        Raises WarehouseError when there is none.
        """
        if not self._is_bucket:
            return []
        client = s3_client()
        found = client._request_signer._credentials  # noqa: SLF001 - the chain that the client itself has gone through
        if found is None:
            raise WarehouseError(f"Nothing gives access to {self.data}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.")
        keys = found.get_frozen_credentials()
        endpoint = urlsplit(client.meta.endpoint_url)
        told = {"key_id": keys.access_key, "secret": keys.secret_key, "region": client.meta.region_name or "us-east-1"}
        if keys.token:
            told["session_token"] = keys.token
        if not endpoint.netloc.endswith(".amazonaws.com"):
            told |= {"endpoint": endpoint.netloc, "url_style": "path", "use_ssl": str(endpoint.scheme == "https").lower()}
        listed = ", ".join(f"{name} {quoted(value)}" for name, value in told.items())
        return [f"create secret tidings (type s3, scope {quoted(self.data)}, {listed})"]

    def parts_here(self) -> dict[str, Path]:
        """Return the files of this machine that are made from the lake, by what a person calls them."""
        return {"release file": self.release_file}

    def attach_catalog(self, alias: str) -> str:
        """Return the statement that attaches the catalog's own tables, for moving them."""
        return f"attach {quoted(self.catalog_url)} as {alias} (type postgres)"

    def explain(self, error: Exception) -> str:
        """Return an error's first line, with no password in it."""
        password = urlsplit(self.catalog_url).password
        line = str(error).strip().splitlines()[0]
        return line.replace(password, "…") if password else line

    def prepare(self) -> None:
        """Make the folders that the first write needs: object storage needs none."""
        self.work.mkdir(parents=True, exist_ok=True)
        if not self._is_bucket:
            Path(self.data, "lake").mkdir(parents=True, exist_ok=True)

    def locks(self, kind: str = "") -> Locks:
        """Return a holder of locks between all machines; ``kind`` parts names of different uses."""
        return PostgresLocks(self.catalog_url, f"{kind}/")

    @property
    def raw(self) -> Store:
        """The archive's WARC files."""
        return self._store("archive")

    @property
    def files(self) -> Store:
        """The lake's Parquet files."""
        return self._store("lake")

    @property
    def archive(self) -> Never:
        """There is no such folder. Raises WarehouseError."""
        raise WarehouseError(f"The archive of {self.name} is no folder of this machine.")

    @property
    def catalog(self) -> Never:
        """There is no such file. Raises WarehouseError."""
        raise WarehouseError(f"The catalog {self.name} is no file of this machine.")

    @property
    def data_path(self) -> Never:
        """There is no such folder. Raises WarehouseError."""
        raise WarehouseError(f"The data of {self.name} is no folder of this machine.")

    @property
    def _is_bucket(self) -> bool:
        return self.data.startswith("s3://")

    def _store(self, part: str) -> Store:
        below = f"{self.data.rstrip('/')}/{part}"
        return Bucket(below, self.work / "staging" / part) if self._is_bucket else Folder(Path(below))
