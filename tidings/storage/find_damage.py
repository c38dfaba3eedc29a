"""Read all files of a warehouse completely, and report the damaged files and the remedy."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from tidings.base.languages.plural import counted
from tidings.storage.archive import read_warc
from tidings.storage.file_store import read_sums, size_and_digest
from tidings.storage.lake import (
    FILES,
    Connection,
    Lake,
    WarehouseError,
    check_catalog,
    open_lake,
    quoted,
    sums_file,
)
from tidings.storage.release import is_intact

REBUILD = "Restore the warehouse from a backup, or run `tidings rebuild`."
LOST = (
    "Restore the file from a backup; without it, its pages cannot be cleaned again. Articles"
    " are not affected."
)
REWRITE = "Run `tidings nightly`: it writes the file again."
PLACES = (
    "select warc_file, warc_offset, warc_length from raw.captures where warc_file is not null"
    " order by warc_file"
)


@dataclass(frozen=True, slots=True)
class Damage:
    """A damaged file: its path in the warehouse, the problem and the remedy."""

    name: str
    problem: str
    todo: str

    def __str__(self) -> str:
        """Return the damage as two sentences."""
        return f"{self.name}: {self.problem}. {self.todo}"


def find_damage(lake: Lake, log: Callable[[str], None] = lambda _text: None) -> Iterator[Damage]:
    """Read catalog, tables, archive and release file completely, and yield the damaged files."""
    try:
        if not lake.is_shared:
            check_catalog(lake.catalog, is_in_use=True)
        with open_lake(lake, read_only=True) as con:
            yield from _check_tables(con, lake, log)
            yield from _check_archive(con, lake, log)
    except WarehouseError as error:
        yield Damage("lake", str(error).rstrip("."), REBUILD)
    if lake.release_file.exists() and not is_intact(lake.release_file):
        yield Damage(lake.release_file.name, "its rows cannot be read", REWRITE)


def _check_tables(con: Connection, lake: Lake, log: Callable[[str], None]) -> Iterator[Damage]:
    """Compare each file with its recorded SHA-256; let DuckDB read those without."""
    sums = {} if lake.is_shared else read_sums(sums_file(lake))
    root = {"root": lake.attach_options()["DATA_PATH"]}
    files = con.execute(f"select name, address from ({FILES}) order by all", root).fetchall()
    log(f"reading {counted(len(files), 'table file')}")
    for table, address in files:
        name = address.removeprefix(f"{lake.root}/")
        digest, problem = sums.get(name.removeprefix("lake/")), ""
        try:
            if digest is None:
                con.execute(
                    f"select bit_xor(hash(one)) from read_parquet({quoted(address)}) as one"
                ).fetchall()
            elif size_and_digest(Path(address))[1] != digest:
                problem = "it differs from the file that was written"
        except (duckdb.Error, OSError) as error:
            problem = getattr(error, "strerror", None) or str(error).splitlines()[0]
        if problem:
            yield Damage(name, f"a file of {table} is damaged: {problem}", REBUILD)


def _check_archive(con: Connection, lake: Lake, log: Callable[[str], None]) -> Iterator[Damage]:
    names = set(lake.raw.names())
    log(f"reading {counted(len(names), 'archive file')}")
    places = defaultdict[str, set[tuple[int, int]]](set)
    with contextlib.suppress(duckdb.Error):  # reported above: a table cannot be read
        for name, offset, length in con.execute(PLACES).fetchall():
            places[name].add((offset, length))
    for name in sorted(names | places.keys()):
        problem = f"the file with {len(places[name]):,} records is missing"
        if name in names:
            problem = _file_problem(lake, name, places[name])
        if problem:
            yield Damage(f"archive/{name}", problem, LOST)


def _file_problem(lake: Lake, name: str, missing: set[tuple[int, int]]) -> str:
    """Return the damage of an archive file with records at these places, or an empty text."""
    count, problems = 0, list[str]()
    for record in read_warc(lake.raw, name):
        count += 1
        if record.problem:
            problems.append(f"at byte {record.offset:,} {record.problem}")
        missing.discard((record.offset, record.length))
    if problems:
        more = f", and {len(problems) - 1} more" if len(problems) > 1 else ""
        return f"{len(problems)} of {count:,} records are damaged: {problems[0]}{more}"
    return f"the records of {len(missing):,} captures are missing" if missing else ""
