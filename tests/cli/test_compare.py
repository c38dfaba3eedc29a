"""``tidings compare`` reads its form of CSV, refuses invalid files in one sentence, and stores
series; the guide's statements turn the files of other programs into this form.
"""

import csv
import datetime as dt
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tidings.base.functions import create_functions
from tidings.base.tables import write_csv
from tidings.cli.compare import add, read_series, remove
from tidings.cli.terminal import UserError
from tidings.paths import SEEDS
from tidings.storage.lake import Lake, open_lake
from tidings.storage.migrate import migrate
from tidings.storage.reference import load_reference

ROOT = Path(__file__).parents[2]
ORACLES = ROOT.parent / "shared" / "oracles"
SHARE = (
    "series,period,numerator,denominator,source,licence\n"
    "Media Cloud: Steel,2026-06-01,3,30,A. Reader (2026),CC BY 4.0\n"
    "Media Cloud: Steel,2026-06-02,0,25,A. Reader (2026),CC BY 4.0\n"
    "Media Cloud: Steel,2026-06-04,0,0,A. Reader (2026),CC BY 4.0\n"
    "Media Cloud: Steel,2026-06-05,6.0,60,A. Reader (2026),CC BY 4.0\n"
)
INDEX = "series,period,value,source\nx,2025-11,80,S\nx,2026-01,101.25,S\nx,2026-02,90.5,S\n"
COUNTED = [("2026-06-01", 0.04, 4, 100), ("2026-06-02", 0.02, 8, 400)]


def read(folder: Path, content: str | bytes) -> tuple[list[dict[str, Any]], list[Any]]:
    """Return the facts of the series in a file, and its values."""
    path = folder / "series.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    series, points = read_series(path)
    return series, [
        (row["start_on"], float(row["value"]), row["article_count"], row["total_count"])
        for row in points
    ]


def rows(*cells: str) -> str:
    """Return a file of a series x with these cells: a period, and a count without a total."""
    lines = "".join(f"x,{day},{count},S\n" for day, count in map(str.split, cells))
    return f"series,period,numerator,source\n{lines}"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (SHARE, ("share", "day", 2, ["06-01 .1 3 30", "06-02 0 0 25", "06-05 .1 6 60"])),
        (rows("2026-06-01 4", "2026-06-08 5"), ("count", "week", 0, ["06-01 4 4", "06-08 5 5"])),
        (INDEX, ("index", "month", 1, ["11-01 80", "01-01 101.25", "02-01 90.5"])),
        (
            "\ufeff" + rows("2026-06-01 4", "2026-06-02 NA", "2026-06-03 5").replace(",", ";"),
            ("count", "day", 1, ["06-01 4 4", "06-03 5 5"]),
        ),
    ],
)
def test_unit_and_period_follow_from_the_cells(tmp_path: Path, content: str, expected: Any) -> None:
    """A series with totals is a share, one with counts a count, another an index; its days decide
    the period, and unknown cells are gaps.
    """
    [series], values = read(tmp_path, content)
    *facts, points = expected
    cells = [(point + " None None").split()[:4] for point in points]
    assert [series["unit"], series["period"], series["gap_count"]] == facts
    assert [(day[5:], float(value), str(a), str(b)) for day, value, a, b in values] == [
        (day, float(value), a, b) for day, value, a, b in cells
    ]


def recipes() -> dict[str, str]:
    """Return the statements of the guide by the name of the file that they read."""
    text = (ROOT / "docs" / "howto" / "compare.md").read_text(encoding="utf-8")
    found = re.findall(r"```sql\n(.*?)```", text, re.DOTALL)
    return {re.findall(r"'(\w+\.(?:csv|json))'", recipe)[0]: recipe for recipe in found}


_NAMES = {"Article Count": (4, 8), "Total Monitored Articles": (100, 400)}
_DAYS = [("20260601T000000Z", 4, 100), ("20260602T000000Z", 8, 400)]
FILES: dict[str, tuple[str, Any]] = {
    "counts.csv": (
        "date,count,total_count,ratio\n2026-06-01,4,100,0.04\n2026-06-02,8,400,0.02\n",
        ("share", "day", COUNTED),
    ),
    "timeline.csv": (
        "\ufeffDate,Series,Value\r\n" + "".join(
            f"2026-06-0{day},{name},{value}\r\n"
            for name, values in _NAMES.items() for day, value in enumerate(values, 1)
        ),
        ("share", "day", COUNTED),
    ),
    "timeline.json": (
        json.dumps({"query_details": {"title": "steel"}, "timeline": [{
            "series": "Article Count",
            "data": [{"date": day, "value": value, "norm": norm} for day, value, norm in _DAYS],
        }]}),
        ("share", "day", COUNTED),
    ),
    "epu.csv": (
        'Year,Month,News_Based_Policy_Uncert_Index\n2025,12,80\n2026,1,101.25\n"A note, 2016",,\n',
        ("index", "month", [("2025-12-01", 80, None, None), ("2026-01-01", 101.25, None, None)]),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_statements_of_the_guide_read_the_files_of_other_programs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Each statement of the guide turns a file of its program into a series with its citation."""
    assert recipes().keys() == FILES.keys()
    content, expected = FILES[name]
    (tmp_path / name).write_text(content, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    result = duckdb.connect().sql(recipes()[name])
    with Path("made.csv").open("wb") as file:  # as `tidings sql --format csv` does
        write_csv(file, result.columns, result.fetchall())
    [series], values = read(tmp_path, Path("made.csv").read_bytes())
    assert (series["unit"], series["period"], values) == expected
    assert re.search(r"\((2013|2016|2021)\)", series["citation"])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "missing column series"),
        ("series,period,source\n", "no rows"),
        ("a,b\n1,2\n", "missing column series, period, source"),
        (SHARE.replace("A. Reader (2026)", "", 1), "series or source is empty in the row Media"),
        (SHARE.replace("3,30", "31,30"), "the numerator is above the denominator"),
        (SHARE.replace("3,30", "-3,30"), "not a whole number"),
        (SHARE.replace("3,30", "3.5,30"), "not a whole number"),
        (SHARE.replace("3,30", "9e99,30"), "not a whole number"),
        (SHARE.replace("3,30", "3,12.000"), "not a whole number"),
        (SHARE.replace("3,30", '"1,200",3000'), "without separators"),
        (SHARE.replace("A. R", "B. R", 1), "two sources or licences"),
        (SHARE.replace("CC BY 4.0", "", 1), "two sources or licences"),
        (SHARE.replace("06-02", "06-01"), "two rows for the same series and period"),
        (SHARE.replace("2026-06-02", "6/2/2026"), "not a date such as 2026-08-31"),
        (SHARE.replace("2026-06-02", "2026-06-01 00:15:00"), "not a date such as 2026-08-31"),
        (INDEX.replace("80", "-80"), "the value is not a number from 0"),
        (INDEX.replace("80", "inf"), "the value is not a number from 0"),
        (INDEX.replace("80", "8o"), "the value is not a number from 0"),
        (
            "series,period,value,numerator,source\nx,2026-06-01,,1,S\nx,2026-06-02,2,,S\n",
            "a value is given without the counts",
        ),
        *[
            (rows(*(f"{day} 1" for day in days.split())), "not all days, weeks from Monday or")
            for days in (
                "2026-06-01 2026-06-04 2026-06-09",
                "2026-06-01 2026-06-04",
                "2026-01-01 2026-02-01 2026-05-01 2026-05-02",
                "2026-06-03 2026-06-10",
                "2026-01-01 2026-04-01",
            )
        ],
        (rows("2026-01-01 1", "2026-01-02 NA"), "fewer than two"),
        (rows("2026-01-01 NA", "2026-01-02 NA"), "fewer than two known values in the series x."),
        (INDEX.replace("x,", "–,"), "letters or digits"),
        (
            INDEX + INDEX.partition("\n")[2].replace("x,", "X,"),
            "letters or digits of its own in the series X",
        ),
        (b"series,period,source\n\xff\xfe,1,2\n", "not a CSV file"),
        (
            rows(*(f"{dt.date(1880, 1, 1) + dt.timedelta(n)} 1" for n in range(50_001))),
            "more than 50,000 values",
        ),
    ],
)
def test_bad_files_are_refused(tmp_path: Path, content: Any, words: str) -> None:
    """One sentence names the first problem of a file, with its row or the series."""
    with pytest.raises(UserError, match=r"\.$") as error:
        read(tmp_path, content)
    assert words in str(error.value)


def test_long_cells_are_cut_in_messages(tmp_path: Path) -> None:
    """An error shows at most 80 characters of a cell."""
    with pytest.raises(UserError, match="not a whole number") as error:
        read(tmp_path, SHARE.replace(",3,", f",{'x' * 5000},"))
    assert len(str(error.value)) < 400


def test_forecasts_are_refused(tmp_path: Path) -> None:
    """A future value is refused with its day, an empty row is not; an open period is marked."""
    today = dt.datetime.now(dt.timezone(dt.timedelta(hours=14))).date()  # of the first zone
    days = [today + dt.timedelta(number) for number in (-2, -1, 0, 3)]
    content = rows(*(f"{day} 1" for day in days))
    with pytest.raises(UserError, match=rf"future has a value .* in the row x,{days[3]},"):
        read(tmp_path, content)
    [series], values = read(tmp_path, content.replace(f"{days[3]},1", f"{days[3]},"))
    assert (len(values), series["gap_count"], series["is_over"]) == (3, 0, False)
    week = today - dt.timedelta(today.weekday() + 14)
    [series], _ = read(tmp_path, rows(f"{week} 1", f"{week + dt.timedelta(7)} 1"))
    assert series["is_over"]


@pytest.fixture
def insert(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that adds a file with this content to the user's own reference data."""
    monkeypatch.setenv("TIDINGS_SEEDS", str(tmp_path / "own"))

    def run(content: str, theme: str = "") -> None:
        file = tmp_path / "m.csv"
        file.write_text(content, encoding="utf-8")
        add(file, theme)

    return run


def test_series_are_stored_loaded_and_removed(
    insert: Callable[..., None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command shows what it read; a series has its citation, and replaces one of its name."""
    seeds = tmp_path / "own"
    insert(f"{SHARE}Other,2026-01,80,,S,\nOther,2026-02,90,,S,\n")
    shown = capsys.readouterr()
    assert "3 days from 2026-06-01 to 2026-06-05, 2 gaps" in shown.out
    assert "A. Reader (2026)" in shown.out
    insert(SHARE.replace("Media Cloud: Steel", "media cloud – steel").replace("CC BY 4.0", ""))
    assert "Added media_cloud_steel in " in capsys.readouterr().err
    con = open_lake(Lake(tmp_path / "lake"))
    migrate(con)
    assert {"comparison_series", "comparison_points"} <= set(load_reference(con, [seeds]))
    assert load_reference(con, [seeds]) == []
    assert con.execute(
        "select series_id, unit, citation, licence from ref.comparison_series order by all"
    ).fetchall() == [
        ("media_cloud_steel", "share", "A. Reader (2026)", None),
        ("other", "count", "S", None),
    ]
    assert con.execute(
        "select count(*), min(start_on), sum(article_count) from ref.comparison_points where"
        " series_id = 'media_cloud_steel'"
    ).fetchone() == (3, dt.date(2026, 6, 1), 9)
    remove("other")
    load_reference(con, [seeds])
    assert con.execute("select count(*) from ref.comparison_points").fetchone() == (3,)
    con.close()
    with pytest.raises(UserError, match="'other'. Series: media_cloud_steel"):
        remove("other")


def test_series_of_unknown_themes_and_bundled_data_are_left_alone(
    insert: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unknown theme is refused, and nothing is written. Without TIDINGS_SEEDS, a series is
    written to the data folder, which is created, and never to the bundled data.
    """
    with pytest.raises(UserError, match="Unknown theme 'nowhere'"):
        insert(SHARE, "nowhere")
    assert not (tmp_path / "own").exists()
    monkeypatch.delenv("TIDINGS_SEEDS")
    monkeypatch.setattr("tidings.base.settings.default_folder", lambda _: tmp_path / "data")
    insert(INDEX)
    assert (tmp_path / "data" / "seeds" / "comparison_series.csv").is_file()
    assert not (SEEDS / "comparison_series.csv").exists()


@pytest.mark.skipif(not ORACLES.exists(), reason="the published figures are not available")
def test_published_index_agrees_with_its_counts(tmp_path: Path) -> None:
    """Published indices, read as a series of months, correlate with the index of their
    counts with 1 to 1e-9.
    """
    with (ORACLES / "epu_published.csv").open(encoding="utf-8") as file:
        published = [
            row
            for row in csv.DictReader(file)
            if row["series"] == "south_korea" and row["unweighted"]
        ]
    lines = "".join(f"x,{row['month']},{row['unweighted']},S\n" for row in published)
    _, found = read(tmp_path, "series,period,value,source\n" + lines)
    assert [row[:2] for row in found] == [
        (row["month"], float(row["unweighted"])) for row in published
    ]
    con = duckdb.connect()
    create_functions(con, "main")
    con.execute(
        f"create table counts as from '{ORACLES}/epu_counts.csv' where series = 'south_korea'"
    )
    con.execute("create table published (start_on date, value double)")
    con.executemany(
        "insert into published values (?, ?)",
        [row[:2] for row in found],
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
    assert agreement == (len(published), *[pytest.approx(1, abs=1e-9)] * 3)
