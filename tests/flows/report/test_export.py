"""Test the export of a release: data package, texts, citation, and safety in spreadsheets."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import json
import zipfile
from typing import TYPE_CHECKING

import duckdb
import pytest
import yaml

from tests.flows.report.sample_releases import write_hostile_release
from tidings.flows.report.export import export_release

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tidings.flows.report.export import Export

TYPES: dict[str, Callable[[str], object]] = {
    "integer": int,
    "number": float,
    "boolean": lambda cell: {"true": True, "false": False}[cell],
    "date": dt.date.fromisoformat,
    "datetime": lambda cell: dt.datetime.strptime(cell, "%Y-%m-%dT%H:%M:%S%z"),
    "array": json.loads,
    "object": json.loads,
    "string": str,
}


def _export(release: Path, folder: Path, *, with_text: bool = False, with_xlsx: bool = False) -> Export:
    with duckdb.connect(release, read_only=True) as con:
        con.execute("set TimeZone = 'UTC'")
        return export_release(con, folder, with_text=with_text, with_xlsx=with_xlsx)


@pytest.fixture
def exported(ordinary_release: Path, tmp_path: Path) -> Path:
    """Return the folder of an export without texts."""
    _export(ordinary_release, tmp_path / "out")
    return tmp_path / "out"


def test_package_describes_its_files(exported: Path) -> None:
    """Each resource of datapackage.json has the size, digest, header and cell types of its file."""
    package = json.loads((exported / "datapackage.json").read_text())
    assert package["profile"] == "tabular-data-package"
    assert package["version"] == "r1"
    assert package["lexicon_version"] == "words1"
    names = set()
    for resource in package["resources"]:
        path = exported / resource["path"]
        content = path.read_bytes()
        assert (len(content), f"sha256:{hashlib.sha256(content).hexdigest()}") == (resource["bytes"], resource["hash"])
        fields = resource["schema"]["fields"]
        with path.open(newline="", encoding="utf-8-sig") as file:
            header, *rows = csv.reader(file)
        assert header == [field["name"] for field in fields]
        for row in rows:
            for cell, field in zip(row, fields, strict=True):
                if cell:
                    TYPES[field["type"]](cell)
        names.add(resource["name"])
    assert {"marts.theme-monthly", "marts.theme-mentions", "core.articles", "ref.themes", "ops.releases"} <= names


def test_parquet_and_csv_contain_the_same_rows(exported: Path, ordinary_release: Path) -> None:
    """The Parquet and CSV files of a mart contain the release's rows, with null for unknown values."""
    with duckdb.connect(ordinary_release, read_only=True) as con:
        expected = con.execute("select theme_id, week_start_on, share from marts.theme_weekly order by all").fetchall()
    for kind in ("parquet", "csv"):
        path = exported / kind / f"marts.theme_weekly.{kind}"
        rows = duckdb.sql(f"select theme_id, week_start_on, share from '{path}' order by all").fetchall()
        assert rows == expected


def test_texts_are_exported_only_on_request(exported: Path, ordinary_release: Path, tmp_path: Path) -> None:
    """Without --with-text no file contains a sentence of an article; with it the export contains body texts."""
    for path in exported.rglob("*.csv"):
        assert "头等大事" not in path.read_text(encoding="utf-8-sig")
    assert "body_text" not in duckdb.sql(f"from '{exported}/parquet/core.articles.parquet'").columns
    _export(ordinary_release, tmp_path / "texts", with_text=True)
    assert "body_text" in duckdb.sql(f"from '{tmp_path}/texts/parquet/core.articles.parquet'").columns


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    """In CSV an apostrophe precedes a text that a spreadsheet would run; numbers and Parquet files are unchanged."""
    release = write_hostile_release(tmp_path / "r.duckdb")
    _export(release, tmp_path / "out")
    for path in (tmp_path / "out" / "csv").glob("*.csv"):
        with path.open(newline="", encoding="utf-8-sig") as file:
            for row in csv.reader(file):
                for cell in row:
                    if cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝")):
                        float(cell)
    titles = duckdb.sql(f"select title from '{tmp_path}/out/parquet/core.articles.parquet' where title like '=%'").fetchall()
    assert titles == [('=HYPERLINK("https://evil.example")',)]
    plain = duckdb.sql(f"select title from '{tmp_path}/out/csv/core.articles.csv' where title like '''=%'").fetchall()
    assert plain == [('\'=HYPERLINK("https://evil.example")',)]


def test_spreadsheets_open_the_files(ordinary_release: Path, tmp_path: Path) -> None:
    """CSV files start with a byte order mark, and each table is a workbook with its release and columns, if requested."""
    result = _export(ordinary_release, tmp_path / "out", with_xlsx=True)
    assert result.notes == ()
    tables = {path.stem for path in (tmp_path / "out" / "csv").iterdir()}
    assert {path.stem for path in (tmp_path / "out" / "xlsx").iterdir()} == tables
    for path in [*(tmp_path / "out" / "csv").iterdir(), tmp_path / "out" / "dictionary.csv"]:
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")
        assert path.read_bytes().count(b"\xef\xbb\xbf") == 1
    with zipfile.ZipFile(tmp_path / "out" / "xlsx" / "marts.outlet_daily.xlsx") as book:
        citation = book.read("xl/worksheets/sheet2.xml").decode()
    assert result.release_id in citation
    assert "Column gap_reason" in citation
    _export(ordinary_release, tmp_path / "out")
    assert not (tmp_path / "out" / "xlsx").exists()


def test_citation_names_the_release(exported: Path) -> None:
    """CITATION.cff has the fields that version 1.2.0 requires, and names release, word list and day."""
    record = yaml.safe_load((exported / "CITATION.cff").read_text())
    assert {"cff-version", "message", "title", "authors"} <= record.keys()
    assert (record["cff-version"], record["type"], record["version"]) == ("1.2.0", "dataset", "r1")
    assert str(record["date-released"]) == "2026-05-25"
    assert "words1" in record["abstract"]


def test_dictionary_has_every_column(exported: Path) -> None:
    """dictionary.csv has one row per exported column, with dbt's descriptions."""
    with (exported / "dictionary.csv").open(newline="", encoding="utf-8-sig") as file:
        descriptions = {(row["table"], row["column"]): row["description"] for row in csv.DictReader(file)}
    assert descriptions["marts.outlet_daily", "is_gap"]
    package = json.loads((exported / "datapackage.json").read_text())
    columns = sum(len(resource["schema"]["fields"]) for resource in package["resources"])
    assert len(descriptions) == columns


def test_other_folders_are_refused(ordinary_release: Path, tmp_path: Path) -> None:
    """A folder with other files is refused. An earlier export is replaced, including files of tables that no longer exist."""
    (tmp_path / "mine.txt").write_text("kept")
    (tmp_path / "datapackage.json").write_text('{"name": "somebody-elses"}')
    with pytest.raises(FileExistsError, match="name a new folder"):
        _export(ordinary_release, tmp_path)
    _export(ordinary_release, tmp_path / "out")
    (tmp_path / "out" / "csv" / "marts.gone.csv").write_text("x")
    _export(ordinary_release, tmp_path / "out")
    assert not (tmp_path / "out" / "csv" / "marts.gone.csv").exists()
