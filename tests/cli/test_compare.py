"""``tidings compare`` recognises each export, refuses invalid files in one sentence, and stores
series as reference data.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
import xlsxwriter

from tidings.base.functions import create_functions
from tidings.cli.compare import CITATIONS, Format, add, list_series, remove
from tidings.cli.comparison_file import read_table
from tidings.cli.comparison_formats import Columns, read_comparison
from tidings.cli.terminal import UserError
from tidings.paths import SEEDS
from tidings.storage.lake import Lake, connect
from tidings.storage.migrate import migrate
from tidings.storage.reference import load_reference

if TYPE_CHECKING:
    from collections.abc import Sequence

ORACLES = Path(__file__).parents[3] / "shared" / "oracles"
MEDIACLOUD = (
    "date,count,total_count,ratio\n2026-06-01,3,30,0.1\n2026-06-02,0,25,0\n"
    "2026-06-04,5,0,\n2026-06-05,6,60,0.1\n"
)
VOLUME = (
    "\ufeffDate,Series,Value\r\n2026-06-01,Volume Intensity,1.25\r\n2026-06-02,Volume"
    " Intensity,0\r\n"
)
RAW = "Date,Series,Value\n" + "".join(
    f"2026-06-0{day},{name},{value}\n"
    for name, values in (("Article Count", (4, 8)), ("Total Monitored Articles", (100, 400)))
    for day, value in enumerate(values, 1)
)
TIMELINE = json.dumps(
    {
        "query_details": {"title": "steel"},
        "timeline": [
            {
                "series": "Article Count",
                "data": [
                    {"date": "20260601T000000Z", "value": 4, "norm": 100},
                    {"date": "20260602T000000Z", "value": 8, "norm": 400},
                ],
            }
        ],
    }
)
FRAME = (
    ",datetime,Article Count,All Articles\n0,2026-06-01 00:00:00+00:00,4,100\n1,2026-06-02"
    " 00:00:00+00:00,8,400\n"
)
EPU = (
    'Year,Month,News_Based_Policy_Uncert_Index\n2026,2,90.5\n2026,1,101.25\n2025,11,80\n"Source:'
    ' a paper, 2016",,\n'
)


def read(folder: Path, content: str | bytes, source: str = "auto", **columns: str) -> Any:
    path = folder / "file.txt"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_comparison(read_table(path), source, Columns(**columns))


def workbook(rows: Sequence[Sequence[Any]]) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return file.getvalue()


def values(found: Any) -> list[Any]:
    return [
        (str(point.start_on), point.value, point.article_count, point.total_count)
        for point in found.points
    ]


COUNTED = [("2026-06-01", 0.04, 4, 100), ("2026-06-02", 0.02, 8, 400)]
INDEX = [
    ("2025-11-01", 80, None, None),
    ("2026-01-01", 101.25, None, None),
    ("2026-02-01", 90.5, None, None),
]


@pytest.mark.parametrize(
    ("content", "source", "columns", "expected"),
    [
        (RAW, "auto", {}, ("gdelt", "share", "day", 0, COUNTED)),
        (TIMELINE, "auto", {}, ("gdelt", "share", "day", 0, COUNTED)),
        (FRAME, "auto", {}, ("gdelt", "share", "day", 0, COUNTED)),
        (
            "day,count,total\n20260601,4,100\n20260602,8,400\n",
            "gdelt",
            {},
            ("gdelt", "share", "day", 0, COUNTED),
        ),
        (
            VOLUME,
            "auto",
            {},
            (
                "gdelt",
                "share",
                "day",
                0,
                [("2026-06-01", 0.0125, None, None), ("2026-06-02", 0, None, None)],
            ),
        ),
        (
            MEDIACLOUD.replace("2026-06-04,5,0", "2026-06-04,0,0"),
            "auto",
            {},
            (
                "mediacloud",
                "share",
                "day",
                2,
                [("2026-06-01", 0.1, 3, 30), ("2026-06-02", 0, 0, 25), ("2026-06-05", 0.1, 6, 60)],
            ),
        ),
        (
            "date,count\n2026-06-01T00:00:00Z,4\n2026-06-08T00:00:00Z,5\n",
            "mediacloud",
            {},
            (
                "mediacloud",
                "count",
                "week",
                0,
                [("2026-06-01", 4, 4, None), ("2026-06-08", 5, 5, None)],
            ),
        ),
        (EPU, "auto", {}, ("epu", "index", "month", 1, INDEX)),
        (
            "from;hits;all\n2026-06;4;100\n2026-07;8;400\n",
            "csv",
            {"date": "from", "value": "hits", "total": "all"},
            (
                "csv",
                "share",
                "month",
                0,
                [("2026-06-01", 0.04, 4, 100), ("2026-07-01", 0.02, 8, 400)],
            ),
        ),
        (
            "from\tx\nJun 2026\t0.5\nJul 2026\tNA\nAug 2026\t1\n",
            "csv",
            {"date": "from", "value": "X", "unit": "share"},
            (
                "csv",
                "share",
                "month",
                1,
                [("2026-06-01", 0.5, None, None), ("2026-08-01", 1, None, None)],
            ),
        ),
    ],
)
def test_formats_are_recognised(
    tmp_path: Path, content: str, source: str, columns: dict[str, str], expected: Any
) -> None:
    """Each format yields its unit, period, gaps and points; percentages become shares, and text
    below an index is skipped.
    """
    found = read(tmp_path, content, source, **columns)
    assert (found.source, found.unit, found.period, len(found.gaps), values(found)) == expected


def test_workbooks_equal_csv(tmp_path: Path) -> None:
    """The first sheet of an Excel workbook gives the same points as its CSV, with texts that the
    file stores once or in place.
    """
    lines = list(csv.reader(io.StringIO(EPU)))
    rows = [
        [float(cell) if cell.replace(".", "").isdigit() else cell for cell in line]
        for line in lines
    ]
    assert values(read(tmp_path, workbook(rows))) == INDEX
    # Excel stores dates as numbers
    dates = workbook([["day", "x"], [46174, 2], [46175, "."], [46176, 3]])
    found = read(tmp_path, dates, date="day", value="x", unit="index")
    assert [row[:2] for row in values(found)] == [("2026-06-01", 2), ("2026-06-03", 3)]


@pytest.mark.parametrize(
    ("content", "source", "columns", "words"),
    [
        ("", "auto", {}, "no rows"),
        ("date,count,total_count\n", "auto", {}, "no rows"),
        ("a,b\n1,2\n", "auto", {}, "Unknown format with the columns a, b"),
        ("date,count\n2026-06-01,1\n2026-06-02,1\n", "auto", {}, "--format mediacloud"),
        ("Year,Month,GPR\n2026,1,2\n2026,2,3\n", "auto", {}, "--format epu and its --citation"),
        (
            "Year,Month,EPU_a,EPU_b\n2026,1,2,3\n2026,2,3,4\n",
            "auto",
            {},
            "Choose the index with --column: EPU_a, EPU_b",
        ),
        (EPU.replace("2026,2", "2026,13"), "auto", {}, "Line 2: invalid year or month"),
        (MEDIACLOUD, "auto", {}, "Line 4: the count 5 is above the total 0"),
        (
            MEDIACLOUD.replace("3,30", "31,30"),
            "auto",
            {},
            "Line 2: the count 31 is above the total 30",
        ),
        (MEDIACLOUD.replace("3,30", "-3,30"), "auto", {}, "Line 2: invalid count '-3'"),
        (MEDIACLOUD.replace("3,30", "3.5,30"), "auto", {}, "Line 2: invalid count '3.5'"),
        (MEDIACLOUD.replace("3,30", "9e99,30"), "auto", {}, "Line 2: invalid count"),
        (
            MEDIACLOUD.replace("3,30", "3,12.000"),
            "auto",
            {},
            "Line 2: invalid count '12.000': use a whole number",
        ),
        (MEDIACLOUD.replace("3,30", '"1,200",3000'), "auto", {}, "without separators"),
        (",".join(f"c{number}" for number in range(501)) + "\n1\n", "auto", {}, "500 columns"),
        ("date,count\n" + "2026-06-01,1\n" * 50_001, "auto", {}, "more than 50,000 rows"),
        (
            "Report\ndate,count\n2026-06-01,1\n",
            "auto",
            {},
            "line 2: more cells than the header, which is the first line",
        ),
        (
            MEDIACLOUD.replace("06-02", "06-01").replace(",5,0", ",0,0"),
            "auto",
            {},
            "Two rows have the period 2026-06-01",
        ),
        (
            MEDIACLOUD.replace("2026-06-02", "6/2/2026"),
            "auto",
            {},
            "invalid or ambiguous date '6/2/2026'",
        ),
        (VOLUME.replace("2026-06-02", "2026-06-01 00:15:00"), "auto", {}, "time of day"),
        (VOLUME.replace("1.25", "125"), "auto", {}, "use a number from 0 to 100"),
        (
            VOLUME.replace("Volume Intensity", "Average Tone"),
            "auto",
            {},
            "timelinevol and timelinevolraw",
        ),
        ('{"articles": []}', "auto", {}, "not a timeline"),
        ("date,count\n2026-06-01,1\n2026-06-04,1\n2026-06-09,1\n", "gdelt", {}, "Mixed periods"),
        ("date,count\n2026-06-01,1\n2026-06-04,1\n", "gdelt", {}, "Mixed periods"),
        (
            "date,count\n2026-01-01,1\n2026-02-01,1\n2026-05-01,2\n2026-05-02,1\n",
            "gdelt",
            {},
            "Mixed periods: only 4",
        ),
        ("date,count\n2026-06-03,1\n2026-06-10,1\n", "gdelt", {}, "start on a Wednesday"),
        ("date,count\n2026-01-01,1\n2026-04-01,1\n", "gdelt", {}, "longer than a month"),
        ("date,count\n2026-01-01,1\n2026-01-02,\n", "gdelt", {}, "fewer than two"),
        ("date,count\n2026-01-01,1,7\n2026-01-02,1\n", "gdelt", {}, "line 2: more cells"),
        ("d,v\n2026-01-01,1\n2026-01-02,2\n", "csv", {}, "--date and --column"),
        (
            "d,v\n2026-01-01,1\n2026-01-02,2\n",
            "csv",
            {"date": "d", "value": "v"},
            "--unit share, count or index",
        ),
        (
            "d,v\n2026-01-01,1\n2026-01-02,2\n",
            "csv",
            {"date": "d", "value": "v", "unit": "share"},
            "from 0 to 1",
        ),
        (
            "d,v\n2026-01-01,1\n2026-01-02,2\n",
            "csv",
            {"date": "d", "value": "w", "unit": "index"},
            "Missing column w",
        ),
        (MEDIACLOUD, "mediacloud", {"unit": "count"}, "not the format mediacloud: omit --format"),
        (VOLUME, "gdelt", {"unit": "index"}, "not the format gdelt: omit --format"),
        (b"PK\x03\x04broken", "auto", {}, "not a readable Excel workbook"),
        (b"\xd0\xcf\x11\xe0old", "auto", {}, "save it as .xlsx or CSV"),
        (b"date,count\n\xff\xfe", "auto", {}, "UTF-8"),
    ],
)
def test_bad_files_are_refused(
    tmp_path: Path, content: Any, source: str, columns: dict[str, str], words: str
) -> None:
    """One sentence names the first problem of a file, with its line and how to correct it."""
    with pytest.raises(UserError, match=r"\.$") as error:
        read(tmp_path, content, source, **columns)
    assert words in str(error.value)


def test_forecasts_are_refused(tmp_path: Path) -> None:
    """A value in the future is refused with its day, an empty row is not, and a period that is not
    over is marked.
    """
    today = dt.datetime.now(dt.timezone(dt.timedelta(hours=14))).date()  # of the first zone
    days = [today + dt.timedelta(number) for number in (-2, -1, 0, 3)]
    content = "date,count\n" + "".join(f"{day},1\n" for day in days)
    with pytest.raises(
        UserError, match=f"The row of {days[3]} has a value for a period in the future"
    ):
        read(tmp_path, content, "gdelt")
    found = read(tmp_path, content.replace(f"{days[3]},1", f"{days[3]},"), "gdelt")
    assert (len(found.points), found.gaps, found.is_over) == (3, (), False)
    week = today - dt.timedelta(today.weekday() + 14)
    weeks = [week, week + dt.timedelta(7)]
    assert read(tmp_path, "date,count\n" + "".join(f"{day},1\n" for day in weeks), "gdelt").is_over


@pytest.fixture
def seeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the user's own folder of reference data, and write the file m.csv."""
    folder = tmp_path / "own"
    monkeypatch.setenv("TIDINGS_SEEDS", str(folder))
    (tmp_path / "m.csv").write_text(MEDIACLOUD.replace(",5,0", ",0,0"), encoding="utf-8")
    return folder


def insert(file: Path, name: str, **more: Any) -> None:
    defaults = {
        "column": "",
        "date": "",
        "total": "",
        "unit": "",
        "theme": "",
        "citation": "",
        "licence": "",
    }
    options: dict[str, Any] = (
        {"format": Format.auto, "replace": False, "dry_run": False} | defaults | more
    )
    add(file, name, **options)


def test_series_are_stored_loaded_and_removed(
    seeds: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A dry run only shows what was read; a series is reference data with its citation, and is
    loaded once.
    """
    file = tmp_path / "m.csv"
    insert(file, "Media Cloud: Steel", dry_run=True)
    shown = capsys.readouterr()
    assert "3 days from 2026-06-01 to 2026-06-05, 2 gaps (2026-06-03, 2026-06-04)" in shown.out
    assert CITATIONS["mediacloud"] in shown.out
    assert not list(seeds.iterdir())
    insert(file, "Media Cloud: Steel", licence="CC BY 4.0")
    insert(file, "Other", citation="A. Reader (2026). Counts.")
    with pytest.raises(UserError, match="--replace"):
        insert(file, "media cloud – steel")
    insert(file, "media cloud – steel", replace=True)
    con = connect(Lake(tmp_path / "lake"))
    migrate(con)
    assert {"comparison_series", "comparison_points"} <= set(load_reference(con, [seeds]))
    assert load_reference(con, [seeds]) == []
    assert con.execute(
        "select series_id, unit, citation, licence from ref.comparison_series order by all"
    ).fetchall() == [
        ("media_cloud_steel", "share", CITATIONS["mediacloud"], None),
        ("other", "share", "A. Reader (2026). Counts.", None),
    ]
    assert con.execute(
        "select count(*), min(start_on), sum(article_count) from ref.comparison_points"
    ).fetchone() == (
        6,
        dt.date(2026, 6, 1),
        18,
    )
    capsys.readouterr()
    remove("other")
    list_series()
    assert (
        capsys.readouterr().out.split("\t")[:7]
        == ("media_cloud_steel mediacloud share day 2026-06-01 2026-06-05 3").split()
    )
    load_reference(con, [seeds])
    assert con.execute("select count(*) from ref.comparison_points").fetchone() == (3,)
    con.close()
    remove("media_cloud_steel")
    capsys.readouterr()
    list_series()
    assert "contains no comparison series" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"theme": "nowhere"}, "Unknown theme 'nowhere'"),
        ({"name": "–"}, "The name is empty"),
        (
            {"format": Format.csv, "date": "date", "column": "count", "total": "total_count"},
            "The citation is missing",
        ),
    ],
)
def test_bad_options_are_refused(
    seeds: Path, tmp_path: Path, options: dict[str, Any], words: str
) -> None:
    """An unknown theme, an empty name and a missing citation are refused, and nothing is
    written.
    """
    with pytest.raises(UserError, match=words):
        insert(tmp_path / "m.csv", options.pop("name", "x"), **options)
    assert not seeds.exists()


def test_bundled_reference_data_stay_unchanged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without TIDINGS_SEEDS, a series is written to the data folder, which is created, and never to
    the bundled data.
    """
    monkeypatch.delenv("TIDINGS_SEEDS", raising=False)
    monkeypatch.setattr("tidings.base.settings.default_folder", lambda _: tmp_path / "data")
    (tmp_path / "m.csv").write_text(EPU, encoding="utf-8")
    insert(tmp_path / "m.csv", "x")
    assert (tmp_path / "data" / "seeds" / "comparison_series.csv").is_file()
    assert not (SEEDS / "comparison_series.csv").exists()


@pytest.mark.skipif(not ORACLES.exists(), reason="the published figures are not available")
def test_published_index_agrees_with_its_counts(tmp_path: Path) -> None:
    """Published indices, read as a file of years and months, correlate with the index of their
    counts with 1 to 1e-9.
    """
    with (ORACLES / "epu_published.csv").open(encoding="utf-8") as file:
        rows = [
            row
            for row in csv.DictReader(file)
            if row["series"] == "south_korea" and row["unweighted"]
        ]
    lines = "".join(f"{row['month'][:4]},{row['month'][5:7]},{row['unweighted']}\n" for row in rows)
    found = read(tmp_path, "Year,Month,South_Korea_EPU\n" + lines)
    assert [(str(point.start_on), point.value) for point in found.points] == [
        (row["month"], float(row["unweighted"])) for row in rows
    ]
    con = duckdb.connect()
    create_functions(con, "main")
    con.execute(
        f"create table counts as from '{ORACLES}/epu_counts.csv' where series = 'south_korea'"
    )
    con.execute("create table published (start_on date, value double)")
    con.executemany(
        "insert into published values (?, ?)",
        [(point.start_on, point.value) for point in found.points],
    )
    con.execute(
        "create table pairs as select series, month as start_on, unweighted as a, value as b from"
        " standardised_index('counts',"
        " baseline_until := date '2020-12-31', missing := 'zero') inner join published on month ="
        " start_on"
    )
    [agreement] = con.execute(
        "select pair_count, pearson, spearman, pearson_of_changes from agreement('pairs')"
    ).fetchall()
    assert agreement == (len(rows), *[pytest.approx(1, abs=1e-9)] * 3)


def test_named_columns_are_read_without_a_format(tmp_path: Path) -> None:
    """A date column or a unit that the user names is not ignored, even if the file looks like
    another program's.
    """
    named = read(tmp_path, MEDIACLOUD, date="date", value="count", unit="count")
    assert (named.source, named.unit) == ("csv", "count")
    with pytest.raises(UserError, match="Name the columns"):
        read(tmp_path, MEDIACLOUD, unit="count")


def test_two_columns_of_one_name_and_long_cells(tmp_path: Path) -> None:
    """Two columns of one name are refused, and an error shows at most 80 characters of a cell."""
    with pytest.raises(UserError, match="two columns with the name 'count'"):
        read(tmp_path, MEDIACLOUD.replace("ratio", "Count"))
    with pytest.raises(UserError, match="invalid count") as error:
        read(tmp_path, MEDIACLOUD.replace(",3,", f",{'x' * 5000},"))
    assert len(str(error.value)) < 200
