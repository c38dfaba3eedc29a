"""Adopting: a warehouse that was copied or moved by hand becomes a warehouse of the folder in which it now is.

DuckLake's catalog names the folder of its data files by its full path, so that two copies never write into one another by
mistake. Adopting changes that path once it is certain that everything the catalog names is a file of this folder alone.
"""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

from tidings.warehouse.backup import MANIFEST
from tidings.warehouse.damage import FILES
from tidings.warehouse.lake import WarehouseError, opened, writing
from tidings.warehouse.store import is_plain_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tidings.warehouse.lake import Lake

# Every path of the catalog that DuckLake joins to the data path, with whether it is relative.
PATHS = """
    select path, path_is_relative from ducklake_schema
    union all select path, path_is_relative from ducklake_table
    union all select path, path_is_relative from ducklake_data_file
    union all select path, path_is_relative from ducklake_delete_file
    union all select path, path_is_relative from ducklake_files_scheduled_for_deletion
"""


def adopt(lake: Lake, log: Callable[[str], None] = lambda _text: None) -> str | None:
    """Make a copied or moved warehouse usable in its folder and return the folder that it names; None where it is this one.

    Raises WarehouseError with one sentence, and changes nothing, where there is no warehouse, a file is missing or outside of
    the folder, a part of the warehouse is a link, or a run is writing to it.
    """
    if lake.is_shared:
        raise WarehouseError(f"{lake.name} is a lake address: only a warehouse in a folder can be adopted.")
    if not lake.catalog.is_file():
        raise WarehouseError(f"There is no warehouse in {lake.root}: name the folder that holds lake/ and archive/.")
    if (lake.root / MANIFEST).exists():
        raise WarehouseError(
            f"{lake.root} is a backup: set TIDINGS_WAREHOUSE to a new folder and run `tidings restore {lake.root}`."
        )
    for part in (lake.catalog.parent, lake.catalog, lake.data_path, lake.archive, lake.root / "writer.lock"):
        if part.is_symlink() or (part.is_file() and part.stat().st_nlink > 1):
            raise WarehouseError(f"{part} is a link to another warehouse's: copy it with `cp -rL`, then adopt the copy.")
    with writing(lake, patience=5, log=log):
        before = data_path_of(lake.catalog).rstrip("/")
        names = check_catalog(lake.catalog)
        if missing := [name for name in names if not (lake.data_path / name).is_file()]:
            raise WarehouseError(
                f"{len(missing)} of the {len(names)} files that the catalog names are missing, such as"
                f" {lake.data_path / missing[0]}: copy the whole warehouse again while nothing writes to it."
            )
        if before == str(lake.data_path):
            return None
        set_data_path(lake.catalog, lake.data_path)
        with opened(lake, read_only=True):  # it opens
            return str(before).removesuffix("/lake/data")


def data_path_of(catalog: Path) -> str:
    """Return the folder in which a catalog's data files are. Raises WarehouseError where it is no catalog."""
    with _opened(catalog) as con:
        row = con.execute("select value from ducklake_metadata where key = 'data_path' and scope is null").fetchone()
        return str(row[0]) if row else ""


def set_data_path(catalog: Path, data_path: Path) -> None:
    """Write the folder in which a catalog's data files are from now on."""
    with _opened(catalog) as con, con:
        con.execute("update ducklake_metadata set value = ? where key = 'data_path' and scope is null", [f"{data_path}/"])


def check_catalog(catalog: Path, *, is_at_rest: bool = False) -> list[str]:
    """Return the files that a catalog names, below its data path; of one at rest nothing is written, not even beside it.

    Raises WarehouseError unless the catalog is sound and all its paths are below its data path.
    """
    with _opened(catalog, "?immutable=1" if is_at_rest else "") as con:
        (sound,) = con.execute("pragma integrity_check").fetchone()
        if sound != "ok":
            raise WarehouseError(f"{catalog} is damaged: restore a backup, or run `tidings rebuild`.")
        for path, is_relative in con.execute(PATHS):
            name = str(path).removesuffix("/")
            if is_relative != 1 or not is_plain_name(name):
                raise WarehouseError(f"{catalog} names {name[:200]!r}, which is outside of its folder: use a backup made here.")
        return [str(name) for _, name in con.execute(FILES.format(catalog="", root="''"))]


@contextlib.contextmanager
def _opened(catalog: Path, options: str = "") -> Iterator[sqlite3.Connection]:
    try:
        with contextlib.closing(sqlite3.connect(f"{catalog.absolute().as_uri()}{options}", timeout=30, uri=True)) as con:
            yield con
    except sqlite3.Error as error:
        raise WarehouseError(f"{catalog} cannot be read as a catalog: {error}.") from error
