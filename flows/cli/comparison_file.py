"""Read a file of counts as a table of texts: CSV, GDELT's JSON, or the first sheet of an Excel workbook."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lxml import etree

from tidings.flows.cli.terminal import UserError

if TYPE_CHECKING:
    from pathlib import Path

LARGEST = 40_000_000  # bytes of a file, or of a decompressed part of a workbook
_SHEET = "xl/worksheets/sheet1.xml"


@dataclass(frozen=True, slots=True)
class Table:
    """A file's header and its rows with their line numbers; each row has as many cells as the header. Cells are trimmed."""

    header: tuple[str, ...]
    rows: list[tuple[int, tuple[str, ...]]]


def read_table(path: Path) -> Table:
    """Return the table in a file. Raises UserError if the file cannot be read as a table."""
    if not path.is_file():
        raise UserError(f"File not found: {path}.")
    if path.stat().st_size > LARGEST:
        raise UserError(f"{path} has more than {LARGEST:,} bytes: Tidings imports counts by day, week or month.")
    content = path.read_bytes()
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise UserError(f"{path} is an old Excel file (.xls): save it as .xlsx or CSV.")
    if content.startswith(b"PK"):
        lines = _read_workbook(path, content)
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise UserError(f"{path} is compressed or not in UTF-8: unpack it, or save it as CSV in UTF-8.") from error
        lines = _read_timeline(path, text) if text.lstrip().startswith("{") else _read_csv(path, text)
    rows = [(number, tuple(cell.strip() for cell in cells)) for number, cells in lines if any(cell.strip() for cell in cells)]
    if len(rows) < 2:
        raise UserError(f"{path} has no rows below a header.")
    (_, header), width = rows[0], len(rows[0][1])
    names = [name.lower() for name in header if name]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise UserError(f"{path} has two columns with the name {shorten(twice)}: rename or delete one.")
    if long := next((number for number, cells in rows if any(cells[width:])), None):
        raise UserError(f"{path}, line {long}: more cells than the header.")
    return Table(header, [(number, (*cells[:width], *[""] * (width - len(cells)))) for number, cells in rows[1:]])


def shorten(cell: str) -> str:
    """Return a cell for an error message."""
    return repr(cell if len(cell) <= 80 else f"{cell[:80]}…")


def _read_csv(path: Path, text: str) -> list[tuple[int, list[str]]]:
    head = text.lstrip().partition("\n")[0]
    separator = max(",;\t", key=head.count)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        return [(reader.line_num, cells) for cells in reader]
    except csv.Error as error:
        raise UserError(f"{path} is not a CSV file: {error}.") from error


def _read_timeline(path: Path, text: str) -> list[tuple[int, list[str]]]:
    """Return the rows of GDELT's JSON as those of its CSV. ``norm`` becomes the series "All Articles"."""
    try:
        entries = [
            (point["date"], str(series["series"]), str(point["value"]), point.get("norm"))
            for series in json.loads(text)["timeline"]
            for point in series["data"]
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UserError(f"{path} is not a timeline of GDELT's DOC API as JSON.") from error
    rows = [[str(day), name, value] for day, name, value, _ in entries]
    totals = [[str(day), "All Articles", str(norm)] for day, _, _, norm in entries if norm is not None]
    return list(enumerate([["Date", "Series", "Value"], *rows, *totals], 1))


def _read_workbook(path: Path, content: bytes) -> list[tuple[int, list[str]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            names = file.namelist()
            sheet = _SHEET if _SHEET in names else next(name for name in names if name.startswith("xl/worksheets/"))
            root = _read_part(file, sheet)
            shared = _read_part(file, "xl/sharedStrings.xml") if "xl/sharedStrings.xml" in names else []
    except (
        zipfile.BadZipFile,
        zlib.error,
        etree.XMLSyntaxError,
        StopIteration,
        EOFError,
        OSError,
        RuntimeError,
        ValueError,
    ) as error:
        raise UserError(f"{path} is not a readable Excel workbook: save the sheet as CSV.") from error
    texts = ["".join(item.itertext("{*}t")) for item in shared]
    rows: list[tuple[int, list[str]]] = []
    for row in root.iter("{*}row"):
        cells: dict[int, str] = {}
        for at, cell in enumerate(row.iter("{*}c")):
            value = "".join(cell.itertext("{*}v", "{*}t"))
            if cell.get("t") == "s" and value.isdecimal() and int(value) < len(texts):
                value = texts[int(value)]
            cells[_column_of(cell.get("r"), at)] = value
        number = re.fullmatch("[0-9]{1,7}", row.get("r") or "")
        rows.append(
            (int(number[0]) if number else len(rows) + 1, [cells.get(at, "") for at in range(max(cells, default=-1) + 1)])
        )
    return rows


def _read_part(file: zipfile.ZipFile, name: str) -> Any:
    with file.open(name) as stream:
        xml = stream.read(LARGEST + 1)
    if len(xml) > LARGEST:
        raise ValueError
    return etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))


def _column_of(reference: str | None, otherwise: int) -> int:
    """Return the number of a cell's column, from 0: 27 for AB3. A workbook has at most 16,384 columns."""
    letters = re.match("[A-Z]{1,3}", reference or "")
    if not letters:
        return otherwise
    number = 0
    for letter in letters[0]:
        number = 26 * number + ord(letter) - 64
    return number - 1
