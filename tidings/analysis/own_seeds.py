"""Change rows of the user's own reference data."""

import csv
import itertools
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from tidings.base.settings import Settings
from tidings.paths import SEEDS
from tidings.storage.reference import read_csv, write_csv


def is_bundled(folder: Path) -> bool:
    """Return whether a folder is the seeds folder of Tidings itself."""
    return folder.resolve() == SEEDS


def own_folder(settings: Settings) -> Path:
    """Return the last folder of TIDINGS_SEEDS, or that in the data folder for the bundled one."""
    last = settings.seeds[-1]
    return settings.own_seeds if is_bundled(last) else last


def read_own(path: Path, needed: Iterable[str] = ()) -> list[dict[str, str]]:
    """Return the rows of a file, none without a file. Raises WarehouseError."""
    return read_csv(path, needed) if path.exists() else []


def change_rows(
    path: Path,
    is_kept: Callable[[dict[str, str]], bool],
    added: Iterable[Mapping[str, Any]] = (),
) -> None:
    """Write the kept and the added rows of a file, which has the columns of the file before or else
    of the bundled one, then those of the rows.
    """
    rows: list[Mapping[str, Any]] = [*filter(is_kept, read_own(path)), *added]
    known, header = path if path.exists() else SEEDS / path.name, list[str]()
    if known.exists():
        with known.open(encoding="utf-8-sig", newline="") as file:
            header = next(csv.reader(file), [])
    write_csv(path, [*dict.fromkeys(itertools.chain(header, *rows))], rows)


def replace_rows(path: Path, rows: Iterable[Mapping[str, Any]], key: Callable[..., Any]) -> int:
    """Add rows to a file in place of those with the same key, and return the number of keys."""
    rows = [*rows]
    replaced = set(map(key, rows))
    change_rows(path, lambda row: key(row) not in replaced, rows)
    return len(replaced)
