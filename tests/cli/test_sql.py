"""``tidings sql`` runs queries and opens DuckDB's shell on a release, and explains errors."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.flows.nights import load_module

MAKER = Path(__file__).parents[1] / "analysis" / "report" / "small_release.py"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Any:
    maker = load_module(MAKER)
    folder = tmp_path_factory.mktemp("warehouse")
    maker.write_release(
        folder / "tidings.duckdb",
        [],
        publishers=[("daily", "The Daily")],
        themes=[("dust", None, "Dust")],
        phrases=[],
    )
    return folder


@pytest.fixture
def sql(warehouse: Any, command: Any) -> Any:
    """Return a function that runs the command with a query in this process."""
    return lambda *words, **more: command("sql", *words, TIDINGS_WAREHOUSE=str(warehouse), **more)


def _shell(warehouse: Any, typed: str, *words: Any) -> Any:
    return subprocess.run(
        [sys.executable, "-m", "tidings.cli", "sql", *words],
        env=os.environ | {"TIDINGS_WAREHOUSE": str(warehouse)},
        input=typed,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_shell_opens_on_the_release(warehouse: Any) -> None:
    """Without a query, DuckDB's shell opens the release: its search path, UTC, read-only."""
    typed = "select count(*) as days from outlet_daily; select current_setting('TimeZone') as zone;"
    shown = _shell(warehouse, typed)
    assert shown.returncode == 0, shown.stderr
    assert "84" in shown.stdout
    assert "UTC" in shown.stdout
    assert "read-only" in _shell(warehouse, "create table marts.mine (number integer);").stderr


@pytest.mark.parametrize("words", [["--safe"], []])
def test_files_have_times_in_utc(warehouse: Any, words: list[str]) -> None:
    """A computer's time zone changes no time in a file, and a query may have any table's name."""
    query = (
        "create temp table result as select timestamptz '2026-01-01 12:00:00+00' as t; from result"
    )
    shown = subprocess.run(
        [sys.executable, "-m", "tidings.cli", "sql", *words, "--format", "csv", query],
        env=os.environ | {"TIDINGS_WAREHOUSE": str(warehouse), "TZ": "Asia/Tokyo"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert shown.stdout.splitlines() == ["t", "2026-01-01 12:00:00+00"], shown.stderr


def test_an_invalid_query_is_explained(sql: Any) -> None:
    """A misspelt table suggests a name; an empty query and a write suggest a command."""
    shown = sql("from theme_montly")
    assert shown.returncode == 1
    assert "theme_monthly" in shown.stderr
    assert "The query is empty" in sql(" ").stderr
    assert "Releases are read-only" in sql("drop table marts.outlet_daily").stderr


def test_each_statement_prints_its_result(sql: Any) -> None:
    """The table prints every result with rounded fractions, csv only the last with all digits."""
    query = (
        "create temp table own as select 41 as first; select first + 1 as second from own;"
        " pivot own on first using count(*)"
    )
    shown = sql(f"from outlet_daily limit 0; {query}", COLUMNS="100")
    assert shown.returncode == 0, shown.stderr
    assert (
        shown.stdout.index("publisher_id")
        < shown.stdout.index("second")
        < shown.stdout.index("  41  ")
    )
    query = "select 1 as first; select 0.123456e0 as small, 1234.5678e0 as large, 'a\x1b' as text"
    assert "0.123 │ 1234.568 │ a\\e" in sql(query).stdout
    assert sql(query, "--format", "csv").stdout.split() == [
        "small,large,text",
        "0.123456,1234.5678,a\x1b",
    ]


def test_a_workbook_has_rows_and_citation(warehouse: Any, tmp_path: Path) -> None:
    """``--format xlsx`` writes the rows, and a citation sheet with the release and the query."""
    query = "select '=1+1' as title, 0.5 as share from outlet_daily limit 2"
    with (tmp_path / "result.xlsx").open("wb") as file:
        subprocess.run(
            [sys.executable, "-m", "tidings.cli", "sql", query, "--format", "xlsx"],
            env=os.environ | {"TIDINGS_WAREHOUSE": str(warehouse)},
            stdout=file,
            check=True,
            timeout=120,
        )
    with zipfile.ZipFile(tmp_path / "result.xlsx") as book:
        data, citation = (
            book.read(f"xl/worksheets/sheet{number}.xml").decode() for number in (1, 2)
        )
    assert data.count("=1+1") == 2
    assert "<v>0.5</v>" in data
    assert "<f>" not in data
    assert "from outlet_daily limit 2" in citation
    assert "Release" in citation


@pytest.mark.parametrize(
    "query",
    [
        "from read_text('/etc/hostname')",
        "from read_csv('/etc/passwd')",
        "from glob('/etc/*')",
        "copy (select 1) to 'written.csv'",
        "export database 'written'",
        "attach 'written.duckdb' as other",
        "install httpfs",
        "load httpfs",
        "set enable_external_access = true",
        "set lock_configuration = false",
        "set allowed_directories = ['/']",
    ],
)
def test_a_safe_query_reads_the_release_and_nothing_else(
    sql: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, query: Any
) -> None:
    """A safe query reads and writes no other file, attaches and loads nothing, and cannot lift
    these restrictions.
    """
    monkeypatch.chdir(tmp_path)
    status, out, err = sql("--safe", query)
    assert (status, out) == (1, "")
    assert err.startswith(
        ("tidings: Permission Error", "tidings: Invalid Input Error: Cannot change configuration")
    )
    assert list(tmp_path.iterdir()) == []


def test_a_safe_shell_runs_no_program(warehouse: Any, sql: Any) -> None:
    """Safe mode also disables the dot commands of the shell, and every output format works."""
    typed = (
        "select count(*) as days from outlet_daily;\n.shell echo pwned\nfrom"
        " read_text('/etc/hostname');\n"
    )
    shown = _shell(warehouse, typed, "--safe")
    assert "84" in shown.stdout
    assert "pwned" not in shown.stdout
    assert "Permission Error" in shown.stderr
    shown = sql("--safe", "select count(*) as days from outlet_daily", "--format", "csv")
    assert shown.stdout.split() == ["days", "84"]
