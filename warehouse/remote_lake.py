"""A lake that several machines share: its catalog in PostgreSQL, its data and archive in object storage or a shared folder.

The SQL is the same, and so is every rule of the one-folder lake; only what stands in ``RemoteLake`` differs. Each machine
keeps what is made from the lake in a folder of its own: the release file, the report, dbt's working files.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Never
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from tidings.warehouse.file_store import Bucket, Folder, Store, s3_client
from tidings.warehouse.lake import Lake, WarehouseError, quoted
from tidings.warehouse.locks import Locks, PostgresLocks, open_session

if TYPE_CHECKING:
    from collections.abc import Sequence
    from urllib.parse import SplitResult


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


SCHEMES = ("postgresql", "postgres")


def lake_at(address: str, folder: Path) -> Lake:
    """Return the lake of an address: empty for ``folder``, a folder, or ``postgresql://USER@HOST/DATABASE?data=s3://BUCKET/PREFIX``.

    ``data`` may be a folder that all machines mount, too. ``folder=`` in the address is where this machine keeps what it
    makes from the lake, else ``folder`` is; what else stands there is libpq's, such as ``sslmode``. A password is better
    kept out of it, in ``PGPASSWORD`` or a passfile. Raises WarehouseError with one sentence for what is no such address.
    """
    if "://" not in address:
        return Lake(Path(address or folder).resolve())
    parts = urlsplit(address)
    if parts.scheme not in SCHEMES:
        raise WarehouseError(f"A lake address begins with postgresql://, not with {parts.scheme}://.")
    told = dict(parse_qsl(parts.query))
    data = told.pop("data", "")
    if not data or ("://" in data and not data.startswith("s3://")):
        raise WarehouseError("A lake address names where its data lies: …?data=s3://BUCKET/PREFIX, or a folder that is shared.")
    own = Path(told.pop("folder", "") or folder).resolve()
    if not parts.path.strip("/"):
        raise WarehouseError("A lake address names the database: postgresql://HOST/DATABASE?data=….")
    return RemoteLake(own, _without(parts, told), data if data.startswith("s3://") else str(Path(data).resolve()))


def _without(parts: SplitResult, told: dict[str, str]) -> str:
    return urlunsplit(("postgresql", parts.netloc, parts.path, urlencode(told), ""))
