"""Which lake an address names: a folder, or PostgreSQL and object storage."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from tidings.warehouse.lake import Lake, WarehouseError
from tidings.warehouse.remote import RemoteLake

if TYPE_CHECKING:
    from collections.abc import Mapping
    from urllib.parse import SplitResult

SCHEMES = ("postgresql", "postgres")
DATA = Path(__file__).resolve().parent / "data"


def lake_from_environment(env: Mapping[str, str] = os.environ) -> Lake:
    """Return the lake that ``TIDINGS_WAREHOUSE`` names, or the lake in the package's data folder if it is unset."""
    return lake_at(env.get("TIDINGS_WAREHOUSE", ""), DATA)


def demo_lake(lake: Lake) -> Lake | None:
    """Return the demo's lake in the same folder if the lake itself does not exist yet, or None if there is no demo or no need."""
    demo = Lake(lake.root / "demo")
    return demo if not lake.exists and not lake.is_lost and demo.exists else None


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
