"""The registry's file: its columns, read and written whole, so that a stop in the middle leaves the old one."""

from __future__ import annotations

import csv
import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tidings.flows.cli.places import UserError
from tidings.flows.fetch.rate_limit import domain_of
from tidings.flows.urls import host_of
from tidings.warehouse.reference import read_csv

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

COLUMNS = (
    "feed_id",
    "url",
    "publisher_id",
    "kind",
    "language",
    "topics",
    "is_enabled",
    "has_full_text",
    "ignores_robots",
    "item_selector",
    "next_selector",
    "day_url",
    "checked_on",
    "source",
)


def read_rows(path: Path) -> list[dict[str, str]]:
    """Return the registry's rows, none when there is no file yet; raises WarehouseError for one that cannot be read."""
    return read_csv(path, ("feed_id", "url")) if path.exists() else []


def write_rows(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Write the registry; columns of its own that it had beyond the usual ones are kept."""
    extra = dict.fromkeys(name for row in rows for name in row if name not in COLUMNS)
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [*COLUMNS, *extra], restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}.") from error


def name_feed(url: str, taken: Iterable[str], title: str | None = None) -> str:
    """Return an id for a new feed that no other has: its publisher's domain and the telling words of its address."""
    host = host_of(url)
    words = re.findall(r"[a-z0-9]+", url.partition("://")[2].partition("/")[2].lower().rpartition(".")[0])
    plain = [word for word in words if word not in {"rss", "feed", "feeds", "xml", "atom", "index", "all", "php", "www"}]
    told = plain or re.findall(r"[a-z0-9]+", (title or "").lower())
    base = "-".join([domain_of(host).split(".")[0] if not host[:1].isdigit() else host.replace(".", "-"), *told[:3]])
    used = set(taken)
    return next(name for name in (base, *(f"{base}-{number}" for number in range(2, 10_000))) if name not in used)
