"""Test the export: descriptions, checksums, texts, citation, interruptions, spreadsheets."""

import csv
import datetime as dt
import hashlib
import json
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from pyarrow import parquet

from tests.analysis.report.sample_releases import write_hostile_release
from tidings.analysis.inputs import InputError
from tidings.analysis.report.export import PART, Export, export_release, parse_doi
from tidings.analysis.report.release import read_facts
from tidings.storage.release import open_release

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


def _export(release: Path, folder: Path, **options: Any) -> Export:
    with duckdb.connect(release, read_only=True) as con:
        con.execute("set TimeZone = 'UTC'")
        return export_release(con, folder, **options)


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def exported(ordinary_release: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an export without texts; tests must not change it."""
    folder = tmp_path_factory.mktemp("exported") / "out"
    _export(ordinary_release, folder)
    return folder


@pytest.fixture(scope="module")
def published(sample_night: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an export of the sample's release, which has all tables."""
    folder = tmp_path_factory.mktemp("published") / "out"
    with open_release(sample_night.lake) as con:
        export_release(con, folder)
    return folder


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
        assert (len(content), f"sha256:{hashlib.sha256(content).hexdigest()}") == (
            resource["bytes"],
            resource["hash"],
        )
        fields = resource["schema"]["fields"]
        with path.open(newline="", encoding="utf-8-sig") as file:
            header, *rows = csv.reader(file)
        assert header == [field["name"] for field in fields]
        for row in rows:
            for cell, field in zip(row, fields, strict=True):
                if cell:
                    TYPES[field["type"]](cell)
        names.add(resource["name"])
    marts = {"marts.theme-monthly", "marts.theme-mentions"}
    assert marts | {"core.articles", "ref.themes", "ops.releases"} <= names


def test_parquet_and_csv_contain_the_same_rows(exported: Path, ordinary_release: Path) -> None:
    """The Parquet and CSV files of a mart have the release's rows, with null for unknowns."""
    query = "select theme_id, week_start_on, mention_share from {} order by all"
    with duckdb.connect(ordinary_release, read_only=True) as con:
        expected = con.execute(query.format("marts.theme_weekly")).fetchall()
    for kind in ("parquet", "csv"):
        path = exported / kind / f"marts.theme_weekly.{kind}"
        assert duckdb.sql(query.format(f"'{path}'")).fetchall() == expected


def test_texts_are_exported_only_on_request(
    exported: Path, ordinary_release: Path, tmp_path: Path
) -> None:
    """Only with --with-text a file contains a sentence of an article and body texts."""
    for path in exported.rglob("*.csv"):
        assert "头等大事" not in path.read_text(encoding="utf-8-sig")
    _export(ordinary_release, tmp_path / "texts", with_text=True)
    for folder, has_text in ((exported, False), (tmp_path / "texts", True)):
        columns = duckdb.sql(f"from '{folder}/parquet/core.articles.parquet'").columns
        assert ("body_text" in columns) == has_text


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    """In CSV an apostrophe precedes a formula; numbers and Parquet files are unchanged."""
    release = write_hostile_release(tmp_path / "r.duckdb")
    _export(release, tmp_path / "out")
    for path in (tmp_path / "out" / "csv").glob("*.csv"):
        with path.open(newline="", encoding="utf-8-sig") as file:
            for row in csv.reader(file):
                for cell in row:
                    if cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝")):
                        float(cell)
    for kind, mark in (("parquet", ""), ("csv", "'")):
        query = f"select title from '{tmp_path}/out/{kind}/core.articles.{kind}' where title like ?"
        [title] = duckdb.execute(query, [f"{mark}=%"]).fetchall()
        assert title == (f'{mark}=HYPERLINK("https://evil.example")',)


def test_spreadsheets_open_the_files(ordinary_release: Path, tmp_path: Path) -> None:
    """CSV files have a byte order mark; workbooks have a citation, licence and columns."""
    result = _export(ordinary_release, tmp_path / "out", with_xlsx=True, authors=("Doe, Jane",))
    assert result.notes == ()
    tables = {path.stem for path in (tmp_path / "out" / "csv").iterdir()}
    assert {path.stem for path in (tmp_path / "out" / "xlsx").iterdir()} == tables
    for path in [*(tmp_path / "out" / "csv").iterdir(), tmp_path / "out" / "dictionary.csv"]:
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")
        assert path.read_bytes().count(b"\xef\xbb\xbf") == 1
    with zipfile.ZipFile(tmp_path / "out" / "xlsx" / "marts.outlet_daily.xlsx") as book:
        citation = book.read("xl/worksheets/sheet2.xml").decode()
    assert result.bundle.facts.release_id in citation
    assert "Column gap_reason" in citation
    assert "Doe, Jane (2026)" in citation
    assert "CC-BY-4.0. Titles and texts belong" in citation
    file = tmp_path / "out" / "parquet" / "marts.outlet_daily.parquet"
    metadata = parquet.read_schema(file).metadata
    assert metadata[b"cite_as"].startswith(b"Doe, Jane (2026)")
    assert metadata[b"license"].startswith(b"CC-BY-4.0")


def test_removed_files_of_an_earlier_export_are_named(
    ordinary_release: Path, tmp_path: Path
) -> None:
    """An export without the options of the one before removes their files, and names the options;
    the next one has nothing to remove.
    """
    _export(ordinary_release, tmp_path / "out", with_xlsx=True)
    (tmp_path / "out" / "validation.csv").write_text("")  # the small release has no sheet
    result = _export(ordinary_release, tmp_path / "out")
    assert result.notes == (
        "Removed xlsx of the earlier export: --xlsx writes it again.",
        "Removed validation.csv of the earlier export: --validation writes it again.",
    )
    assert not (tmp_path / "out" / "xlsx").exists()
    assert _export(ordinary_release, tmp_path / "out").notes == ()


def test_citation_and_checksums_are_complete(exported: Path) -> None:
    """CITATION.cff has the fields that version 1.2.0 requires, and names release, word list and
    day. SHA256SUMS has the digest of each other file.
    """
    record = yaml.safe_load((exported / "CITATION.cff").read_text())
    assert {"cff-version", "message", "title", "authors"} <= record.keys()
    assert (record["cff-version"], record["type"], record["version"]) == ("1.2.0", "dataset", "r1")
    assert str(record["date-released"]) == "2026-05-25"
    assert "words1" in record["abstract"]
    assert record["license"] == "CC-BY-4.0"
    contents = _contents(exported)
    sums = contents.pop("SHA256SUMS").decode()
    assert sums == "".join(
        f"{hashlib.sha256(contents[name]).hexdigest()}  {name}\n" for name in sorted(contents)
    )


def test_a_licence_newer_than_the_citation_format_is_a_url(
    ordinary_release: Path, tmp_path: Path
) -> None:
    """CITATION.cff has the URL of a licence that version 1.2.0 does not list."""
    _export(ordinary_release, tmp_path / "out", license="DL-DE-BY-2.0")
    record = yaml.safe_load((tmp_path / "out" / "CITATION.cff").read_text())
    assert record["license-url"] == "https://spdx.org/licenses/DL-DE-BY-2.0"
    assert "license" not in record


def test_a_doi_enters_every_description(ordinary_release: Path, tmp_path: Path) -> None:
    """DOI, licence and authors are in each description; an invalid DOI is refused."""
    doi, facts = "10.5281/zenodo.42", {"license": "CC0-1.0", "authors": ("Doe, Jane", "A B")}
    _export(ordinary_release, tmp_path / "out", doi=parse_doi(f"https://doi.org/{doi}"), **facts)
    for name in ("CITATION.cff", "README.md", "datapackage.json"):
        text = (tmp_path / "out" / name).read_text()
        assert all(part in text for part in (doi, "CC0-1.0", "A B")), name
    assert yaml.safe_load((tmp_path / "out" / "CITATION.cff").read_text())["doi"] == doi
    again = _export(ordinary_release, tmp_path / "out").bundle  # as `tidings forget` replaces it
    assert (again.license, again.authors, again.doi) == (*facts.values(), doi)
    shutil.copy(ordinary_release, tmp_path / "later.duckdb")
    with duckdb.connect(tmp_path / "later.duckdb") as con:
        con.execute("update ops.releases set release_id = 'r2'")
    later = _export(tmp_path / "later.duckdb", tmp_path / "out").bundle
    assert (later.license, later.doi) == ("CC0-1.0", "")  # a DOI belongs to one release
    for wrong in ("zenodo.42", "10.5281", "10.5281/", "https://zenodo.org/records/42"):
        with pytest.raises(ValueError, match="a DOI looks like"):
            parse_doi(wrong)


def test_keys_and_constraints_hold(published: Path) -> None:
    """The published rows have the keys, values and unknown values that the data package states."""
    package = json.loads((published / "datapackage.json").read_text())
    checked = 0
    for resource in package["resources"]:
        path = str(published / resource["path"]).replace("csv", "parquet")
        schema = resource["schema"]
        key = schema.get("primaryKey")
        rules = [("count(*) - count(distinct row({}))", key)] if key else []
        for field in schema["fields"]:
            limits = field.get("constraints", {})
            if "enum" in limits:
                values = ", ".join(f"'{value}'" for value in limits["enum"])
                rules.append((f"count(*) filter ({{}} not in ({values}))", [field["name"]]))
            if limits.get("required"):
                rules.append(("count(*) filter ({} is null)", [field["name"]]))
            if limits.get("unique"):
                rules.append(("count({0}) - count(distinct {0})", [field["name"]]))
        for rule, names in rules:
            query = rule.format(", ".join(names))
            assert duckdb.sql(f"select {query} from '{path}'").fetchone() == (0,), query
        checked += len(rules)
    assert checked > 100


def test_the_query_of_shares_runs_on_the_files(published: Path) -> None:
    """The README's query returns the shares of theme_monthly."""
    con = duckdb.connect()
    [query] = re.findall(
        r"```sql\n(select\n.*?)```", (published / "README.md").read_text(), re.DOTALL
    )
    shares = con.sql(query.replace("parquet/", f"{published}/parquet/")).fetchall()
    months = con.sql(
        f"select theme_id, month_start_on, mention_share from"
        f" '{published}/parquet/marts.theme_monthly.parquet' order by all"
    )
    assert shares == months.fetchall()


def test_the_readme_states_the_facts(exported: Path, tmp_path: Path) -> None:
    """README.md has period, outlets, gaps, citation and rows; hostile names stay text."""
    text = (exported / "README.md").read_text()
    for part in ("2026-03-02 to 2026-05-24", "## Outlets", "`marts.theme_monthly`", "[data set]"):
        assert part in text, part
    assert "Coverage gaps | 7 of 168 days" in text
    _export(write_hostile_release(tmp_path / "r.duckdb"), tmp_path / "out")
    hostile = (tmp_path / "out" / "README.md").read_text()
    assert not re.search(r"(?<!\\)<(script|svg|b)", hostile)
    outlets = hostile.partition("## Outlets")[2].partition("## Tables")[0]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in outlets.splitlines() if line} == {9}


def test_the_readme_cites_comparison_series(ordinary_release: Path, tmp_path: Path) -> None:
    """README.md cites each comparison series with its licence; descriptions name the authors."""
    shutil.copy(ordinary_release, tmp_path / "r.duckdb")
    with duckdb.connect(tmp_path / "r.duckdb") as con:
        con.execute(
            "create or replace table ref.comparison_series as from (values ('a', 'Steel | world',"
            " 'share', 'A. (2020). Counts.',"
            " 'CC BY-NC 4.0'), ('b', 'Other', 'count', 'B. (2021).', null)) as s (series_id, name,"
            " unit, citation, licence)"
        )
    _export(tmp_path / "r.duckdb", tmp_path / "out")
    text = (tmp_path / "out" / "README.md").read_text()
    assert "| Steel \\| world | share | A. (2020). Counts. | CC BY-NC 4.0 |" in text
    assert "| Other | count | B. (2021). | not stated |" in text
    for name in ("README.md", "datapackage.json"):
        text = " ".join((tmp_path / "out" / name).read_text().split())
        assert "comparison series to their authors" in text, name


def test_the_same_release_gives_the_same_bytes(ordinary_release: Path, tmp_path: Path) -> None:
    """A second export, which replaces the first, has the same bytes, workbooks included."""
    folder = tmp_path / "out"
    _export(ordinary_release, folder, with_xlsx=True)
    first = _contents(folder)
    _export(ordinary_release, folder, with_xlsx=True)
    assert _contents(folder) == first


def test_an_interrupted_export_changes_nothing(
    ordinary_release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If an export fails or is killed, the earlier one remains; the next removes the rest."""
    folder = tmp_path / "out"
    _export(ordinary_release, folder)
    before = _contents(folder)

    def fail(*_: object, **__: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tidings.analysis.report.export.readme", fail)
    with pytest.raises(OSError, match="No space left"):
        _export(ordinary_release, folder, with_text=True)
    assert _contents(folder) == before
    (folder / PART / "csv").mkdir(parents=True)
    # as a killed process leaves it
    (folder / PART / "csv" / "marts.half.csv").write_text("half of a fi")
    monkeypatch.undo()
    _export(ordinary_release, folder)
    assert _contents(folder) == before


def test_dictionary_has_every_column(exported: Path) -> None:
    """dictionary.csv has one row per exported column, with dbt's descriptions."""
    with (exported / "dictionary.csv").open(newline="", encoding="utf-8-sig") as file:
        descriptions = {
            (row["table"], row["column"]): row["description"] for row in csv.DictReader(file)
        }
    assert descriptions["marts.outlet_daily", "is_gap"]
    package = json.loads((exported / "datapackage.json").read_text())
    columns = sum(len(resource["schema"]["fields"]) for resource in package["resources"])
    assert len(descriptions) == columns


def test_other_folders_are_refused(ordinary_release: Path, tmp_path: Path) -> None:
    """A folder with other files is refused. An earlier export is replaced, including files of
    tables and descriptions that no longer exist.
    """
    (tmp_path / "mine.txt").write_text("kept")
    (tmp_path / "datapackage.json").write_text('{"name": "somebody-elses"}')
    with pytest.raises(InputError, match="name a new folder"):
        _export(ordinary_release, tmp_path)
    _export(ordinary_release, tmp_path / "out")
    gone = [tmp_path / "out" / "csv" / "marts.gone.csv", tmp_path / "out" / "metrics.json"]
    for path in gone:
        path.write_text("x")
    _export(ordinary_release, tmp_path / "out")
    assert not any(path.exists() for path in gone)


def test_an_earlier_release_is_cited_by_its_own_row(ordinary_release: Path) -> None:
    """An earlier release's row is in ``open_release``'s copy of the table, not in its snapshot."""
    with duckdb.connect(ordinary_release, read_only=True) as con:
        con.execute(
            "create temp table releases as select * replace ('r0' as release_id) from ops.releases"
        )
        assert read_facts(con).release_id == "r0"
