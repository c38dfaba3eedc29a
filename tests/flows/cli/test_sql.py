"""``tidings sql`` opens DuckDB's shell on a release, and says what is wrong with a query in a sentence."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

MAKER = Path(__file__).parents[1] / "report" / "small_release.py"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    spec = importlib.util.spec_from_file_location("sql_small_release", MAKER)
    maker = importlib.util.module_from_spec(spec)
    sys.modules["sql_small_release"] = maker
    spec.loader.exec_module(maker)
    folder = tmp_path_factory.mktemp("warehouse")
    maker.write_release(
        folder / "tidings.duckdb", [], publishers=[("daily", "The Daily")], themes=[("dust", None, "Dust")], phrases=[]
    )
    return folder


def _sql(warehouse, *words, typed="", **variables):
    return subprocess.run(
        [sys.executable, "-m", "tidings.flows.cli", "sql", *words],
        env=os.environ | {"TIDINGS_WAREHOUSE": str(warehouse)} | variables,
        input=typed,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_shell_opens_on_the_release(warehouse):
    """Without a query the DuckDB shell stands on the release: short names are found, times are UTC, nothing can be written."""
    typed = "select count(*) as days from outlet_daily; select current_setting('TimeZone') as zone;"
    shown = _sql(warehouse, typed=typed)
    assert shown.returncode == 0, shown.stderr
    assert "84" in shown.stdout
    assert "UTC" in shown.stdout
    assert "read-only" in _sql(warehouse, typed="create table marts.mine (number integer);").stderr


def test_a_wrong_query_is_told_in_a_sentence(warehouse):
    """A misspelt table is answered with the nearest name, an empty query with what to do, a write with where it may go."""
    shown = _sql(warehouse, "from theme_montly")
    assert shown.returncode == 1
    assert "theme_monthly" in shown.stderr
    assert "The query is empty" in _sql(warehouse, " ").stderr
    assert "A release is only read" in _sql(warehouse, "drop table marts.outlet_daily").stderr


def test_the_browser_ui_out_of_reach_is_told(warehouse, tmp_path):
    """Where the home of DuckDB's UI cannot be reached, ``--ui`` says so, and what there is instead."""
    proxy = "http://127.0.0.1:9"  # nobody answers there
    shown = _sql(warehouse, "--ui", HOME=str(tmp_path), http_proxy=proxy, HTTP_PROXY=proxy, https_proxy=proxy)
    assert shown.returncode == 1
    assert shown.stderr.startswith("tidings: DuckDB's browser UI comes from duckdb.org")


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
def test_a_safe_query_reads_the_release_and_nothing_else(warehouse, command, monkeypatch, tmp_path, query):
    """It reads and writes no file, attaches and loads nothing, and cannot be opened again; each format still works."""
    monkeypatch.chdir(tmp_path)
    status, out, err = command("sql", "--safe", query, TIDINGS_WAREHOUSE=str(warehouse))
    assert (status, out) == (1, "")
    assert err.startswith(("tidings: Permission Error", "tidings: Invalid Input Error: Cannot change configuration"))
    assert list(tmp_path.iterdir()) == []


def test_a_safe_shell_runs_no_program(warehouse):
    """The shell's own commands are closed too, and the release is open."""
    typed = "select count(*) as days from outlet_daily;\n.shell echo pwned\nfrom read_text('/etc/hostname');\n"
    shown = _sql(warehouse, "--safe", typed=typed)
    assert "84" in shown.stdout
    assert "pwned" not in shown.stdout
    assert "Permission Error" in shown.stderr
    shown = _sql(warehouse, "--safe", "select count(*) as days from outlet_daily", "--format", "csv")
    assert shown.stdout.split() == ["days", "84"]
