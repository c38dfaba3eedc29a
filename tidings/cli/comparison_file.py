"""Read a file of counts as a table of texts: CSV, GDELT's JSON, or the first sheet of an Excel
workbook.
"""

from __future__ import annotations

import csv
import fnmatch
import io
import json
import re
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lxml import etree

from tidings.cli.terminal import UserError, existing

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

MAX_BYTES = 10_000_000  # bytes of a file, or of a decompressed part of a workbook
# the days of a century and a third; GDELT has two rows a day
_MAX_ROWS, _MAX_COLUMNS = 50_000, 500
_SHEET, _SHARED = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"


@dataclass(frozen=True, slots=True)
class Table:
    """A file's header and its rows with their line numbers; each row has as many cells as the
    header. Cells are trimmed.
    """

    header: tuple[str, ...]
    rows: list[tuple[int, tuple[str, ...]]]

    @property
    def names(self) -> str:
        """The columns for an error message."""
        return shorten(", ".join(self.header), 300)

    @property
    def columns(self) -> list[str]:
        """The columns in lower case."""
        return [name.lower() for name in self.header]


def read_table(path: Path) -> Table:
    """Return the table in a file. Raises UserError if the file cannot be read as a table."""
    if existing(path).stat().st_size > MAX_BYTES:
        raise UserError(
            f"{path} has more than {MAX_BYTES:,} bytes: Tidings imports counts by day, week or"
            " month."
        )
    content = path.read_bytes()
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise UserError(f"{path} is an old Excel file (.xls): save it as .xlsx or CSV.")
    if content.startswith(b"PK"):
        return _to_table(path, _read_workbook(path, content))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(
            f"{path} is compressed or not in UTF-8: unpack it, or save it as CSV in UTF-8."
        ) from error
    read = _read_timeline if text.lstrip().startswith("{") else _read_csv
    return _to_table(path, read(path, text))


def _to_table(path: Path, lines: Iterable[tuple[int, list[str]]]) -> Table:
    """Return lines with their numbers as a table: the first line with text is the header."""
    table = Table((), [])
    for number, cells in lines:
        row = tuple(map(str.strip, cells))
        count = len(table.header)
        if not any(row):
            continue
        if not count:
            table = Table(row, [])
            for name, uses in Counter(filter(None, table.columns)).items():
                if uses > 1:
                    raise UserError(
                        f"{path} has two columns with the name {shorten(name)!r}: rename"
                        f" or delete one."
                    )
        elif any(row[count:]):
            raise UserError(
                f"{path}, line {number}: more cells than the header, which is the first line."
            )
        else:
            table.rows.append((number, (*row[:count], *[""] * (count - len(row)))))
        if len(table.rows) > _MAX_ROWS or len(table.header) > _MAX_COLUMNS:
            limits = f"{_MAX_ROWS:,} rows or {_MAX_COLUMNS} columns"
            raise UserError(
                f"{path} has more than {limits}: Tidings imports counts by day, week or month."
            )
    if not table.rows:
        raise UserError(f"{path} has no rows below a header.")
    return table


def widen(table: Table, known: Collection[str]) -> Table:
    """Return rows of date, series and value as a row for each ``datetime``, with a column for each
    known series.

    Without a known series, the header has the names of all series.
    """
    date, series, value = map(table.columns.index, ("date", "series", "value"))
    listed = tuple(dict.fromkeys(row[series].lower() for _, row in table.rows))
    shown = list(filter(known.__contains__, listed))
    days: dict[str, tuple[int, dict[str, str]]] = {}
    for number, row in table.rows:
        name, (_, cells) = row[series].lower(), days.setdefault(row[date], (number, {}))
        if name in cells:
            raise UserError(
                f"Line {number}: a second value of {shorten(row[series])} for"
                f" {row[date]}: export one query, by day."
            )
        cells[name] = row[value]
    rows = [
        (number, (day, *(cells.get(name, "") for name in shown)))
        for day, (number, cells) in days.items()
    ]
    return Table(("datetime", *shown) if shown else listed, rows)


def shorten(text: str, most: int = 80) -> str:
    """Return a text for an error message, with at most this number of characters."""
    return text if len(text) <= most else f"{text[:most]}…"


def _read_csv(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    head = text.lstrip().partition("\n")[0]
    separator = max(",;\t", key=head.count)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        raise UserError(f"{path} is not a CSV file: {error}.") from error


def _read_timeline(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of GDELT's JSON as those of its CSV. ``norm`` becomes the series "All
    Articles".
    """
    rows, totals = [["Date", "Series", "Value"]], []
    try:
        for series in json.loads(text)["timeline"]:
            for point in series["data"]:
                day = str(point["date"])
                rows.append([day, str(series["series"]), str(point["value"])])
                if (norm := point.get("norm")) is not None:
                    totals.append([day, "All Articles", str(norm)])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UserError(f"{path} is not a timeline of GDELT's DOC API as JSON.") from error
    yield from enumerate(rows + totals, 1)


def _read_workbook(path: Path, content: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            names = file.namelist()
            sheets = fnmatch.filter(names, "xl/worksheets/*")
            root = _read_part(file, min(sheets, key=lambda name: name != _SHEET))
            shared = _read_part(file, _SHARED) if _SHARED in names else []
    except (
        zipfile.BadZipFile,
        zlib.error,
        etree.XMLSyntaxError,
        EOFError,
        OSError,
        RuntimeError,
        ValueError,
    ) as error:
        raise UserError(
            f"{path} is not a readable Excel workbook: save the sheet as CSV."
        ) from error
    texts = {str(at): "".join(item.itertext("{*}t")) for at, item in enumerate(shared)}
    for place, row in enumerate(root.iter("{*}row"), 1):
        cells: dict[int, str] = {}
        for at, cell in enumerate(row.iter("{*}c")):
            value = "".join(cell.itertext("{*}v", "{*}t"))
            if cell.get("t") == "s":
                value = texts.get(value, value)
            cells[_column_of(cell.get("r"), at)] = value
        number = re.fullmatch("[0-9]{1,7}", row.get("r", ""))
        line = [cells.get(at, "") for at in range(max(cells, default=-1) + 1)]
        yield int(number[0]) if number else place, line


def _read_part(file: zipfile.ZipFile, name: str) -> Any:
    with file.open(name) as stream:
        xml = stream.read(MAX_BYTES + 1)
    if len(xml) > MAX_BYTES:
        raise ValueError
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    return etree.fromstring(xml, parser)


def _column_of(reference: str | None, otherwise: int) -> int:
    """Return the number of a cell's column, from 0: 27 for AB3. A workbook has at most 16,384
    columns.
    """
    letters = re.match("[A-Z]{1,3}", reference or "")
    if not letters:
        return otherwise
    number = 0
    for letter in letters[0]:
        number = 26 * number + ord(letter) - 64
    return number - 1
