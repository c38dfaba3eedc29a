"""Load reference data from CSV files in seeds/ and TIDINGS_SEEDS into schema ``ref``."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from tidings.base.languages import CODES
from tidings.base.load_rows import load_rows
from tidings.paths import SEEDS
from tidings.storage.lake import Connection, WarehouseError, refuse, transaction
from tidings.storage.load import column_types, read_column, write_differences
from tidings.storage.seed_checks import ANALYSED, KEYS, LOADED, NEEDED, refuse_unusable

Row = Mapping[str, str]

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# also tabs and line ends, which a note may contain
_CONTROLS_IN_IDS = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def read_csv(path: Path, needed: Iterable[str] = ()) -> list[dict[str, str]]:
    """Return the rows of a CSV file by column name, with trimmed cells.

    Raises WarehouseError with the file and line if it is not UTF-8, lacks a needed column or cell,
    or contains a control character.
    """
    reader = csv.DictReader(io.StringIO(_read_text(path), newline=""))
    rows = []
    try:
        missing = sorted(set(needed) - set(reader.fieldnames or ()))
        noun, are = ("columns", "are") if len(missing) > 1 else ("column", "is")
        refuse(missing, f"{path.name}: the {noun} {', '.join(missing)} {are} missing.")
        for row in reader:
            place = f"{path.name}, line {reader.line_num}"
            is_odd = None in row or None in row.values()
            refuse(is_odd, f"{place}: the number of cells differs from the header.")
            rows.append({name: cell.strip() for name, cell in row.items()})
            _refuse_controls(place, rows[-1])
    except csv.Error as error:
        raise WarehouseError(f"{path.name} is not a CSV file: {error}.") from error
    return rows


def _read_text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise WarehouseError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise WarehouseError(
            f"{path.name}, line {line}: the text is not in UTF-8; save the file in this encoding."
        ) from error


def _refuse_controls(place: str, row: Mapping[str, Any]) -> None:
    """Raise WarehouseError if a cell contains a control character, or an ID a tab or a line end."""
    if "".join(map(str, row.values())).isprintable():
        return
    for name, cell in row.items():
        if match := (_CONTROLS_IN_IDS if name.endswith("_id") else _CONTROLS).search(str(cell)):
            raise WarehouseError(
                f"{place}: {name} contains the control character U+{ord(match[0]):04X}: delete it."
            )


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Replace a CSV file by rename. Raises WarehouseError, also if ``read_csv`` would refuse it."""
    rows = list(rows)
    for number, row in enumerate(rows, 2):
        _refuse_controls(f"{path.name}, row {number}", row)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except OSError as error:
        raise WarehouseError(f"Cannot write {path}: {error.strerror}.") from error


def read_seed(name: str, folders: Sequence[Path]) -> list[dict[str, str]]:
    """Return the rows of a reference table from all folders; a row of a later folder replaces one
    with the same key.

    Bundled codings of other texts do not count for the recall in the user's articles. Raises
    WarehouseError, also for different rows of one file with the same key.
    """
    if name == "codings" and folders[0] == SEEDS:
        folders = folders[1:]
    rows: dict[tuple[str, ...], dict[str, str]] = {}
    for folder in folders:
        path = folder / f"{name}.csv"
        if path.exists():
            rows |= _read_by_key(name, path)
    return list(rows.values())


def _read_by_key(name: str, path: Path) -> dict[tuple[str, ...], dict[str, str]]:
    key, rows = KEYS[name], dict[tuple[str, ...], dict[str, str]]()
    # a phrase cannot be found without these columns
    needed = NEEDED[name] if name == "theme_phrases" else key
    for row in read_csv(path, needed):
        cells = tuple(row[part] for part in key)
        refuse(
            rows.setdefault(cells, row) != row,
            f"{path.name}: two different rows have the {', '.join(key)} {', '.join(cells)}:"
            " change one, or delete it.",
        )
    return rows


def load_reference(con: Connection, folders: Sequence[Path], mark: Path | None = None) -> list[str]:
    """Write the reference tables that have changed, and return their names.

    ``mark`` is a file with the state of files and tables when they were last equal: while it is
    unchanged, no file is parsed. A caller with a mark holds the writer lock. Raises WarehouseError
    for an invalid cell or language.
    """
    files = _hash_files(folders)  # before the comparison: a later change is not missed
    if mark and mark.is_file() and mark.read_text("utf-8") == f"{files} {_hash_rows(con)}":
        return []
    seeds = {name: read_seed(name, folders) for name in LOADED}
    for name in ANALYSED:
        refuse_unusable(name, seeds[name])
    written = [name for name, rows in seeds.items() if replace_table(con, name, rows)]
    if mark:
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.write_text(f"{files} {_hash_rows(con)}", encoding="utf-8")
    return written


def _hash_files(folders: Sequence[Path]) -> str:
    """Return a hash of the CSV files, this module and the languages."""
    files = hashlib.sha256(Path(__file__).read_bytes() + repr(CODES).encode())
    for path in (folder / f"{name}.csv" for folder in folders for name in LOADED):
        content = path.read_bytes() if path.exists() else None
        files.update(repr((str(path), content)).encode())
    return files.hexdigest()


def _hash_rows(con: Connection) -> str:
    """Return a sum for each reference table, whatever the order of its rows."""
    sums = ", ".join(f"(select sum(hash(rows)) from ref.{name} as rows)" for name in LOADED)
    return str(con.execute(f"select {sums}").fetchone())


def replace_table(con: Connection, name: str, rows: Sequence[Row]) -> bool:
    """Replace a table's rows, with empty cells as null, and return whether they differed."""
    table = f"ref.{name}"
    types = column_types(con, table)
    cells = [[row.get(column) or None for column in types] for row in rows]
    load_rows(con, "given_rows", cells, dict.fromkeys(types, "varchar"))
    listed = ", ".join(
        f"string_split({column}, '|') as {column}" if kind == "VARCHAR[]" else column
        for column, kind in types.items()
    )
    new = f"select {listed} from temp.given_rows"
    try:
        with transaction(con):
            return write_differences(con, table, new, ", ".join(KEYS[name]))
    except duckdb.ConversionException as error:
        raise WarehouseError(f"{name}.csv: {str(error).splitlines()[0]}") from error


def lexicon_version(con: Connection) -> str:
    """Return the first 12 hexadecimal digits of a hash of the themes and phrases in the lake."""
    (version,) = read_column(
        con,
        "select coalesce(left(md5(string_agg(line, chr(10) order by line)), 12), 'empty') from ("
        " select 'p' || to_json(p)::varchar as line from ref.theme_phrases as p"
        " union all select 't' || to_json(t)::varchar from ref.themes as t)",
    )
    return str(version)


COLUMNS = ("country", "institution", "publisher_type", "publisher_id", "language", "topics")


def is_enabled(feed: Row) -> bool:
    """Return whether nightly runs poll a row of the feed list."""
    return feed.get("is_enabled", "").lower() not in {"false", "0", "no"}


def select_feeds(conditions: str, feeds: Iterable[Row], publishers: Mapping[str, Row]) -> list[Row]:
    """Return the enabled rows of the feed list that satisfy a pack's ``conditions``, in which a
    feed's column precedes its publisher's. Raises ValueError.

    Semicolons separate alternatives, ampersands columns, and ``|`` values: ``country=CN|HK;
    topics=china & language=en``.
    """

    def read(condition: str) -> tuple[str, set[str]]:
        column, values = map(str.strip, condition.partition("=")[::2])
        if column not in COLUMNS or not values:
            raise ValueError(
                f"invalid condition {column!r}: use {', '.join(COLUMNS)}, with = and a value."
            )
        return column, set(map(str.strip, values.split("|")))

    def values_of(feed: Row, column: str) -> set[str]:
        publisher = publishers.get(feed.get("publisher_id", ""), {})
        return set((feed.get(column) or publisher.get(column) or "").split("|"))

    rules = [[*map(read, alternative.split("&"))] for alternative in conditions.split(";")]
    return [
        feed
        for feed in feeds
        if is_enabled(feed)
        and any(all(values & values_of(feed, column) for column, values in rule) for rule in rules)
    ]
